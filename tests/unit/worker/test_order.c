/*
 * Invariant I9: what is decided on an entry depends on its facts, not on the order in which they
 * came, nor on how often, how they were packed, or how many partitions the ledger has.
 */
#include "fleet.h"

#define ENTRIES 230
#define UNTIL   "@20000000" /* behind every deadline, before the first drop */

struct result {
    char (*final)[120]; /* [entries] decision and reasons */
    char *open;         /* open alerts, occurrence apart, sorted */
};

static uint32_t partitions;

static void set_partitions(struct config *c)
{
    c->ledger_partitions = partitions;
}

/* From `text`: of each alertId the last state; of those that are open rule, kind and key. */
static char *open_alerts(const char *text)
{
    char **list = NULL;
    size_t n = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        char id[200], state[20];
        cr_assert(line_get(line, "alertId", id, sizeof(id)));
        cr_assert(line_get(line, "state", state, sizeof(state)));
        *strrchr(id, '/') = 0;
        size_t i = 0;
        while (i < n && strcmp(list[i], id) != 0)
            i++;
        if (strcmp(state, "OPEN") == 0 && i == n) {
            list = xrealloc(list, (n + 1) * sizeof(*list));
            list[n++] = xstrdup(id);
        } else if (strcmp(state, "WITHDRAWN") == 0) {
            cr_assert_lt(i, n, "%s withdrawn before it was opened", id);
            free(list[i]);
            list[i] = list[--n];
        }
    }
    struct buf b = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            if (strcmp(list[k], list[i]) >= 0)
                continue;
            char *x = list[k];
            list[k] = list[i];
            list[i] = x;
        }
        buf_printf(&b, "%s\n", list[i]);
        free(list[i]);
    }
    free(list);
    buf_char(&b, 0);
    return b.p;
}

static struct result result_of(struct run *r, const struct fleet *f)
{
    run_flush(r);
    struct result x = {xcalloc((size_t)f->entries, sizeof(*x.final)), open_alerts(r->text[DRIFT])};
    for (int i = 0; i < f->entries; i++)
        snprintf(x.final[i], sizeof(x.final[i]), "OPEN"); /* nothing published yet is OPEN */
    for (const char *line = r->text[CLOSURES]; *line; line = strchr(line, '\n') + 1) {
        char turn[32], decision[32], reasons[80];
        cr_assert(line_get(line, "turnNo", turn, sizeof(turn)));
        cr_assert(line_get(line, "decision", decision, sizeof(decision)));
        line_list(line, "reasons", reasons, sizeof(reasons));
        snprintf(x.final[strtol(turn + 1, NULL, 10)], sizeof(x.final[0]), "%s%s", decision,
                 reasons);
    }
    return x;
}

static void result_free(struct result *x)
{
    free(x->final);
    free(x->open);
}

static void replay_in_order(struct run *r, const struct msg **order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_line(r, order[i]->line);
    run_until(r, UNTIL);
}

/* Any message may come once more later, and several may come in one. */
static void replay_with_duplicates(struct run *r, struct fleet *f, const struct msg **order)
{
    struct buf b = {0};
    for (size_t i = 0; i < f->n;) {
        buf_reset(&b);
        buf_char(&b, '[');
        const int pack = 1 + fleet_below(f, 4);
        for (int k = 0; k < pack && i < f->n; k++, i++) {
            buf_text(&b, k ? "," : "");
            doc_write(&b, order[i]->line);
            if (fleet_below(f, 4))
                continue;
            buf_char(&b, ',');
            doc_write(&b, order[fleet_next(f) % (i + 1)]->line);
        }
        buf_char(&b, ']');
        run_message(r, buf_as_view(&b));
    }
    run_until(r, UNTIL);
    buf_free(&b);
}

