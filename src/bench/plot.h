/**
 * plot.h: plots as inline SVG. Colours are the classes c0 .. c5 of the page around it; text that
 * comes from files is escaped.
 */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include <stdbool.h>

#include "base/buf.h"
#include "bench/figure.h"

#define SVG_COLOURS 6

struct plot_line {
    struct view name;
    const struct figure_point *point; /* [n] by x */
    size_t n;
};

struct plot_plot {
    const char *x_label, *y_label;
    bool percentiles; /* x is percent below 100, drawn by how many nines it has */
};

/** Lines [n] from y = 0 in one frame, with a legend. */
void plot_lines(struct buf *out, const struct plot_plot *plot, const struct plot_line line[],
                size_t n);

struct plot_part {
    struct view name;
    double value;
};

/** One horizontal bar made of parts [n]; `most` is the length of the longest bar of its group. */
void plot_bar(struct buf *out, const struct plot_part part[], size_t n, double most);

/** The rounds of a figure on a scale from 0 to their maximum: how far they lie apart. */
void plot_rounds(struct buf *out, const double value[], size_t n);

/** 1234567 -> "1,234,567", 0.01234 -> "0.01234": as numbers are written on the page. */
void plot_number(struct buf *out, double v);

#endif
