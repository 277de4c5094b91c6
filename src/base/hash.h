/**
 * hash.h: XXH3-128, seeded. Identity of accounts and of content.
 *
 * n = 1e8 live keys collide with chance n^2 / 2^129 = 1.5e-23. The seed comes from the ruleset, so
 * that no stranger can aim at a bucket.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash128 {
    uint64_t lo;
    uint64_t hi;
};

struct hash128 hash128(const void *p, size_t n, uint64_t seed);
uint64_t hash64(const void *p, size_t n, uint64_t seed);

/** The hash as a UUID of version 8 (RFC 9562: made by a rule of one's own), upper case, and a NUL.
 */
void hash_uuid(struct hash128 h, char out[37]);

static inline bool hash128_eq(struct hash128 a, struct hash128 b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

#endif
