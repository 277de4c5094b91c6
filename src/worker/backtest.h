/**
 * backtest.h: the first postings of a log folded by the log's own rules and, where it can make a
 * difference, by others too, and what differs between the two. Nothing is written; topics and state
 * stay as they are.
 *
 * What     First postings (what ingest wrote) are read; follow-ups of the log are left out and made
 *          anew on both sides, by the same procedure: what differs comes from the rules alone.
 *          Rules of accounts and of entries are covered, of the stateless ones those whose inputs a
 *          posting carries (RATE_MISSING, RG02), and the level, the dates and switching off of the
 *          others. For a rule that would need more (another threshold, a wider span, other lists)
 *          backtest_uncovered() says so: its hits stay as the log has them.
 * How      Two readings. The first finds the accounts that one posting alone concerns
 *          (backtest_lone.c): a manifest that is accepted, of an order and a waybill that hear of
 *          nothing else (no status, no list, no second manifest), needs no fold at all. The second
 *          reading folds the rest: by the log's rules all, by the others only the steps that look
 *          up a rule which is another one there, or meet an account that has come to differ
 *          (ledger/twin.h). Accounts that become equal again are one again.
 * Order    Between two advances of W postings are folded stage by stage, as in a replay; an entry
 *          is judged before each advance and after it. Alerts that came and went between two
 *          messages of one chunk may differ from the log's outputs, on both sides alike.
 * Thread   Two threads read first, then the caller; accounts are divided into
 *          BACKTEST_SHARDS by identity, a thread each, a barrier between stages. The same log and
 *          rules give the same bytes, however the threads run. The caller owns all.
 * Memory   one state of the log's accounts, without those that need none (about 470 B a manifest
 *          whose waybill a list names); what differs on the other side; a filter of 1/32 of the
 *          log's bytes (Kafka: 64 MiB; a log for which that is too little is right but slower);
 *          two chunks of 24 MiB of the log unpacked, with their follow-ups (about 0.3 GiB); and all
 *          lines of alerts and closures, one for both sides where they are the same.
 * Cost     bench_backtest: 0.9 us of CPU a manifest that nothing else concerns, 10 us one with a
 *          status, a waybill that a list names and a bill.
 */
#ifndef WORKER_BACKTEST_H
#define WORKER_BACKTEST_H

#include "ledger/ledger.h"
#include "worker/postlog.h"

struct backtest; /* opaque */

/** Another ruleset for one of the log's (there may be several, one after the other). */
struct backtest_change {
    void *ctx;
    enum rc (*make)(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e);
};

struct backtest_counts {
    uint64_t postings; /* first ones */
    uint64_t manifests;
    uint64_t verdict[VERDICTS];
    uint64_t opened[RULE_COUNT];   /* alert lines OPEN */
    uint64_t standing[RULE_COUNT]; /* alerts open at the end of the log */
    uint64_t decision[DECISIONS];  /* entries by their last decision */
};

/**
 * Runs it. Owner: the caller owns *out; backtest_destroy.
 * Errors  as postlog_next and change.make; RC_FATAL exit 65: a log that cannot be folded.
 */
MUST_USE enum rc backtest_run(struct backtest **out, struct postlog *log,
                              const struct backtest_change *change, struct err *e);
void backtest_destroy(struct backtest *b); /* NULL allowed */

/** now: by the other rules. */
const struct backtest_counts *backtest_counted(const struct backtest *b, bool now);

/** Steps that were folded: of the log's rules all, of the others what could differ. */
uint64_t backtest_steps(const struct backtest *b, bool now);

/** Ids of the last ruleset of either side. */
const char *backtest_ruleset(const struct backtest *b, bool now);

/** Does the rule change in a way that only the original messages can show? */
bool backtest_uncovered(const struct backtest *b, enum rule_code code);
/** The same for lists and rates: they change, and only messages can show what follows. */
bool backtest_lists_uncovered(const struct backtest *b);

/** A difference at the end of the log. */
struct backtest_row {
    bool closure;        /* else an alert */
    struct view id;      /* alertId or turnNo */
    struct view was;     /* last line by the log's rules, empty: none */
    struct view now;     /* last line by the others, empty: none */
    enum rule_code rule; /* of an alert */
};

/** All differences, sorted by kind and id. The rows live as long as `b`. */
const struct backtest_row *backtest_rows(const struct backtest *b, size_t *n);

#endif
