/* One side of a back-test: one ledger for all partitions, and the lines that came out of it. */
#include <stdlib.h>

#include "base/hash.h"
#include "drift/stateless.h"
#include "worker/backtest_inner.h"

#define LOOK_AHEAD 12 /* postings whose misses are under way */

struct backtest_side {
    const struct backtest_change *change;
    struct ledger *ledger;
    struct arena arena;                            /* of the chunk: follow-ups */
    struct backtest_queue follow[BACKTEST_STAGES]; /* that came of it */
    struct backtest_stateless stateless;
    struct buf body, rules;
    struct backtest_counts counts;
    struct backtest_line *line; /* [lines] */
    size_t lines, cap;
    char *text; /* longer than a buf's view may be */
    size_t text_n, text_cap;
};

void backtest_push(struct backtest_queue *q, const struct posting *p)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 1024;
        q->item = xrealloc(q->item, q->cap * sizeof(*q->item));
    }
    q->item[q->n++] = *p;
}

/* ---- what the fold says ---- */

static struct view keep(struct backtest_side *s, struct view v)
{
    char *p = arena_alloc(&s->arena, (size_t)v.n + 1);
    memcpy(p, v.p ? v.p : "", v.n);
    return (struct view){p, v.n};
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct backtest_side *s = ctx;
    struct posting x = *p;
    (void)partition;
    x.key = keep(s, p->key);
    x.body = keep(s, p->body);
    backtest_push(&s->follow[posting_stage(p)], &x);
}

static void on_verdict(void *ctx, enum verdict v)
{
    struct backtest_side *s = ctx;
    s->counts.verdict[v]++;
}

static void line_add(struct backtest_side *s, struct view id, struct view line, bool closure,
                     uint8_t rule, bool open)
{
    if (s->lines == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 1024;
        s->line = xrealloc(s->line, s->cap * sizeof(*s->line));
    }
    while (s->text_n + line.n > s->text_cap) {
        s->text_cap = s->text_cap ? s->text_cap * 2 : 1u << 20;
        s->text = xrealloc(s->text, s->text_cap);
    }
    s->line[s->lines] = (struct backtest_line){.id = hash128(id.p, id.n, closure),
                                               .order = s->lines,
                                               .at = s->text_n,
                                               .n = line.n,
                                               .rule = rule,
                                               .closure = closure,
                                               .open = open};
    s->lines++;
    memcpy(s->text + s->text_n, line.p, line.n);
    s->text_n += line.n;
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct backtest_side *s = ctx;
    (void)key;
    s->counts.opened[rule] += open;
    /* `{"v":1,"alertId":"RULE/kind/key/n","state":...`: keys have their quotes escaped */
    static const char head[] = "{\"v\":1,\"alertId\":";
    const char *const from = line.p + sizeof(head) - 1;
    const char *const end =
        memmem(from, line.n - (sizeof(head) - 1), ",\"state\":", sizeof(",\"state\":") - 1);
    CHECK(line.n > sizeof(head) && end);
    line_add(s, (struct view){from, (uint32_t)(end - from)}, line, false, (uint8_t)rule, open);
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    struct backtest_side *s = ctx;
    (void)reasons;
    line_add(s, turn, line, true, (uint8_t)d, true);
}

/* ---- folding ---- */

/* The manifest as the other rules would have found it; NULL: as it is. */
static const struct posting *rewritten(struct backtest_side *s, const struct posting *p,
                                       struct posting *out)
{
    struct body_manifest m = {0};
    struct body_hit hit[HITS_MAX];
    struct io io = io_reader(p->body, &s->arena);
    body_manifest_io(&io, &m);
    if (io.bad || m.type == DOC_CEB605 || m.type == DOC_CEB623)
        return p;
    const struct ruleset *const now = ledger_rules(s->ledger);
    const uint32_t n = backtest_stateless_hits(&s->stateless, &m, now, hit);
    if (n == 0 && m.hits == 0)
        return p;
    m.hit = hit;
    m.hits = n;
    buf_reset(&s->body);
    io = io_writer(&s->body);
    body_manifest_io(&io, &m);
    *out = *p;
    out->body = buf_as_view(&s->body);
    return out;
}

