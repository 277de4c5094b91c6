/*
 * reference.h: one side of a back-test as simple as it can be: the first postings of a log folded
 * by one ledger, all of them, and the last line of every alert and entry.
 */
#ifndef TESTS_WORKER_REFERENCE_H
#define TESTS_WORKER_REFERENCE_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "drift/stateless.h"
#include "worker/backtest_inner.h"

#define REFERENCE_PARTITIONS 16 /* of a log, at most */

/* ---- the reference: one side ---- */

struct fold_queue {
    struct posting *item;
    size_t n, cap;
};

struct last_line {
    struct hash128 id;
    bool closure;
    uint8_t code;
    bool open;
    char *text;
};

struct reference {
    struct ledger *ledger;
    struct fold_queue stage[BACKTEST_STAGES];
    struct arena arena;
    struct backtest_counts counts;
    struct last_line *line; /* [lines] by id once */
    size_t lines, cap;
};

static void queue_add(struct reference *r, const struct posting *p)
{
    struct fold_queue *const q = &r->stage[posting_stage(p)];
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 256;
        q->item = xrealloc(q->item, q->cap * sizeof(*q->item));
    }
    struct posting *const x = &q->item[q->n++];
    char *const copy = arena_alloc(&r->arena, (size_t)p->key.n + p->body.n + 1);
    *x = *p;
    view_copy(copy, p->key);
    view_copy(copy + p->key.n, p->body);
    x->key.p = copy;
    x->body.p = copy + p->key.n;
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)partition;
    queue_add(ctx, p);
}

static void on_verdict(void *ctx, enum verdict v)
{
    struct reference *r = ctx;
    r->counts.verdict[v]++;
}

static void line_set(struct reference *r, struct view id, struct view line, bool closure,
                     uint8_t code, bool open)
{
    const struct hash128 h = hash128(id.p, id.n, closure);
    size_t i = 0;
    while (i < r->lines && !hash128_eq(r->line[i].id, h))
        i++;
    if (i == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 256;
        r->line = xrealloc(r->line, r->cap * sizeof(*r->line));
    }
    if (i < r->lines)
        free(r->line[i].text);
    else
        r->lines++;
    r->line[i] = (struct last_line){h, closure, code, open, strndup(line.p, line.n)};
}

/* From the end of `from` to the begin of `to`. */
static struct view between(struct view line, const char *from, const char *to)
{
    const char *const a = memmem(line.p, line.n, from, strlen(from));
    cr_assert(a);
    const char *const p = a + strlen(from);
    const char *const z = memmem(p, (size_t)(line.p + line.n - p), to, strlen(to));
    cr_assert(z);
    return (struct view){p, (uint32_t)(z - p)};
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct reference *r = ctx;
    (void)key;
    r->counts.opened[rule] += open;
    line_set(r, between(line, "\"alertId\":\"", "\",\"state\":"), line, false, (uint8_t)rule, open);
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    (void)reasons;
    line_set(ctx, turn, line, true, (uint8_t)d, true);
}

static void drain(struct reference *r)
{
    struct err e;
    for (size_t k = 0; k < BACKTEST_STAGES; k++) {
        for (size_t i = 0; i < r->stage[k].n; i++) {
            const struct posting p = r->stage[k].item[i];
            cr_assert_eq(ledger_fold(r->ledger, &p, &e), RC_OK, "%s", e.text);
        }
        r->stage[k].n = 0;
        if (k == BACKTEST_STAGES - 2)
            ledger_flush(r->ledger);
    }
    ledger_judge(r->ledger);
    ledger_commit(r->ledger);
    arena_reset(&r->arena);
}

/* By other rules: the ruleset, and manifests with the hits they would have had. */
static struct posting other_posting(struct reference *r, const struct posting *p,
                                    const struct ruleset *now, const struct backtest_stateless *x,
                                    struct buf *out)
{
    struct posting q = *p;
    struct io io = io_reader(p->body, &r->arena);
    buf_reset(out);
    if (p->kind == POSTING_RULESET) {
        struct buf rules = {0};
        struct body_ruleset b = {0};
        body_ruleset_io(&io, &b);
        ruleset_write(now, &rules);
        b.rules = buf_as_view(&rules);
        io = io_writer(out);
        body_ruleset_io(&io, &b);
        buf_free(&rules);
    } else {
        struct body_manifest m = {0};
        struct body_hit hit[HITS_MAX];
        body_manifest_io(&io, &m);
        if (m.type == DOC_CEB605 || m.type == DOC_CEB623)
            return q;
        m.hits = backtest_stateless_hits(x, &m, now, hit);
        m.hit = hit;
        io = io_writer(out);
        body_manifest_io(&io, &m);
    }
    q.body = buf_as_view(out);
    return q;
}

