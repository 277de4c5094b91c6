/* The long hashes and their twin for AVX2 are one function. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/hash_long.h"

/* XXH3 of the xxHash specification: bytes as its own sanity test makes them. */
static void fill(uint8_t *p, size_t n)
{
    uint64_t x = 2654435761u;
    for (size_t i = 0; i < n; i++, x *= UINT64_C(11400714785074694797))
        p[i] = (uint8_t)(x >> 56);
}

Test(hash, known_values)
{
    uint8_t b[2048];
    fill(b, sizeof(b));
    /* XSUM_XXH3_testdata: xxHash 0.8, cli/xsum_sanity_check.c */
    cr_assert_eq(hash64(b, 0, 0), UINT64_C(0x2D06800538D394C2));
    cr_assert_eq(hash64(b, 403, 0), UINT64_C(0xCDEB804D65C6DEA4));
    cr_assert_eq(hash64(b, 2048, 0), UINT64_C(0xDD59E2C3A5F038E0));
    const struct hash128 h = hash128(b, 403, 0);
    cr_assert_eq(h.lo, UINT64_C(0xCDEB804D65C6DEA4));
    cr_assert_eq(h.hi, UINT64_C(0x1B6DE21E332DD73D));
}

#if defined(__x86_64__)
Test(hash, twins_agree)
{
    enum {
        N = 5000
    };
    uint8_t *const b = malloc(N);
    fill(b, N);
    if (!__builtin_cpu_supports("avx2")) {
        free(b);
        cr_skip_test("no AVX2 here");
    }
    for (size_t n = 0; n < N; n += 1 + n / 97) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            const uint8_t *const p = b + (N - n) % 31;
            const size_t k = n > 31 ? n - 31 : n;
            cr_assert_eq(hash64_plain(p, k, seed * 77), hash64_avx2(p, k, seed * 77), "%zu", k);
            cr_assert(hash128_eq(hash128_plain(p, k, seed * 77), hash128_avx2(p, k, seed * 77)),
                      "%zu", k);
        }
    }
    free(b);
}
#endif
