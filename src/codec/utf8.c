#include "codec/utf8.h"

#include "codec/scan.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

/* Bytes of the sequence at p, 0: not valid. `left` >= 1. */
static unsigned sequence(const unsigned char *p, size_t left)
{
    const unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    if (c < 0xc2)
        return 0; /* a continuation, or an overlong form */
    if (c < 0xe0)
        return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c < 0xf0) {
        if (left < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
            return 0;
        if (c == 0xe0 && p[1] < 0xa0)
            return 0;
        return c == 0xed && p[1] >= 0xa0 ? 0 : 3;
    }
    if (c > 0xf4 || left < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 ||
        (p[3] & 0xc0) != 0x80)
        return 0;
    if (c == 0xf0 && p[1] < 0x90)
        return 0;
    return c == 0xf4 && p[1] >= 0x90 ? 0 : 4;
}

/* First byte at or after p that is not ASCII. */
static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const int mask = _mm_movemask_epi8(v);
        if (mask)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && *p < 0x80)
        p++;
    return p;
}

/*
 * Chinese text is runs of three bytes. Goes over those at p, five characters a step; stops at
 * anything else and at E0 and ED, behind which not every second byte is allowed.
 */
static const unsigned char *skip_triples(const unsigned char *p, const unsigned char *end)
{
#ifdef __SSE2__
    const __m128i bits =
        _mm_setr_epi8((char)0xf0, (char)0xc0, (char)0xc0, (char)0xf0, (char)0xc0, (char)0xc0,
                      (char)0xf0, (char)0xc0, (char)0xc0, (char)0xf0, (char)0xc0, (char)0xc0,
                      (char)0xf0, (char)0xc0, (char)0xc0, 0);
    const __m128i want = _mm_setr_epi8((char)0xe0, (char)0x80, (char)0x80, (char)0xe0, (char)0x80,
                                       (char)0x80, (char)0xe0, (char)0x80, (char)0x80, (char)0xe0,
                                       (char)0x80, (char)0x80, (char)0xe0, (char)0x80, (char)0x80,
                                       1); /* the last byte never fits: the step ends there */
    const __m128i e0 = _mm_set1_epi8((char)0xe0);
    const __m128i ed = _mm_set1_epi8((char)0xed);
    while (end - p >= 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i fits = _mm_cmpeq_epi8(_mm_and_si128(v, bits), want);
        const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(v, e0), _mm_cmpeq_epi8(v, ed));
        const unsigned good = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(special, fits));
        const unsigned whole = (unsigned)__builtin_ctz(~good) / 3;
        p += whole * 3;
        if (whole < 5)
            return p;
    }
#endif
    while (end - p >= 3 && p[0] >= 0xe1 && p[0] <= 0xef && p[0] != 0xed && (p[1] & 0xc0) == 0x80 &&
           (p[2] & 0xc0) == 0x80)
        p += 3;
    return p;
}

/* utf8_valid without the wide step. */
static size_t valid_prefix(struct view v)
{
    const unsigned char *const begin = (const unsigned char *)v.p;
    const unsigned char *const end = begin + v.n;
    const unsigned char *p = begin;
    while ((p = skip_ascii(p, end)) < end) {
        p = skip_triples(p, end);
        if (p < end && *p >= 0x80) {
            const unsigned n = sequence(p, (size_t)(end - p));
            if (n == 0)
                break;
            p += n;
        }
    }
    return (size_t)(p - begin);
}

#ifdef __SSE2__
#define WIDE_MIN 64 /* bytes; shorter texts gain nothing */

/*
 * 32 bytes a step without a branch on what they are: J. Keiser, D. Lemire, "Validating UTF-8 in
 * less than one instruction per byte", 2021. Three tables of 16, by the high and low half of the
 * byte before and the high half of the byte itself, each bit a kind of fault; a fault is where all
 * three have the bit. What must be the third or fourth byte of a character is compared apart.
 */
