#include "ledger/twin.h"

#include <stdlib.h>

#include "ledger/internal.h"
#include "ledger/store_overlay.h"

#define DUE_BATCH 256

/* What one side said in a step. */
enum said_kind {
    SAID_POST,
    SAID_VERDICT,
    SAID_ALERT,
    SAID_CLOSURE
};

struct said {
    enum said_kind kind;
    unsigned code; /* verdict, rule or decision */
    bool open;
    struct posting post;
    struct view key;
    struct view line;
};

struct side {
    struct twin *twin;
    struct ledger *ledger;
    struct said *said;
    size_t n, cap;
    uint64_t steps;
};

/* Accounts that wait, and for whom. */
struct marked {
    struct hash128 id;
    unsigned sides;
};

struct marks {
    struct marked *item;
    size_t n, cap;
};

struct twin {
    struct twin_out out;
    struct side side[2];
    struct store *under, *over; /* of the two ledgers */
    struct asking asking;
    bool always;        /* the rulesets differ in more than rules */
    struct arena arena; /* of what was said */
    struct marks dirty; /* as those of a ledger */
    struct marks touched;
    struct marks due;
    bool advanced;
};

/* One thing that a ledger does. */
struct step {
    enum {
        STEP_FOLD,
        STEP_RISE,
        STEP_DUE,
        STEP_FLUSH,
        STEP_JUDGE
    } kind;
    const struct posting *post[2];
    struct hash128 id;
    int64_t w;
};

/* ---- what the ledgers say ---- */

static struct view keep(struct twin *t, struct view v)
{
    char *p = arena_alloc(&t->arena, (size_t)v.n + 1);
    view_copy(p, v);
    return (struct view){p, v.n};
}

static struct said *say(struct side *s, enum said_kind kind, unsigned code)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->said = xrealloc(s->said, s->cap * sizeof(*s->said));
    }
    struct said *x = &s->said[s->n++];
    x->kind = kind;
    x->code = code;
    return x;
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct side *s = ctx;
    struct said *x = say(s, SAID_POST, 0);
    (void)partition;
    x->post = *p;
    x->post.key = keep(s->twin, p->key);
    x->post.body = keep(s->twin, p->body);
}

static void on_verdict(void *ctx, enum verdict v)
{
    say(ctx, SAID_VERDICT, v);
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct side *s = ctx;
    struct said *x = say(s, SAID_ALERT, rule);
    (void)key;
    x->open = open;
    x->line = keep(s->twin, line);
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    struct side *s = ctx;
    struct said *x = say(s, SAID_CLOSURE, d);
    (void)reasons;
    x->key = keep(s->twin, turn);
    x->line = keep(s->twin, line);
}

static void tell(struct twin *t, unsigned sides, const struct said *x)
{
    void *const ctx = t->out.ctx;
    switch (x->kind) {
    case SAID_POST:
        t->out.post(ctx, sides, &x->post);
        break;
    case SAID_VERDICT:
        t->out.verdict(ctx, sides, (enum verdict)x->code);
        break;
    case SAID_ALERT:
        t->out.alert(ctx, sides, x->line, (enum rule_code)x->code, x->open);
        break;
    case SAID_CLOSURE:
        t->out.closure(ctx, sides, x->key, x->line, (enum decision)x->code);
        break;
    }
}

static bool same_said(const struct said *a, const struct said *b)
{
    if (a->kind != b->kind || a->code != b->code)
        return false;
    if (a->kind == SAID_VERDICT)
        return true;
    if (a->kind != SAID_POST)
        return view_eq(a->line, b->line);
    return a->post.kind == b->post.kind && a->post.cause == b->post.cause &&
           origin_eq(a->post.origin, b->post.origin) && view_eq(a->post.key, b->post.key) &&
           view_eq(a->post.body, b->post.body);
}

/* Each side's words in their order; what both say is said when the later of the two is at it. */
static void tell_both(struct twin *t)
{
    const struct side *const was = &t->side[0];
    const struct side *const now = &t->side[1];
    size_t k = 0;
    for (size_t i = 0; i < was->n; i++) {
        size_t same = k;
        while (same < now->n && !same_said(&was->said[i], &now->said[same]))
            same++;
        if (same == now->n) {
            tell(t, TWIN_WAS, &was->said[i]);
            continue;
        }
        for (; k < same; k++)
            tell(t, TWIN_NOW, &now->said[k]);
        tell(t, TWIN_BOTH, &was->said[i]);
        k++;
    }
    for (; k < now->n; k++)
        tell(t, TWIN_NOW, &now->said[k]);
}

/* ---- accounts that wait ---- */