static void same(const struct fleet *f, const struct result *want, const struct result *is,
                 const char *what)
{
    for (int i = 0; i < f->entries; i++) {
        if (strcmp(want->final[i], is->final[i]) == 0)
            continue;
        cr_expect(false, "%s: T%d is %s instead of %s", what, i, is->final[i], want->final[i]);
        if (!getenv("FLEET_VERBOSE"))
            continue;
        for (size_t k = 0; k < f->n; k++)
            if (f->msg[k].entry == i)
                fprintf(stderr, "    %s\n", f->msg[k].line);
    }
    cr_expect_str_eq(want->open, is->open, "%s: other alerts are open:\n%s\ninstead of\n%s", what,
                     is->open, want->open);
}

/* The fleets are worth something only when they end in many ways. */
static const char *const all_ways[] = {
    "CLOSED_AUTO", "CANCELLED", "OVERDUE(", "X01", "X02", "X03", "X06", "X10", "X11", "X12", "X13",
    "X18",         "X20",       "X21",      "X23", "X24", "X25", "X26", "X27", "X28", "X29", "X30"};

static void count_ways(const struct fleet *f, const struct result *x, int count[])
{
    for (size_t k = 0; k < ARRAY_LEN(all_ways); k++)
        for (int i = 0; i < f->entries; i++)
            count[k] += strstr(x->final[i], all_ways[k]) != NULL;
}

Test(order, any_order_ends_in_the_same_decisions, .timeout = 300)
{
    int count[ARRAY_LEN(all_ways)] = {0};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct fleet f = fleet_make(seed, ENTRIES);
        const struct msg **given = xcalloc(f.n, sizeof(*given));
        for (size_t i = 0; i < f.n; i++)
            given[i] = &f.msg[i];
        partitions = 4;
        struct run *r = run_open(set_partitions);
        replay_in_order(r, given, f.n);
        struct result want = result_of(r, &f);
        run_close(r);
        count_ways(&f, &want, count);
        for (int k = 0; k < 4; k++) {
            const struct msg **order = fleet_shuffled(&f);
            r = run_open(set_partitions);
            if (k < 2)
                replay_in_order(r, order, f.n);
            else
                replay_with_duplicates(r, &f, order);
            struct result is = result_of(r, &f);
            char what[64];
            snprintf(what, sizeof(what), "seed %d, order %d", (int)seed, k);
            same(&f, &want, &is, what);
            result_free(&is);
            run_close(r);
            free(order);
        }
        result_free(&want);
        free(given);
        free(f.msg);
    }
    for (size_t k = 0; k < ARRAY_LEN(all_ways); k++)
        cr_expect_gt(count[k], 0, "no entry ends with %s", all_ways[k]);
}

Test(order, the_bytes_do_not_depend_on_the_number_of_partitions, .timeout = 300)
{
    for (uint64_t seed = 11; seed <= 12; seed++) {
        struct fleet f = fleet_make(seed, ENTRIES);
        const struct msg **order = fleet_shuffled(&f);
        struct run *r[3];
        static const uint32_t counts[] = {1, 4, 16};
        const uint64_t rng = f.rng;
        for (int k = 0; k < 3; k++) {
            partitions = counts[k];
            f.rng = rng; /* the same duplicates and the same packing */
            r[k] = run_open(set_partitions);
            replay_with_duplicates(r[k], &f, order);
            run_flush(r[k]);
        }
        for (int k = 1; k < 3; k++)
            for (int file = 0; file < 4; file++) {
                cr_expect(r[0]->size[file] == r[k]->size[file] &&
                              memcmp(r[0]->text[file], r[k]->text[file], r[0]->size[file]) == 0,
                          "seed %d: file %d differs between 1 and %u partitions", (int)seed, file,
                          counts[k]);
            }
        cr_expect_gt(r[0]->size[CLOSURES], 10000);
        cr_expect_gt(r[0]->size[DRIFT], 10000);
        for (int k = 0; k < 3; k++)
            run_close(r[k]);
        free(order);
        free(f.msg);
    }
}
