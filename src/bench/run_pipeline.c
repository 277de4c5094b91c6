#include <stdio.h>
#include <stdlib.h>

#include "bench/passage.h"
#include "bench/run.h"
#include "bench/world.h"

/* Of a round: what the figures are made of. */
struct round {
    struct passage passage;
    double decode_s;
};

size_t run_median_index(const double value[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < n; j++) {
            below += value[j] < value[i];
            equal += value[j] == value[i];
        }
        if (below <= (n - 1) / 2 && below + equal > (n - 1) / 2)
            return i;
    }
    return 0;
}

static enum rc one_round(const struct bench_opts *o, uint64_t manifests, struct round *r,
                         struct progress *progress, struct err *e)
{
    struct world w;
    progress_say(progress, "making %llu manifests", (unsigned long long)manifests);
    enum rc rc = world_open(&w, o, manifests, e);
    if (rc)
        return rc;
    rc = world_decode(&w, &r->decode_s, e);
    if (rc == RC_OK)
        rc = passage_run(&r->passage, w.config, w.stream, manifests, progress, e);
    if (rc == RC_OK)
        rc = world_check(&w, e);
    world_close(&w);
    return rc;
}

static void put(struct output *out, const char *name, const char *unit, bool lower,
                const double value[], size_t n, const struct series *s)
{
    struct figure f = {.name = view_of(name),
                       .unit = view_of(unit),
                       .lower_is_better = lower,
                       .n = n,
                       .points = s->n};
    struct series copy = *s;
    f.series = copy.point;
    memcpy(f.value, value, n * sizeof(f.value[0]));
    output_figure(out, &f);
}

static void put_figures(const struct bench_opts *o, const struct round r[], struct output *out)
{
    static const char *const stage[] = {"cost.ledger", "cost.ingest", "cost.watermark"};
    const double n = (double)o->manifests;
    const size_t rounds = o->rounds;
    double folded[FIGURE_VALUES_MAX], value[FIGURE_VALUES_MAX], bound[FIGURE_VALUES_MAX];
    for (size_t i = 0; i < rounds; i++) {
        folded[i] = n / r[i].passage.folded_s;
        bound[i] = n / r[i].decode_s;
    }
    const size_t median = run_median_index(folded, rounds);
    struct figure f = {.name = VIEW("throughput"),
                       .unit = VIEW("manifests/s"),
                       .n = rounds,
                       .bound = bound[run_median_index(bound, rounds)],
                       .bound_is = VIEW("decoding alone on one core")};
    struct series rate = r[median].passage.rate;
    f.series = rate.point;
    f.points = rate.n;
    memcpy(f.value, folded, rounds * sizeof(folded[0]));
    output_figure(out, &f);
    for (size_t i = 0; i < rounds; i++)
        value[i] = n / r[i].passage.receipts_s;
    output_values(out, "receipts", "manifests/s", false, value, rounds, 0, NULL);
    for (size_t i = 0; i < rounds; i++)
        value[i] = r[i].passage.cpu_s / n * 1e9;
    output_values(out, "cost", "ns/manifest", true, value, rounds, 0, NULL);
    for (size_t k = 0; k < PASSAGE_STAGES; k++) {
        for (size_t i = 0; i < rounds; i++)
            value[i] = r[i].passage.stage_s[k] / n * 1e9;
        output_values(out, stage[k], "ns/manifest", true, value, rounds, 0, NULL);
    }
    for (size_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].passage.postings / n;
    output_values(out, "postings", "postings/manifest", true, value, rounds, 0, NULL);
    for (size_t i = 0; i < rounds; i++)
        value[i] = (double)r[i].passage.rss_bytes / (1 << 20);
    put(out, "memory", "MiB", true, value, rounds, &r[median].passage.rss);
}

enum rc run_pipeline(const struct bench_opts *o, struct output *out, struct err *e)
{
    struct round *r = xcalloc(o->rounds, sizeof(*r));
    struct round warm;
    bench_opts_json(&out->config, o, false);
    snprintf(out->progress->what, sizeof(out->progress->what), "pipeline, warm-up");
    enum rc rc = one_round(o, run_warm_up(o->manifests), &warm, out->progress, e);
    for (uint32_t i = 0; i < o->rounds && rc == RC_OK; i++) {
        snprintf(out->progress->what, sizeof(out->progress->what), "pipeline, round %u of %u",
                 i + 1, o->rounds);
        rc = one_round(o, o->manifests, &r[i], out->progress, e);
    }
    if (rc == RC_OK)
        put_figures(o, r, out);
    free(r);
    return rc;
}
