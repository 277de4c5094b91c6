/**
 * figure.h: one measured figure: a line of a result file.
 *
 *   {"schema":1,"bench":"pipeline","name":"throughput","unit":"manifests/s","better":"higher",
 *    "median":..,"min":..,"max":..,"spread":..,"values":[..],      a value a round, in their order
 *    "bound":..,"bound_is":"..","ratio":..,                        null when nothing bounds it
 *    "at":"2026-11-24T10:00:00.000Z","config":{..},"machine":{..},
 *    "series":[[seconds,value],..],                                of the median round, may be
 * empty "percentiles":[[percent,value],..]}                           of all rounds, may be empty
 *
 * ratio is how near the median is to its bound: 1 reaches it, whichever direction is better.
 */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define FIGURE_VALUES_MAX 50 /* rounds */
#define FIGURE_POINTS_MAX 2000

struct figure_point {
    double x; /* seconds, or percent */
    double y;
};

struct figure {
    struct view bench; /* "pipeline" */
    struct view name;  /* "throughput" */
    struct view unit;  /* "manifests/s" */
    bool lower_is_better;
    double value[FIGURE_VALUES_MAX]; /* [n] */
    size_t n;
    double bound; /* 0: none */
    struct view bound_is;
    struct view at;              /* RFC 3339 */
    struct view config;          /* a JSON object */
    struct view machine;         /* a JSON object */
    struct figure_point *series; /* [points] */
    size_t points;
    struct figure_point *percentile; /* [percentiles] */
    size_t percentiles;
};

/** median / bound, or bound / median when lower is better; 0 without a bound. */
double figure_ratio(const struct figure *f);

/** Appends its line, newline included. config and machine empty: {}. */
void figure_write(struct buf *out, const struct figure *f);

/** The figures of one file; their strings and points live as long as it. */
struct figures {
    struct arena arena;
    struct figure *figure; /* [n] */
    size_t n;
    struct buf text; /* of the file */
};

/**
 * Reads a result file.
 * Errors  RC_INVALID exit 65: line N is no result of `driftgate bench`; 66: no such file.
 */
MUST_USE enum rc figures_read(struct figures *out, const char *path, struct err *e);

/** The same from memory, which the figures do not outlive; messages call it `name`. */
MUST_USE enum rc figures_parse(struct figures *out, struct view text, const char *name,
                               struct err *e);
void figures_free(struct figures *f);

#endif