static void mark(struct marks *m, struct hash128 id, unsigned sides)
{
    for (size_t i = m->n; i-- > 0 && m->n - i <= 64;)
        if (hash128_eq(m->item[i].id, id)) {
            m->item[i].sides |= sides;
            return;
        }
    if (m->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 64;
        m->item = xrealloc(m->item, m->cap * sizeof(*m->item));
    }
    m->item[m->n++] = (struct marked){id, sides};
}

static void mark_list(struct marks *m, struct id_list *list, unsigned sides)
{
    for (size_t i = 0; i < list->n; i++)
        mark(m, list->id[i], sides);
    list->n = 0;
}

static void mark_all(struct twin *t, struct ledger *l, unsigned sides)
{
    mark_list(&t->dirty, &l->dirty, sides);
    mark_list(&t->touched, &l->touched, sides);
    mark_list(&t->due, &l->due, sides);
}

/* ---- a step ---- */

static enum rc run(struct twin *t, const struct step *x, int k, struct err *e)
{
    struct ledger *const l = t->side[k].ledger;
    t->side[k].steps++;
    if (k == 1) { /* what is no posting comes behind the last one that anybody folded */
        l->origin = t->side[0].ledger->origin;
        l->cause = t->side[0].ledger->cause;
    }
    switch (x->kind) {
    case STEP_FOLD:
        return ledger_fold(l, x->post[k], e);
    case STEP_RISE:
        ledger_rise(l, x->w);
        break;
    case STEP_DUE:
        ledger_due(l, x->id);
        break;
    case STEP_FLUSH:
        arena_reset(&l->arena);
        bill_flush(l, x->id);
        break;
    case STEP_JUDGE:
        arena_reset(&l->arena);
        transit_judge(l, x->id, t->advanced);
        break;
    }
    return RC_OK;
}

static enum rc step(struct twin *t, unsigned sides, const struct step *x, struct err *e)
{
    struct side *const was = &t->side[0];
    struct side *const now = &t->side[1];
    was->n = now->n = 0;
    t->asking.asked = t->always || x->kind == STEP_RISE || x->post[0] != x->post[1];
    (void)store_overlay_met(t->under); /* of taken deadlines */
    if (sides & TWIN_WAS) {
        const enum rc rc = run(t, x, 0, e);
        if (rc)
            return rc;
    }
    const bool met = store_overlay_met(t->under);
    if (sides == TWIN_BOTH && !t->asking.asked && !met) {
        for (size_t i = 0; i < was->n; i++)
            tell(t, TWIN_BOTH, &was->said[i]);
        mark_all(t, was->ledger, TWIN_BOTH);
        store_commit(t->under);
        return RC_OK;
    }
    if (sides & TWIN_NOW) {
        const enum rc rc = run(t, x, 1, e);
        if (rc)
            return rc;
    }
    tell_both(t);
    mark_all(t, was->ledger, TWIN_WAS);
    mark_all(t, now->ledger, TWIN_NOW);
    store_overlay_settle(t->over);
    return RC_OK;
}

/* A step that cannot fail. */
static void do_step(struct twin *t, unsigned sides, const struct step *x)
{
    struct err e;
    CHECK(step(t, sides, x, &e) == RC_OK);
}

enum rc twin_fold(struct twin *t, unsigned sides, const struct posting *p,
                  const struct posting *now, bool last, struct err *e)
{
    CHECK(p->kind != POSTING_RULESET && p->kind != POSTING_ADVANCE);
    t->side[0].ledger->passing = t->side[1].ledger->passing = last;
    const enum rc rc =
        step(t, sides, &(struct step){.kind = STEP_FOLD, .post = {p, now ? now : p}}, e);
    t->side[0].ledger->passing = t->side[1].ledger->passing = false;
    return rc;
}

/* ---- rulesets ---- */

/* Do they differ in what the fold reads besides rules? */
static bool differ_else(const struct ruleset *a, const struct ruleset *b)
{
    return a->settle != b->settle || a->grace != b->grace ||
           a->require_release != b->require_release || a->lang != b->lang;
}

static bool same_entry(const struct rule *a, const struct rule *b)
{
    return a->code == b->code && a->level == b->level && a->param[0] == b->param[0] &&
           a->param[1] == b->param[1] && a->effective_from == b->effective_from &&
           a->effective_to == b->effective_to && a->enabled == b->enabled &&
           strcmp(a->legal_basis, b->legal_basis) == 0 &&
           strcmp(a->legal_basis_zh, b->legal_basis_zh) == 0;
}

static void note_missing(struct asking *x, const struct ruleset *a, const struct ruleset *b)
{
    for (uint32_t i = 0; i < a->rules; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->rules && !found; k++)
            found = same_entry(&a->rule[i], &b->rule[k]);
        x->differs[a->rule[i].code] |= !found;
    }
}

