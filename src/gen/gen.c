#include "gen/gen.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "gen/plant.h"

#define START_MS         INT64_C(1756684800000) /* 2025-09-01 08:00 in Xiamen */
#define EVERY_MS         (8 * SECOND_MS)
#define SHUFFLE_MAX_MS   HOUR_MS
#define PLANTS_MAX       1000000u
#define NUMBERS_OF_EMPTY 4 /* manifest numbers a bad message may use */

struct task { /* one thing to plant */
    const struct plant *plant;
    uint32_t nth;
};

struct gen {
    struct gen_opts opts;
    struct firms firms;
    struct journey_opts jopts;
    char tag[8];
    struct rng rng;
    struct task *task; /* [tasks] in random order */
    uint32_t tasks;
    uint32_t task_next;
    uint64_t clean_made; /* manifests of clean journeys so far */
    uint64_t number;     /* of the next manifest */
    uint64_t id;         /* of the next journey */
    int64_t clock;       /* start of the next journey */
    int64_t until;
    struct journey **heap; /* [heap_n] by (due, id) of the next event */
    uint32_t heap_n;
    uint32_t heap_cap;
    struct journey *done; /* its bytes may still be in use */
    struct truths truth;
    struct gen_totals totals;
    struct buf out;
    struct buf scratch;
    struct man man;
};

/* ---- creating ---- */

static enum rc check_opts(const struct gen_opts *o, struct err *e)
{
    uint64_t all = 0;
    if (o->shuffle_ms < 0 || o->shuffle_ms > SHUFFLE_MAX_MS)
        return err_exit(e, RC_INVALID, EXIT_USAGE, "shuffle: 0 to 60 minutes");
    for (uint32_t i = 0; i < o->plants; i++) {
        all += o->plant[i].count;
        if (!plant_find(o->plant[i].name))
            return err_exit(e, RC_INVALID, EXIT_USAGE, "no plant '%.40s'", o->plant[i].name);
        if (o->manifests_only && plant_find(o->plant[i].name)->shape != SHAPE_LOT)
            return err_exit(e, RC_INVALID, EXIT_USAGE, "plant %s needs more than manifests",
                            o->plant[i].name);
    }
    if (all > PLANTS_MAX)
        return err_exit(e, RC_INVALID, EXIT_USAGE, "%llu plants, at most %u",
                        (unsigned long long)all, PLANTS_MAX);
    return RC_OK;
}

static void make_tasks(struct gen *g, const struct gen_opts *o)
{
    for (uint32_t i = 0; i < o->plants; i++)
        g->tasks += o->plant[i].count;
    g->task = xcalloc(g->tasks ? g->tasks : 1, sizeof(*g->task));
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->plants; i++) {
        const struct plant *p = plant_find(o->plant[i].name);
        if (o->plant[i].count && strcmp(p->name, "X22") == 0)
            g->jopts.release_all = true; /* closure.require_release is on */
        for (uint32_t k = 1; k <= o->plant[i].count; k++)
            g->task[n++] = (struct task){p, k};
    }
    for (uint32_t i = n; i > 1; i--) { /* Fisher and Yates */
        const uint32_t k = rng_below(&g->rng, i);
        const struct task swap = g->task[i - 1];
        g->task[i - 1] = g->task[k];
        g->task[k] = swap;
    }
}

enum rc gen_create(struct gen **out, const struct gen_opts *o, struct err *e)
{
    const enum rc rc = check_opts(o, e);
    if (rc != RC_OK)
        return rc;
    struct gen *g = xcalloc(1, sizeof(*g));
    g->opts = *o;
    g->opts.plant = NULL; /* the caller's */
    g->opts.plants = 0;
    if (!g->opts.start_ms)
        g->opts.start_ms = START_MS;
    if (!g->opts.every_ms)
        g->opts.every_ms = EVERY_MS;
    g->rng.state = rng_mix(o->seed);
    /* the firms are the same in all runs; numbers carry a tag of the seed and do not meet */
    tables_firms(&g->firms, 20250901);
    const uint64_t mixed = rng_mix(o->seed);
    for (unsigned i = 0; i < 4; i++)
        g->tag[i] = (char)('0' + (mixed >> 8 * i) % 10);
    g->jopts = (struct journey_opts){.gen = &g->opts, .firms = &g->firms, .tag = g->tag};
    make_tasks(g, o);
    g->clock = g->opts.start_ms;
    g->until = g->clock;
    *out = g;
    return RC_OK;
}

void gen_destroy(struct gen *g)
{
    if (!g)
        return;
    for (uint32_t i = 0; i < g->heap_n; i++) {
        journey_free(g->heap[i]);
        free(g->heap[i]);
    }
    if (g->done)
        journey_free(g->done);
    free(g->done);
    free(g->heap);
    free(g->task);
    free(g->truth.t);
    buf_free(&g->out);
    buf_free(&g->scratch);
    free(g);
}

