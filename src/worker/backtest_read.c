/*
 * Reading a log twice: which accounts are alone (a thread a partition, READERS at a time), then its
 * chunks.
 */
#include <pthread.h>
#include <stdlib.h>

#include "worker/backtest_inner.h"

#define CHUNK_BYTES (24u << 20)
#define READERS     2u

/* A first posting of the batch that is read, and the accounts it concerns. */
struct read_one {
    struct posting p;
    struct backtest_keys k;
};

/* Where the reader stands in one partition. */
struct cursor {
    struct read_one *one; /* [ones] first postings of the batch up to its end or a barrier */
    size_t ones, cap;
    struct unpacker u;
    bool open; /* u has postings left */
    bool end;
    bool waiting; /* at `barrier`, which others have not reached */
    struct posting barrier;
};

struct backtest_reader {
    struct postlog *log;
    struct backtest_lone *lone;
    uint64_t seed;         /* of the log's identities */
    struct cursor *cursor; /* [partitions] */
    uint32_t partitions;
    struct arena arena; /* of one manifest's body */
    struct buf scratch;
};

/* ---- reading ---- */

/* Written by ingest (or the coordinator); the others follow from them. What a lock passed on to its
 * entries and a waybill to its bill looks like the first posting it was: facts that are there twice
 * count once. */
static bool is_first(const struct posting *p)
{
    switch (p->kind) {
    case POSTING_MANIFEST:
    case POSTING_STATUS:
    case POSTING_RESOLVED:
    case POSTING_WAYBILL_NAMED:
    case POSTING_WAYBILL_SITE:
    case POSTING_BILL_PART:
    case POSTING_BILL_ARRIVAL:
    case POSTING_BILL_BIND:
    case POSTING_LOCK_EVENT:
    case POSTING_LOCK_BIND:
    case POSTING_TRANSIT_FACT:
        return true;
    default:
        return false;
    }
}

static void chunk_reset(struct backtest_chunk *c)
{
    arena_reset(&c->arena);
    for (size_t i = 0; i < BACKTEST_SHARDS; i++)
        for (size_t k = 0; k < BACKTEST_STAGES; k++)
            c->first[i][k].n = 0;
    c->bytes = c->items = 0;
    c->postings = c->manifests = c->quiet = 0;
    c->has_barrier = false;
}

void backtest_chunk_free(struct backtest_chunk *c)
{
    arena_free(&c->arena);
    for (size_t i = 0; i < BACKTEST_SHARDS; i++)
        for (size_t k = 0; k < BACKTEST_STAGES; k++)
            free(c->first[i][k].item);
}

static void one_add(struct cursor *k, const struct posting *p, const struct backtest_keys *keys)
{
    if (k->ones == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 256;
        k->one = xrealloc(k->one, k->cap * sizeof(*k->one));
    }
    k->one[k->ones++] = (struct read_one){*p, *keys};
}

/* The keys of a batch first: the filter's lines come meanwhile. Until the first barrier. */
static void read_keys(struct cursor *k, const struct backtest_lone *x, uint64_t seed,
                      struct arena *arena, struct buf *scratch)
{
    struct posting p;
    k->ones = 0;
    while (unpacker_next(&k->u, &p)) {
        if (p.kind == POSTING_ADVANCE || p.kind == POSTING_RULESET) {
            k->barrier = p;
            k->waiting = true;
            return;
        }
        if (!is_first(&p))
            continue;
        const struct backtest_keys keys = backtest_lone_keys(x, &p, seed, arena, scratch);
        one_add(k, &p, &keys);
    }
    k->open = false;
}

static void take(struct backtest_reader *b, struct backtest_chunk *c, const struct read_one *x)
{
    const uint8_t lone = backtest_lone_ask(b->lone, &x->k);
    c->postings++;
    c->manifests += x->p.kind == POSTING_MANIFEST;
    if (lone & LONE_QUIET) {
        c->quiet++;
        return;
    }
    struct backtest_item item = {
        .p = x->p, .order = {c->items, 0}, .sides = TWIN_BOTH, .lone = lone};
    struct posting *const p = &item.p;
    char *copy = arena_alloc(&c->arena, (size_t)p->key.n + p->body.n + 1);
    view_copy(copy, p->key);
    view_copy(copy + p->key.n, p->body);
    p->key.p = copy;
    p->body.p = copy + p->key.n;
    p->id = x->k.id[0];
    p->identified = true;
    backtest_push(&c->first[backtest_shard(p->id)][posting_stage(p)], &item);
    c->items++;
}

/* *more false: the partition has come to a barrier, to its end, or the chunk is full. */
static enum rc read_batch(struct backtest_reader *b, uint32_t partition, struct backtest_chunk *c,
                          bool *more, struct err *e)
{
    struct cursor *const k = &b->cursor[partition];
    *more = false;
    if (!k->open) {
        struct view batch;
        int64_t offset;
        if (c->bytes >= CHUNK_BYTES)
            return RC_OK;
        const enum rc rc = postlog_next(b->log, partition, &batch, &offset, &k->end, e);
        if (rc || k->end)
            return rc;
        c->bytes += batch.n;
        unpacker_again(&k->u, batch);
        k->open = true;
    }
    read_keys(k, b->lone, b->seed, &b->arena, &b->scratch);
    for (size_t i = 0; i < k->ones; i++)
        take(b, c, &k->one[i]);
    *more = !k->waiting;
    return RC_OK;
}

