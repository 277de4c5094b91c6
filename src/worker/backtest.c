#include "worker/backtest.h"

#include <pthread.h>
#include <stdlib.h>

#include "worker/backtest_inner.h"

#define CHUNK_BYTES (24u << 20)
#define SMALL_BYTES (64u << 10)

/* Where the reader stands in one partition. */
struct cursor {
    struct unpacker u;
    bool open; /* u has postings left */
    bool end;
    bool waiting; /* at `barrier`, which others have not reached */
    struct posting barrier;
    struct buf held; /* body of the barrier */
};

struct folder {
    struct backtest_side *side;
    const struct backtest_chunk *chunk;
    enum rc rc;
    struct err err;
};

struct backtest {
    struct backtest_side *side[2]; /* the log's rules, the others */
    uint64_t postings, manifests;
    struct backtest_counts counts[2];
    struct backtest_row *row;
    size_t rows;
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
    for (size_t i = 0; i < BACKTEST_STAGES; i++)
        c->first[i].n = 0;
    c->bytes = 0;
    c->manifests = 0;
    c->has_barrier = false;
}

static void chunk_free(struct backtest_chunk *c)
{
    arena_free(&c->arena);
    for (size_t i = 0; i < BACKTEST_STAGES; i++)
        free(c->first[i].item);
}

/* *more false: the partition has come to a barrier, to its end, or the chunk is full. */
static enum rc read_batch(struct backtest *b, struct postlog *log, uint32_t partition,
                          struct cursor *k, struct backtest_chunk *c, bool *more, struct err *e)
{
    struct posting p;
    *more = false;
    if (!k->open) {
        struct view batch;
        int64_t offset;
        if (c->bytes >= CHUNK_BYTES)
            return RC_OK;
        enum rc rc = postlog_next(log, partition, &batch, &offset, &k->end, e);
        if (rc || k->end)
            return rc;
        char *copy = arena_alloc(&c->arena, batch.n);
        memcpy(copy, batch.p, batch.n);
        c->bytes += batch.n;
        rc = unpacker_open(&k->u, (struct view){copy, batch.n}, NULL, e);
        if (rc)
            return rc;
        k->open = true;
    }
    while (unpacker_next(&k->u, &p)) {
        if (p.kind == POSTING_ADVANCE || p.kind == POSTING_RULESET) {
            buf_reset(&k->held);
            buf_view(&k->held, p.body);
            p.body = buf_as_view(&k->held);
            p.key = (struct view){"", 0};
            k->barrier = p;
            k->waiting = true;
            return RC_OK;
        }
        if (!is_first(&p))
            continue;
        backtest_push(&c->first[posting_stage(&p)], &p);
        b->postings++;
        c->manifests += p.kind == POSTING_MANIFEST;
    }
    k->open = false;
    *more = true;
    return RC_OK;
}

