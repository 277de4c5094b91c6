#include "bench/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define EXACT_MAX 200000.0

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct stats stats_of(const double value[], size_t n)
{
    double sorted[STATS_MAX];
    CHECK(n <= STATS_MAX);
    if (n == 0)
        return (struct stats){0};
    memcpy(sorted, value, n * sizeof(sorted[0]));
    qsort(sorted, n, sizeof(sorted[0]), by_size);
    struct stats s = {.n = n, .min = sorted[0], .max = sorted[n - 1]};
    s.median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    s.spread = s.min == s.max ? 1 : s.min > 0 ? s.max / s.min : 0;
    return s;
}

/* ---- the rank test ---- */

struct ranks {
    double rank[2 * STATS_MAX]; /* of all values in order of size; equals share the mean */
    size_t all;
    double ties; /* sum of t^3 - t */
};

static void rank_all(struct ranks *r, const double sorted[], size_t all)
{
    r->all = all;
    r->ties = 0;
    for (size_t i = 0; i < all;) {
        size_t j = i;
        while (j < all && sorted[j] == sorted[i])
            j++;
        for (size_t k = i; k < j; k++)
            r->rank[k] = (double)(i + 1 + j) / 2;
        const double t = (double)(j - i);
        r->ties += t * t * t - t;
        i = j;
    }
}

static double rank_of(const struct ranks *r, const double sorted[], double value)
{
    for (size_t i = 0; i < r->all; i++)
        if (sorted[i] == value)
            return r->rank[i];
    return 0;
}

/* Ways to choose `left` of the ranks from `at` on with a sum of at least `need`. */
static double ways(const struct ranks *r, size_t at, size_t left, double need)
{
    if (left == 0)
        return need <= 1e-9 ? 1 : 0;
    if (r->all - at < left)
        return 0;
    return ways(r, at + 1, left - 1, need - r->rank[at]) + ways(r, at + 1, left, need);
}

static double choose(size_t all, size_t some)
{
    double c = 1;
    for (size_t i = 0; i < some; i++)
        c = c * (double)(all - i) / (double)(i + 1);
    return c;
}

double stats_larger_by_chance(const double a[], size_t n, const double b[], size_t m)
{
    double sorted[2 * STATS_MAX];
    struct ranks r;
    double sum = 0;
    CHECK(n > 0 && m > 0 && n <= STATS_MAX && m <= STATS_MAX);
    memcpy(sorted, a, n * sizeof(a[0]));
    memcpy(sorted + n, b, m * sizeof(b[0]));
    qsort(sorted, n + m, sizeof(sorted[0]), by_size);
    rank_all(&r, sorted, n + m);
    for (size_t i = 0; i < m; i++)
        sum += rank_of(&r, sorted, b[i]);
    const double all = choose(n + m, m);
    if (all <= EXACT_MAX)
        return ways(&r, 0, m, sum) / all;
    const double total = (double)(n + m);
    const double mean = (double)m * (total + 1) / 2;
    const double variance =
        (double)n * (double)m / 12 * (total + 1 - r.ties / (total * (total - 1)));
    if (variance <= 0)
        return 1;
    return 0.5 * erfc((sum - 0.5 - mean) / sqrt(variance) / sqrt(2));
}

/* ---- the interval ---- */

/*
 * ways[u]: of the ways to deal n + m ranks those in which u pairs are out of order, u <= last: the
 * coefficients of the Gaussian binomial, product of (1 - q^(m+i)) / (1 - q^i).
 */
static void count_ways(double ways[], size_t last, size_t n, size_t m)
{
    memset(ways, 0, (last + 1) * sizeof(ways[0]));
    ways[0] = 1;
    for (size_t i = 1; i <= n; i++) {
        for (size_t u = last + 1; u-- > m + i;)
            ways[u] -= ways[u - m - i];
        for (size_t u = i; u <= last; u++)
            ways[u] += ways[u - i];
    }
}

bool stats_factor(const double a[], size_t n, const double b[], size_t m, double chance,
                  double *low, double *high)
{
    static _Thread_local double ways[STATS_PAIR_MAX * STATS_PAIR_MAX];
    static _Thread_local double factor[STATS_PAIR_MAX * STATS_PAIR_MAX];
    const size_t pairs = n * m;
    const double all = choose(n + m, m);
    double below = 0;
    size_t out = 0; /* pairs that are left out on either side, + 1 */
    CHECK(n > 0 && m > 0 && n <= STATS_PAIR_MAX && m <= STATS_PAIR_MAX);
    count_ways(ways, pairs - 1, n, m);
    while (out < pairs / 2 && (below += ways[out]) <= chance * all)
        out++;
    if (out == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            factor[i * m + k] = b[k] / a[i];
    qsort(factor, pairs, sizeof(factor[0]), by_size);
    *low = factor[out - 1];
    *high = factor[pairs - out];
    return true;
}
