/*
 * Folding a chunk. Accounts are divided into shards by identity, each with its own twin, lines and
 * thread. Stages are drained in turn with a barrier between them: what a stage says goes to later
 * stages, to the shard of its account, and is folded there in an order that no thread decides.
 */
#include <pthread.h>
#include <stdlib.h>

#include "worker/backtest_inner.h"

#define LOOK_AHEAD  12 /* postings whose misses are under way */
#define SMALL_ITEMS 512
#define SAID_MAX    ((UINT64_C(1) << 21) - 1)
#define NO_POSTING  (UINT64_C(7) << 41) /* a path: bills and deadlines, by shard */

#define DRAIN (BACKTEST_STAGES + 1) /* steps: the stages, the entries */
#define STEPS (2 * DRAIN + 1)       /* a drain, the barrier, a drain */

struct shard {
    struct backtest_fold *fold;
    struct twin *twin;
    struct backtest_queue out[BACKTEST_SHARDS][BACKTEST_STAGES]; /* follow-ups, by whose they are */
    int stage;                                                   /* that is drained */
    struct backtest_item from;                                   /* that is folded; no posting */
    uint64_t said;                                               /* words of it so far */
    struct backtest_stateless stateless;
    struct arena arena;
    struct buf body;
    uint64_t verdict[2][VERDICTS];
    uint64_t opened[2][RULE_COUNT];
    struct backtest_line *line; /* [lines] */
    size_t lines, cap;
    char *text; /* longer than a buf's view may be */
    size_t text_n, text_cap;
    enum rc rc;
    struct err err;
    pthread_t thread;
};

struct id_pair {
    char was[17], now[17];
};

struct backtest_fold {
    const struct backtest_change *change;
    struct shard shard[BACKTEST_SHARDS];
    const struct backtest_chunk *chunk;
    pthread_barrier_t barrier;
    bool threads;
    struct backtest_stateless stateless; /* with the last ruleset */
    struct arena arena;
    struct buf rules, body;
    struct posting rules_now; /* the chunk's ruleset, by the others */
    struct id_pair *pair;     /* [pairs] ids of rulesets, oldest first */
    size_t pairs;
    uint64_t quiet;
    uint64_t seed;
};

void backtest_push(struct backtest_queue *q, const struct backtest_item *x)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 1024;
        q->item = xrealloc(q->item, q->cap * sizeof(*q->item));
    }
    q->item[q->n++] = *x;
}

/* ---- what the twins say ---- */

/* The place of the next word of what is folded. */
static struct backtest_order next_order(struct shard *s)
{
    const uint64_t path = s->from.order.from >> 32;
    const uint64_t more = (uint64_t)(s->stage + 1) << 9 | path >> 3;
    const uint64_t word = s->said < SAID_MAX ? s->said++ : s->said;
    CHECK(s->from.steps < 3);
    return (struct backtest_order){more << 32 | (uint32_t)s->from.order.from,
                                   s->from.order.said | word << (21 * (2 - s->from.steps))};
}

static void on_post(void *ctx, unsigned sides, const struct posting *p)
{
    struct shard *s = ctx;
    if ((p->kind == POSTING_ORDER_MEMBER && s->from.lone & LONE_ORDER) ||
        (p->kind == POSTING_WAYBILL_MEMBER && s->from.lone & LONE_WAYBILL))
        return;
    struct backtest_item x = {.p = *p,
                              .order = next_order(s),
                              .sides = (uint8_t)sides,
                              .steps = (uint8_t)(s->from.steps + 1)};
    x.p.id = posting_identity(p->account, p->key, s->fold->seed);
    x.p.identified = true;
    const unsigned stage = posting_stage(p);
    CHECK((int)stage > s->stage);
    backtest_push(&s->out[backtest_shard(x.p.id)][stage], &x);
}

static void on_verdict(void *ctx, unsigned sides, enum verdict v)
{
    struct shard *s = ctx;
    s->verdict[0][v] += (sides & TWIN_WAS) != 0;
    s->verdict[1][v] += (sides & TWIN_NOW) != 0;
}

