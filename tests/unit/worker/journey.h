/*
 * journey.h: a clean journey of one entry under a lock (T1, two manifests), and cases that change
 * it.
 *
 * A change is `NAME pairs` (more pairs for that message), `-NAME` (leave it out), or `+NAME LINE`
 * (one more message behind it). The journey closes by itself at 15:55:00: ready = max(arrived
 * 15:40, the latest cause 15:45) + settle.
 */
#ifndef TESTS_WORKER_JOURNEY_H
#define TESTS_WORKER_JOURNEY_H

#include "docs.h"

#define CHANGES_MAX 10

static const struct {
    const char *name;
    const char *line;
} journey[] = {
    {"M1", "CEB603 copNo=M1 orderNo=O1 logisticsNo=W1 billNo=B1"},
    {"M2", "CEB603 copNo=M2 orderNo=O2 logisticsNo=W2 billNo=B1"},
    {"L", "CEB607"},
    {"D", "TRANSIT_DECLARED"},
    {"S", "LOCK"},
    {"O", "GATE"},
    {"I", "GATE direction=IN customsCode=2248 loctNo=YS-02 operateTime=@10154000"},
    {"C", "LOCK event=CHECK customsCode=2248 loctNo=YS-02 eventTime=@10154500"},
    {"U", "LOCK event=UNSEAL customsCode=2248 loctNo=YS-02 eventTime=@10155200"},
};

struct case_ {
    const char *what;
    const char *change[CHANGES_MAX];
    const char *until;
    const char *closures; /* of T1 */
    const char *drift;    /* NULL: not looked at */
};

static inline bool change_is(const char *change, const char *name)
{
    const size_t n = strlen(name);
    return strncmp(change, name, n) == 0 && (change[n] == ' ' || change[n] == 0);
}

static inline void journey_step(struct run *r, size_t step, const char *const change[])
{
    char line[LINE_MAX_];
    snprintf(line, sizeof(line), "%s", journey[step].line);
    bool left_out = false;
    for (size_t i = 0; i < CHANGES_MAX && change[i]; i++) {
        left_out |= change[i][0] == '-' && change_is(change[i] + 1, journey[step].name);
        if (change_is(change[i], journey[step].name))
            snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s",
                     change[i] + strlen(journey[step].name));
    }
    if (!left_out)
        run_line(r, line);
    for (size_t i = 0; i < CHANGES_MAX && change[i]; i++)
        if (change[i][0] == '+' && change_is(change[i] + 1, journey[step].name))
            run_line(r, change[i] + strlen(journey[step].name) + 2);
}

static inline void case_run(const struct case_ *c, void (*change)(struct config *c))
{
    struct run *r = run_open(change);
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, c->change);
    if (c->until)
        run_until(r, c->until);
    const char *is = run_closures(r, "T1");
    cr_expect_str_eq(is, c->closures, "%s:\n  is   %s\n  want %s", c->what, is, c->closures);
    if (c->drift) {
        is = run_drift(r, "");
        cr_expect_str_eq(is, c->drift, "%s:\n  is   %s\n  want %s", c->what, is, c->drift);
    }
    run_close(r);
}

#define CASES_RUN(cases, change)                                                                   \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < ARRAY_LEN(cases); i_++)                                           \
            case_run(&(cases)[i_], change);                                                        \
    } while (0)

#endif
