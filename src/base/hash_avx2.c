/*
 * The two long hashes of hash.c once more, for processors that have AVX2 (the Makefile says so to
 * the compiler): the same values in half the instructions. hash.c picks; test_hash.c compares.
 */
#ifdef __AVX2__
#include "base/hash_long.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct hash128 hash128_avx2(const void *p, size_t n, uint64_t seed)
{
    const XXH128_hash_t h = XXH3_128bits_withSeed(p, n, seed);
    return (struct hash128){h.low64, h.high64};
}

uint64_t hash64_avx2(const void *p, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, n, seed);
}
#else
_Static_assert(1, "nothing to build on this machine");
#endif
