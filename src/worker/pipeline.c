#include "worker/pipeline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/bootstrap.h"
#include "worker/ingest.h"
#include "worker/task.h"
#include "worker/watermark.h"

#define IDLE_WAIT_MS 20
#define SAY_AGAIN_MS 10000
#define SAID_MAX     150

struct worker {
    struct pipeline *p;
    pthread_t thread;
    bool started;
    uint32_t number;
    int64_t said_ms; /* of again() */
    char said[SAID_MAX + 1];
};

struct pipeline {
    const struct config *config;
    struct stream *stream;
    struct clockwork clock;
    struct counts counts;
    struct worker *worker; /* [workers]: ledger threads, ingest threads, coordinator */
    uint32_t workers;
    uint32_t ledgers;
    _Atomic bool stop;
    _Atomic bool failed;
    _Atomic uint32_t ready;
    pthread_mutex_t lock; /* of first */
    struct err first;     /* error of the first that gave up */
    struct buf held;      /* the coordinator's last words */
};

static bool stopping(const struct pipeline *p)
{
    return atomic_load_explicit(&p->stop, memory_order_relaxed);
}

void pipeline_stop(struct pipeline *p)
{
    atomic_store_explicit(&p->stop, true, memory_order_relaxed);
    stream_wake(p->stream);
}

static void give_up(struct pipeline *p, const struct err *e)
{
    pthread_mutex_lock(&p->lock);
    if (!atomic_load(&p->failed))
        p->first = *e;
    atomic_store(&p->failed, true);
    pthread_mutex_unlock(&p->lock);
    pipeline_stop(p);
}

/* A call that could not be done yet: say so (the same thing every ten seconds), go on. */
static bool again(struct worker *w, const char *who, enum rc rc, const struct err *e)
{
    struct pipeline *p = w->p;
    const int64_t now = clock_mono_ms();
    if (rc == RC_OK)
        return true;
    if (rc != RC_RETRY) {
        give_up(p, e);
        return false;
    }
    const bool same = strncmp(w->said, e->text, SAID_MAX) == 0;
    if (!stopping(p) && (!same || now - w->said_ms >= SAY_AGAIN_MS)) {
        log_warn(who, "%s; trying again until it works", e->text);
        snprintf(w->said, sizeof(w->said), "%.*s", SAID_MAX, e->text);
        w->said_ms = now;
    }
    clock_sleep_ms(200);
    return true;
}

/* ---- ledger threads: several tasks each ---- */

static bool open_tasks(struct worker *w, struct task **task, const uint32_t *mine, uint32_t n)
{
    struct pipeline *p = w->p;
    struct err e;
    for (uint32_t i = 0; i < n && !stopping(p); i++) {
        enum rc rc = RC_RETRY;
        while (rc == RC_RETRY && !stopping(p)) {
            rc = task_open(&task[i], p->config, p->stream, &p->counts, mine[i], &e);
            if (!again(w, "ledger", rc, &e))
                return false;
        }
    }
    return !stopping(p);
}

static void work_tasks(struct worker *w, struct task **task, uint32_t n)
{
    struct pipeline *p = w->p;
    struct err e;
    while (!stopping(p)) {
        bool all_idle = true;
        for (uint32_t i = 0; i < n && !stopping(p); i++) {
            bool idle;
            const enum rc rc = task_step(task[i], n == 1 ? IDLE_WAIT_MS : 1, &idle, &e);
            if (!again(w, "ledger", rc, &e))
                return;
            all_idle &= idle;
        }
        if (all_idle && n > 1)
            clock_sleep_ms(2);
    }
}

