/**
 * run.h: the benchmarks of `driftgate bench`. Each warms up with a small round, then measures
 * o->rounds, checks the result of every round against what the generator made, and hands its
 * figures to `out`.
 *
 * Errors  RC_FATAL exit 70: a wrong result; others as the pipeline's. Nothing more is handed out
 *         then.
 */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "bench/opts.h"
#include "bench/output.h"

/** How many manifests/s does the whole pipeline carry on an embedded log, and where is the time? */
MUST_USE enum rc run_pipeline(const struct bench_opts *o, struct output *out, struct err *e);

/** How fast are messages decoded, validated and hashed? */
MUST_USE enum rc run_decode(const struct bench_opts *o, struct output *out, struct err *e);

/** How fast are postings folded into accounts, and what memory does a manifest take? */
MUST_USE enum rc run_ledger(const struct bench_opts *o, struct output *out, struct err *e);

/** How long is it from a manifest to its receipt while o->rate of them come every second? */
MUST_USE enum rc run_latency(const struct bench_opts *o, struct output *out, struct err *e);

/** Kafka to Kafka, exactly once, on topics of its own. Errors  exit 69: no broker answers. */
MUST_USE enum rc run_kafka(const struct bench_opts *o, struct output *out, struct err *e);

/** Manifests of the round that warms up. */
static inline uint64_t run_warm_up(uint64_t manifests)
{
    const uint64_t n = manifests / 5;
    return n < 1000 ? manifests < 1000 ? manifests : 1000 : n > 20000 ? 20000 : n;
}

/** Puts the index of the median of value[n] (of an even number the lower of the two). */
size_t run_median_index(const double value[], size_t n);

#endif
