#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/passage.h"
#include "bench/run.h"
#include "bench/site.h"
#include "bench/stats.h"
#include "bench/world.h"
#include "gen/setting.h"

#define READY_MS   10000
#define OWN_SETS   8
#define SET_MAX    200
#define PREFIX_MAX 64

struct kafka_site {
    const struct bench_opts *opts;
    struct stream *stream;
    char prefix[PREFIX_MAX]; /* of every topic and group that it makes */
    struct books want;
    uint64_t messages; /* in the loaded topic */
};

struct kafka_round {
    struct passage passage;
    double copy_s; /* a bare copy of the same topic; 0: not made */
};

/* A round's configuration: outputs and group of its own, the loaded topic as its input. */
static enum rc config_of(const struct kafka_site *k, uint32_t round, uint64_t manifests,
                         struct config **out, struct err *e)
{
    static const char *const topic[] = {"receipts", "drift", "closures", "rejects", "postings"};
    char own[OWN_SETS][SET_MAX];
    struct bench_opts o = *k->opts;
    size_t n = 0;
    snprintf(own[n++], SET_MAX, "kafka.brokers=%s", o.brokers);
    snprintf(own[n++], SET_MAX, "kafka.group=%s%u", k->prefix, round);
    for (size_t i = 0; i < ARRAY_LEN(topic); i++)
        snprintf(own[n++], SET_MAX, "output.%s=%s%u.%s", topic[i], k->prefix, round, topic[i]);
    if (o.sets + n > BENCH_SETS_MAX)
        return err_exit(e, RC_INVALID, EXIT_USAGE, "--set: at most %zu of them here",
                        BENCH_SETS_MAX - n);
    for (size_t i = 0; i < n; i++)
        o.set[o.sets++] = own[i];
    const enum rc rc = world_config(out, &o, e);
    if (rc == RC_OK)
        for (uint32_t i = 0; i < (*out)->inputs; i++) {
            char name[SET_MAX];
            snprintf(name, sizeof(name), "%sinput%u-%llu", k->prefix, i,
                     (unsigned long long)manifests);
            free((*out)->input[i].name);
            (*out)->input[i].name = xstrdup(name);
        }
    return rc;
}

static enum rc connect(struct kafka_site *k, struct err *e)
{
    struct config *c;
    enum rc rc = world_config(&c, k->opts, e); /* for kafka.properties of --set */
    if (rc)
        return rc;
    struct stream_property *prop = xcalloc(c->properties + 1, sizeof(*prop));
    for (uint32_t i = 0; i < c->properties; i++)
        prop[i] = (struct stream_property){c->property[i].name, c->property[i].value};
    rc = stream_open_kafka(&k->stream, k->opts->brokers, "bench", prop, c->properties, e);
    free(prop);
    config_free(c);
    if (rc)
        return rc;
    rc = stream_wait_ready(k->stream, READY_MS, e);
    if (rc == RC_RETRY)
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE,
                      "%s: no broker answers; is it up, is --brokers right? Without a broker: "
                      "driftgate bench pipeline",
                      k->opts->brokers);
    return rc;
}

/* The input of all rounds of this size, made once. */
static enum rc load(struct kafka_site *k, uint64_t manifests, struct progress *progress,
                    struct err *e)
{
    struct config *c;
    enum rc rc = config_of(k, 0, manifests, &c, e);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < c->inputs && rc == RC_OK; i++)
        rc = stream_create_topic(
            k->stream, &(struct stream_topic_spec){c->input[i].name, WORLD_PARTITIONS, 1, NULL, 0},
            e);
    if (rc == RC_OK) {
        struct gen *g = world_gen(k->opts->format, manifests, 0);
        rc = site_load(k->stream, c->input[0].name, g, progress, NULL, &k->messages, e);
        gen_destroy(g);
    }
    k->want = world_books(k->opts, manifests);
    config_free(c);
    return rc;
}

static enum rc copy(const struct kafka_site *k, const struct config *c, uint32_t round,
                    uint64_t manifests, double *seconds, struct err *e)
{
    char to[SET_MAX];
    snprintf(to, sizeof(to), "%s%u.copy", k->prefix, round);
    const enum rc rc = stream_create_topic(
        k->stream, &(struct stream_topic_spec){to, WORLD_PARTITIONS, 1, NULL, 0}, e);
    return rc ? rc : site_copy(k->stream, c->input[0].name, to, k->messages, manifests, seconds, e);
}