/* ---- journeys under way, by their next event ---- */

static bool before(const struct journey *a, const struct journey *b)
{
    const int64_t da = a->event[a->next].due;
    const int64_t db = b->event[b->next].due;
    return da != db ? da < db : a->id < b->id;
}

static void heap_up(struct gen *g, uint32_t i)
{
    struct journey *j = g->heap[i];
    for (; i > 0 && before(j, g->heap[(i - 1) / 2]); i = (i - 1) / 2)
        g->heap[i] = g->heap[(i - 1) / 2];
    g->heap[i] = j;
}

static void heap_down(struct gen *g)
{
    struct journey *j = g->heap[0];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= g->heap_n)
            break;
        if (child + 1 < g->heap_n && before(g->heap[child + 1], g->heap[child]))
            child++;
        if (!before(g->heap[child], j))
            break;
        g->heap[i] = g->heap[child];
        i = child;
    }
    g->heap[i] = j;
}

static void heap_push(struct gen *g, struct journey *j)
{
    if (g->heap_n == g->heap_cap) {
        g->heap_cap = g->heap_cap ? g->heap_cap * 2 : 64;
        g->heap = xrealloc(g->heap, g->heap_cap * sizeof(struct journey *));
    }
    g->heap[g->heap_n++] = j;
    heap_up(g, g->heap_n - 1);
}

/* ---- starting journeys ---- */

static uint32_t size_of(struct gen *g)
{
    const uint32_t kind = rng_below(&g->rng, 100);
    if (kind < 20)
        return rng_between(&g->rng, 1, 5);
    if (kind < 70)
        return rng_between(&g->rng, 6, 40);
    if (kind < 95)
        return rng_between(&g->rng, 41, 120);
    return rng_between(&g->rng, 121, 300);
}

static void count_truths(struct gen *g, size_t from)
{
    for (size_t i = from; i < g->truth.n; i++) {
        const struct gen_truth *t = &g->truth.t[i];
        if (t->kind == TRUTH_ALERT)
            g->totals.alerts++;
        else if (t->kind == TRUTH_REJECT)
            g->totals.rejects++;
        else if (t->kind == TRUTH_CLOSURE)
            g->totals.closed_auto--;
        else
            for (unsigned v = GEN_ACCEPTED + 1; v < GEN_VERDICTS; v++)
                if (strcmp(t->what, gen_verdict_name((enum gen_verdict)v)) == 0) {
                    g->totals.verdict[v]++;
                    g->totals.verdict[GEN_ACCEPTED]--;
                }
    }
}

static void put_under_way(struct gen *g, struct journey *j)
{
    const size_t from = g->truth.n;
    journey_order(j, g->opts.shuffle_ms);
    if (j->shape == SHAPE_TRANSIT || (j->plant && j->plant->decision)) {
        g->totals.entries++;
        g->totals.closed_auto++;
    }
    int64_t until = j->event[j->events - 1].due + HOUR_MS;
    if (j->plant) {
        const int64_t after = j->plant->until_hours * HOUR_MS;
        if (j->valid + 25 * HOUR_MS > until && j->shape == SHAPE_TRANSIT)
            until = j->valid + 25 * HOUR_MS;
        if (j->event[j->events - 1].due + after > until)
            until = j->event[j->events - 1].due + after;
        plant_truth(j, &g->truth);
        g->totals.plants++;
    }
    count_truths(g, from);
    if (until > g->until)
        g->until = until;
    heap_push(g, j);
}

static void start_clean(struct gen *g, uint64_t most)
{
    struct journey *j = xmalloc(sizeof(*j));
    uint32_t n = size_of(g);
    if (n > most)
        n = (uint32_t)most;
    const uint32_t kind = rng_below(&g->rng, 100);
    const enum journey_shape shape = g->opts.manifests_only || kind < 20 ? SHAPE_LOT
                                     : kind < 25                         ? SHAPE_BILL
                                                                         : SHAPE_TRANSIT;
    journey_plan(j, &g->jopts, g->id++, g->number, n, shape, g->clock);
    j->released =
        j->released || (shape == SHAPE_LOT && !g->opts.manifests_only && rng_percent(&g->rng, 10));
    journey_events(j, &g->jopts);
    g->number += n;
    g->clean_made += n;
    put_under_way(g, j);
}

static void set_profile(struct journey *j)
{
    if (j->plant->profile == NEEDS_LOCK)
        j->profile = PROFILE_LOCK;
    else if (j->plant->profile == NEEDS_SEAL ||
             (j->plant->profile == NOT_TRUST && j->profile == PROFILE_FULL_TRUST))
        j->profile = PROFILE_SEAL;
}