static void line_add(struct shard *s, unsigned sides, struct view id, struct view line,
                     bool closure, uint8_t rule, bool open)
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
                                               .sides = (uint8_t)sides,
                                               .closure = closure,
                                               .open = open};
    s->lines++;
    memcpy(s->text + s->text_n, line.p, line.n);
    s->text_n += line.n;
}

static void on_alert(void *ctx, unsigned sides, struct view line, enum rule_code rule, bool open)
{
    struct shard *s = ctx;
    s->opened[0][rule] += open && sides & TWIN_WAS;
    s->opened[1][rule] += open && sides & TWIN_NOW;
    /* `{"v":1,"alertId":"RULE/kind/key/n","state":...`: keys have their quotes escaped */
    static const char head[] = "{\"v\":1,\"alertId\":";
    const char *const from = line.p + sizeof(head) - 1;
    const char *const end =
        memmem(from, line.n - (sizeof(head) - 1), ",\"state\":", sizeof(",\"state\":") - 1);
    CHECK(line.n > sizeof(head) && end);
    line_add(s, sides, (struct view){from, (uint32_t)(end - from)}, line, false, (uint8_t)rule,
             open);
}

static void on_closure(void *ctx, unsigned sides, struct view turn, struct view line,
                       enum decision d)
{
    line_add(ctx, sides, turn, line, true, (uint8_t)d, true);
}

/* ---- folding ---- */

static enum rc fold_one(struct shard *s, const struct backtest_item *x, struct err *e)
{
    struct posting other;
    const struct posting *now = NULL;
    if (s->stateless.rewrites && x->p.kind == POSTING_MANIFEST &&
        backtest_stateless_rewrite(&s->stateless, &x->p, ledger_rules(twin_ledger(s->twin, true)),
                                   &s->arena, &s->body, &other))
        now = &other;
    s->from.order = x->order;
    s->from.lone = x->lone;
    s->from.steps = x->steps;
    s->said = 0;
    return twin_fold(s->twin, x->sides, &x->p, now, x->lone & LONE_MANIFEST, e);
}

/* The words of bills or of deadlines, which are no postings, begin. */
static void from_no_posting(struct shard *s)
{
    s->from = (struct backtest_item){.order = {NO_POSTING, 0}};
    s->said = 0;
}

static void look_ahead(struct shard *s, const struct backtest_queue *q, size_t at)
{
    if (at + LOOK_AHEAD < q->n)
        twin_prefetch(s->twin, &q->item[at + LOOK_AHEAD].p);
    if (at + LOOK_AHEAD / 2 < q->n)
        twin_prefetch_record(s->twin, &q->item[at + LOOK_AHEAD / 2].p);
}

