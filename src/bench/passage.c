#include "bench/passage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bench/usage.h"
#include "worker/clockwork.h"

#define LOOK_MS  2
#define STALL_MS 60000

uint64_t passage_receipts(const struct pipeline *p)
{
    uint64_t n = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        n += counts_get(&pipeline_counts(p)->verdict[i]);
    return n;
}

enum rc passage_folded(struct stream *s, const struct config *c, bool *yes, struct err *e)
{
    const uint32_t n = c->ledger_partitions;
    int64_t *at = xcalloc((size_t)n * 3, sizeof(*at));
    char group[300];
    snprintf(group, sizeof(group), "%s-ledger", c->group);
    /* Ends first: what is committed up to them later has sent its follow-ups before. */
    enum rc rc = stream_committed(s, group, c->postings, n, at, e);
    if (rc == RC_OK)
        rc = stream_watermarks(s, c->postings, n, at + n, at + 2 * (size_t)n, e);
    *yes = rc == RC_OK;
    for (uint32_t i = 0; i < n && *yes; i++)
        *yes = at[i] >= at[2 * (size_t)n + i];
    free(at);
    return rc == RC_RETRY ? RC_OK : rc;
}

static void look(struct passage *x, struct pipeline *p, double t, uint64_t manifests,
                 struct progress *progress)
{
    const uint64_t n = passage_receipts(p);
    const uint64_t rss = usage_rss_bytes();
    x->rss_bytes = rss > x->rss_bytes ? rss : x->rss_bytes;
    series_add(&x->rate, t, (double)n);
    series_add(&x->rss, t, (double)rss / (1 << 20));
    progress_say(progress, "%llu of %llu manifests, %.0f/s, %.0f MiB", (unsigned long long)n,
                 (unsigned long long)manifests, (double)n / (t > 0 ? t : 1),
                 (double)rss / (1 << 20));
}

/* Nothing has moved for a minute: better an error that says where than a wait for ever. */
static enum rc stalled(const struct pipeline *p, uint64_t manifests, struct err *e)
{
    return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                    "nothing has moved for %d s: %llu of %llu manifests have their receipt, %llu "
                    "were taken in, %llu postings are folded",
                    STALL_MS / 1000, (unsigned long long)passage_receipts(p),
                    (unsigned long long)manifests,
                    (unsigned long long)counts_get(&pipeline_counts(p)->manifests),
                    (unsigned long long)counts_get(&pipeline_counts(p)->postings));
}

static enum rc wait_until_done(struct passage *x, struct pipeline *p, const struct config *c,
                               struct stream *s, uint64_t manifests, struct progress *progress,
                               struct err *e)
{
    const int64_t start = clock_mono_ns();
    int64_t moved_ms = clock_mono_ms();
    uint64_t before = 0;
    bool done = false;
    enum rc rc = RC_OK;
    while (!done && rc == RC_OK && !pipeline_failed(p)) {
        clock_sleep_ms(LOOK_MS);
        const double t = (double)(clock_mono_ns() - start) / 1e9;
        look(x, p, t, manifests, progress);
        const uint64_t now = passage_receipts(p) + counts_get(&pipeline_counts(p)->manifests);
        if (now != before)
            moved_ms = clock_mono_ms();
        else if (clock_mono_ms() - moved_ms > STALL_MS)
            return stalled(p, manifests, e);
        before = now;
        if (passage_receipts(p) < manifests)
            continue;
        if (x->receipts_s <= 0)
            x->receipts_s = t;
        rc = passage_folded(s, c, &done, e);
        x->folded_s = (double)(clock_mono_ns() - start) / 1e9;
    }
    return rc;
}

/* The pipeline starts its threads in the order ledger, ingest, coordinator. */
static void stage_cpu(struct passage *x, const struct config *c, const int known[], size_t knowns)
{
    int id[USAGE_THREADS_MAX];
    const size_t n = usage_threads(id);
    size_t nth = 0;
    for (size_t i = 0; i < n; i++) {
        bool old = false;
        for (size_t k = 0; k < knowns; k++)
            old |= id[i] == known[k];
        if (old)
            continue;
        const enum passage_stage stage = nth < c->ledger_workers ? PASSAGE_LEDGER
                                         : nth < c->ledger_workers + c->ingest_workers
                                             ? PASSAGE_INGEST
                                             : PASSAGE_WATERMARK;
        x->stage_s[stage] += usage_cpu_of_s(id[i]);
        nth++;
    }
}

enum rc passage_run(struct passage *out, const struct config *c, struct stream *s,
                    uint64_t manifests, struct progress *progress, struct err *e)
{
    int known[USAGE_THREADS_MAX];
    const size_t knowns = usage_threads(known);
    const struct clockwork clock = clockwork_wall();
    struct pipeline *p;
    *out = (struct passage){0};
    const double cpu = usage_cpu_s();
    enum rc rc = pipeline_start(&p, c, s, &clock, e);
    if (rc)
        return rc;
    rc = wait_until_done(out, p, c, s, manifests, progress, e);
    out->cpu_s = usage_cpu_s() - cpu;
    stage_cpu(out, c, known, knowns);
    out->postings = counts_get(&pipeline_counts(p)->postings);
    out->commits = counts_get(&pipeline_counts(p)->commits);
    series_to_rate(&out->rate);
    pipeline_stop(p);
    struct err last;
    const enum rc joined = pipeline_join(p, &last);
    if (rc == RC_OK && joined)
        *e = last;
    return rc ? rc : joined;
}
