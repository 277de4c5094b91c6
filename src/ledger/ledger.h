/**
 * ledger.h: one ledger partition: the fold of postings into accounts.
 *
 * The state at offset n is a function of the postings below n and of nothing else (I2): no clock,
 * no configuration; time is W, moved by POSTING_ADVANCE alone, rules come by POSTING_RULESET.
 *
 * Thread   one. Owner: whoever created it.
 * A batch  ledger_fold() each posting, then ledger_end_batch(). What an account says twice within a
 *          batch a bill says once, and an entry is judged once, at its end.
 * Undo     ledger_commit() keeps, ledger_rollback() takes back every change since (I3).
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "ledger/store.h"
#include "posting/bodies.h"

/** Verdicts of RULES.md section 1, in this order in counters. */
enum verdict {
    VERDICT_ACCEPTED,
    VERDICT_HELD,
    VERDICT_REJECTED,
    VERDICT_DUPLICATE,
    VERDICT_STALE,
    VERDICT_AMENDED,
    VERDICT_CANCELLED,
    VERDICT_CONFLICT,
    VERDICT_REFUSED,
    VERDICTS
};
const char *verdict_name(enum verdict v);

enum decision {
    DECISION_NONE,
    DECISION_OPEN,
    DECISION_CLOSED_AUTO,
    DECISION_EXCEPTION,
    DECISION_OVERDUE,
    DECISION_EXPIRED,
    DECISION_CANCELLED,
    DECISION_CLOSED_MANUAL,
    DECISION_REFERRED,
    DECISIONS
};
const char *decision_name(enum decision d);

/** Where the fold writes; called in fold order. Lines have no newline. Views die on return. */
struct ledger_out {
    void *ctx;
    void (*post)(void *ctx, uint32_t partition, const struct posting *p);
    /* `key`: of the message. */
    void (*receipt)(void *ctx, struct view key, struct view line, struct origin origin,
                    enum verdict v);
    /* `key`: kind:key of the account; sorted by (key, rule) in a replay. */
    void (*alert)(void *ctx, struct view key, struct view line, enum rule_code rule, bool open);
    void (*closure)(void *ctx, struct view turn, struct view line, enum decision d,
                    uint32_t reasons);
};

struct ledger; /* opaque */

struct ledger *ledger_create(uint32_t partition, const struct ledger_out *out);
void ledger_destroy(struct ledger *l); /* NULL allowed */

/** From now on the verdict alone, instead of receipt lines: a back-test needs no more. */
void ledger_verdicts_only(struct ledger *l, void (*verdict)(void *ctx, enum verdict v));

/**
 * Folds one posting. A ruleset must have come first.
 * Errors  RC_FATAL exit 65: a body that this version cannot read, 78: another partition count.
 */
MUST_USE enum rc ledger_fold(struct ledger *l, const struct posting *p, struct err *e);

/** Starts the cache misses of a posting that will be folded soon, and identifies it. */
void ledger_prefetch(struct ledger *l, struct posting *p);

/** Bills that changed tell their entries. */
void ledger_flush(struct ledger *l);

/** Judges the entries that were touched; after an advance also those that are due. */
void ledger_judge(struct ledger *l);

/** ledger_flush, ledger_judge. */
void ledger_end_batch(struct ledger *l);

void ledger_commit(struct ledger *l);
void ledger_rollback(struct ledger *l);

/** W; TIME_NONE before the first advance. */
int64_t ledger_watermark(const struct ledger *l);

/** NULL before the first POSTING_RULESET. */
const struct ruleset *ledger_rules(const struct ledger *l);
const char *ledger_topic(const struct ledger *l, uint16_t id);

struct store *ledger_store(struct ledger *l);

/** After the store was filled by a snapshot: reads W and the ruleset from it. */
MUST_USE enum rc ledger_reload(struct ledger *l, struct err *e);

#endif
