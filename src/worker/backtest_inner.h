/**
 * backtest_inner.h: what the parts of backtest share.
 */
#ifndef WORKER_BACKTEST_INNER_H
#define WORKER_BACKTEST_INNER_H

#include "ledger/twin.h"
#include "worker/backtest.h"

#define BACKTEST_STAGES 5
#define BACKTEST_SHARDS 2

/* ---- accounts that one posting of the log concerns (backtest_lone.c) ---- */

#define LONE_MANIFEST 1u
#define LONE_ORDER    2u
#define LONE_WAYBILL  4u
#define LONE_QUIET    8u /* accepted, and nothing else comes of it, whatever the rules are */

/**
 * Which accounts does only one first posting of the whole log concern? A filter: it may call one
 * "not alone" that is, never the other way round. Thread: any number may note, then any may ask.
 */
struct backtest_lone;
struct backtest_lone *backtest_lone_create(uint64_t log_bytes);
void backtest_lone_destroy(struct backtest_lone *x); /* NULL allowed */

/** The accounts of a first posting: up to three. */
struct backtest_keys {
    struct hash128 id[3]; /* [ids] manifest, order, waybill; else the account itself */
    uint8_t ids;
    uint8_t alone; /* LONE_ORDER: may it be dropped, were it alone? and so on */
};

/** Fills `k`; scratch of the caller's thread. The lines of the filter are fetched. */
struct backtest_keys backtest_lone_keys(const struct backtest_lone *x, const struct posting *p,
                                        uint64_t seed, struct arena *arena, struct buf *scratch);
void backtest_lone_note(struct backtest_lone *x, const struct backtest_keys *k);
uint8_t backtest_lone_ask(const struct backtest_lone *x, const struct backtest_keys *k);

/* ---- postings that wait ---- */

/**
 * Where a posting stands among those of its stage, as if one thread had folded all: behind the
 * first ones those that a lower stage said, in the order in which these were folded.
 */
struct backtest_order {
    uint64_t from; /* stages that said it, the last one first, 3 bits each; place of the first */
    uint64_t said; /* the how manieth word of each, the first one first, 21 bits each */
};

struct backtest_item {
    struct posting p;
    struct backtest_order order;
    uint8_t sides; /* TWIN_WAS, TWIN_NOW */
    uint8_t lone;
    uint8_t steps; /* from the first posting */
};

/** Postings of one stage. */
struct backtest_queue {
    struct backtest_item *item;
    size_t n, cap;
};
void backtest_push(struct backtest_queue *q, const struct backtest_item *x);

/** The shard of an account. */
static inline uint32_t backtest_shard(struct hash128 id)
{
    return (uint32_t)(id.hi >> 32) % BACKTEST_SHARDS;
}

/** First postings up to an advance or a ruleset, or as many as fit. */
struct backtest_chunk {
    struct arena arena;                                            /* their keys and bodies */
    struct backtest_queue first[BACKTEST_SHARDS][BACKTEST_STAGES]; /* by stage */
    uint64_t postings;                                             /* first ones */
    uint64_t manifests;
    uint64_t quiet; /* of these, not worth a fold */
    size_t bytes;   /* of the log */
    size_t items;
    bool has_barrier;
    struct posting barrier; /* ADVANCE or RULESET, folded behind the chunk */
};

/* ---- reading (backtest_read.c) ---- */

struct backtest_reader; /* opaque; one thread. The log must outlive it */
struct backtest_reader *backtest_reader_create(struct postlog *log);
void backtest_reader_destroy(struct backtest_reader *r); /* NULL allowed */

/** The first reading, by threads of its own: finds the accounts that are alone. Errors: the log's.
 */
MUST_USE enum rc backtest_read_survey(struct backtest_reader *r, struct err *e);

/** The second: the next chunk into `c`. *done: there is nothing behind it. */
MUST_USE enum rc backtest_read_chunk(struct backtest_reader *r, struct backtest_chunk *c,
                                     bool *done, struct err *e);
void backtest_chunk_free(struct backtest_chunk *c);

/* ---- folding (backtest_shard.c) ---- */

/** The last line of every alert and entry: found by sorting at the end. */
struct backtest_line {
    struct hash128 id;
    uint64_t order;
    size_t at; /* in text */
    uint32_t n;
    uint8_t rule;
    uint8_t sides;
    bool closure, open;
};

struct backtest_fold; /* opaque: a twin a shard, and what came out of them */

struct backtest_fold *backtest_fold_create(const struct backtest_change *change);
void backtest_fold_destroy(struct backtest_fold *f); /* NULL allowed */

/**
 * Folds a chunk and its barrier, in threads of its own unless it is small. The chunk stays as it is
 * until backtest_fold_join(), which gives the outcome; nothing is under way before.
 */
MUST_USE enum rc backtest_fold_start(struct backtest_fold *f, const struct backtest_chunk *c,
                                     struct err *e);
MUST_USE enum rc backtest_fold_join(struct backtest_fold *f, struct err *e);

/** All lines of a shard, sorted by id and order. */
const struct backtest_line *backtest_fold_lines(struct backtest_fold *f, uint32_t shard, size_t *n);
struct view backtest_fold_text(const struct backtest_fold *f, uint32_t shard,
                               const struct backtest_line *l);

/** The id that NOW's ruleset has instead of WAS's `id`; `id` when there is none. */
const char *backtest_fold_other_id(const struct backtest_fold *f, struct view id);

/** Adds verdicts and opened alerts; [0] by the log's rules. */
void backtest_fold_count(const struct backtest_fold *f, struct backtest_counts counts[2]);
void backtest_fold_steps(const struct backtest_fold *f, uint64_t steps[2]);
const struct ruleset *backtest_fold_rules(const struct backtest_fold *f, bool now);
bool backtest_fold_uncovered(const struct backtest_fold *f, enum rule_code code);
bool backtest_fold_lists_uncovered(const struct backtest_fold *f);

/* ---- stateless rules (backtest_stateless.c) ---- */

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

/** A POSTING_MANIFEST as the other rules would have found it, its body in `body`; false: as it is.
 */
bool backtest_stateless_rewrite(const struct backtest_stateless *x, const struct posting *p,
                                const struct ruleset *now, struct arena *arena, struct buf *body,
                                struct posting *out);

#endif
