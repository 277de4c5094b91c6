/*
 * The dangerous error (CLOSING.md section 1): no CLOSED_AUTO goes out while something that speaks
 * against it has already been given. Looked at after every single message.
 */
#include "fleet.h"

#define ENTRIES 230

struct watch {
    const struct fleet *fleet;
    bool *given; /* [entries] something against it has been given */
    size_t seen; /* bytes of closures */
    int closed;
};

static void look(struct run *r, struct watch *w, const char *after)
{
    run_flush(r);
    while (w->seen < r->size[CLOSURES]) {
        const char *line = r->text[CLOSURES] + w->seen;
        char turn[32], decision[32];
        cr_assert(line_get(line, "turnNo", turn, sizeof(turn)));
        cr_assert(line_get(line, "decision", decision, sizeof(decision)));
        if (strcmp(decision, "CLOSED_AUTO") == 0) {
            w->closed++;
            cr_expect(!w->given[strtol(turn + 1, NULL, 10)], "%s closed after %s", turn, after);
        }
        w->seen = (size_t)(strchr(line, '\n') + 1 - r->text[CLOSURES]);
    }
}

/* With the clock creeping on between the messages, so that everything may close as early as it can.
 */
static void replay_watched(struct fleet *f, const struct msg **order, bool until_each)
{
    struct run *r = run_open(NULL);
    struct watch w = {f, xcalloc((size_t)f->entries, sizeof(bool)), 0, 0};
    for (size_t i = 0; i < f->n; i++) {
        w.given[order[i]->entry] |= order[i]->against;
        run_line(r, order[i]->line);
        look(r, &w, order[i]->line);
        if (!until_each || fleet_below(f, 3))
            continue;
        char time[32];
        snprintf(time, sizeof(time), "@%02d%02d%02d00", 10 + (int)(i * 9 / f->n),
                 fleet_below(f, 24), fleet_below(f, 60));
        run_until(r, time); /* moves nothing when W is later already */
        look(r, &w, "an advance");
    }
    run_until(r, "@20000000");
    look(r, &w, "the end");
    cr_expect_gt(w.closed, 30, "only %d closed: this shows nothing", w.closed);
    free(w.given);
    run_close(r);
}

Test(never_closes, against_something_that_was_given, .timeout = 300)
{
    for (uint64_t seed = 21; seed <= 24; seed++) {
        struct fleet f = fleet_make(seed, ENTRIES);
        const struct msg **order = fleet_shuffled(&f);
        replay_watched(&f, order, seed & 1);
        for (size_t i = 0; i < f.n; i++)
            order[i] = &f.msg[i];
        replay_watched(&f, order, seed & 1);
        free(order);
        free(f.msg);
    }
}
