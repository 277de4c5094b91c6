/**
 * backtest_inner.h: what the parts of backtest share.
 */
#ifndef WORKER_BACKTEST_INNER_H
#define WORKER_BACKTEST_INNER_H

#include "worker/backtest.h"

#define BACKTEST_STAGES 5

/** Postings of one stage. */
struct backtest_queue {
    struct posting *item;
    size_t n, cap;
};
void backtest_push(struct backtest_queue *q, const struct posting *p);

/** First postings up to an advance or a ruleset, or as many as fit; read by both sides. */
struct backtest_chunk {
    struct arena arena;                           /* batches */
    struct backtest_queue first[BACKTEST_STAGES]; /* what they hold, by stage */
    uint64_t manifests;
    size_t bytes;
    bool has_barrier;
    struct posting barrier; /* ADVANCE or RULESET, folded behind the chunk */
};

/** The last line of every alert and entry: found by sorting at the end. */
struct backtest_line {
    struct hash128 id;
    uint64_t order;
    size_t at; /* in text */
    uint32_t n;
    uint8_t rule;
    bool closure, open;
};

struct backtest_side; /* opaque: one ledger and what came out of it */

/** change NULL: the log's own rules. */
struct backtest_side *backtest_side_create(const struct backtest_change *change);
void backtest_side_destroy(struct backtest_side *s);

/** Folds a chunk and its barrier. */
MUST_USE enum rc backtest_side_fold(struct backtest_side *s, const struct backtest_chunk *c,
                                    struct err *e);

/** Sorts the lines by id, the last of each alone stays. */
void backtest_side_finish(struct backtest_side *s);

const struct backtest_line *backtest_side_lines(const struct backtest_side *s, size_t *n);
struct view backtest_side_text(const struct backtest_side *s, const struct backtest_line *l);
const struct backtest_counts *backtest_side_counted(const struct backtest_side *s);
const struct ledger *backtest_side_ledger(const struct backtest_side *s);
bool backtest_side_uncovered(const struct backtest_side *s, enum rule_code code);
bool backtest_side_lists_uncovered(const struct backtest_side *s);

/** Does `now` change how stateless rules judge, and which of them cannot be followed? */
struct backtest_stateless {
    bool rewrites; /* hits must be looked at */
    bool uncovered[RULE_COUNT];
    bool lists;
};
void backtest_stateless_compare(struct backtest_stateless *x, const struct ruleset *was,
                                const struct ruleset *now);

/** The hits that `m` would have under `now`: into hit[HITS_MAX], sorted. Returns how many. */
uint32_t backtest_stateless_hits(const struct backtest_stateless *x, const struct body_manifest *m,
                                 const struct ruleset *now, struct body_hit hit[]);

#endif
