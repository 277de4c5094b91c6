#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "bench/hdr.h"
#include "bench/passage.h"
#include "bench/run.h"
#include "bench/stats.h"
#include "bench/usage.h"
#include "bench/world.h"
#include "worker/clockwork.h"

#define NS             INT64_C(1000000000)
#define WARM_S         1 /* the first second of a round is not counted */
#define READY_NS       (20 * NS)
#define POLL_MAX       256
#define LATE_S         30 /* how long after the last manifest the last receipt may come */
#define WINDOW_NS      (NS / 10)
#define LATE_FEEDER_MS 50
#define READER         "driftgate-bench"

/* Number i is due at start + i / rate and lies in partition i % WORLD_PARTITIONS. */
struct feed {
    const struct world *world;
    const struct bench_opts *opts;
    uint64_t n;
    int64_t start_ns;
    struct hdr *lag; /* of the feeder behind its plan */
    _Atomic bool stop;
};

struct latency_round {
    struct hdr *lag;     /* the feeder's own */
    struct hdr *latency; /* ns */
    double rate;         /* receipts/s, until the last one */
    struct series slowest;
};

static int64_t due_ns(const struct feed *f, uint64_t i)
{
    return f->start_ns + (int64_t)((double)i * 1e9 / (double)f->opts->rate);
}

static void sleep_until(int64_t ns)
{
    const struct timespec t = {ns / NS, ns % NS};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void *feed_thread(void *arg)
{
    struct feed *f = arg;
    struct gen_message m;
    struct gen *g = world_gen(f->opts->format, f->n, 1);
    for (uint64_t i = 0; i < f->n && !atomic_load(&f->stop) && gen_next(g, &m); i++) {
        const int64_t due = due_ns(f, i);
        if (clock_mono_ns() < due)
            sleep_until(due);
        const int64_t at =
            memory_log_append(f->world->log, f->world->config->input[0].name,
                              (int32_t)(i % WORLD_PARTITIONS), m.key, m.value, clock_wall_ms());
        CHECK(m.documents == 1 && at == (int64_t)(i / WORLD_PARTITIONS));
        hdr_add(f->lag, clock_mono_ns() - due, 1);
    }
    gen_destroy(g);
    return NULL;
}

/* ---- the other end ---- */

struct sink {
    const struct feed *feed;
    struct latency_round *round;
    uint8_t *seen; /* [n] */
    uint64_t receipts;
    uint64_t wrong; /* unknown, twice, or not ACCEPTED */
    int64_t last_ns;
    int64_t window_ns; /* end of the window, from start */
    int64_t slowest_ns;
};

/* "origin":"topic/partition/offset/index" */
static bool number_of(struct view origin, uint64_t *out)
{
    char text[64];
    const char *slash = origin.n ? memchr(origin.p, '/', origin.n) : NULL;
    unsigned long long partition, offset;
    if (!slash)
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)(origin.p + origin.n - slash - 1), slash + 1);
    if (sscanf(text, "%llu/%llu/", &partition, &offset) != 2 || partition >= WORLD_PARTITIONS)
        return false;
    *out = offset * WORLD_PARTITIONS + partition;
    return true;
}

static void take_receipts(struct sink *x, struct view message, int64_t now)
{
    struct view origin, verdict;
    struct view left = message;
    while (books_text_after(&left, "\"verdict\":\"", &verdict)) {
        uint64_t i;
        x->receipts++;
        if (!view_is(verdict, "ACCEPTED") || !books_text_after(&left, "\"origin\":\"", &origin) ||
            !number_of(origin, &i) || i >= x->feed->n || x->seen[i]++) {
            x->wrong++;
            continue;
        }
        const int64_t took = now - due_ns(x->feed, i);
        if (i >= x->feed->opts->rate * WARM_S)
            hdr_add(x->round->latency, took, 1);
        x->slowest_ns = took > x->slowest_ns ? took : x->slowest_ns;
        x->last_ns = now;
    }
    const int64_t since = now - x->feed->start_ns;
    if (since >= x->window_ns) {
        series_add(&x->round->slowest, (double)since / 1e9, (double)x->slowest_ns / 1e6);
        x->window_ns = since + WINDOW_NS;
        x->slowest_ns = 0;
    }
}

