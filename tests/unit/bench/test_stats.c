/* Medians and the rank test. */
#include <criterion/criterion.h>
#include <math.h>

#include "base/err.h"
#include "bench/bound.h"
#include "bench/run.h"
#include "bench/series.h"
#include "bench/stats.h"

Test(stats, median_range_and_spread)
{
    static const struct {
        double value[6];
        size_t n;
        struct stats want;
    } rows[] = {
        {{0}, 0, {0, 0, 0, 0, 0}},
        {{7}, 1, {1, 7, 7, 7, 1}},
        {{3, 1, 2}, 3, {3, 2, 1, 3, 3}},
        {{4, 1, 3, 2}, 4, {4, 2.5, 1, 4, 4}},
        {{5, 5, 5, 5, 5, 5}, 6, {6, 5, 5, 5, 1}},
        {{0, 1, 2}, 3, {3, 1, 0, 2, 0}},   /* no ratio to zero */
        {{-2, 1, 2}, 3, {3, 1, -2, 2, 0}}, /* nor to less */
        {{0, 0}, 2, {2, 0, 0, 0, 1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct stats s = stats_of(rows[i].value, rows[i].n);
        cr_expect_eq(s.n, rows[i].want.n, "row %zu", i);
        cr_expect_float_eq(s.median, rows[i].want.median, 1e-12, "row %zu", i);
        cr_expect_float_eq(s.min, rows[i].want.min, 1e-12, "row %zu", i);
        cr_expect_float_eq(s.max, rows[i].want.max, 1e-12, "row %zu", i);
        cr_expect_float_eq(s.spread, rows[i].want.spread, 1e-12, "row %zu", i);
    }
}

/* Expected values: ways to deal the ranks, counted by hand. */
Test(stats, the_rank_test_counts_the_ways_to_deal_the_ranks)
{
    static const struct {
        double a[5];
        size_t n;
        double b[5];
        size_t m;
        double chance;
    } rows[] = {
        {{1, 2, 3}, 3, {4, 5, 6}, 3, 1.0 / 20},
        {{4, 5, 6}, 3, {1, 2, 3}, 3, 1},
        {{1, 2, 4}, 3, {3, 5, 6}, 3, 2.0 / 20},
        {{1, 2, 3, 4, 5}, 5, {6, 7, 8, 9, 10}, 5, 1.0 / 252},
        {{1, 2, 3, 4, 6}, 5, {5, 7, 8, 9, 10}, 5, 2.0 / 252},
        {{1}, 1, {2}, 1, 1.0 / 2},
        {{1, 1, 1}, 3, {1, 1, 1}, 3, 1},
        {{1, 2}, 2, {2, 3}, 2, 2.0 / 6}, /* ranks 1 2.5 2.5 4: 6.5 or more */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_float_eq(stats_larger_by_chance(rows[i].a, rows[i].n, rows[i].b, rows[i].m),
                           rows[i].chance, 1e-9, "row %zu", i);
}

Test(stats, many_rounds_are_judged_by_the_normal_approximation)
{
    double a[40], b[40], shifted[40];
    for (size_t i = 0; i < 40; i++) {
        a[i] = 100 + (double)((i * 17) % 40);
        b[i] = 100.5 + (double)((i * 13) % 40);
        shifted[i] = a[i] + 20;
    }
    const double alike = stats_larger_by_chance(a, 40, b, 40);
    cr_expect(alike > 0.3 && alike < 0.6, "%g", alike);
    cr_expect_lt(stats_larger_by_chance(a, 40, shifted, 40), 1e-6);
    cr_expect_gt(stats_larger_by_chance(shifted, 40, a, 40), 1 - 1e-6);
    double same[40];
    for (size_t i = 0; i < 40; i++)
        same[i] = 3;
    cr_expect_float_eq(stats_larger_by_chance(same, 40, same, 40), 1, 1e-12);
}

Test(stats, the_interval_leaves_out_one_exactly_when_the_test_is_sure)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        double a[9], b[9], low, high;
        const size_t n = 4 + seed % 6, m = 5 + seed / 7 % 5;
        for (size_t i = 0; i < 9; i++) {
            a[i] = 100 + (double)(bound_mix(seed * 100 + i) % 1000) / 50;
            b[i] = 100 + (double)(seed % 11) * 2 +
                   (double)(bound_mix(seed * 100 + i + 50) % 1000) / 50 + 0.001;
        }
        cr_assert(stats_factor(a, n, b, m, 0.01, &low, &high));
        cr_expect_leq(low, high);
        cr_expect_eq(low > 1, stats_larger_by_chance(a, n, b, m) <= 0.01, "seed %lu", (long)seed);
        cr_expect_eq(high < 1, stats_larger_by_chance(b, m, a, n) <= 0.01, "seed %lu", (long)seed);
    }
}

Test(stats, the_interval_is_by_hand_what_it_is)
{
    const double a[] = {1, 1, 1, 1, 1};
    const double b[] = {10, 11, 12, 13, 14};
    double low = 0, high = 0;
    cr_assert(stats_factor(a, 5, b, 5, 0.01, &low, &high));
    cr_expect_float_eq(low, 10, 1e-12); /* of 25 pairs the second, of 252 ways 2 lie outside */
    cr_expect_float_eq(high, 14, 1e-12);
    cr_expect_not(stats_factor(a, 3, b, 3, 0.01, &low, &high)); /* 1 of 20 */
    cr_expect_not(stats_factor(a, 4, b, 4, 0.01, &low, &high)); /* 1 of 70 */
    cr_expect(stats_factor(a, 4, b, 5, 0.01, &low, &high));     /* 1 of 126 */
}

Test(stats, the_median_round_is_one_of_them)
{
    cr_expect_eq(run_median_index((double[]){3, 1, 2}, 3), 2);
    cr_expect_eq(run_median_index((double[]){5}, 1), 0);
    cr_expect_eq(run_median_index((double[]){4, 1, 3, 2}, 4), 3);
    cr_expect_eq(run_median_index((double[]){2, 2, 2}, 3), 0);
}

Test(series, keeps_the_whole_run_in_bounded_memory)
{
    static struct series s;
    for (int i = 0; i < 100000; i++)
        series_add(&s, i * 0.01, i);
    cr_expect_leq(s.n, SERIES_MAX);
    cr_expect_geq(s.n, SERIES_MAX / 2 - 1);
    cr_expect_float_eq(s.point[0].x, 0, 1e-9);
    cr_expect_gt(s.point[s.n - 1].x, 990);
    for (size_t i = 1; i < s.n; i++)
        cr_assert_gt(s.point[i].x, s.point[i - 1].x);
}

Test(series, a_total_becomes_a_rate)
{
    static struct series s;
    for (int i = 0; i < 10; i++)
        series_add(&s, i * 0.1, i * 50);
    series_to_rate(&s);
    cr_assert_eq(s.n, 9);
    for (size_t i = 0; i < s.n; i++)
        cr_expect_float_eq(s.point[i].y, 500, 1e-6);
    cr_expect_float_eq(s.point[0].x, 0.1, 1e-9);
}
