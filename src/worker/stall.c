#include "worker/stall.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/ingest.h"

#define LOOK_MS  1000
#define HELD_MS  100 /* while ingest waits: it must not stand longer than it has to */
#define AGAIN_MS (5 * MINUTE_MS)
#define PAUSE_MS MINUTE_MS /* ingest pauses often while it catches up: a line a minute says it */

struct watched {
    int64_t committed;
    int64_t moved_ms; /* monotonic: when it last came further, or had nothing to do */
    int64_t said_ms;  /* 0: not in this stall */
};

struct stall {
    const struct config *config;
    struct stream *stream;
    struct counts *counts;
    const char *group;
    struct lag *lag;         /* [ledger_partitions] */
    struct watched *watched; /* [ledger_partitions] */
    uint32_t heaviest;
    bool holds; /* ingest, at the last look */
    int64_t looked_ms;
    int64_t paused_ms; /* when the log last said that ingest pauses */
    struct buf text;
};

struct stall *stall_create(const struct config *c, struct stream *s, const char *group,
                           struct counts *counts)
{
    struct stall *x = xcalloc(1, sizeof(*x));
    x->config = c;
    x->stream = s;
    x->counts = counts;
    x->group = group;
    x->lag = xcalloc(c->ledger_partitions, sizeof(*x->lag));
    x->watched = xcalloc(c->ledger_partitions, sizeof(*x->watched));
    for (uint32_t i = 0; i < c->ledger_partitions; i++)
        x->watched[i] = (struct watched){.committed = -1, .moved_ms = clock_mono_ms()};
    x->looked_ms = clock_mono_ms() - LOOK_MS;
    return x;
}

void stall_destroy(struct stall *x)
{
    if (!x)
        return;
    buf_free(&x->text);
    free(x->lag);
    free(x->watched);
    free(x);
}

static void say(struct stall *x, const struct lag *l)
{
    buf_reset(&x->text);
    lag_say(&x->text, x->config, l);
}

static void look_at(struct stall *x, uint32_t i, int64_t now)
{
    struct watched *w = &x->watched[i];
    const struct lag *l = &x->lag[i];
    const int64_t stood = now - w->moved_ms;
    if (l->committed != w->committed || lag_behind(l) == 0) {
        if (w->said_ms)
            log_info("ledger", "partition %u is folded again; it stood still for %lld s", i,
                     (long long)(stood / 1000));
        *w = (struct watched){.committed = l->committed, .moved_ms = now};
        return;
    }
    if (stood < x->config->watermark_warn || (w->said_ms && now - w->said_ms < AGAIN_MS))
        return;
    w->said_ms = now;
    say(x, l);
    log_warn("ledger",
             "partition %u stands still for %lld s: no receipt, alert or closure comes from it. "
             "%.*s",
             i, (long long)(stood / 1000), (int)x->text.n, x->text.p);
}

static void look_at_ingest(struct stall *x, int64_t now)
{
    const bool held = x->holds;
    x->holds = ingest_is_held(x->config, lag_behind(&x->lag[x->heaviest]));
    if (!x->holds || held || (x->paused_ms && now - x->paused_ms < PAUSE_MS))
        return;
    x->paused_ms = now;
    say(x, &x->lag[x->heaviest]);
    log_info("ingest",
             "no new input is taken until the ledger has caught up (ledger.backlog). It waits for "
             "%.*s",
             (int)x->text.n, x->text.p);
}

void stall_look(struct stall *x)
{
    struct err e;
    int64_t now = clock_mono_ms();
    if (now - x->looked_ms < (x->holds ? HELD_MS : LOOK_MS))
        return;
    x->looked_ms = now;
    x->lag[0].topic = x->config->postings;
    x->lag[0].group = x->group;
    if (lag_topic(x->stream, x->lag, x->config->ledger_partitions, &e))
        return;
    now = clock_mono_ms();
    x->heaviest = 0;
    for (uint32_t i = 0; i < x->config->ledger_partitions; i++) {
        look_at(x, i, now);
        if (lag_behind(&x->lag[i]) > lag_behind(&x->lag[x->heaviest]))
            x->heaviest = i;
    }
    atomic_store_explicit(&x->counts->backlog, lag_behind(&x->lag[x->heaviest]),
                          memory_order_relaxed);
    look_at_ingest(x, now);
}

const struct lag *stall_holds_ingest(const struct stall *x)
{
    return x->holds ? &x->lag[x->heaviest] : NULL;
}
