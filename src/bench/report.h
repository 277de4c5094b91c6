/**
 * report.h: result files as one page: machine, figures with their rounds and bounds, throughput
 * over time, latency by percentile, cost by stage, memory over time. HTML and inline SVG, no
 * scripts, nothing is loaded: it opens from a disk without a network.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/figure.h"

/** Appends the page for files f[n], called name[n]. */
void report_page(struct buf *out, const struct figures f[], const char *const name[], size_t n);

#endif
