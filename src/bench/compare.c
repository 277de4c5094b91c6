#include "bench/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/stats.h"
#include "bench/tree.h"

/* A run has some ten figures: at 5 % every other pair of equal runs would raise an alarm. */
#define CHANCE_MAX 0.01

const char *compare_verdict_name(enum compare_verdict v)
{
    static const char *const name[] = {"same", "faster", "slower", "can't tell", "missing"};
    return name[v];
}

/* How much better `to` is than `from`: +0.10 is 10 %. Times are compared as speeds. */
static double better_by(const struct figure *f, double from, double to)
{
    return f->lower_is_better ? from / to - 1 : to / from - 1;
}

static bool all_equal(const struct stats *a, const struct stats *b)
{
    return a->min == a->max && b->min == b->max && a->min == b->min;
}

static struct comparison cannot_tell(double change, double chance, const char *why)
{
    struct comparison c = {.verdict = COMPARE_CANNOT_TELL, .change = change, .chance = chance};
    snprintf(c.why, sizeof(c.why), "%s", why);
    return c;
}

static struct comparison judge(const struct figure *old, const struct figure *new, double threshold)
{
    const struct stats a = stats_of(old->value, old->n);
    const struct stats b = stats_of(new->value, new->n);
    struct comparison c = {.verdict = COMPARE_SAME, .chance = 1};
    if (all_equal(&a, &b)) {
        snprintf(c.why, sizeof(c.why), "every round gave the same");
        return c;
    }
    if (a.min <= 0 || b.min <= 0)
        return cannot_tell(0, 1, "a value is zero or less: no ratio");
    c.change = better_by(old, a.median, b.median);
    /* Times are compared as speeds: the other way round they are factors of being better. */
    const struct figure *from = old->lower_is_better ? new : old;
    const struct figure *to = old->lower_is_better ? old : new;
    if (!stats_factor(from->value, from->n, to->value, to->n, CHANCE_MAX, &c.low, &c.high))
        return cannot_tell(c.change, 1, "too few rounds: five of each are enough");
    c.low -= 1;
    c.high -= 1;
    c.chance = c.change > 0 ? stats_larger_by_chance(from->value, from->n, to->value, to->n)
                            : stats_larger_by_chance(to->value, to->n, from->value, from->n);
    const bool real = c.low > 0 || c.high < 0;
    if (real && fabs(c.change) >= threshold)
        c.verdict = c.low > 0 ? COMPARE_FASTER : COMPARE_SLOWER;
    else if (!real && (c.low <= -threshold || c.high >= threshold))
        c.verdict = COMPARE_CANNOT_TELL;
    snprintf(c.why, sizeof(c.why), "%+.1f to %+.1f %%%s", c.low * 100, c.high * 100,
             c.verdict == COMPARE_CANNOT_TELL ? ": more rounds, or a quieter machine" : "");
    return c;
}

/* The first member in which two JSON objects differ, for people. */
static bool differ(struct view a, struct view b, char *what, size_t cap)
{
    struct arena arena = {0};
    const struct tree *x, *y;
    struct err e;
    bool found = false;
    if (tree_read(&arena, a, &x, &e) == RC_OK && tree_read(&arena, b, &y, &e) == RC_OK) {
        for (const struct tree *j = x->child; j && !found; j = j->next) {
            char name[64];
            snprintf(name, sizeof(name), VIEW_FMT, VIEW_ARG(j->name));
            const struct tree *k = tree_get(y, name);
            found = !k || !view_eq(j->raw, k->raw);
            if (found)
                snprintf(what, cap, "%s was " VIEW_FMT ", is " VIEW_FMT, name, VIEW_ARG(j->raw),
                         k ? (int)k->raw.n : 7, k ? k->raw.p : "missing");
        }
    }
    arena_free(&arena);
    return found;
}

struct comparison compare_figure(const struct figure *old, const struct figure *new,
                                 double threshold)
{
    struct comparison c = {.verdict = COMPARE_MISSING, .chance = 1};
    char what[100];
    if (!old || !new) {
        snprintf(c.why, sizeof(c.why), "only in the %s results", old ? "old" : "new");
        return c;
    }
    if (!view_eq(old->unit, new->unit))
        return cannot_tell(0, 1, "another unit");
    if (differ(old->config, new->config, what, sizeof(what))) {
        c = cannot_tell(0, 1, "");
        snprintf(c.why, sizeof(c.why), "another configuration: %s", what);
        return c;
    }
    return judge(old, new, threshold);
}

/* ---- whole files ---- */

static bool same_name(const struct figure *a, const struct figure *b)
{
    return view_eq(a->bench, b->bench) && view_eq(a->name, b->name);
}

static bool same_thing(const struct figure *a, const struct figure *b)
{
    return same_name(a, b) && view_eq(a->config, b->config);
}