static enum rc fold_first(struct shard *s, const struct backtest_queue *q, struct err *e)
{
    for (size_t i = 0; i < q->n; i++) {
        look_ahead(s, q, i);
        const enum rc rc = fold_one(s, &q->item[i], e);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static bool is_before(const struct backtest_order *a, const struct backtest_order *b)
{
    return a->from != b->from ? a->from < b->from : a->said < b->said;
}

/* What the shards have said to this one, in the order in which one thread would have said it. */
static enum rc fold_said(struct shard *s, size_t me, int k, struct err *e)
{
    size_t at[BACKTEST_SHARDS] = {0};
    for (;;) {
        const struct backtest_item *first = NULL;
        size_t by = 0;
        for (size_t i = 0; i < BACKTEST_SHARDS; i++) {
            const struct backtest_queue *const q = &s->fold->shard[i].out[me][k];
            if (at[i] == q->n || (first && !is_before(&q->item[at[i]].order, &first->order)))
                continue;
            first = &q->item[at[i]];
            by = i;
        }
        if (!first)
            return RC_OK;
        look_ahead(s, &s->fold->shard[by].out[me][k], at[by]++);
        const enum rc rc = fold_one(s, first, e);
        if (rc)
            return rc;
    }
}

static enum rc drain_stage(struct shard *s, const struct backtest_chunk *c, int k, struct err *e)
{
    const size_t me = (size_t)(s - s->fold->shard);
    s->stage = k;
    enum rc rc = c ? fold_first(s, &c->first[me][k], e) : RC_OK;
    if (rc == RC_OK)
        rc = fold_said(s, me, k, e);
    if (rc == RC_OK && k == BACKTEST_STAGES - 2) {
        from_no_posting(s);
        twin_flush(s->twin);
    }
    return rc;
}

/* All have read what the others said. */
static void drain_end(struct shard *s)
{
    s->stage = BACKTEST_STAGES;
    twin_judge(s->twin);
    for (size_t to = 0; to < BACKTEST_SHARDS; to++)
        for (size_t k = 0; k < BACKTEST_STAGES; k++)
            s->out[to][k].n = 0;
    twin_forget(s->twin);
    arena_reset(&s->arena);
}

static enum rc pass_barrier(struct shard *s, const struct backtest_chunk *c, struct err *e)
{
    struct backtest_fold *const f = s->fold;
    s->stage = -1;
    from_no_posting(s);
    if (c->barrier.kind == POSTING_ADVANCE) {
        if (!ledger_rules(twin_ledger(s->twin, false)))
            return err_exit(e, RC_FATAL, EXIT_DATA, "the log does not begin with a ruleset");
        twin_advance(s->twin, c->barrier.cause);
        return RC_OK;
    }
    s->stateless = f->stateless;
    return twin_rules(s->twin, &c->barrier, &f->rules_now, e);
}

static void shard_step(struct shard *s, int step)
{
    const struct backtest_chunk *const c = s->fold->chunk;
    const int k = step < DRAIN ? step : step - DRAIN - 1;
    if (s->rc)
        return;
    if (step == DRAIN)
        s->rc = pass_barrier(s, c, &s->err);
    else if (k < BACKTEST_STAGES)
        s->rc = drain_stage(s, step < DRAIN ? c : NULL, k, &s->err);
    else
        drain_end(s);
}

static int steps_of(const struct backtest_chunk *c)
{
    return c->has_barrier ? STEPS : DRAIN;
}

static void *shard_thread(void *arg)
{
    struct shard *s = arg;
    for (int step = 0; step < steps_of(s->fold->chunk); step++) {
        shard_step(s, step);
        pthread_barrier_wait(&s->fold->barrier);
    }
    return NULL;
}

/* ---- rulesets ---- */

static void pair_add(struct backtest_fold *f, const struct ruleset *was, const struct ruleset *now)
{
    f->pair = xrealloc(f->pair, (f->pairs + 1) * sizeof(*f->pair));
    memcpy(f->pair[f->pairs].was, was->id, sizeof(was->id));
    memcpy(f->pair[f->pairs].now, now->id, sizeof(now->id));
    f->pairs++;
}

/* What takes the place of the log's ruleset; nobody folds meanwhile: it may set the zone. */
static enum rc other_rules(struct backtest_fold *f, const struct posting *p, struct err *e)
{
    struct body_ruleset b = {0};
    struct ruleset *was, *now;
    arena_reset(&f->arena);
    struct io io = io_reader(p->body, &f->arena);
    body_ruleset_io(&io, &b);
    if (io.bad)
        return err_exit(e, RC_FATAL, EXIT_DATA, "a ruleset of the log cannot be read");
    enum rc rc = ruleset_read(&was, b.rules, e);
    if (rc)
        return rc;
    rc = f->change->make(f->change->ctx, was, &now, e);
    if (rc == RC_OK) {
        f->stateless.rewrites = f->stateless.lists = false;
        backtest_stateless_compare(&f->stateless, was, now);
        pair_add(f, was, now);
        f->seed = was->seed;
        buf_reset(&f->rules);
        ruleset_write(now, &f->rules);
        b.rules = buf_as_view(&f->rules);
        buf_reset(&f->body);
        io = io_writer(&f->body);
        body_ruleset_io(&io, &b);
        f->rules_now = *p;
        f->rules_now.body = buf_as_view(&f->body);
        ruleset_free(now);
    }
    ruleset_free(was);
    return rc;
}

/* ---- a chunk ---- */

enum rc backtest_fold_start(struct backtest_fold *f, const struct backtest_chunk *c, struct err *e)
{
    if (c->has_barrier && c->barrier.kind == POSTING_RULESET) {
        const enum rc rc = other_rules(f, &c->barrier, e);
        if (rc)
            return rc;
    }
    f->chunk = c;
    f->quiet += c->quiet;
    f->threads = c->items >= SMALL_ITEMS; /* a replay has an advance behind each message */
    if (f->threads) {
        for (size_t i = 0; i < BACKTEST_SHARDS; i++)
            CHECK(pthread_create(&f->shard[i].thread, NULL, shard_thread, &f->shard[i]) == 0);
        return RC_OK;
    }
    for (int step = 0; step < steps_of(c); step++)
        for (size_t i = 0; i < BACKTEST_SHARDS; i++)
            shard_step(&f->shard[i], step);
    return RC_OK;
}

enum rc backtest_fold_join(struct backtest_fold *f, struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < BACKTEST_SHARDS; i++) {
        struct shard *const s = &f->shard[i];
        if (f->threads)
            pthread_join(s->thread, NULL);
        if (s->rc && rc == RC_OK) {
            rc = s->rc;
            *e = s->err;
        }
    }
    f->threads = false;
    return rc;
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

const struct backtest_line *backtest_fold_lines(struct backtest_fold *f, uint32_t shard, size_t *n)
{
    struct shard *const s = &f->shard[shard];
    if (s->lines)
        qsort(s->line, s->lines, sizeof(*s->line), line_cmp);
    *n = s->lines;
    return s->line;
}

struct view backtest_fold_text(const struct backtest_fold *f, uint32_t shard,
                               const struct backtest_line *l)
{
    return (struct view){f->shard[shard].text + l->at, l->n};
}

const char *backtest_fold_other_id(const struct backtest_fold *f, struct view id)
{
    for (size_t i = 0; i < f->pairs; i++)
        if (view_is(id, f->pair[i].was))
            return f->pair[i].now;
    return NULL;
}

void backtest_fold_count(const struct backtest_fold *f, struct backtest_counts counts[2])
{
    for (int k = 0; k < 2; k++) {
        counts[k].verdict[VERDICT_ACCEPTED] += f->quiet;
        for (size_t i = 0; i < BACKTEST_SHARDS; i++) {
            for (int v = 0; v < VERDICTS; v++)
                counts[k].verdict[v] += f->shard[i].verdict[k][v];
            for (int r = 0; r < RULE_COUNT; r++)
                counts[k].opened[r] += f->shard[i].opened[k][r];
        }
    }
}

void backtest_fold_steps(const struct backtest_fold *f, uint64_t steps[2])
{
    steps[0] = steps[1] = 0;
    for (size_t i = 0; i < BACKTEST_SHARDS; i++)
        for (int k = 0; k < 2; k++)
            steps[k] += twin_steps(f->shard[i].twin, k);
}

const struct ruleset *backtest_fold_rules(const struct backtest_fold *f, bool now)
{
    return ledger_rules(twin_ledger(f->shard[0].twin, now));
}

bool backtest_fold_uncovered(const struct backtest_fold *f, enum rule_code code)
{
    return f->stateless.uncovered[code];
}

bool backtest_fold_lists_uncovered(const struct backtest_fold *f)
{
    return f->stateless.lists;
}

struct backtest_fold *backtest_fold_create(const struct backtest_change *change)
{
    struct backtest_fold *f = xcalloc(1, sizeof(*f));
    f->change = change;
    CHECK(pthread_barrier_init(&f->barrier, NULL, BACKTEST_SHARDS) == 0);
    for (size_t i = 0; i < BACKTEST_SHARDS; i++) {
        struct shard *const s = &f->shard[i];
        s->fold = f;
        s->twin = twin_create(&(struct twin_out){.ctx = s,
                                                 .post = on_post,
                                                 .verdict = on_verdict,
                                                 .alert = on_alert,
                                                 .closure = on_closure});
    }
    return f;
}

void backtest_fold_destroy(struct backtest_fold *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < BACKTEST_SHARDS; i++) {
        struct shard *const s = &f->shard[i];
        twin_destroy(s->twin);
        for (size_t to = 0; to < BACKTEST_SHARDS; to++)
            for (size_t k = 0; k < BACKTEST_STAGES; k++)
                free(s->out[to][k].item);
        arena_free(&s->arena);
        buf_free(&s->body);
        free(s->line);
        free(s->text);
    }
    pthread_barrier_destroy(&f->barrier);
    arena_free(&f->arena);
    buf_free(&f->rules);
    buf_free(&f->body);
    free(f->pair);
    free(f);
}
