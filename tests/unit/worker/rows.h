/* rows.h: tables of messages and what must come of them. */
#ifndef TESTS_WORKER_ROWS_H
#define TESTS_WORKER_ROWS_H

#include "docs.h"

struct row {
    const char *what;
    const char *line[12];
    const char *until;
    const char *receipts; /* NULL: not looked at */
    const char *drift;    /* the same */
};

static inline void row_run(const struct row *w, const char *rule, void (*change)(struct config *c))
{
    struct run *r = run_open(change);
    for (size_t i = 0; i < ARRAY_LEN(w->line) && w->line[i]; i++)
        run_line(r, w->line[i]);
    if (w->until)
        run_until(r, w->until);
    if (w->receipts) {
        const char *is = run_receipts(r);
        cr_expect_str_eq(is, w->receipts, "%s:\n  is   %s\n  want %s", w->what, is, w->receipts);
    }
    if (w->drift) {
        const char *is = run_drift(r, rule);
        cr_expect_str_eq(is, w->drift, "%s:\n  is   %s\n  want %s", w->what, is, w->drift);
    }
    run_close(r);
}

#define ROWS_RUN(rows, rule, change)                                                               \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < ARRAY_LEN(rows); i_++)                                            \
            row_run(&(rows)[i_], rule, change);                                                    \
    } while (0)

#endif
