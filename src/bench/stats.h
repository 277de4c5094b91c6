/**
 * stats.h: what a few measurements of the same thing say, and whether two sets of them differ.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdbool.h>
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

/**
 * By how much b is above a: an interval for b / a that misses the true factor at most with
 * probability `chance` on either side (Hodges and Lehmann; the same ranks as above, so it leaves
 * out 1 when and only when the test is below `chance`, ties aside). n, m <= STATS_PAIR_MAX, all
 * values above 0. False: too few of them for that, *low and *high untouched.
 */
bool stats_factor(const double a[], size_t n, const double b[], size_t m, double chance,
                  double *low, double *high);

#define STATS_PAIR_MAX 50

#endif