/* The rest of an unpacked batch lies in the chunk's arena: it moves on with the cursor. */
static void carry(struct cursor *k, struct backtest_chunk *to)
{
    if (!k->open)
        return;
    const size_t n = (size_t)(k->u.io.end - k->u.io.p);
    uint8_t *copy = arena_alloc(&to->arena, n + 1);
    memcpy(copy, k->u.io.p, n);
    to->bytes += n;
    k->u.io.p = copy;
    k->u.io.end = copy + n;
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
static enum rc read_chunk(struct backtest *b, struct postlog *log, struct cursor *cursor,
                          struct backtest_chunk *c, bool *done, struct err *e)
{
    const uint32_t n = postlog_partitions(log);
    uint32_t waiting = 0, ended = 0;
    for (uint32_t i = 0; i < n; i++)
        carry(&cursor[i], c);
    for (uint32_t i = 0; i < n; i++) {
        bool more = true;
        while (more && !cursor[i].waiting && !cursor[i].end) {
            const enum rc rc = read_batch(b, log, i, &cursor[i], c, &more, e);
            if (rc)
                return rc;
        }
        waiting += cursor[i].waiting;
        ended += cursor[i].end && !cursor[i].waiting;
    }
    b->manifests += c->manifests;
    *done = ended == n;
    if (waiting == 0 || waiting + ended < n)
        return RC_OK;
    pass_barrier(cursor, n, c);
    return RC_OK;
}

/* ---- folding: two threads a chunk ---- */

static void *fold_thread(void *arg)
{
    struct folder *f = arg;
    f->rc = backtest_side_fold(f->side, f->chunk, &f->err);
    return NULL;
}

struct pair {
    struct folder folder[2];
    pthread_t thread[2];
    bool running;
    bool threads;
};

/* Small ones (a replay has an advance behind each message) are not worth a thread. */
static void pair_start(struct pair *x, struct backtest *b, const struct backtest_chunk *c)
{
    const bool small = c->bytes < SMALL_BYTES;
    x->threads = !small;
    x->running = true;
    for (int i = 0; i < 2; i++) {
        x->folder[i] = (struct folder){.side = b->side[i], .chunk = c};
        if (small)
            (void)fold_thread(&x->folder[i]);
        if (small)
            continue;
        CHECK(pthread_create(&x->thread[i], NULL, fold_thread, &x->folder[i]) == 0);
    }
}

static enum rc pair_join(struct pair *x, struct err *e)
{
    enum rc rc = RC_OK;
    if (!x->running)
        return RC_OK;
    for (int i = 0; i < 2; i++) {
        if (x->threads)
            pthread_join(x->thread[i], NULL);
        if (x->folder[i].rc && rc == RC_OK) {
            rc = x->folder[i].rc;
            *e = x->folder[i].err;
        }
    }
    x->running = false;
    return rc;
}

/* While one chunk is folded the next one is read. */
static enum rc fold_all(struct backtest *b, struct postlog *log, struct err *e)
{
    struct backtest_chunk chunk[2] = {0};
    struct cursor *cursor = xcalloc(postlog_partitions(log), sizeof(*cursor));
    struct pair pair = {0};
    enum rc rc = RC_OK;
    bool done = false;
    for (unsigned i = 0; rc == RC_OK && !done; i ^= 1) {
        struct err late;
        chunk_reset(&chunk[i]);
        rc = read_chunk(b, log, cursor, &chunk[i], &done, e);
        const enum rc folded = pair_join(&pair, &late);
        if (folded && rc == RC_OK) {
            rc = folded;
            *e = late;
        }
        if (rc == RC_OK)
            pair_start(&pair, b, &chunk[i]);
    }
    struct err late;
    const enum rc folded = pair_join(&pair, &late);
    if (folded && rc == RC_OK) {
        rc = folded;
        *e = late;
    }
    for (uint32_t i = 0; i < postlog_partitions(log); i++)
        buf_free(&cursor[i].held);
    free(cursor);
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

static int id_cmp(const struct backtest_line *x, const struct backtest_line *y)
{
    if (x->id.hi != y->id.hi)
        return x->id.hi < y->id.hi ? -1 : 1;
    return (x->id.lo > y->id.lo) - (x->id.lo < y->id.lo);
}

static void compare(struct backtest *b)
{
    static const struct view none = {"", 0};
    const struct backtest_line *line[2];
    size_t n[2];
    for (int k = 0; k < 2; k++) {
        backtest_side_finish(b->side[k]);
        line[k] = backtest_side_lines(b->side[k], &n[k]);
        b->counts[k] = *backtest_side_counted(b->side[k]);
        b->counts[k].postings = b->postings;
        b->counts[k].manifests = b->manifests;
    }
    for (size_t i = 0, j = 0; i < n[0] || j < n[1];) {
        const int c = i == n[0] ? 1 : j == n[1] ? -1 : id_cmp(&line[0][i], &line[1][j]);
        const struct view was = c <= 0 ? backtest_side_text(b->side[0], &line[0][i]) : none;
        const struct view now = c >= 0 ? backtest_side_text(b->side[1], &line[1][j]) : none;
        const struct backtest_line *const l = c <= 0 ? &line[0][i] : &line[1][j];
        if (c != 0 || !same_line(l, was, now))
            row_add(b, l, was, now);
        i += c <= 0;
        j += c >= 0;
    }
    if (b->rows)
        qsort(b->row, b->rows, sizeof(*b->row), row_cmp);
}

enum rc backtest_run(struct backtest **out, struct postlog *log,
                     const struct backtest_change *change, struct err *e)
{
    struct backtest *b = xcalloc(1, sizeof(*b));
    b->side[0] = backtest_side_create(NULL);
    b->side[1] = backtest_side_create(change);
    const enum rc rc = fold_all(b, log, e);
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
    backtest_side_destroy(b->side[0]);
    backtest_side_destroy(b->side[1]);
    free(b->row);
    free(b);
}

const struct backtest_counts *backtest_counted(const struct backtest *b, bool now)
{
    return &b->counts[now];
}

const char *backtest_ruleset(const struct backtest *b, bool now)
{
    const struct ruleset *const r = ledger_rules(backtest_side_ledger(b->side[now]));
    return r ? r->id : "";
}

bool backtest_uncovered(const struct backtest *b, enum rule_code code)
{
    return backtest_side_uncovered(b->side[1], code);
}

bool backtest_lists_uncovered(const struct backtest *b)
{
    return backtest_side_lists_uncovered(b->side[1]);
}

const struct backtest_row *backtest_rows(const struct backtest *b, size_t *n)
{
    *n = b->rows;
    return b->row;
}
