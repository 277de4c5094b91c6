/**
 * hash_long.h: hash128 and hash64 of more than HASH_SHORT bytes, where the vector unit does the
 * work. For hash.c and its tests only.
 */
#ifndef BASE_HASH_LONG_H
#define BASE_HASH_LONG_H

#include "base/hash.h"

#define HASH_SHORT 240 /* up to here XXH3 is scalar code on every machine */

struct hash128 hash128_plain(const void *p, size_t n, uint64_t seed);
uint64_t hash64_plain(const void *p, size_t n, uint64_t seed);

/** On x86-64, where the processor has AVX2. */
struct hash128 hash128_avx2(const void *p, size_t n, uint64_t seed);
uint64_t hash64_avx2(const void *p, size_t n, uint64_t seed);

#endif
