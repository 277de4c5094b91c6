#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tmp.h"
#include "bench/bound.h"
#include "bench/passage.h"
#include "bench/run.h"
#include "bench/usage.h"
#include "bench/world.h"
#include "ledger/snapshot.h"
#include "worker/bootstrap.h"
#include "worker/clockwork.h"
#include "worker/ingest.h"
#include "worker/task.h"

#define ACCESSES_MAX 5000000
#define PORTION      100000 /* manifests: the log holds no more of them at a time */

struct ledger_round {
    double wall_s; /* of the folding */
    double cpu_s;
    double longest_s; /* CPU time of one transaction */
    uint64_t postings;
    uint64_t bytes;     /* memory of all accounts */
    uint64_t cold;      /* and of a file */
    uint64_t rss_bytes; /* of the process, behind the last portion */
};

/* A ledger thread without the waiting of worker/pipeline.c: it folds until nothing is left. Its
 * partitions stay open from portion to portion. */
struct folder {
    const struct world *world;
    struct task **task; /* [tasks] */
    uint32_t tasks;
    pthread_t thread;
    double cpu_s;
    double longest_s;
    _Atomic bool *failed; /* any of them */
    enum rc rc;
    struct err e;
};

struct crew {
    struct world world;
    struct counts *counts;
    struct folder folder[BENCH_WORKERS_MAX];
    uint32_t folders;
    _Atomic bool failed;
    char dir[300]; /* state.dir */
};