static enum rc fold_queue(struct backtest_side *s, const struct backtest_queue *q, struct err *e)
{
    for (size_t i = 0; i < q->n; i++) {
        struct posting other;
        const struct posting *p = &q->item[i];
        if (i + LOOK_AHEAD < q->n)
            ledger_prefetch(s->ledger, &q->item[i + LOOK_AHEAD]);
        if (s->stateless.rewrites && p->kind == POSTING_MANIFEST)
            p = rewritten(s, p, &other);
        /* A copy: the queue of follow-ups may grow and move while it is folded. */
        const struct posting x = *p;
        const enum rc rc = ledger_fold(s->ledger, &x, e);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static enum rc drain(struct backtest_side *s, const struct backtest_chunk *c, struct err *e)
{
    for (size_t k = 0; k < BACKTEST_STAGES; k++) {
        enum rc rc = c ? fold_queue(s, &c->first[k], e) : RC_OK;
        if (rc == RC_OK)
            rc = fold_queue(s, &s->follow[k], e);
        if (rc)
            return rc;
        s->follow[k].n = 0;
        if (k == BACKTEST_STAGES - 2)
            ledger_flush(s->ledger);
    }
    ledger_judge(s->ledger);
    ledger_commit(s->ledger);
    arena_reset(&s->arena);
    return RC_OK;
}

/* The log's ruleset, or what takes its place. */
static enum rc fold_rules(struct backtest_side *s, const struct posting *p, struct err *e)
{
    struct body_ruleset b = {0};
    struct ruleset *was, *now;
    struct io io = io_reader(p->body, &s->arena);
    body_ruleset_io(&io, &b);
    if (io.bad)
        return err_exit(e, RC_FATAL, EXIT_DATA, "a ruleset of the log cannot be read");
    if (!s->change)
        return ledger_fold(s->ledger, p, e);
    enum rc rc = ruleset_read(&was, b.rules, e);
    if (rc)
        return rc;
    rc = s->change->make(s->change->ctx, was, &now, e);
    if (rc == RC_OK) {
        s->stateless.rewrites = s->stateless.lists = false;
        backtest_stateless_compare(&s->stateless, was, now);
        buf_reset(&s->rules);
        ruleset_write(now, &s->rules);
        b.rules = buf_as_view(&s->rules);
        buf_reset(&s->body);
        io = io_writer(&s->body);
        body_ruleset_io(&io, &b);
        struct posting x = *p;
        x.body = buf_as_view(&s->body);
        rc = ledger_fold(s->ledger, &x, e);
        ruleset_free(now);
    }
    ruleset_free(was);
    return rc;
}

enum rc backtest_side_fold(struct backtest_side *s, const struct backtest_chunk *c, struct err *e)
{
    enum rc rc = drain(s, c, e);
    if (rc || !c->has_barrier)
        return rc;
    rc = c->barrier.kind == POSTING_RULESET ? fold_rules(s, &c->barrier, e)
                                            : ledger_fold(s->ledger, &c->barrier, e);
    return rc ? rc : drain(s, NULL, e);
}

/* ---- results ---- */

static int line_cmp(const void *a, const void *b)
{
    const struct backtest_line *x = a;
    const struct backtest_line *y = b;
    if (x->id.hi != y->id.hi)
        return x->id.hi < y->id.hi ? -1 : 1;
    if (x->id.lo != y->id.lo)
        return x->id.lo < y->id.lo ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void backtest_side_finish(struct backtest_side *s)
{
    size_t kept = 0;
    if (s->lines)
        qsort(s->line, s->lines, sizeof(*s->line), line_cmp);
    for (size_t i = 0; i < s->lines; i++) {
        const struct backtest_line *const l = &s->line[i];
        if (i + 1 < s->lines && hash128_eq(l->id, l[1].id))
            continue;
        *(l->closure ? &s->counts.decision[l->rule] : &s->counts.standing[l->rule]) += l->open;
        s->line[kept++] = *l;
    }
    s->lines = kept;
}

const struct backtest_line *backtest_side_lines(const struct backtest_side *s, size_t *n)
{
    *n = s->lines;
    return s->line;
}

struct view backtest_side_text(const struct backtest_side *s, const struct backtest_line *l)
{
    return (struct view){s->text + l->at, l->n};
}

const struct backtest_counts *backtest_side_counted(const struct backtest_side *s)
{
    return &s->counts;
}

const struct ledger *backtest_side_ledger(const struct backtest_side *s)
{
    return s->ledger;
}

bool backtest_side_uncovered(const struct backtest_side *s, enum rule_code code)
{
    return s->stateless.uncovered[code];
}

bool backtest_side_lists_uncovered(const struct backtest_side *s)
{
    return s->stateless.lists;
}

struct backtest_side *backtest_side_create(const struct backtest_change *change)
{
    struct backtest_side *s = xcalloc(1, sizeof(*s));
    s->change = change;
    s->ledger = ledger_create(
        0,
        &(struct ledger_out){.ctx = s, .post = on_post, .alert = on_alert, .closure = on_closure});
    ledger_verdicts_only(s->ledger, on_verdict);
    return s;
}

void backtest_side_destroy(struct backtest_side *s)
{
    if (!s)
        return;
    ledger_destroy(s->ledger);
    for (size_t i = 0; i < BACKTEST_STAGES; i++)
        free(s->follow[i].item);
    arena_free(&s->arena);
    buf_free(&s->body);
    buf_free(&s->rules);
    free(s->line);
    free(s->text);
    free(s);
}