static void *ledger_thread(void *arg)
{
    struct worker *w = arg;
    struct pipeline *p = w->p;
    uint32_t *mine = xcalloc(p->config->ledger_partitions, sizeof(*mine));
    uint32_t n = 0;
    uint32_t owned = 0;
    for (uint32_t i = 0; i < p->config->ledger_partitions; i++)
        if (config_owns(p->config, i) && owned++ % p->ledgers == w->number)
            mine[n++] = i;
    struct task **task = xcalloc(n + 1, sizeof(struct task *));
    if (open_tasks(w, task, mine, n)) {
        atomic_fetch_add(&p->ready, 1);
        work_tasks(w, task, n);
        for (uint32_t i = 0; i < n && !atomic_load(&p->failed); i++)
            task_snapshot(task[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        task_close(task[i]);
    free(task);
    free(mine);
    return NULL;
}

/* ---- ingest threads ---- */

static void *ingest_thread(void *arg)
{
    struct worker *w = arg;
    struct pipeline *p = w->p;
    struct ingest *x = NULL;
    struct err e;
    enum rc rc = RC_RETRY;
    while (rc == RC_RETRY && !stopping(p)) {
        rc = ingest_open(&x, p->config, p->stream, &p->clock, &p->counts, w->number, &e);
        if (!again(w, "ingest", rc, &e))
            return NULL;
    }
    if (x)
        atomic_fetch_add(&p->ready, 1);
    while (x && !stopping(p)) {
        bool idle;
        rc = ingest_step(x, IDLE_WAIT_MS, &idle, &e);
        if (!again(w, "ingest", rc, &e))
            break;
    }
    if (x && !atomic_load(&p->failed)) {
        rc = ingest_finish(x, &e);
        if (rc)
            log_warn("ingest", "last commit: %s; its input is read again at the next start",
                     e.text);
    }
    ingest_close(x);
    return NULL;
}

/* ---- the coordinator ---- */

static void *watermark_thread(void *arg)
{
    struct worker *w = arg;
    struct pipeline *p = w->p;
    struct watermark *x = NULL;
    struct err e;
    enum rc rc = RC_RETRY;
    while (rc == RC_RETRY && !stopping(p)) {
        rc = watermark_open(&x, p->config, p->stream, &p->clock, &p->counts, &e);
        if (!again(w, "watermark", rc, &e))
            return NULL;
    }
    const int64_t look = p->config->watermark_interval < 500 ? 20 : 100;
    int64_t next = clock_mono_ms();
    while (x && !stopping(p)) {
        bool advanced = false;
        if (clock_mono_ms() >= next) {
            rc = watermark_step(x, &advanced, &e);
            if (!again(w, "watermark", rc, &e))
                break;
        } else {
            watermark_look(x);
        }
        if (advanced)
            next = clock_mono_ms() + p->config->watermark_interval;
        clock_sleep_ms(look);
    }
    if (x)
        watermark_summary(x, &p->held);
    watermark_close(x);
    return NULL;
}

/* ---- life ---- */

static void start_thread(struct pipeline *p, uint32_t number, void *(*main)(void *))
{
    struct worker *w = &p->worker[p->workers++];
    *w = (struct worker){.p = p, .number = number};
    CHECK(pthread_create(&w->thread, NULL, main, w) == 0);
    w->started = true;
}

enum rc pipeline_start(struct pipeline **out, const struct config *c, struct stream *s,
                       const struct clockwork *clock, struct err *e)
{
    enum rc rc = bootstrap(c, s, e);
    if (rc)
        return rc;
    struct pipeline *p = xcalloc(1, sizeof(*p));
    p->config = c;
    p->stream = s;
    p->clock = *clock;
    pthread_mutex_init(&p->lock, NULL);
    uint32_t owned = 0;
    for (uint32_t i = 0; i < c->ledger_partitions; i++)
        owned += config_owns(c, i);
    p->ledgers = c->ledger_workers < owned ? c->ledger_workers : owned;
    p->worker = xcalloc(p->ledgers + c->ingest_workers + 1, sizeof(*p->worker));
    for (uint32_t i = 0; i < p->ledgers; i++)
        start_thread(p, i, ledger_thread);
    for (uint32_t i = 0; i < c->ingest_workers; i++)
        start_thread(p, i, ingest_thread);
    start_thread(p, 0, watermark_thread);
    *out = p;
    return RC_OK;
}

bool pipeline_failed(const struct pipeline *p)
{
    return atomic_load(&p->failed);
}

bool pipeline_ready(const struct pipeline *p)
{
    return atomic_load(&p->ready) == p->workers - 1; /* the coordinator restores nothing */
}

const struct counts *pipeline_counts(const struct pipeline *p)
{
    return &p->counts;
}

static void say_summary(const struct pipeline *p)
{
    const struct counts *c = &p->counts;
    const int64_t w = atomic_load(&c->watermark);
    uint64_t receipts = 0;
    struct buf b = {0};
    for (size_t i = 0; i < VERDICTS; i++)
        receipts += counts_get(&c->verdict[i]);
    if (w)
        clock_print(&b, w);
    log_info("run",
             "summary: %llu documents, %llu receipts, %llu rejects; %llu entries closed by "
             "themselves, %llu exceptions, %llu overdue; W %.*s; %.*s",
             (unsigned long long)counts_get(&c->documents), (unsigned long long)receipts,
             (unsigned long long)counts_get(&c->rejects),
             (unsigned long long)counts_get(&c->closure[DECISION_CLOSED_AUTO]),
             (unsigned long long)counts_get(&c->closure[DECISION_EXCEPTION]),
             (unsigned long long)counts_get(&c->closure[DECISION_OVERDUE]), b.n ? (int)b.n : 4,
             b.n ? b.p : "none", (int)p->held.n, p->held.p);
    buf_free(&b);
}

enum rc pipeline_join(struct pipeline *p, struct err *e)
{
    for (uint32_t i = 0; i < p->workers; i++)
        pthread_join(p->worker[i].thread, NULL);
    if (p->held.n)
        say_summary(p);
    buf_free(&p->held);
    const bool failed = atomic_load(&p->failed);
    if (failed)
        *e = p->first;
    pthread_mutex_destroy(&p->lock);
    free(p->worker);
    free(p);
    return failed ? RC_FATAL : RC_OK;
}
