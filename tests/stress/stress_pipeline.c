/*
 * stress_pipeline.c: the whole pipeline with its threads on the memory stream, to be run under
 * ThreadSanitizer: two ingest threads, two ledger threads, the coordinator, and a feeder.
 *
 *   stress_pipeline [MANIFESTS]     default 20000
 *
 * In the end every document has its receipt or reject, once, and what was planted is found. No
 * faults here: those are the crash sweep's (tests/sim).
 */
#include <pthread.h>

#include "tests/sim/books.h"
#include "worker/pipeline.h"

#define MANIFESTS 20000
#define LIMIT_MS  300000

struct stress {
    const struct sim_traffic *traffic;
    struct memory_log *log;
    struct pipeline *pipeline;
    int64_t until_ms; /* monotonic: then it has failed */
    _Atomic int64_t now;
    _Atomic uint64_t fed;
    _Atomic bool stop;
};

static int64_t traffic_now(void *ctx)
{
    struct stress *s = ctx;
    return atomic_load(&s->now);
}

static bool over(const struct stress *s)
{
    return pipeline_failed(s->pipeline) || clock_mono_ms() > s->until_ms;
}

static bool all_taken_in(const struct stress *s)
{
    return counts_get(&pipeline_counts(s->pipeline)->messages) >= atomic_load(&s->fed);
}

static void *feed(void *arg)
{
    struct stress *s = arg;
    const struct sim_traffic *t = s->traffic;
    for (size_t i = 0; i < t->messages && !atomic_load(&s->stop); i++) {
        while (t->message[i].ordered && !all_taken_in(s) && !atomic_load(&s->stop))
            clock_sleep_ms(1);
        sim_append(s->log, t->config, &t->message[i]);
        if (t->message[i].time_ms > atomic_load(&s->now))
            atomic_store(&s->now, t->message[i].time_ms);
        atomic_fetch_add(&s->fed, 1);
    }
    return NULL;
}

static bool wait_for_w(struct stress *s, int64_t at)
{
    atomic_store(&s->now, at);
    while (!over(s) && atomic_load(&pipeline_counts(s->pipeline)->watermark) < at)
        clock_sleep_ms(5);
    return !over(s);
}

/* Everything in, W at the end, two rounds: then nothing is under way any more. */
static bool work(struct stress *s)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, feed, s) == 0);
    while (!over(s) && !(atomic_load(&s->fed) == s->traffic->messages && all_taken_in(s)))
        clock_sleep_ms(5);
    atomic_store(&s->stop, over(s));
    pthread_join(thread, NULL);
    return wait_for_w(s, s->traffic->until) && wait_for_w(s, s->traffic->until + 1);
}

static unsigned compare(struct stress *s)
{
    const struct gen_totals *t = &s->traffic->totals;
    struct books books;
    uint64_t receipts = 0;
    uint64_t rejects = 0;
    uint64_t closed = 0;
    uint64_t open = 0;
    uint64_t want = 0;
    books_read(&books, s->log, s->traffic->config);
    for (size_t i = 0; i < books.facts; i++) {
        const struct claim *f = &books.fact[i];
        receipts += strncmp(f->key, "receipt ", 8) == 0;
        rejects += strncmp(f->key, "reject ", 7) == 0;
        closed += strncmp(f->value, "CLOSED_AUTO", 11) == 0;
        open += f->key[0] == 'a' && f->open;
    }
    for (int i = 0; i < GEN_VERDICTS; i++)
        want += t->verdict[i];
    const bool ok = !books.wrong[0] && receipts == want && rejects == t->rejects &&
                    closed == t->closed_auto && open == t->alerts;
    printf("stress_pipeline: %" PRIu64 " of %" PRIu64 " receipts, %" PRIu64 " of %" PRIu64
           " rejects, %" PRIu64 " of %" PRIu64 " closed, %" PRIu64 " of %" PRIu64
           " alerts open%s%s\n",
           receipts, want, rejects, t->rejects, closed, t->closed_auto, open, t->alerts,
           books.wrong[0] ? "; " : "", books.wrong);
    books_free(&books);
    return !ok;
}

int main(int argc, char **argv)
{
    struct sim_traffic t;
    struct err e = {0};
    char dir[] = "/tmp/driftgate-stress-XXXXXX";
    log_set_level(LOG_ERROR);
    sim_traffic_make(&t, 7, argc > 1 ? strtoull(argv[1], NULL, 10) : MANIFESTS, NULL, 0);
    CHECK(mkdtemp(dir));
    free(t.config->state_dir);
    t.config->state_dir = xstrdup(dir);
    t.config->ingest_workers = 2;
    t.config->ledger_workers = 2;
    t.config->txn_interval = 20;
    t.config->watermark_interval = 50;
    t.config->snapshot_interval = 1000;
    t.config->receipts_batch = 100;
    struct stress s = {
        .traffic = &t, .log = sim_log(t.config), .until_ms = clock_mono_ms() + LIMIT_MS};
    atomic_store(&s.now, t.message[0].time_ms - 1);
    struct stream *stream = stream_open_memory(s.log);
    const struct clockwork clock = {traffic_now, &s};
    sim_must(pipeline_start(&s.pipeline, t.config, stream, &clock, &e), &e, "start");
    while (!pipeline_ready(s.pipeline) && !over(&s))
        clock_sleep_ms(1);
    const bool done = work(&s);
    const uint64_t commits = counts_get(&pipeline_counts(s.pipeline)->commits);
    const uint64_t aborts = counts_get(&pipeline_counts(s.pipeline)->aborts);
    pipeline_stop(s.pipeline);
    const enum rc rc = pipeline_join(s.pipeline, &e);
    stream_close(stream);
    printf("stress_pipeline: %zu messages, %" PRIu64 " commits, %" PRIu64 " aborts%s%s\n",
           t.messages, commits, aborts,
           rc     ? "; it gave up: "
           : done ? ""
                  : "; too slow",
           rc ? e.text : "");
    const unsigned bad = compare(&s);
    memory_log_destroy(s.log);
    sim_traffic_free(&t);
    sim_dir_empty(dir);
    rmdir(dir);
    return rc || !done || bad;
}
