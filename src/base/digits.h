/**
 * digits.h: runs of decimal digits, eight at a time and without a branch.
 *
 * Source  the pairs-fours-eight multiplication: D. Lemire, "Quickly parsing eight digits", 2018.
 */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** The value of n <= 8 digits at p, where 8 bytes may be read. What no digit is, is not noticed. */
static inline uint32_t digits_value(const char *p, unsigned n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    w = n ? w << (64 - 8 * n) : 0; /* zeros in front */
    w = (w & UINT64_C(0x0f0f0f0f0f0f0f0f)) * 2561 >> 8;
    w = (w & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    return (uint32_t)((w & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32);
#else
    uint32_t sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum = sum * 10 + ((uint32_t)(unsigned char)p[i] - '0');
    return sum;
#endif
}

/** Are the 8 bytes at p digits, and of what value? */
static inline bool digits_eight(const char *p, uint32_t *v)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    *v = digits_value(p, 8);
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    const uint64_t zero = UINT64_C(0x3030303030303030);
    return (w & high) == zero && ((w + UINT64_C(0x0606060606060606)) & high) == zero;
}

#endif