enum rc twin_rules(struct twin *t, const struct posting *was, const struct posting *now,
                   struct err *e)
{
    const enum rc rc = step(t, TWIN_BOTH, &(struct step){.kind = STEP_FOLD, .post = {was, now}}, e);
    if (rc)
        return rc;
    const struct ruleset *const a = ledger_rules(t->side[0].ledger);
    const struct ruleset *const b = ledger_rules(t->side[1].ledger);
    const char *const fixed = ruleset_may_follow(a, b);
    if (fixed)
        return err_exit(e, RC_INVALID, EXIT_CONFIG,
                        "the rules change %s, which is fixed for a log's life", fixed);
    t->asking.other = b;
    note_missing(&t->asking, a, b);
    note_missing(&t->asking, b, a);
    t->always |= differ_else(a, b);
    t->side[0].ledger->asking = &t->asking;
    return RC_OK;
}

/* ---- time, bills, entries ---- */

/*
 * Deadlines of WAS are those of NOW too where NOW has no record of its own. A taken deadline is
 * committed before anybody looks: it is no difference.
 */
void twin_advance(struct twin *t, int64_t w)
{
    struct hash128 id[DUE_BATCH];
    do_step(t, TWIN_BOTH, &(struct step){.kind = STEP_RISE, .w = w});
    const int64_t at = ledger_watermark(t->side[0].ledger);
    for (size_t n; (n = store_due(t->under, at, id, DUE_BATCH)) > 0;) {
        store_commit(t->under);
        for (size_t i = 0; i < n; i++)
            do_step(t, store_overlay_holds(t->over, id[i]) ? TWIN_WAS : TWIN_BOTH,
                    &(struct step){.kind = STEP_DUE, .id = id[i]});
    }
    for (size_t n; (n = store_due(t->over, at, id, DUE_BATCH)) > 0;) {
        store_commit(t->over);
        for (size_t i = 0; i < n; i++)
            do_step(t, TWIN_NOW, &(struct step){.kind = STEP_DUE, .id = id[i]});
    }
    t->advanced = true;
}

void twin_flush(struct twin *t)
{
    for (size_t i = 0; i < t->dirty.n; i++)
        do_step(t, t->dirty.item[i].sides,
                &(struct step){.kind = STEP_FLUSH, .id = t->dirty.item[i].id});
    t->dirty.n = 0;
}

void twin_judge(struct twin *t)
{
    /* After an advance each entry is judged once, touched or due or both. */
    if (t->advanced)
        for (size_t i = 0; i < t->touched.n; i++)
            mark(&t->due, t->touched.item[i].id, t->touched.item[i].sides);
    const struct marks *const m = t->advanced ? &t->due : &t->touched;
    for (size_t i = 0; i < m->n; i++)
        do_step(t, m->item[i].sides, &(struct step){.kind = STEP_JUDGE, .id = m->item[i].id});
    t->due.n = 0;
    t->touched.n = 0;
    t->advanced = false;
}

/* ---- life ---- */

struct twin *twin_create(const struct twin_out *out)
{
    struct twin *t = xcalloc(1, sizeof(*t));
    t->out = *out;
    for (int k = 0; k < 2; k++) {
        struct side *const s = &t->side[k];
        s->twin = t;
        s->ledger = ledger_create(
            0, &(struct ledger_out){
                   .ctx = s, .post = on_post, .alert = on_alert, .closure = on_closure});
        ledger_verdicts_only(s->ledger, on_verdict);
    }
    t->under = ledger_store(t->side[0].ledger);
    t->over = ledger_store(t->side[1].ledger);
    store_overlay_pair(t->over, t->under);
    return t;
}

void twin_destroy(struct twin *t)
{
    if (!t)
        return;
    for (int k = 0; k < 2; k++) {
        ledger_destroy(t->side[k].ledger);
        free(t->side[k].said);
    }
    arena_free(&t->arena);
    free(t->dirty.item);
    free(t->touched.item);
    free(t->due.item);
    free(t);
}

const struct ledger *twin_ledger(const struct twin *t, bool now)
{
    return t->side[now].ledger;
}

void twin_prefetch(struct twin *t, struct posting *p)
{
    ledger_prefetch(t->side[0].ledger, p);
}

void twin_prefetch_record(struct twin *t, const struct posting *p)
{
    if (p->identified)
        store_prefetch_record(t->under, p->id);
}

void twin_forget(struct twin *t)
{
    arena_reset(&t->arena);
}

uint64_t twin_steps(const struct twin *t, bool now)
{
    return t->side[now].steps;
}
