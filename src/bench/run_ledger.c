#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bound.h"
#include "bench/passage.h"
#include "bench/run.h"
#include "bench/usage.h"
#include "bench/world.h"
#include "worker/bootstrap.h"
#include "worker/clockwork.h"
#include "worker/ingest.h"
#include "worker/task.h"

#define ACCESSES_MAX 5000000

struct ledger_round {
    double wall_s;
    double cpu_s;
    double longest_s; /* CPU time of one transaction */
    uint64_t postings;
    uint64_t bytes; /* of all accounts */
};

/* A ledger thread without the waiting of worker/pipeline.c: it folds until nothing is left. */
struct folder {
    const struct world *world;
    struct counts *counts;
    uint32_t number, of;
    pthread_t thread;
    double cpu_s;
    double longest_s;
    uint64_t bytes;
    _Atomic bool *failed; /* any of them */
    enum rc rc;
    struct err e;
};

static enum rc ingest_all(const struct world *w, struct counts *counts, struct err *e)
{
    const struct clockwork clock = clockwork_wall();
    struct ingest *x;
    int idles = 0;
    enum rc rc = bootstrap(w->config, w->stream, e);
    if (rc == RC_OK)
        rc = ingest_open(&x, w->config, w->stream, &clock, counts, 0, e);
    if (rc)
        return rc;
    while (rc == RC_OK && (idles < 3 || counts_get(&counts->messages) < w->messages)) {
        bool idle;
        rc = ingest_step(x, 1, &idle, e);
        idles = idle ? idles + 1 : 0;
        if (idles > 10000)
            rc = err_exit(e, RC_FATAL, EXIT_INTERNAL, "ingest stopped before the end of its input");
    }
    if (rc == RC_OK)
        rc = ingest_finish(x, e);
    ingest_close(x);
    return rc;
}

static enum rc fold(struct folder *f, struct task **task, uint32_t n)
{
    bool done = false;
    enum rc rc = RC_OK;
    while (!done && rc == RC_OK && !atomic_load(f->failed)) {
        bool all_idle = true;
        for (uint32_t i = 0; i < n && rc == RC_OK; i++) {
            bool idle;
            const double before = usage_thread_cpu_s();
            rc = task_step(task[i], 0, &idle, &f->e);
            const double took = usage_thread_cpu_s() - before;
            f->longest_s = took > f->longest_s ? took : f->longest_s;
            all_idle &= idle;
        }
        if (all_idle && rc == RC_OK)
            rc = passage_folded(f->world->stream, f->world->config, &done, &f->e);
    }
    return rc;
}

static void *fold_thread(void *arg)
{
    struct folder *f = arg;
    const struct config *c = f->world->config;
    struct task **task = xcalloc(c->ledger_partitions, sizeof(struct task *));
    const double cpu = usage_thread_cpu_s();
    uint32_t n = 0;
    f->rc = RC_OK;
    for (uint32_t p = f->number; p < c->ledger_partitions && f->rc == RC_OK; p += f->of) {
        f->rc = task_open(&task[n], c, f->world->stream, f->counts, p, &f->e);
        n += f->rc == RC_OK;
    }
    if (f->rc == RC_OK)
        f->rc = fold(f, task, n);
    if (f->rc)
        atomic_store(f->failed, true);
    f->cpu_s = usage_thread_cpu_s() - cpu;
    for (uint32_t i = 0; i < n; i++) {
        f->bytes += task_bytes(task[i]);
        task_close(task[i]);
    }
    free(task);
    return NULL;
}

static enum rc fold_all(const struct world *w, uint32_t workers, struct counts *counts,
                        struct ledger_round *r, struct err *e)
{
    struct folder f[BENCH_WORKERS_MAX];
    _Atomic bool failed = false;
    enum rc rc = RC_OK;
    const int64_t start = clock_mono_ns();
    for (uint32_t i = 0; i < workers; i++) {
        f[i] = (struct folder){
            .world = w, .counts = counts, .number = i, .of = workers, .failed = &failed};
        CHECK(pthread_create(&f[i].thread, NULL, fold_thread, &f[i]) == 0);
    }
    *r = (struct ledger_round){0};
    for (uint32_t i = 0; i < workers; i++) {
        pthread_join(f[i].thread, NULL);
        r->cpu_s += f[i].cpu_s;
        r->longest_s = f[i].longest_s > r->longest_s ? f[i].longest_s : r->longest_s;
        r->bytes += f[i].bytes;
        if (rc == RC_OK && f[i].rc) {
            rc = f[i].rc;
            *e = f[i].e;
        }
    }
    r->wall_s = (double)(clock_mono_ns() - start) / 1e9;
    r->postings = counts_get(&counts->postings);
    return rc;
}

static enum rc one_round(const struct bench_opts *o, uint64_t manifests, struct ledger_round *r,
                         struct progress *progress, struct err *e)
{
    struct counts *counts = xcalloc(1, sizeof(*counts));
    struct world w;
    enum rc rc = world_open(&w, o, manifests, e);
    if (rc == RC_OK) {
        progress_say(progress, "%llu manifests become postings", (unsigned long long)manifests);
        rc = ingest_all(&w, counts, e);
        if (rc == RC_OK)
            rc = fold_all(&w, o->workers, counts, r, e);
        if (rc == RC_OK)
            rc = world_check(&w, e);
        world_close(&w);
    }
    free(counts);
    return rc;
}

static void put_figures(const struct bench_opts *o, const struct ledger_round r[],
                        struct output *out)
{
    const double n = (double)o->manifests;
    const uint32_t rounds = o->rounds;
    double value[FIGURE_VALUES_MAX];
    const uint64_t postings = r[0].postings < ACCESSES_MAX ? r[0].postings : ACCESSES_MAX;
    const double access = bound_random_access_ns(r[0].bytes, postings);
    const double bound = 1e9 / access * n / (double)r[0].postings * o->workers;
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = n / r[i].wall_s;
    output_values(out, "throughput", "manifests/s", false, value, rounds, bound,
                  "one random access a posting");
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].postings / r[i].wall_s;
    output_values(out, "folded", "postings/s", false, value, rounds, 0, NULL);
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = r[i].cpu_s / n * 1e9;
    output_values(out, "cost", "ns/manifest", true, value, rounds, 0, NULL);
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].postings / n;
    output_values(out, "postings", "postings/manifest", true, value, rounds, 0, NULL);
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].bytes / n;
    output_values(out, "state", "B/manifest", true, value, rounds, 0, NULL);
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = r[i].longest_s * 1e3;
    output_values(out, "longest_step", "ms", true, value, rounds, 0, NULL);
}

enum rc run_ledger(const struct bench_opts *o, struct output *out, struct err *e)
{
    struct ledger_round *r = xcalloc(o->rounds, sizeof(*r));
    struct ledger_round warm;
    bench_opts_json(&out->config, o, false);
    snprintf(out->progress->what, sizeof(out->progress->what), "ledger, warm-up");
    enum rc rc = one_round(o, run_warm_up(o->manifests), &warm, out->progress, e);
    for (uint32_t i = 0; i < o->rounds && rc == RC_OK; i++) {
        snprintf(out->progress->what, sizeof(out->progress->what), "ledger, round %u of %u", i + 1,
                 o->rounds);
        rc = one_round(o, o->manifests, &r[i], out->progress, e);
    }
    if (rc == RC_OK)
        put_figures(o, r, out);
    free(r);
    return rc;
}
