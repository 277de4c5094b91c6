#include "worker/backtest.h"

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

struct backtest {
    struct backtest_fold *fold;
    struct backtest_lone *lone;
    struct postlog *log;
    uint64_t seed;         /* of the log's identities */
    struct cursor *cursor; /* [partitions] */
    uint32_t partitions;
    struct arena arena; /* of one manifest's body */
    struct buf scratch;
    uint64_t postings, manifests;
    struct backtest_counts counts[2];
    uint64_t steps[2];
    struct backtest_row *row;
    size_t rows;
    struct arena text; /* of lines of `now` that name another ruleset */
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
    c->manifests = c->quiet = 0;
    c->has_barrier = false;
}

static void chunk_free(struct backtest_chunk *c)
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

static void take(struct backtest *b, struct backtest_chunk *c, const struct read_one *x)
{
    const uint8_t lone = backtest_lone_ask(b->lone, &x->k);
    b->postings++;
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
static enum rc read_batch(struct backtest *b, uint32_t partition, struct backtest_chunk *c,
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

/* *done: there is nothing behind this chunk. */
static enum rc read_chunk(struct backtest *b, struct backtest_chunk *c, bool *done, struct err *e)
{
    const uint32_t n = postlog_partitions(b->log);
    uint32_t waiting = 0, ended = 0;
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
    b->manifests += c->manifests;
    *done = ended == n;
    if (waiting == 0 || waiting + ended < n)
        return RC_OK;
    pass_barrier(b->cursor, n, c);
    return RC_OK;
}

/* ---- the first reading: which accounts are alone ---- */

struct survey {
    struct backtest *b;
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

static enum rc survey_partition(struct backtest *b, uint32_t partition, struct err *e)
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
    for (uint32_t i = s->first; i < postlog_partitions(s->b->log) && s->rc == RC_OK; i += READERS)
        s->rc = survey_partition(s->b, i, &s->err);
    return NULL;
}

static enum rc survey(struct backtest *b, struct err *e)
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

/* ---- the second: while one chunk is folded the next one is read ---- */

static enum rc fold_all(struct backtest *b, struct err *e)
{
    struct backtest_chunk chunk[2] = {0};
    enum rc rc = RC_OK;
    bool done = false;
    for (unsigned i = 0; rc == RC_OK && !done; i ^= 1) {
        struct err late;
        chunk_reset(&chunk[i]);
        rc = read_chunk(b, &chunk[i], &done, e);
        const enum rc folded = backtest_fold_join(b->fold, &late);
        if (folded) { /* it comes before what was read */
            rc = folded;
            *e = late;
        }
        if (rc == RC_OK)
            rc = backtest_fold_start(b->fold, &chunk[i], e);
    }
    struct err late;
    const enum rc folded = backtest_fold_join(b->fold, &late);
    if (folded && rc == RC_OK) {
        rc = folded;
        *e = late;
    }
    chunk_free(&chunk[0]);
    chunk_free(&chunk[1]);
    return rc;
}

/* ---- the difference ---- */

static struct view between(struct view line, const char *from, const char *to)
{
    const char *const a = memmem(line.p, line.n, from, strlen(from));
    const char *const end = line.p + line.n;
    const char *const z = a ? memmem(a, (size_t)(end - a), to, strlen(to)) : NULL;
    return z ? (struct view){a, (uint32_t)(z - a)} : line;
}

/* The same for people: state and level of an alert; decision and reasons of an entry. */
static bool same_line(const struct backtest_line *l, struct view a, struct view b)
{
    if (!l->closure)
        return view_eq(between(a, "\"state\":", ",\"account\":"),
                       between(b, "\"state\":", ",\"account\":"));
    return view_eq(between(a, "\"decision\":", ",\"evidence\":"),
                   between(b, "\"decision\":", ",\"evidence\":"));
}

static struct view id_of(const struct backtest_line *l, struct view line)
{
    const struct view v = l->closure ? between(line, "\"turnNo\":\"", "\",\"revision\":")
                                     : between(line, "\"alertId\":\"", "\",\"state\":");
    const uint32_t skip = l->closure ? 10 : 11;
    return (struct view){v.p + skip, v.n - skip};
}

static void row_add(struct backtest *b, const struct backtest_line *l, struct view was,
                    struct view now)
{
    if ((b->rows & (b->rows - 1)) == 0)
        b->row = xrealloc(b->row, (b->rows ? b->rows * 2 : 1) * sizeof(*b->row));
    b->row[b->rows++] = (struct backtest_row){
        .closure = l->closure,
        .id = id_of(l, was.n ? was : now),
        .was = was,
        .now = now,
        .rule = l->closure ? RULE_COUNT : (enum rule_code)l->rule,
    };
}

static int row_cmp(const void *a, const void *b)
{
    const struct backtest_row *x = a;
    const struct backtest_row *y = b;
    return x->closure != y->closure ? (int)x->closure - (int)y->closure : view_cmp(x->id, y->id);
}

/* The line as the other rules have it: what both sides say names WAS's ruleset. */
static struct view by_others(struct backtest *b, const struct backtest_line *l, struct view line)
{
    static const char name[] = "\"ruleSet\":\"";
    if (!line.n || l->sides != TWIN_BOTH)
        return line;
    char *const copy = arena_alloc(&b->text, line.n);
    memcpy(copy, line.p, line.n);
    char *const at = memmem(copy, line.n, name, sizeof(name) - 1);
    CHECK(at && at + sizeof(name) - 1 + 16 <= copy + line.n);
    char *const id = at + sizeof(name) - 1;
    const char *const other = backtest_fold_other_id(b->fold, (struct view){id, 16});
    if (other)
        memcpy(id, other, 16);
    return (struct view){copy, line.n};
}

/* The lines of one alert or entry: the last of either side counts. */
static void compare_one(struct backtest *b, uint32_t shard, const struct backtest_line *line,
                        size_t n)
{
    static const struct view none = {"", 0};
    const struct backtest_line *last[2] = {NULL, NULL};
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            if (line[i].sides & (k ? TWIN_NOW : TWIN_WAS))
                last[k] = &line[i];
    struct view text[2] = {none, none};
    for (int k = 0; k < 2; k++) {
        const struct backtest_line *const l = last[k];
        if (!l)
            continue;
        *(l->closure ? &b->counts[k].decision[l->rule] : &b->counts[k].standing[l->rule]) +=
            l->open;
        text[k] = backtest_fold_text(b->fold, shard, l);
    }
    if (last[0] == last[1])
        return;
    const struct backtest_line *const l = last[0] ? last[0] : last[1];
    if (last[0] && last[1] && same_line(l, text[0], text[1]))
        return;
    row_add(b, l, text[0], last[1] ? by_others(b, last[1], text[1]) : none);
}

static void compare(struct backtest *b)
{
    backtest_fold_count(b->fold, b->counts);
    for (int k = 0; k < 2; k++) {
        b->counts[k].postings = b->postings;
        b->counts[k].manifests = b->manifests;
    }
    backtest_fold_steps(b->fold, b->steps);
    for (uint32_t shard = 0; shard < BACKTEST_SHARDS; shard++) {
        size_t n;
        const struct backtest_line *const line = backtest_fold_lines(b->fold, shard, &n);
        for (size_t i = 0, k; i < n; i = k) {
            for (k = i + 1; k < n && hash128_eq(line[k].id, line[i].id); k++)
                ;
            compare_one(b, shard, &line[i], k - i);
        }
    }
    if (b->rows)
        qsort(b->row, b->rows, sizeof(*b->row), row_cmp);
}

enum rc backtest_run(struct backtest **out, struct postlog *log,
                     const struct backtest_change *change, struct err *e)
{
    struct backtest *b = xcalloc(1, sizeof(*b));
    b->log = log;
    b->partitions = postlog_partitions(log);
    b->cursor = xcalloc(postlog_partitions(log), sizeof(*b->cursor));
    b->lone = backtest_lone_create(postlog_bytes(log));
    b->fold = backtest_fold_create(change);
    enum rc rc = survey(b, e);
    if (rc == RC_OK)
        rc = fold_all(b, e);
    backtest_lone_destroy(b->lone);
    b->lone = NULL;
    if (rc) {
        backtest_destroy(b);
        return rc;
    }
    compare(b);
    *out = b;
    return RC_OK;
}

void backtest_destroy(struct backtest *b)
{
    if (!b)
        return;
    for (uint32_t i = 0; i < b->partitions; i++)
        free(b->cursor[i].one);
    free(b->cursor);
    backtest_fold_destroy(b->fold);
    arena_free(&b->arena);
    arena_free(&b->text);
    buf_free(&b->scratch);
    free(b->row);
    free(b);
}

const struct backtest_counts *backtest_counted(const struct backtest *b, bool now)
{
    return &b->counts[now];
}

uint64_t backtest_steps(const struct backtest *b, bool now)
{
    return b->steps[now];
}

const char *backtest_ruleset(const struct backtest *b, bool now)
{
    const struct ruleset *const r = backtest_fold_rules(b->fold, now);
    return r ? r->id : "";
}

bool backtest_uncovered(const struct backtest *b, enum rule_code code)
{
    return backtest_fold_uncovered(b->fold, code);
}

bool backtest_lists_uncovered(const struct backtest *b)
{
    return backtest_fold_lists_uncovered(b->fold);
}

const struct backtest_row *backtest_rows(const struct backtest *b, size_t *n)
{
    *n = b->rows;
    return b->row;
}
