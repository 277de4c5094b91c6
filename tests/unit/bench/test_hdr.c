/* The histogram against a sorted list. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "bench/bound.h"
#include "bench/hdr.h"

#define N 20000

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

Test(hdr, percentiles_are_those_of_the_sorted_list_and_a_thousandth_too_high_at_most)
{
    static int64_t v[N];
    static const double percent[] = {0, 1, 10, 50, 90, 99, 99.9, 99.99, 100};
    struct hdr *h = hdr_create();
    for (size_t i = 0; i < N; i++) {
        v[i] = (int64_t)(bound_mix(i) >> (bound_mix(i + N) % 40 + 20)); /* all sizes below 2^44 */
        hdr_add(h, v[i], 1);
    }
    qsort(v, N, sizeof(v[0]), by_size);
    cr_expect_eq(hdr_count(h), N);
    cr_expect_eq(hdr_max(h), v[N - 1]);
    for (size_t i = 0; i < ARRAY_LEN(percent); i++) {
        const size_t rank = (size_t)ceil(percent[i] / 100 * N - 1e-9);
        const int64_t want = v[rank ? rank - 1 : 0];
        const int64_t got = hdr_at(h, percent[i]);
        cr_expect(got >= want && (double)(got - want) <= 0.001 * (double)want,
                  "%g %%: %ld, not %ld", percent[i], (long)got, (long)want);
    }
    hdr_destroy(h);
}

Test(hdr, small_values_are_exact)
{
    struct hdr *h = hdr_create();
    for (int64_t i = 0; i < 2048; i++) {
        hdr_add(h, i, 1);
        cr_assert_eq(hdr_at(h, 100), i);
        cr_assert_eq(hdr_max(h), i);
    }
    cr_expect_float_eq(hdr_mean(h), 1023.5, 1e-9);
    hdr_destroy(h);
}

Test(hdr, edges)
{
    struct hdr *h = hdr_create();
    cr_expect_eq(hdr_at(h, 50), 0);
    cr_expect_eq(hdr_max(h), 0);
    cr_expect_float_eq(hdr_mean(h), 0, 1e-9);
    hdr_add(h, 5, 0);
    cr_expect_eq(hdr_count(h), 0);
    cr_expect_eq(hdr_max(h), 0);
    hdr_add(h, -7, 1); /* counts as 0 */
    cr_expect_eq(hdr_at(h, 100), 0);
    hdr_add(h, INT64_MAX, 1); /* above the range: the end of it, but max is exact */
    cr_expect_eq(hdr_max(h), INT64_MAX);
    cr_expect_gt(hdr_at(h, 100), INT64_C(1) << 44);
    hdr_destroy(h);
}

Test(hdr, merged_is_as_if_counted_together)
{
    struct hdr *a = hdr_create(), *b = hdr_create(), *both = hdr_create();
    for (uint64_t i = 0; i < 5000; i++) {
        const int64_t v = (int64_t)(bound_mix(i) % 1000000000);
        hdr_add(i % 3 ? a : b, v, 1 + i % 2);
        hdr_add(both, v, 1 + i % 2);
    }
    hdr_merge(a, b);
    cr_expect_eq(hdr_count(a), hdr_count(both));
    cr_expect_eq(hdr_max(a), hdr_max(both));
    for (double p = 0; p <= 100; p += 0.5)
        cr_expect_eq(hdr_at(a, p), hdr_at(both, p));
    hdr_destroy(a);
    hdr_destroy(b);
    hdr_destroy(both);
}