/*
 * All wait (or have ended). Advances and rulesets may lie in another order in another partition:
 * the earliest advance goes first, a ruleset when all have come to it; an advance that comes twice
 * moves nothing.
 */
static void pass_barrier(struct cursor *cursor, uint32_t n, struct backtest_chunk *c)
{
    struct cursor *next = NULL;
    for (uint32_t i = 0; i < n; i++) {
        struct cursor *const k = &cursor[i];
        const bool earlier = k->waiting && k->barrier.kind == POSTING_ADVANCE &&
                             (!next || next->barrier.kind == POSTING_RULESET ||
                              k->barrier.cause < next->barrier.cause);
        if (earlier || (k->waiting && !next))
            next = k;
    }
    c->barrier = next->barrier;
    char *body = arena_alloc(&c->arena, (size_t)c->barrier.body.n + 1);
    if (c->barrier.body.n)
        memcpy(body, c->barrier.body.p, c->barrier.body.n);
    c->barrier.body.p = body;
    c->has_barrier = true;
    for (uint32_t i = 0; i < n; i++)
        if (cursor[i].waiting && cursor[i].barrier.kind == c->barrier.kind &&
            cursor[i].barrier.cause == c->barrier.cause)
            cursor[i].waiting = false;
}

enum rc backtest_read_chunk(struct backtest_reader *b, struct backtest_chunk *c, bool *done,
                            struct err *e)
{
    const uint32_t n = b->partitions;
    uint32_t waiting = 0, ended = 0;
    chunk_reset(c);
    for (uint32_t i = 0; i < n; i++) {
        bool more = true;
        while (more && !b->cursor[i].waiting && !b->cursor[i].end) {
            const enum rc rc = read_batch(b, i, c, &more, e);
            if (rc)
                return rc;
        }
        waiting += b->cursor[i].waiting;
        ended += b->cursor[i].end && !b->cursor[i].waiting;
    }
    *done = ended == n;
    if (waiting == 0 || waiting + ended < n)
        return RC_OK;
    pass_barrier(b->cursor, n, c);
    return RC_OK;
}

/* ---- the first reading: which accounts are alone ---- */

struct survey {
    struct backtest_reader *b;
    uint32_t first; /* partition; then every READERS-th */
    enum rc rc;
    struct err err;
    pthread_t thread;
};

static enum rc seed_of(const struct posting *p, uint64_t *seed, struct arena *arena, struct err *e)
{
    struct body_ruleset body = {0};
    struct ruleset *rules;
    struct io io = io_reader(p->body, arena);
    body_ruleset_io(&io, &body);
    if (io.bad)
        return err_exit(e, RC_FATAL, EXIT_DATA, "a ruleset of the log cannot be read");
    const enum rc rc = ruleset_read(&rules, body.rules, e);
    if (rc)
        return rc;
    *seed = rules->seed; /* may_follow: the same for the log's life */
    ruleset_free(rules);
    arena_reset(arena);
    return RC_OK;
}

static enum rc survey_partition(struct backtest_reader *b, uint32_t partition, struct err *e)
{
    struct cursor k = {0};
    struct arena arena = {0};
    struct buf scratch = {0};
    uint64_t seed = 0;
    enum rc rc;
    for (;;) {
        struct view batch;
        int64_t offset;
        rc = postlog_next(b->log, partition, &batch, &offset, &k.end, e);
        if (rc || k.end)
            break;
        unpacker_again(&k.u, batch);
        k.open = true;
        while (k.open && rc == RC_OK) {
            k.waiting = false;
            read_keys(&k, b->lone, seed, &arena, &scratch);
            for (size_t i = 0; i < k.ones; i++)
                backtest_lone_note(b->lone, &k.one[i].k);
            if (k.waiting && k.barrier.kind == POSTING_RULESET)
                rc = seed_of(&k.barrier, &seed, &arena, e);
        }
        if (rc)
            break;
    }
    if (partition == 0)
        b->seed = seed;
    postlog_rewind(b->log, partition);
    free(k.one);
    arena_free(&arena);
    buf_free(&scratch);
    return rc;
}

static void *survey_thread(void *arg)
{
    struct survey *s = arg;
    for (uint32_t i = s->first; i < s->b->partitions && s->rc == RC_OK; i += READERS)
        s->rc = survey_partition(s->b, i, &s->err);
    return NULL;
}

enum rc backtest_read_survey(struct backtest_reader *b, struct err *e)
{
    struct survey s[READERS] = {0};
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < READERS; i++) {
        s[i].b = b;
        s[i].first = i;
        CHECK(pthread_create(&s[i].thread, NULL, survey_thread, &s[i]) == 0);
    }
    for (uint32_t i = 0; i < READERS; i++) {
        pthread_join(s[i].thread, NULL);
        if (s[i].rc && rc == RC_OK) {
            rc = s[i].rc;
            *e = s[i].err;
        }
    }
    return rc;
}

struct backtest_reader *backtest_reader_create(struct postlog *log)
{
    struct backtest_reader *b = xcalloc(1, sizeof(*b));
    b->log = log;
    b->partitions = postlog_partitions(log);
    b->cursor = xcalloc(b->partitions, sizeof(*b->cursor));
    b->lone = backtest_lone_create(postlog_bytes(log));
    return b;
}

void backtest_reader_destroy(struct backtest_reader *b)
{
    if (!b)
        return;
    backtest_lone_destroy(b->lone);
    for (uint32_t i = 0; i < b->partitions; i++)
        free(b->cursor[i].one);
    free(b->cursor);
    arena_free(&b->arena);
    buf_free(&b->scratch);
    free(b);
}
