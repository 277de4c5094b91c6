/**
 * output.h: where figures go: a line each for people at once, and JSON lines that are written only
 * when the benchmark has ended well: a wrong run leaves no results behind.
 */
#ifndef BENCH_OUTPUT_H
#define BENCH_OUTPUT_H

#include "bench/figure.h"
#include "bench/progress.h"

struct output {
    struct progress *progress;
    FILE *people;       /* NULL: nobody */
    struct view bench;  /* "pipeline" */
    struct buf config;  /* a JSON object */
    struct buf machine; /* a JSON object */
    struct buf at;
    struct buf lines; /* JSON lines so far */
    bool headed;
};

void output_init(struct output *o, const char *bench, struct progress *progress, FILE *people);
void output_fini(struct output *o);

/** Completes f by bench, config, machine and time, and takes it. */
void output_figure(struct output *o, struct figure *f);

/** A figure without series: value[n], bound 0 and bound_is NULL when there is none. */
void output_values(struct output *o, const char *name, const char *unit, bool lower_is_better,
                   const double value[], size_t n, double bound, const char *bound_is);

#endif