static void start_plant(struct gen *g, const struct task *t)
{
    struct journey *j = xmalloc(sizeof(*j));
    const struct plant *p = t->plant;
    uint32_t n = p->planted + rng_between(&g->rng, 0, 20);
    if (p->shape == SHAPE_EMPTY)
        n = 0;
    else if (p->shape != SHAPE_LOT)
        n += 3;
    journey_plan(j, &g->jopts, g->id++, g->number, n, p->shape, g->clock);
    j->plant = p;
    j->nth = t->nth;
    j->planted = p->planted;
    if (p->shape != SHAPE_TRANSIT) {
        j->man.import = p->import;
        j->man.mode = "9610";
        j->released = false;
    }
    set_profile(j);
    if (p->fields)
        p->fields(j);
    journey_events(j, &g->jopts);
    if (p->events)
        p->events(j);
    g->number += n + NUMBERS_OF_EMPTY;
    put_under_way(g, j);
}

/* Plants are spread evenly among the clean manifests. False: nothing is left to start. */
static bool start_next(struct gen *g)
{
    const uint64_t left = g->opts.manifests - g->clean_made;
    const bool plant_left = g->task_next < g->tasks;
    if (!left && !plant_left)
        return false;
    if (plant_left &&
        (!left || (uint64_t)g->task_next * g->opts.manifests <= g->clean_made * (uint64_t)g->tasks))
        start_plant(g, &g->task[g->task_next++]);
    else
        start_clean(g, left);
    g->clock += g->opts.every_ms;
    return true;
}

/* ---- handing out ---- */

static void count_message(struct gen *g, const struct journey *j, const struct event *e,
                          const struct gen_message *m)
{
    uint32_t receipts = 0;
    if (e->kind == EVENT_MANIFESTS)
        receipts = m->documents;
    else if (e->kind == EVENT_BAD && m->documents > 1)
        receipts = m->documents - 1; /* its good neighbours */
    g->totals.manifests += receipts;
    if (e->kind == EVENT_CANCEL)
        receipts = 1;
    g->totals.verdict[GEN_ACCEPTED] += receipts;
    g->totals.messages++;
    g->totals.documents += m->documents;
    g->totals.bytes += m->value.n;
    (void)j;
}

bool gen_next(struct gen *g, struct gen_message *out)
{
    if (g->done) {
        journey_free(g->done);
        free(g->done);
        g->done = NULL;
    }
    while (g->heap_n == 0 || g->heap[0]->event[g->heap[0]->next].due >= g->clock)
        if (!start_next(g))
            break;
    if (g->heap_n == 0)
        return false;
    struct journey *j = g->heap[0];
    const struct event *e = &j->event[j->next];
    struct writing w = {.out = &g->out, .scratch = &g->scratch, .man = &g->man, .gen = &g->opts};
    *out = (struct gen_message){.time_ms = e->at, .plant = j->plant ? j->plant->name : NULL};
    if (e->kind == EVENT_BAD) {
        const size_t from = g->truth.n;
        bad_write(&w, j, e, g->totals.messages, out, &g->truth);
        count_truths(g, from);
    } else {
        journey_write(&w, j, e, out);
    }
    out->value = buf_as_view(&g->out);
    count_message(g, j, e, out);
    if (++j->next == j->events) {
        g->done = j;
        g->heap[0] = g->heap[--g->heap_n];
    }
    if (g->heap_n)
        heap_down(g);
    return true;
}

/* ---- looking back ---- */

void gen_totals(const struct gen *g, struct gen_totals *out)
{
    *out = g->totals;
}

int64_t gen_start_ms(const struct gen *g)
{
    return g->opts.start_ms;
}

int64_t gen_until_ms(const struct gen *g)
{
    return g->until;
}

const struct gen_truth *gen_truth(const struct gen *g, size_t *n)
{
    *n = g->truth.n;
    return g->truth.t;
}

void gen_config_yaml(const struct gen *g, struct buf *out)
{
    buf_text(out, "# What the generated traffic assumes; written by driftgate gen.\n"
                  "customs:\n  timezone: Asia/Shanghai\n"
                  "dedup:\n  window: 400d\n"
                  "rates:\n");
    for (uint32_t i = 1; i < tables_currencies; i++)
        buf_printf(out, "  - {currency: \"%s\", from: 2020-01-01, cny: \"%u.%05u\"}\n",
                   tables_currency[i].code, tables_currency[i].cny / 100000,
                   tables_currency[i].cny % 100000);
    buf_text(out, "controlled_hs: [\"2844\"]\n"
                  "parties:\n  suspended: [\"3199ZZ0001\", \"SHELL*\"]\n"
                  "watch:\n  words: [\"KNOCKOFF\", \"弓弩\"]\n  hs: [\"9304\"]\n"
                  "closure:\n  settle: 10m\n  grace: 24h\n");
    buf_printf(out, "  require_release: %s\n", g->jopts.release_all ? "true" : "false");
}
