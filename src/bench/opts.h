/**
 * opts.h: what is to be measured. Plain values; `set` belongs to the caller.
 */
#ifndef BENCH_OPTS_H
#define BENCH_OPTS_H

#include <stdint.h>

#include "base/buf.h"
#include "gen/gen.h"

#define BENCH_SETS_MAX    32
#define BENCH_WORKERS_MAX 64

struct bench_opts {
    uint64_t manifests; /* a round */
    uint32_t workers;   /* of each stage, 1..BENCH_WORKERS_MAX */
    enum gen_format format;
    uint64_t rate;    /* manifests/s, open loop */
    uint32_t seconds; /* of an open loop, a round */
    uint32_t rounds;  /* 1..FIGURE_VALUES_MAX, besides the one that warms up */
    const char *brokers;
    const char *set[BENCH_SETS_MAX]; /* [sets] "path=value" on top of the configuration */
    size_t sets;
};

/** json, ceb, mixed; NULL: none of them. */
const char *bench_format_name(enum gen_format f);

/**
 * The part of them that decides what a figure means, as a JSON object; two figures may be compared
 * when it is equal. `open`: rate and seconds instead of manifests.
 */
void bench_opts_json(struct buf *out, const struct bench_opts *o, bool open);

#endif