/* Written by ingest: what the ledger made of it is made again. */
static bool is_first(const struct posting *p)
{
    return p->kind != POSTING_ORDER_MEMBER && p->kind != POSTING_PARTY_MEMBER &&
           p->kind != POSTING_WAYBILL_MEMBER && p->kind != POSTING_WAYBILL_ORDER &&
           p->kind != POSTING_BILL_WAYBILL && p->kind != POSTING_TRANSIT_BILL;
}

/* Fills the stages of a partition up to its next advance or ruleset; false: it has ended. */
struct log_source {
    struct unpacker u;
    bool open;
};

static bool read_until_barrier(struct postlog *l, uint32_t partition, struct log_source *s,
                               struct reference *r, struct posting *barrier,
                               const struct ruleset *now, const struct backtest_stateless *x,
                               uint64_t *manifests)
{
    struct err e;
    struct buf other = {0};
    for (;;) {
        struct posting p;
        while (s->open && unpacker_next(&s->u, &p)) {
            if (p.kind == POSTING_ADVANCE || p.kind == POSTING_RULESET) {
                *barrier = p;
                buf_free(&other);
                return true;
            }
            if (!is_first(&p))
                continue;
            *manifests += p.kind == POSTING_MANIFEST;
            if (now && p.kind == POSTING_MANIFEST)
                p = other_posting(r, &p, now, x, &other);
            queue_add(r, &p);
        }
        struct view batch;
        int64_t offset;
        bool end;
        cr_assert_eq(postlog_next(l, partition, &batch, &offset, &end, &e), RC_OK, "%s", e.text);
        s->open = !end;
        if (end) {
            buf_free(&other);
            return false;
        }
        cr_assert_eq(unpacker_open(&s->u, batch, NULL, &e), RC_OK, "%s", e.text);
    }
}

static inline struct reference *reference_make(const char *dir,
                                               const struct backtest_change *change)
{
    struct reference *r = xcalloc(1, sizeof(*r));
    struct postlog *l;
    struct err e = {0};
    struct ruleset *was, *now = NULL;
    struct backtest_stateless x = {0};
    struct log_source source[REFERENCE_PARTITIONS] = {0};
    struct buf rules = {0};
    r->ledger = ledger_create(
        0,
        &(struct ledger_out){.ctx = r, .post = on_post, .alert = on_alert, .closure = on_closure});
    ledger_verdicts_only(r->ledger, on_verdict);
    cr_assert_eq(postlog_open_dir(&l, dir, &e), RC_OK, "%s", e.text);
    const uint32_t n = postlog_partitions(l);
    cr_assert_leq(n, REFERENCE_PARTITIONS);
    for (bool more = true; more;) {
        struct posting barrier = {.kind = POSTING_NONE};
        more = false;
        for (uint32_t i = 0; i < n; i++)
            more |=
                read_until_barrier(l, i, &source[i], r, &barrier, now, &x, &r->counts.manifests);
        drain(r);
        if (!more)
            break;
        if (barrier.kind == POSTING_RULESET && change) {
            struct body_ruleset b = {0};
            struct io io = io_reader(barrier.body, &r->arena);
            body_ruleset_io(&io, &b);
            cr_assert_eq(ruleset_read(&was, b.rules, &e), RC_OK, "%s", e.text);
            cr_assert_eq(change->make(change->ctx, was, &now, &e), RC_OK, "%s", e.text);
            backtest_stateless_compare(&x, was, now);
            barrier = other_posting(r, &barrier, now, &x, &rules);
            ruleset_free(was);
        }
        cr_assert_eq(ledger_fold(r->ledger, &barrier, &e), RC_OK, "%s", e.text);
        drain(r);
    }
    for (size_t i = 0; i < r->lines; i++) {
        const struct last_line *const y = &r->line[i];
        *(y->closure ? &r->counts.decision[y->code] : &r->counts.standing[y->code]) += y->open;
    }
    ruleset_free(now);
    buf_free(&rules);
    postlog_close(l);
    return r;
}

static inline void reference_free(struct reference *r)
{
    for (size_t i = 0; i < r->lines; i++)
        free(r->line[i].text);
    for (size_t k = 0; k < BACKTEST_STAGES; k++)
        free(r->stage[k].item);
    ledger_destroy(r->ledger);
    arena_free(&r->arena);
    free(r->line);
    free(r);
}

#endif
