/**
 * internal.h: what the account kinds share inside src/ledger.
 */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "config/ruleset.h"
#include "ledger/alerts.h"
#include "ledger/ledger.h"

/* Kinds of records: the accounts, and parts of them that are kept apart because there are many. */
enum record_kind {
    RECORD_BILL_WAYBILL = ACCOUNT_KINDS, /* (bill, waybill) */
    RECORD_BILL_PART,                    /* (bill, logisticsCode, msgSeqNo) */
    RECORD_PARTY_DAY,                    /* (party, country-day) */
    RECORD_META,                         /* W and the ruleset */
};

struct id_list {
    struct hash128 *id;
    size_t n, cap;
};

/** Which rules were asked for while a posting was folded (ledger_rules.c). */
struct asking {
    const struct ruleset *other; /* that `asked` compares with */
    bool differs[RULE_COUNT];    /* in any ruleset so far */
    bool asked;                  /* a rule was looked up that is another one there */
};

struct ledger {
    uint32_t partition;
    uint32_t partitions;
    struct ledger_out out;
    void (*verdict)(void *ctx, enum verdict v); /* instead of out.receipt; NULL: receipts */
    struct store *store;
    struct ruleset *rules; /* in force */
    uint32_t generation;   /* of it */
    struct earlier {
        struct ruleset *rules;
        uint32_t generation;
    } * earlier; /* [earliers] replaced ones, oldest first: hits that they found may still come */
    uint32_t earliers;
    char **topic;
    uint32_t topics;
    int64_t w;             /* TIME_NONE before the first advance */
    struct asking *asking; /* NULL: nobody wants to know */
    bool passing;          /* what is folded is asked for by nobody later: nothing is kept of it */

    /* of the posting that is folded */
    struct arena arena; /* account structs; reset per posting */
    struct origin origin;
    int64_t cause;
    struct hash128 id; /* of its account */
    struct buf record; /* encoded account */
    struct buf body;   /* encoded follow-up */
    struct buf line;   /* output */
    struct buf key;
    struct buf ids; /* of open alerts */

    /* of the batch */
    struct id_list dirty;   /* bills that must tell their entries */
    struct id_list touched; /* entries to be judged */
    struct id_list due;     /* entries whose deadline came */
    bool advanced;
};

struct account {
    struct hash128 id;
    enum account_kind kind;
    struct view key;
    struct view bytes; /* empty: does not exist, or has expired */
    int64_t expires;   /* of what is there */
};

/** The account that the posting is for which is folded; an expired one is empty. */
struct account account_find(struct ledger *l, const struct posting *p);

/** The account of a key, for who only looks. */
struct account account_look(const struct ledger *l, enum account_kind kind, struct view key);

/** Writes back what `io` has put into l->record. */
void account_put(struct ledger *l, struct hash128 id, uint8_t kind, int64_t expires,
                 int64_t deadline);

/** The same for an order or waybill with one member and nothing else, whose body is stored as it
 * came: what reading it and storing the account would make of it. */
void account_put_first(struct ledger *l, const struct account *a, struct view body,
                       int64_t expires);

/** An io that writes into l->record (emptied). */
struct io account_writer(struct ledger *l);

/** Identity of a part of an account. */
struct hash128 part_identity(const struct ledger *l, enum record_kind kind, struct view account,
                             struct view part);

/** A part; an expired or absent one is empty. */
struct view part_find(struct ledger *l, struct hash128 id);

/** Sends l->body as a follow-up of the posting that is folded. */
void ledger_post(struct ledger *l, enum posting_kind kind, struct view key);

/** An io that writes into l->body (emptied). */
struct io ledger_body(struct ledger *l);

/** A copy that lives as long as the posting is folded. */
struct view ledger_keep(struct ledger *l, struct view v);
struct view ledger_join(struct ledger *l, const struct view part[], size_t n);

void id_list_add(struct id_list *list, struct hash128 id); /* once each */

/** max(appTime, W) + dedup.window */
int64_t ledger_expiry(const struct ledger *l, int64_t app_time);

void output_origin(const struct ledger *l, struct buf *b, struct origin o);

/* ledger_rules.c: the rulesets of the log. */

/** The ruleset of a generation; of one that is forgotten the oldest that is not. */
const struct ruleset *ledger_rules_of(const struct ledger *l, uint32_t generation);

/** POSTING_RULESET: the first one, or the next one, which replaces it from here on. */
MUST_USE enum rc ledger_rules_fold(struct ledger *l, struct view body, struct err *e);

/** Makes them again from the record `body` and those of the store. */
MUST_USE enum rc ledger_rules_reload(struct ledger *l, struct view body, struct err *e);

void ledger_rules_forget(struct ledger *l);

/** ruleset_rule() of one of the ledger's rulesets; noted in l->asking. */
const struct rule *ledger_rule(const struct ledger *l, const struct ruleset *rules,
                               enum rule_code code, int64_t at_ms);

/** The level a rule has now, LEVEL_NONE when it is not in force at `at_ms`. */
enum level rule_level(const struct ledger *l, enum rule_code code, int64_t at_ms);
dec rule_param(const struct ledger *l, enum rule_code code, int64_t at_ms, int i);

/** W rises, nobody is looked at yet. */
void ledger_rise(struct ledger *l, int64_t w);

/** Looks at an account whose deadline came; entries wait for ledger_judge. */
void ledger_due(struct ledger *l, struct hash128 id);

/* one file an account kind */
void manifest_fold(struct ledger *l, const struct posting *p);
void manifest_status(struct ledger *l, const struct posting *p);
void manifest_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void order_fold(struct ledger *l, const struct posting *p);
void order_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void waybill_fold(struct ledger *l, const struct posting *p);
void waybill_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void waybill_due(struct ledger *l, struct hash128 id);
void party_fold(struct ledger *l, const struct posting *p);
void party_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void party_due(struct ledger *l, struct hash128 id);
void bill_fold(struct ledger *l, const struct posting *p);
void bill_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void bill_flush(struct ledger *l, struct hash128 id);
void lock_fold(struct ledger *l, const struct posting *p);
void transit_fold(struct ledger *l, const struct posting *p);
void transit_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r);
void transit_judge(struct ledger *l, struct hash128 id, bool advance);

#endif