/* Several lines of one figure become one with all their rounds. */
static struct figure *gather(const struct figures *f, size_t *n)
{
    struct figure *out = xcalloc(f->n, sizeof(*out));
    *n = 0;
    for (size_t i = 0; i < f->n; i++) {
        size_t k = 0;
        while (k < *n && !same_thing(&out[k], &f->figure[i]))
            k++;
        if (k == *n) {
            out[(*n)++] = f->figure[i];
            continue;
        }
        for (size_t v = 0; v < f->figure[i].n && out[k].n < FIGURE_VALUES_MAX; v++)
            out[k].value[out[k].n++] = f->figure[i].value[v];
    }
    return out;
}

static const struct figure *find(const struct figure all[], size_t n, const struct figure *f)
{
    const struct figure *by_name = NULL;
    size_t named = 0;
    for (size_t i = 0; i < n; i++) {
        if (same_thing(&all[i], f))
            return &all[i];
        if (same_name(&all[i], f)) {
            by_name = &all[i];
            named++;
        }
    }
    return named == 1 ? by_name : NULL; /* its other configuration is what will be said */
}

static void put_machine(struct buf *out, const struct figure *old, const struct figure *new)
{
    static const char *const what[] = {"cpu", "cores", "memory_mib", "kernel", "huge_pages"};
    struct arena arena = {0};
    const struct tree *a, *b;
    struct err e;
    if (tree_read(&arena, old->machine, &a, &e) == RC_OK &&
        tree_read(&arena, new->machine, &b, &e) == RC_OK)
        for (size_t i = 0; i < ARRAY_LEN(what); i++) {
            const struct tree *x = tree_get(a, what[i]);
            const struct tree *y = tree_get(b, what[i]);
            if (x && y && !view_eq(x->raw, y->raw))
                buf_printf(out,
                           "another machine: %s " VIEW_FMT " and " VIEW_FMT
                           "; a change may be the machine's\n",
                           what[i], VIEW_ARG(x->raw), VIEW_ARG(y->raw));
        }
    arena_free(&arena);
}

static double median_of(const struct figure *f)
{
    return f ? stats_of(f->value, f->n).median : 0;
}

static void put_row(struct buf *out, const struct figure *old, const struct figure *new,
                    const struct comparison *c)
{
    const struct figure *f = new ? new : old;
    char name[80];
    char change[32] = "";
    snprintf(name, sizeof(name), VIEW_FMT "." VIEW_FMT, VIEW_ARG(f->bench), VIEW_ARG(f->name));
    if (c->verdict != COMPARE_MISSING && c->change != 0)
        snprintf(change, sizeof(change), "%+.1f %%", c->change * 100);
    buf_printf(out, "%-30s %13.6g %13.6g %-13.*s %9s  %-10s  %s\n", name, median_of(old),
               median_of(new), VIEW_ARG(f->unit), change, compare_verdict_name(c->verdict), c->why);
}

static void put_json(struct buf *out, const struct figure *old, const struct figure *new,
                     const struct comparison *c)
{
    const struct figure *f = new ? new : old;
    buf_text(out, "{\"bench\":");
    buf_json(out, f->bench);
    buf_text(out, ",\"name\":");
    buf_json(out, f->name);
    buf_printf(out, ",\"verdict\":\"%s\",\"change\":%.6g,\"low\":%.6g,\"high\":%.6g,",
               compare_verdict_name(c->verdict), c->change, c->low, c->high);
    buf_printf(out, "\"chance\":%.4g,\"old\":%.10g,", c->chance, median_of(old));
    buf_printf(out, "\"new\":%.10g,\"why\":", median_of(new));
    buf_json(out, view_of(c->why));
    buf_text(out, "}\n");
}

void compare_all(struct buf *out, const struct figures *old, const struct figures *new,
                 double threshold, bool json, size_t count[COMPARE_VERDICTS])
{
    size_t olds, news;
    struct figure *a = gather(old, &olds);
    struct figure *b = gather(new, &news);
    memset(count, 0, COMPARE_VERDICTS * sizeof(count[0]));
    if (!json) {
        put_machine(out, &a[0], &b[0]);
        buf_printf(out, "%-30s %13s %13s %-13s %9s  %s\n", "figure", "old", "new", "unit",
                   "better by", "verdict     98 % sure of");
    }
    for (size_t i = 0; i < olds + news; i++) {
        const struct figure *mine = i < olds ? &a[i] : &b[i - olds];
        const struct figure *other = i < olds ? find(b, news, mine) : find(a, olds, mine);
        if (i >= olds && other)
            continue; /* told from the other side */
        const struct figure *x = i < olds ? mine : NULL;
        const struct figure *y = i < olds ? other : mine;
        const struct comparison c = compare_figure(x, y, threshold);
        count[c.verdict]++;
        (json ? put_json : put_row)(out, x, y, &c);
    }
    free(a);
    free(b);
}
