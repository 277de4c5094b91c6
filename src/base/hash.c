#include "base/hash.h"

#include <stdio.h>

#include "base/hash_long.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(__x86_64__)
#define IS_WIDE(n) ((n) > HASH_SHORT && __builtin_cpu_supports("avx2"))
#else
#define IS_WIDE(n)   false
#define hash128_avx2 hash128_plain
#define hash64_avx2  hash64_plain
#endif

struct hash128 hash128_plain(const void *p, size_t n, uint64_t seed)
{
    const XXH128_hash_t h = XXH3_128bits_withSeed(p, n, seed);
    return (struct hash128){h.low64, h.high64};
}

uint64_t hash64_plain(const void *p, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, n, seed);
}

struct hash128 hash128(const void *p, size_t n, uint64_t seed)
{
    return IS_WIDE(n) ? hash128_avx2(p, n, seed) : hash128_plain(p, n, seed);
}

uint64_t hash64(const void *p, size_t n, uint64_t seed)
{
    return IS_WIDE(n) ? hash64_avx2(p, n, seed) : hash64_plain(p, n, seed);
}

void hash_uuid(struct hash128 h, char out[37])
{
    const uint64_t hi = (h.hi & ~UINT64_C(0xf000)) | UINT64_C(0x8000);     /* version 8 */
    const uint64_t lo = (h.lo & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63; /* variant 10 */
    snprintf(out, 37, "%08X-%04X-%04X-%04X-%012llX", (unsigned)(hi >> 32),
             (unsigned)(hi >> 16 & 0xffff), (unsigned)(hi & 0xffff), (unsigned)(lo >> 48),
             (unsigned long long)(lo & UINT64_C(0xffffffffffff)));
}