static enum rc read_receipts(struct sink *x, struct reader *r, const struct pipeline *p,
                             struct progress *progress, struct err *e)
{
    struct stream_message m[POLL_MAX];
    const struct feed *f = x->feed;
    const int64_t until = due_ns(f, f->n) + LATE_S * NS;
    enum rc rc = RC_OK;
    while (rc == RC_OK && x->receipts < f->n && !pipeline_failed(p) && clock_mono_ns() < until) {
        size_t n = 0;
        bool revoked;
        rc = reader_poll(r, m, POLL_MAX, 20, &n, &revoked, e);
        const int64_t now = clock_mono_ns();
        for (size_t i = 0; i < n && rc == RC_OK; i++)
            take_receipts(x, m[i].value, now);
        progress_say(progress, "%llu of %llu receipts, median %.1f ms, 99 %% %.1f ms",
                     (unsigned long long)x->receipts, (unsigned long long)f->n,
                     (double)hdr_at(x->round->latency, 50) / 1e6,
                     (double)hdr_at(x->round->latency, 99) / 1e6);
    }
    return rc;
}

static enum rc check(const struct sink *x, struct err *e)
{
    const uint64_t n = x->feed->n;
    if (x->wrong || x->receipts > n)
        return err_exit(e, RC_FATAL, EXIT_INTERNAL,
                        "wrong result: of %llu receipts %llu are unknown, repeated or not ACCEPTED",
                        (unsigned long long)x->receipts, (unsigned long long)x->wrong);
    if (x->receipts < n)
        return err_exit(e, RC_FATAL, EXIT_UNAVAILABLE,
                        "%d s after the last manifest %llu of %llu receipts are missing: this "
                        "machine does not keep --rate %llu; try a lower one",
                        LATE_S, (unsigned long long)(n - x->receipts), (unsigned long long)n,
                        (unsigned long long)x->feed->opts->rate);
    return RC_OK;
}

static enum rc feed_and_read(struct sink *x, struct feed *f, struct pipeline *p, struct reader *r,
                             struct progress *progress, struct err *e)
{
    pthread_t thread;
    const int64_t ready_by = clock_mono_ns() + READY_NS;
    while (!pipeline_ready(p) && !pipeline_failed(p) && clock_mono_ns() < ready_by)
        clock_sleep_ms(2);
    f->start_ns = clock_mono_ns() + NS / 20;
    CHECK(pthread_create(&thread, NULL, feed_thread, f) == 0);
    enum rc rc = read_receipts(x, r, p, progress, e);
    atomic_store(&f->stop, true);
    pthread_join(thread, NULL);
    if (rc == RC_OK && !pipeline_failed(p))
        rc = check(x, e);
    if (rc == RC_OK && x->last_ns > f->start_ns)
        x->round->rate = (double)f->n * 1e9 / (double)(x->last_ns - f->start_ns);
    return rc;
}

static enum rc one_round(const struct bench_opts *o, uint32_t seconds, struct latency_round *round,
                         struct progress *progress, struct err *e)
{
    const struct clockwork clock = clockwork_wall();
    struct world w;
    struct pipeline *p;
    struct reader *r;
    enum rc rc = world_open(&w, o, 0, e);
    if (rc)
        return rc;
    struct feed f = {.world = &w, .opts = o, .n = o->rate * seconds, .lag = round->lag};
    struct sink x = {.feed = &f, .round = round, .seen = xcalloc(f.n, 1)};
    const char *topic = w.config->receipts;
    rc = reader_open_group(&r, w.stream, READER, &topic, 1, e);
    if (rc == RC_OK) {
        rc = pipeline_start(&p, w.config, w.stream, &clock, e);
        if (rc == RC_OK) {
            struct err why;
            rc = feed_and_read(&x, &f, p, r, progress, e);
            pipeline_stop(p);
            const enum rc joined = pipeline_join(p, &why);
            if (rc == RC_OK && joined) {
                rc = joined;
                *e = why;
            }
        }
        reader_close(r);
    }
    free(x.seen);
    world_close(&w);
    return rc;
}