static enum rc ingest_all(const struct world *w, struct counts *counts, struct err *e)
{
    const struct clockwork clock = clockwork_wall();
    struct ingest *x;
    int idles = 0;
    enum rc rc = ingest_open(&x, w->config, w->stream, &clock, counts, 0, e);
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

static enum rc fold(struct folder *f)
{
    bool done = false;
    enum rc rc = RC_OK;
    while (!done && rc == RC_OK && !atomic_load(f->failed)) {
        bool all_idle = true;
        for (uint32_t i = 0; i < f->tasks && rc == RC_OK; i++) {
            bool idle;
            const double before = usage_thread_cpu_s();
            rc = task_step(f->task[i], 0, &idle, &f->e);
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
    const double cpu = usage_thread_cpu_s();
    f->rc = fold(f);
    if (f->rc)
        atomic_store(f->failed, true);
    f->cpu_s += usage_thread_cpu_s() - cpu;
    return NULL;
}

static enum rc fold_all(struct crew *c, struct err *e)
{
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < c->folders; i++)
        CHECK(pthread_create(&c->folder[i].thread, NULL, fold_thread, &c->folder[i]) == 0);
    for (uint32_t i = 0; i < c->folders; i++) {
        pthread_join(c->folder[i].thread, NULL);
        if (rc == RC_OK && c->folder[i].rc) {
            rc = c->folder[i].rc;
            *e = c->folder[i].e;
        }
    }
    return rc;
}

/* Old records need a place; snapshots do not come into it. */
static enum rc make_dir(struct crew *c, struct err *e)
{
    snprintf(c->dir, sizeof(c->dir), "%.200s/driftgate-bench.XXXXXX", tmp_dir());
    if (!mkdtemp(c->dir))
        return err_exit(e, RC_FATAL, EXIT_CANTCREATE, "%s: %s", c->dir, strerror(errno));
    free(c->world.config->state_dir);
    c->world.config->state_dir = xstrdup(c->dir);
    c->world.config->snapshot_interval = INT64_C(24) * 3600 * 1000;
    return RC_OK;
}

/* Nobody restarts from it: the file goes when the process goes, however that ends. */
static void forget_cold(const struct crew *c, uint32_t partition)
{
    char path[400];
    cold_path(path, sizeof(path), c->dir, partition);
    unlink(path);
}

static enum rc crew_open(struct crew *c, const struct bench_opts *o, struct err *e)
{
    enum rc rc = world_open(&c->world, o, 0, e);
    if (rc)
        return rc;
    const struct config *const config = c->world.config;
    c->folders = o->workers;
    rc = make_dir(c, e);
    if (rc == RC_OK)
        rc = bootstrap(config, c->world.stream, e);
    for (uint32_t i = 0; i < c->folders; i++)
        c->folder[i] =
            (struct folder){.world = &c->world,
                            .task = xcalloc(config->ledger_partitions, sizeof(struct task *)),
                            .failed = &c->failed};
    for (uint32_t p = 0; rc == RC_OK && p < config->ledger_partitions; p++) {
        struct folder *f = &c->folder[p % c->folders];
        rc = task_open(&f->task[f->tasks], config, c->world.stream, c->counts, p, e);
        f->tasks += rc == RC_OK;
        forget_cold(c, p);
    }
    return rc;
}

static void crew_close(struct crew *c)
{
    for (uint32_t i = 0; i < c->folders; i++) {
        for (uint32_t k = 0; k < c->folder[i].tasks; k++)
            task_close(c->folder[i].task[k]);
        free(c->folder[i].task);
    }
    if (c->dir[0])
        rmdir(c->dir);
    world_close(&c->world);
    free(c->counts);
    free(c);
}

static enum rc one_portion(struct crew *c, struct ledger_round *r, struct err *e)
{
    enum rc rc = ingest_all(&c->world, c->counts, e);
    if (rc)
        return rc;
    const int64_t start = clock_mono_ns();
    rc = fold_all(c, e);
    r->wall_s += (double)(clock_mono_ns() - start) / 1e9;
    return rc ? rc : world_empty(&c->world, e);
}

static void sum_up(const struct crew *c, struct ledger_round *r)
{
    r->postings = counts_get(&c->counts->postings);
    r->rss_bytes = usage_rss_bytes();
    for (uint32_t i = 0; i < c->folders; i++) {
        const struct folder *f = &c->folder[i];
        r->cpu_s += f->cpu_s;
        r->longest_s = f->longest_s > r->longest_s ? f->longest_s : r->longest_s;
        for (uint32_t k = 0; k < f->tasks; k++) {
            uint64_t cold;
            r->bytes += task_bytes(f->task[k], &cold);
            r->cold += cold;
        }
    }
}

static enum rc one_round(const struct bench_opts *o, uint64_t manifests, struct ledger_round *r,
                         struct progress *progress, struct err *e)
{
    struct crew *c = xcalloc(1, sizeof(*c));
    uint64_t n = 0;
    *r = (struct ledger_round){0};
    c->counts = xcalloc(1, sizeof(*c->counts));
    struct gen *g = world_gen(o->format, manifests, 0);
    enum rc rc = crew_open(c, o, e);
    for (uint64_t more = 1; rc == RC_OK && n < manifests && more > 0; n += more) {
        progress_say(progress, "%llu of %llu manifests, %.0f/s folded, %llu MiB",
                     (unsigned long long)n, (unsigned long long)manifests,
                     (double)n / (r->wall_s > 0 ? r->wall_s : 1),
                     (unsigned long long)(usage_rss_bytes() >> 20));
        more = world_feed(&c->world, g, PORTION);
        rc = more > 0 ? one_portion(c, r, e) : RC_OK;
    }
    sum_up(c, r);
    gen_destroy(g);
    if (rc == RC_OK && o->format != GEN_JSON)
        c->world.want = world_books(o, manifests);
    if (rc == RC_OK)
        rc = world_check(&c->world, e);
    crew_close(c);
    return rc;
}

static void put_figures(const struct bench_opts *o, const struct ledger_round r[],
                        struct output *out)
{
    const double n = (double)o->manifests;
    const uint32_t rounds = o->rounds;
    double value[FIGURE_VALUES_MAX];
    const uint64_t postings = r[0].postings < ACCESSES_MAX ? r[0].postings : ACCESSES_MAX;
    const double access = bound_random_access_ns(r[0].bytes, postings); /* memory alone */
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
        value[i] = (double)r[i].cold / n;
    output_values(out, "state_in_file", "B/manifest", true, value, rounds, 0, NULL);
    for (uint32_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].rss_bytes / n;
    output_values(out, "rss", "B/manifest", true, value, rounds, 0, NULL);
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
