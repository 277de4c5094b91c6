/**
 * series.h: a value over time, in bounded memory: when it is full every second point goes and the
 * rest come half as often.
 */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/figure.h"

#define SERIES_MAX 400

struct series {
    struct figure_point point[SERIES_MAX];
    size_t n;
    double every_s; /* between two points; 0: 0.05 */
    double next_s;
};

/** Adds (t, y) when it is time for a point; t never goes back. */
void series_add(struct series *s, double t_s, double y);

/** Turns a total over time into a rate: y becomes the difference to the point before, a second. */
void series_to_rate(struct series *s);

#endif