/* ---- figures ---- */

static const double curve[] = {0,  10,   20,    30,   40,    50,    60,     70,
                               75, 80,   85,    90,   92.5,  95,    97.5,   98,
                               99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.995, 99.999};

static void put_curve(const struct bench_opts *o, const struct latency_round r[],
                      struct output *out)
{
    struct figure_point point[ARRAY_LEN(curve)];
    struct figure f = {.name = VIEW("p99"), .unit = VIEW("ms"), .lower_is_better = true};
    struct hdr *all = hdr_create();
    size_t n = 0;
    for (uint32_t i = 0; i < o->rounds; i++) {
        hdr_merge(all, r[i].latency);
        f.value[f.n++] = (double)hdr_at(r[i].latency, 99) / 1e6;
    }
    for (size_t i = 0; i < ARRAY_LEN(curve); i++) /* as far as there are values to tell apart */
        if ((100 - curve[i]) / 100 * (double)hdr_count(all) >= 1)
            point[n++] = (struct figure_point){curve[i], (double)hdr_at(all, curve[i]) / 1e6};
    struct series slowest = r[run_median_index(f.value, f.n)].slowest;
    f.series = slowest.point;
    f.points = slowest.n;
    f.percentile = point;
    f.percentiles = n;
    output_figure(out, &f);
    hdr_destroy(all);
}

/* It is in the latencies, as it must be; but then they are not the pipeline's alone. */
static void say_late(const struct bench_opts *o, const double lag_ms[], struct progress *progress)
{
    const double worst = stats_of(lag_ms, o->rounds).max;
    if (worst < LATE_FEEDER_MS)
        return;
    progress_clear(progress);
    fprintf(stderr,
            "latency: the feeder was up to %.0f ms late at 99 %%: the machine is too busy for "
            "--rate %llu, the figures say so too\n",
            worst, (unsigned long long)o->rate);
}

static void put_figures(const struct bench_opts *o, const struct latency_round r[],
                        struct output *out)
{
    static const struct {
        const char *name;
        double percent;
    } at[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"max", 100}};
    double value[FIGURE_VALUES_MAX];
    for (size_t k = 0; k < ARRAY_LEN(at); k++) {
        if (at[k].percent == 99) {
            put_curve(o, r, out);
            continue;
        }
        for (uint32_t i = 0; i < o->rounds; i++)
            value[i] = (double)hdr_at(r[i].latency, at[k].percent) / 1e6;
        output_values(out, at[k].name, "ms", true, value, o->rounds, 0, NULL);
    }
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = r[i].rate;
    output_values(out, "rate", "manifests/s", false, value, o->rounds, (double)o->rate,
                  "the rate asked for");
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = (double)hdr_at(r[i].lag, 99) / 1e6;
    output_values(out, "feeder_lag.p99", "ms", true, value, o->rounds, 0, NULL);
    say_late(o, value, out->progress);
}

enum rc run_latency(const struct bench_opts *o, struct output *out, struct err *e)
{
    struct latency_round *r = xcalloc(o->rounds + 1, sizeof(*r)); /* the last one warms up */
    enum rc rc = RC_OK;
    bench_opts_json(&out->config, o, true);
    for (uint32_t i = 0; i <= o->rounds; i++) {
        r[i].lag = hdr_create();
        r[i].latency = hdr_create();
    }
    snprintf(out->progress->what, sizeof(out->progress->what), "latency, warm-up");
    rc = one_round(o, 1, &r[o->rounds], out->progress, e);
    for (uint32_t i = 0; i < o->rounds && rc == RC_OK; i++) {
        snprintf(out->progress->what, sizeof(out->progress->what), "latency, round %u of %u", i + 1,
                 o->rounds);
        rc = one_round(o, o->seconds + WARM_S, &r[i], out->progress, e);
    }
    if (rc == RC_OK)
        put_figures(o, r, out);
    for (uint32_t i = 0; i <= o->rounds; i++) {
        hdr_destroy(r[i].lag);
        hdr_destroy(r[i].latency);
    }
    free(r);
    return rc;
}