static enum rc one_round(const struct kafka_site *k, uint32_t round, uint64_t manifests,
                         struct kafka_round *r, struct progress *progress, struct err *e)
{
    struct config *c;
    struct books got = {0};
    enum rc rc = config_of(k, round, manifests, &c, e);
    if (rc)
        return rc;
    rc = gen_topics_create(k->stream, c, WORLD_PARTITIONS, e);
    if (rc == RC_OK)
        rc = passage_run(&r->passage, c, k->stream, manifests, progress, e);
    if (rc == RC_OK)
        rc = site_count(k->stream, c->receipts, manifests, &got, e);
    if (rc == RC_OK)
        rc = books_check(&k->want, &got, e);
    if (rc == RC_OK)
        rc = copy(k, c, round, manifests, &r->copy_s, e);
    config_free(c);
    return rc;
}

static void put_figures(const struct bench_opts *o, const struct kafka_round r[],
                        struct output *out)
{
    const double n = (double)o->manifests;
    double value[FIGURE_VALUES_MAX];
    struct figure f = {.name = VIEW("throughput"), .unit = VIEW("manifests/s"), .n = o->rounds};
    for (uint32_t i = 0; i < o->rounds; i++) {
        f.value[i] = n / r[i].passage.folded_s;
        value[i] = n / r[i].copy_s;
    }
    f.bound = stats_of(value, o->rounds).median;
    f.bound_is = VIEW("a bare copy of the topic, exactly once, one thread");
    struct series rate = r[run_median_index(f.value, f.n)].passage.rate;
    struct series rss = r[run_median_index(f.value, f.n)].passage.rss;
    f.series = rate.point;
    f.points = rate.n;
    output_figure(out, &f);
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = n / r[i].passage.receipts_s;
    output_values(out, "receipts", "manifests/s", false, value, o->rounds, 0, NULL);
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = r[i].passage.cpu_s / n * 1e9;
    output_values(out, "cost", "ns/manifest", true, value, o->rounds, 0, NULL);
    struct figure memory = {.name = VIEW("memory"),
                            .unit = VIEW("MiB"),
                            .n = o->rounds,
                            .lower_is_better = true,
                            .series = rss.point,
                            .points = rss.n};
    for (uint32_t i = 0; i < o->rounds; i++)
        memory.value[i] = (double)r[i].passage.rss_bytes / (1 << 20);
    output_figure(out, &memory);
}

enum rc run_kafka(const struct bench_opts *o, struct output *out, struct err *e)
{
    struct kafka_round *r = xcalloc(o->rounds + 1, sizeof(*r)); /* the last one warms up */
    struct kafka_site k = {.opts = o};
    const uint64_t warm = run_warm_up(o->manifests);
    bench_opts_json(&out->config, o, false);
    snprintf(k.prefix, sizeof(k.prefix), "driftgate-bench-%ld-%lld.", (long)getpid(),
             (long long)clock_wall_ms());
    snprintf(out->progress->what, sizeof(out->progress->what), "kafka, warm-up");
    enum rc rc = connect(&k, e);
    if (rc == RC_OK) {
        fprintf(stderr, "kafka: topics are called %s*; they stay when it is done\n", k.prefix);
        rc = load(&k, warm, out->progress, e);
    }
    if (rc == RC_OK)
        rc = one_round(&k, 0, warm, &r[o->rounds], out->progress, e);
    if (rc == RC_OK)
        rc = load(&k, o->manifests, out->progress, e);
    for (uint32_t i = 0; i < o->rounds && rc == RC_OK; i++) {
        snprintf(out->progress->what, sizeof(out->progress->what), "kafka, round %u of %u", i + 1,
                 o->rounds);
        rc = one_round(&k, i + 1, o->manifests, &r[i], out->progress, e);
    }
    if (rc == RC_OK)
        put_figures(o, r, out);
    stream_close(k.stream);
    free(r);
    return rc;
}
