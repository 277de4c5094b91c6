#include "cli/state_progress.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "worker/lag.h"

#define LOOK_MS 1500 /* between two looks: a worker commits several times meanwhile */

struct look {
    struct lag *lag;
    uint32_t n;
    char group[2][300];
};

static bool behind(const struct look *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (lag_behind(&x->lag[i]))
            return true;
    return false;
}

/* Did the group come further between the looks? */
static bool moved(const struct look *before, const struct look *now, uint32_t i)
{
    return before->n != now->n || before->lag[i].committed != now->lag[i].committed;
}

static const char *state_of(const struct look *before, const struct look *now, uint32_t i)
{
    if (!lag_behind(&now->lag[i]))
        return "read";
    if (!before)
        return "behind";
    return moved(before, now, i) ? "at work" : "stands still";
}

static void print_line(const struct look *before, const struct look *now, uint32_t i, bool json)
{
    const struct lag *l = &now->lag[i];
    const char *const state = state_of(before, now, i);
    if (json) {
        printf("{\"topic\":\"%s\",\"partition\":%u,\"group\":\"%s\",\"committed\":%lld,"
               "\"stable\":%lld,\"high\":%lld,\"behind\":%llu,\"state\":\"%s\"}\n",
               l->topic, l->partition, l->group, (long long)l->committed, (long long)l->stable,
               (long long)l->high, (unsigned long long)lag_behind(l), state);
        return;
    }
    char name[300];
    char at[32] = "-";
    snprintf(name, sizeof(name), "%s[%u]", l->topic, l->partition);
    if (l->committed >= 0)
        snprintf(at, sizeof(at), "%lld", (long long)l->committed);
    printf("  %-32s %14s of %12lld  %12llu behind  %s\n", name, at, (long long)l->high,
           (unsigned long long)lag_behind(l), state);
}

/* The one furthest behind of those that stand still, else of all. */
static const struct lag *holds_back(const struct look *before, const struct look *now)
{
    const struct lag *worst = NULL;
    bool worst_stands = false;
    for (uint32_t i = 0; i < now->n; i++) {
        const struct lag *l = &now->lag[i];
        const bool stands = before && !moved(before, now, i);
        if (!lag_behind(l) || (worst_stands && !stands))
            continue;
        if (worst && worst_stands == stands && lag_behind(l) <= lag_behind(worst))
            continue;
        worst = l;
        worst_stands = stands;
    }
    return worst;
}

static void print_all(const struct config *c, const struct look *before, const struct look *now,
                      bool json)
{
    if (!json)
        printf("progress of group %s\n", c->group);
    for (uint32_t i = 0; i < now->n; i++)
        print_line(before, now, i, json);
    const struct lag *const worst = holds_back(before, now);
    struct buf b = {0};
    if (worst)
        lag_say(&b, c, worst);
    if (json) {
        struct buf quoted = {0};
        buf_json(&quoted, buf_as_view(&b));
        printf("{\"holds_back\":%.*s}\n", worst ? (int)quoted.n : 4, worst ? quoted.p : "null");
        buf_free(&quoted);
    } else if (worst) {
        printf("closing waits for %.*s\n\n", (int)b.n, b.p);
    } else {
        printf("nothing holds closing back\n\n");
    }
    buf_free(&b);
}

int state_progress(const struct config *c, bool json)
{
    struct stream *s = NULL;
    struct err e = {0};
    struct look first = {0};
    struct look second = {0};
    log_set_level(LOG_ERROR); /* what happens is said at the end, once */
    enum rc rc = cli_kafka_open(&s, c, &e);
    if (rc == RC_OK)
        rc = lag_read(c, s, first.group, &first.lag, &first.n, &e);
    const bool twice = rc == RC_OK && behind(&first);
    if (twice) {
        clock_sleep_ms(LOOK_MS);
        rc = lag_read(c, s, second.group, &second.lag, &second.n, &e);
    }
    if (rc == RC_OK)
        print_all(c, twice ? &first : NULL, twice ? &second : &first, json);
    fflush(stdout);
    stream_close(s);
    free(first.lag);
    free(second.lag);
    if (rc == RC_RETRY) /* it went away meanwhile */
        e.exit = EXIT_UNAVAILABLE;
    return rc ? cli_fail(&e) : EXIT_OK;
}
