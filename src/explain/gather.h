/**
 * gather.h: everything that the postings log says about a few accounts: they alone are folded
 * again, by the ledger itself, so that what is found is what was judged.
 *
 * Thread   one. Cost  a pass over the partitions of the accounts asked for, one for each link of
 * the chain manifest -> order, waybill -> bill -> entry.
 */
#ifndef EXPLAIN_GATHER_H
#define EXPLAIN_GATHER_H

#include "ledger/ledger.h"
#include "worker/postlog.h"

#define GATHER_MAX 400 /* accounts; more are counted as `left_out` */

struct wanted {
    enum account_kind kind;
    struct view key;
    uint32_t partition;
    struct ledger *ledger; /* folded to the end of the log; NULL: not yet */
    bool follow;           /* the accounts that it tells are wanted too */
    uint64_t postings;     /* 0: the log knows nothing of it */
};

enum note_kind {
    NOTE_POSTING, /* `posting` */
    NOTE_RECEIPT, /* `text`: the line that went out */
    NOTE_ALERT,
    NOTE_CLOSURE,
};

struct note {
    enum note_kind kind;
    uint32_t wanted; /* the account; of an alert or closure too */
    struct posting posting;
    struct view text;
    enum verdict verdict; /* receipt */
    enum rule_code rule;  /* alert */
    bool open;            /* alert */
    int64_t w;            /* when it was folded; TIME_NONE */
};

struct gather {
    struct postlog *log;
    uint32_t partitions;
    uint64_t seed;
    struct wanted *want; /* [wants] */
    uint32_t wants, left_out;
    struct note *note; /* [notes] in the order of each account's partition */
    size_t notes, notes_cap;
    struct ledger **ledger; /* [ledgers] owned */
    size_t ledgers;
    struct arena arena;
    uint32_t at; /* the account that is folded */
};

/** `log` stays the caller's. Errors as postlog_next; 65: does not begin with a ruleset. */
MUST_USE enum rc gather_open(struct gather *g, struct postlog *log, struct err *e);
void gather_close(struct gather *g);

/** Asks for an account; its index, or GATHER_MAX. Once each. */
uint32_t gather_want(struct gather *g, enum account_kind kind, struct view key, bool follow);

/** Folds what was asked for and not folded yet, and what follows from it. */
MUST_USE enum rc gather_run(struct gather *g, struct err *e);

/** Keys of `kind` in the whole log: how many, and the nearest to `key` (empty: none near). */
MUST_USE enum rc gather_nearest(struct gather *g, enum account_kind kind, struct view key,
                                uint64_t *n, struct view *near, struct err *e);

struct view gather_keep(struct gather *g, struct view v);

#endif
