/**
 * stats.h: what a few measurements of the same thing say, and whether two sets of them differ.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

struct stats {
    size_t n;
    double median; /* of an even number the mean of the middle two */
    double min, max;
    double spread; /* max / min; 1 when all are equal, 0 when it cannot be said (min <= 0) */
};

/** Of value[n] in any order, n <= STATS_MAX. All zero when n is 0. */
struct stats stats_of(const double value[], size_t n);

#define STATS_MAX 200

/**
 * Mann-Whitney's rank test, one-sided: how probable is it that b[m] came out so much larger than
 * a[n] (or still larger) if both came from the same distribution? Exact with up to 200,000 ways to
 * deal the ranks (10 against 10), else the normal approximation with the correction for ties.
 * n, m > 0.
 */
double stats_larger_by_chance(const double a[], size_t n, const double b[], size_t m);

/** What it gives at least: when every b is above every a, without ties. */
double stats_least_chance(size_t n, size_t m);

#endif
