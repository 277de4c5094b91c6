/**
 * bench.h: time one function, honestly.
 *
 * Each case runs once to warm up and then BENCH_RUNS times; the table gives the median, the fastest
 * and the spread (slowest / fastest). Distrust a result whose spread is above 1.10.
 * Source: facebook/zstd programs/benchfn.h (warm-up, checked return values, best of N).
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "bench/stats.h"

#define BENCH_RUNS 7

struct bench_case {
    const char *name;
    uint64_t items;             /* units of work in one run */
    uint64_t bytes;             /* in one run; 0: not shown */
    void (*reset)(void *ctx);   /* untimed, before each run; may be NULL */
    uint64_t (*run)(void *ctx); /* timed; returns a checksum of what it did */
    void *ctx;
    uint64_t want; /* the checksum that a correct run gives */
    int runs;      /* 0: BENCH_RUNS */
};

static inline bool bench_is_quick(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0) /* CI: does it still run? */
            return true;
    return false;
}

static inline void bench_header(void)
{
    printf("%-34s %12s %12s %10s %8s\n", "case", "items", "ns/item", "fastest", "spread");
}

/** Runs one case, prints its line, returns the median of ns per item. */
static inline double bench_case_run(const struct bench_case *c)
{
    double ns[BENCH_RUNS];
    const int runs = c->runs > 0 && c->runs < BENCH_RUNS ? c->runs : BENCH_RUNS;
    for (int i = -1; i < runs; i++) { /* run -1 warms up */
        if (c->reset)
            c->reset(c->ctx);
        const int64_t start = clock_mono_ns();
        const uint64_t sum = c->run(c->ctx);
        const int64_t took = clock_mono_ns() - start;
        CHECK(sum == c->want); /* a fast wrong answer is not a result */
        if (i >= 0)
            ns[i] = (double)took / (double)c->items;
    }
    const struct stats t = stats_of(ns, (size_t)runs);
    printf("%-34s %12llu %12.2f %10.2f %8.2f", c->name, (unsigned long long)c->items, t.median,
           t.min, t.spread);
    if (c->bytes)
        printf("  %.2f GB/s", (double)c->bytes / (double)c->items / t.median);
    putchar('\n');
    fflush(stdout);
    return t.median;
}

/** Prints a figure against its floor; false when it is below. */
static inline bool bench_floor(const char *what, double figure, const char *unit, double floor)
{
    printf("%-52s %10.2f %-3s floor %.2f  %s\n", what, figure, unit, floor,
           figure >= floor ? "met" : "NOT MET");
    fflush(stdout);
    return figure >= floor;
}

#endif