enum {
    TOO_SHORT = 1,
    TOO_LONG = 2,
    OVERLONG_3 = 4,
    TOO_LARGE = 8,
    SURROGATE = 16,
    OVERLONG_2 = 32,
    TOO_LARGE_1000 = 64,
    OVERLONG_4 = 64,
    TWO_CONTS = 128,
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,
    LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000,
    AFTER = TOO_LONG | OVERLONG_2 | TWO_CONTS,
};

/* clang-format off */
static const uint8_t before_high[16] = {
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    TWO_CONTS, TWO_CONTS, TWO_CONTS, TWO_CONTS,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
};
static const uint8_t before_low[16] = {
    CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
    CARRY | OVERLONG_2,
    CARRY, CARRY,
    CARRY | TOO_LARGE,
    LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE,
    LARGE | SURROGATE,
    LARGE, LARGE,
};
static const uint8_t own_high[16] = {
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    AFTER | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
    AFTER | OVERLONG_3 | TOO_LARGE,
    AFTER | SURROGATE | TOO_LARGE, AFTER | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
};
/* clang-format on */

__attribute__((target("avx2"))) static __m256i wide_table(const uint8_t table[16])
{
    const __m128i half = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_broadcastsi128_si256(half);
}

/* Is all of it valid? n >= WIDE_MIN. */
__attribute__((target("avx2"))) static bool wide_valid(const char *p, size_t n)
{
    const __m256i t1 = wide_table(before_high);
    const __m256i t2 = wide_table(before_low);
    const __m256i t3 = wide_table(own_high);
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i high_bit = _mm256_set1_epi8((char)0x80);
    const __m256i third = _mm256_set1_epi8((char)(0xe0 - 0x80));
    const __m256i fourth = _mm256_set1_epi8((char)(0xf0 - 0x80));
    __m256i faults = _mm256_setzero_si256();
    __m256i last = _mm256_setzero_si256();
    char tail[32] = {0};
    memcpy(tail, p + n / 32 * 32, n % 32); /* zeros behind it: a character cut off is a fault */
    for (size_t at = 0; at <= n; at += 32) {
        const char *const from = at + 32 <= n ? p + at : tail;
        const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)from);
        const __m256i carried = _mm256_permute2x128_si256(last, v, 0x21);
        const __m256i back1 = _mm256_alignr_epi8(v, carried, 15);
        const __m256i back2 = _mm256_alignr_epi8(v, carried, 14);
        const __m256i back3 = _mm256_alignr_epi8(v, carried, 13);
        const __m256i high1 = _mm256_and_si256(_mm256_srli_epi16(back1, 4), low);
        const __m256i high0 = _mm256_and_si256(_mm256_srli_epi16(v, 4), low);
        const __m256i found = _mm256_and_si256(
            _mm256_and_si256(_mm256_shuffle_epi8(t1, high1),
                             _mm256_shuffle_epi8(t2, _mm256_and_si256(back1, low))),
            _mm256_shuffle_epi8(t3, high0));
        const __m256i must = _mm256_and_si256(
            _mm256_or_si256(_mm256_subs_epu8(back2, third), _mm256_subs_epu8(back3, fourth)),
            high_bit);
        faults = _mm256_or_si256(faults, _mm256_xor_si256(found, must));
        last = v;
    }
    return _mm256_testz_si256(faults, faults);
}
#endif

size_t utf8_valid(struct view v)
{
    if (v.n == 0)
        return 0;
#ifdef __SSE2__
    if (v.n >= WIDE_MIN && __builtin_cpu_supports("avx2") && wide_valid(v.p, v.n))
        return v.n;
#endif
    return valid_prefix(v);
}

uint32_t utf8_chars(struct view v)
{
    uint32_t n = 0;
    uint32_t i = 0;
    /* Eight at a time: a continuation has bit 7 set and bit 6 clear. */
    for (; i + 8 <= v.n; i += 8) {
        uint64_t w;
        memcpy(&w, v.p + i, 8);
        const uint64_t more = (w >> 7) & ~(w >> 6) & UINT64_C(0x0101010101010101);
        n += 8 - (uint32_t)((more * UINT64_C(0x0101010101010101)) >> 56);
    }
    for (; i < v.n; i++)
        n += ((unsigned char)v.p[i] & 0xc0) != 0x80;
    return n;
}

unsigned utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}
