/*
 * driftgate demo: the whole pipeline on the memory stream, fed with generated traffic whose truth
 * is known. The clock is the traffic's own, so that a week of transit journeys passes in seconds.
 */
#include "cli/demo.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "drift/text.h"
#include "gen/setting.h"
#include "worker/pipeline.h"

#define INPUT_PARTITIONS 4
#define PLANTED          3 /* of each kind */

static const char *manifests_text;
static const char *seconds_text;
static const char *seed_text;
static const char *lang_text;
static const char *verbose;

static struct cli_option options[] = {
    {"manifests", 'n', "N", "Clean manifests to make [default: 200000].", &manifests_text, NULL, 0,
     NULL},
    {"seconds", 0, "N", "Spread the feed over N seconds [default: as fast as it goes].",
     &seconds_text, NULL, 0, NULL},
    {"seed", 0, "N", "Other traffic of the same kind [default: 1].", &seed_text, NULL, 0, NULL},
    CLI_LANG(&lang_text, "en"),
    {"verbose", 'v', NULL, "The workers' log lines too.", &verbose, NULL, 0, NULL},
};

static const struct cli_command command = {
    .name = "demo",
    .summary = "The whole pipeline on an embedded log, fed with traffic whose truth is known.",
    .usage = "driftgate demo [--manifests N] [--seconds N] [--seed N] [--lang LANG]",
    .examples = "  driftgate demo\n"
                "  driftgate demo --manifests 1000000 --seed 7\n",
    .more = "No broker is needed. Manifests, waybill lists, arrivals, cancellations and transit\n"
            "entries with locks and gates go in, with duplicates, conflicts, drift and bad\n"
            "documents planted among them. At the end the books are compared with the plan.\n\n"
            "Exit status: 0 the books balance, 1 they do not, 64 usage.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

/*
 * Plants whose truth is about order: a change before its release, a decision after the arrival it
 * decides on. They come by different topics, between which a log keeps no order; so these wait
 * until everything before them is taken in, as hours lie between in life.
 */
static const char *const ordered[] = {"AMEND", "CANCEL", "STALE",    "UNSEEN",  "DP07",
                                      "X23",   "X02",    "RELEASED", "REFERRED"};

struct feeder {
    struct memory_log *log;
    const struct config *config;
    struct gen *gen;
    uint64_t manifests;
    int64_t seconds;     /* to spread the feed over; 0: as fast as it goes */
    _Atomic int64_t now; /* the traffic's clock */
    _Atomic uint64_t fed;
    _Atomic bool done;
    const struct counts *counts;
    _Atomic bool stop;
};

static int64_t traffic_now(void *ctx)
{
    struct feeder *f = ctx;
    return atomic_load(&f->now);
}

/* Behind the plan: wait for the time at which this much should have been fed. */
static void pace(const struct feeder *f, int64_t started)
{
    if (!f->seconds)
        return;
    const uint64_t fed = atomic_load_explicit(&f->fed, memory_order_relaxed);
    const int64_t due = started + (int64_t)(fed * (uint64_t)f->seconds * 1000 / (f->manifests + 1));
    if (due <= started + f->seconds * 1000)
        clock_sleep_ms(due - clock_mono_ms());
}

static bool all_taken_in(const struct feeder *f)
{
    return counts_get(&f->counts->documents) + counts_get(&f->counts->rejects) >=
           atomic_load(&f->fed);
}

static void keep_order(const struct feeder *f, const char *plant)
{
    if (!plant)
        return;
    if (strncmp(plant, "NEAR_", 5) == 0)
        plant += 5;
    for (size_t i = 0; i < ARRAY_LEN(ordered); i++)
        if (strcmp(plant, ordered[i]) == 0)
            while (!all_taken_in(f) && !atomic_load(&f->stop))
                clock_sleep_ms(2);
}

static void *feed(void *arg)
{
    struct feeder *f = arg;
    struct gen_message m;
    const int64_t started = clock_mono_ms();
    while (!atomic_load(&f->stop) && gen_next(f->gen, &m)) {
        keep_order(f, m.plant);
        uint32_t topic = 0;
        while (topic + 1 < f->config->inputs &&
               !(f->config->input[topic].accepts & (unsigned)m.group))
            topic++;
        const int32_t p = (int32_t)(hash64(m.key.p, m.key.n, 0) % INPUT_PARTITIONS);
        memory_log_append(f->log, f->config->input[topic].name, p, m.key, m.value, m.time_ms);
        /* Behind the append: what was appended before `now` is in the log. */
        if (m.time_ms > atomic_load_explicit(&f->now, memory_order_relaxed))
            atomic_store(&f->now, m.time_ms);
        atomic_fetch_add_explicit(&f->fed, m.documents, memory_order_relaxed);
        pace(f, started);
    }
    atomic_store(&f->done, true);
    return NULL;
}

static void progress(const struct counts *c, const struct feeder *f, int64_t started, bool last)
{
    static int64_t shown;
    const bool tty = isatty(STDERR_FILENO);
    const int64_t now = clock_mono_ms();
    if (!last && now - shown < (tty ? 200 : 3000))
        return;
    shown = now;
    uint64_t receipts = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        receipts += counts_get(&c->verdict[i]);
    struct buf w = {0};
    const int64_t at = atomic_load(&c->watermark);
    if (at)
        clock_print(&w, at);
    const double s = (double)(now - started + 1) / 1000;
    fprintf(stderr,
            "%s%5.1f s  fed %" PRIu64 "  receipts %" PRIu64 " (%.0f/s)  closed %" PRIu64
            "  held %" PRIu64 "  clock %.16s%s",
            tty ? "\r\033[K" : "", s, atomic_load(&f->fed), receipts, (double)receipts / s,
            counts_get(&c->closure[DECISION_CLOSED_AUTO]),
            counts_get(&c->closure[DECISION_EXCEPTION]), w.n ? w.p : "-", tty && !last ? "" : "\n");
    buf_free(&w);
}

/* W has come to `t` and everything that followed from it is written: a later round has ended too.
 */
static bool wait_for(struct pipeline *p, struct feeder *f, int64_t t, int64_t started)
{
    for (int64_t at = t; at <= t + 1; at++) {
        atomic_store(&f->now, at);
        while (atomic_load(&pipeline_counts(p)->watermark) < at) {
            if (pipeline_failed(p))
                return false;
            progress(pipeline_counts(p), f, started, false);
            clock_sleep_ms(20);
        }
    }
    return true;
}

static enum rc process(struct feeder *f, struct stream *s, struct err *e)
{
    const struct clockwork clock = {traffic_now, f};
    const int64_t started = clock_mono_ms();
    struct pipeline *p;
    pthread_t thread;
    enum rc rc = pipeline_start(&p, f->config, s, &clock, e);
    if (rc)
        return rc;
    f->counts = pipeline_counts(p);
    CHECK(pthread_create(&thread, NULL, feed, f) == 0);
    /* The clock stands until everything is taken in: what is taken late also settles late. */
    while (!(atomic_load(&f->done) && all_taken_in(f)) && !pipeline_failed(p)) {
        progress(pipeline_counts(p), f, started, false);
        clock_sleep_ms(20);
    }
    atomic_store(&f->stop, pipeline_failed(p));
    pthread_join(thread, NULL);
    const int64_t settled = atomic_load(&f->now) + f->config->rules->settle + HOUR_MS;
    const int64_t until = gen_until_ms(f->gen);
    if (wait_for(p, f, settled > until ? settled : until, started))
        progress(pipeline_counts(p), f, started, true);
    pipeline_stop(p);
    return pipeline_join(p, e);
}

static int demo(uint64_t manifests, int64_t seconds, uint64_t seed, enum lang lang)
{
    struct err e = {0};
    struct gen_plant plant[128];
    uint32_t plants = 0;
    while (plants < ARRAY_LEN(plant) && gen_plant_name(plants)) {
        plant[plants] = (struct gen_plant){gen_plant_name(plants), PLANTED};
        plants++;
    }
    struct gen_opts o = GEN_OPTS_DEFAULT;
    o.manifests = manifests;
    o.seed = seed;
    o.format = GEN_MIXED;
    o.plant = plant;
    o.plants = plants;
    struct feeder f = {.manifests = manifests, .seconds = seconds};
    if (gen_create(&f.gen, &o, &e))
        return cli_fail(&e);
    static const char *const set[] = {"txn.interval=100ms", "watermark.interval=200ms"};
    struct config *c;
    if (gen_config_load(&c, f.gen, set, ARRAY_LEN(set), &e)) {
        gen_destroy(f.gen);
        return cli_fail(&e);
    }
    c->state_dir[0] = '\0'; /* the log dies with the demo: no snapshots */
    f.config = c;
    /* Before the pipeline looks: a clock that jumps by years has all that came before expire. */
    atomic_store(&f.now, gen_start_ms(f.gen) - 1);
    f.log = memory_log_create();
    struct stream *s = stream_open_memory(f.log);
    fprintf(stderr, "demo: %" PRIu64 " manifests and %d of each of %u kinds of trouble\n",
            manifests, PLANTED, plants);
    enum rc rc = gen_topics_create(s, c, INPUT_PARTITIONS, &e);
    if (rc == RC_OK)
        rc = process(&f, s, &e);
    struct books b = {0};
    if (rc == RC_OK) {
        demo_books(f.log, c, f.gen, lang, &b);
        const struct text *t =
            text_find(TEXT_WORD, b.balanced ? VIEW("balance") : VIEW("no_balance"));
        if (b.balanced)
            printf("\n%s%s%s\n", t->name[lang], lang == LANG_ZH ? "：" : ": ", t->means[lang]);
        else
            printf("\n%s%s\n", t->name[lang], lang == LANG_ZH ? "。" : ".");
    }
    stream_close(s);
    memory_log_destroy(f.log);
    config_free(c);
    gen_destroy(f.gen);
    return rc ? cli_fail(&e) : b.balanced ? EXIT_OK : EXIT_NEGATIVE;
}

int cmd_demo(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int64_t manifests = 200000;
    int64_t seconds = 0;
    int64_t seed = 1;
    enum lang lang = LANG_EN;
    const int code = cli_parse(&command, argc, argv, rest, &n);
    free(rest);
    if (code >= 0)
        return code;
    if (n > 0) {
        fprintf(stderr, "driftgate demo: it takes no argument; try: driftgate demo --help\n");
        return EXIT_USAGE;
    }
    if ((manifests_text && !cli_number("manifests", manifests_text, 1, 100000000, &manifests)) ||
        (seconds_text && !cli_number("seconds", seconds_text, 1, 86400, &seconds)) ||
        (seed_text && !cli_number("seed", seed_text, 0, INT64_MAX, &seed)) ||
        !cli_lang(lang_text, &lang))
        return EXIT_USAGE;
    log_set_level(verbose ? LOG_INFO : LOG_WARN);
    return demo((uint64_t)manifests, seconds, (uint64_t)seed, lang);
}
