/**
 * scan.h: the byte loops of both front ends, 16 bytes a step with SSE2; the scalar twins below
 * #else give the same results. No load crosses `end`.
 */
#ifndef CODEC_SCAN_H
#define CODEC_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

static inline bool scan_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *scan_space(const char *p, const char *end)
{
    while (p < end && scan_is_space(*p))
        p++;
    return p;
}

static inline bool scan_string_stop(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

#ifdef __SSE2__
/* One bit for each of the 16 bytes at p that ends a plain string. */
static inline unsigned scan_string_mask(const char *p)
{
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control));
}
#endif

#define SCAN_STEP 32 /* bytes scan_step() looks at */

/**
 * One bit for each of the 32 bytes at p that ends a plain string; *high: for each that is not
 * ASCII.
 */
static inline uint32_t scan_step(const char *p, uint32_t *high)
{
#if defined(__AVX2__)
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'));
    const __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
    *high = (uint32_t)_mm256_movemask_epi8(v);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), control));
#elif defined(__SSE2__)
    const __m128i lo = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i hi = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    *high = (uint32_t)_mm_movemask_epi8(lo) | (uint32_t)_mm_movemask_epi8(hi) << 16;
    return scan_string_mask(p) | scan_string_mask(p + 16) << 16;
#else
    uint32_t stop = 0;
    *high = 0;
    for (unsigned i = 0; i < SCAN_STEP; i++) {
        stop |= (uint32_t)scan_string_stop(p[i]) << i;
        *high |= (uint32_t)((unsigned char)p[i] >> 7) << i;
    }
    return stop;
#endif
}

/**
 * The same where fewer bytes are left before `end`, at least one, and the step's worth of bytes
 * before `end` may be read; bits of what lies behind are 0.
 */
static inline uint32_t scan_last_step(const char *p, const char *end, uint32_t *high)
{
    const unsigned before = (unsigned)(SCAN_STEP - (end - p));
    const uint32_t stop = scan_step(end - SCAN_STEP, high) >> before;
    *high >>= before;
    return stop;
}

/** First `"`, `\` or control character at or after p; `end` when there is none. */
static inline const char *scan_string(const char *p, const char *end)
{
#ifdef __SSE2__
    /* Two at once: most values have fewer than 32 bytes, and whether 16 are enough is a toss-up
     * that the branch predictor loses. */
    for (uint32_t high; end - p >= SCAN_STEP; p += SCAN_STEP) {
        const uint32_t mask = scan_step(p, &high);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && !scan_string_stop(*p))
        p++;
    return p;
}

static inline bool scan_text_special(char c)
{
    return c == '&' || c == ']' || (unsigned char)c < 0x20;
}

/**
 * One bit for each of the 32 bytes at p that is no plain text of XML; *high: that is not ASCII.
 */
static inline uint32_t scan_text_step(const char *p, uint32_t *high)
{
#if defined(__AVX2__)
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i less = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('<'));
    const __m256i ampersand = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('&'));
    const __m256i bracket = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(']'));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
    *high = (uint32_t)_mm256_movemask_epi8(v);
    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_or_si256(less, ampersand), _mm256_or_si256(bracket, control)));
#else
    uint32_t stop = 0;
    *high = 0;
    for (unsigned i = 0; i < SCAN_STEP; i++) {
        stop |= (uint32_t)(p[i] == '<' || scan_text_special(p[i])) << i;
        *high |= (uint32_t)((unsigned char)p[i] >> 7) << i;
    }
    return stop;
#endif
}

/**
 * First `<` at or after p, or `end`. *special: before it stands something that is not plain text:
 * `&`, `]` (perhaps of a stray CDATA end) or a control character, CR and LF among them.
 */
static inline const char *scan_text(const char *p, const char *end, bool *special)
{
    bool odd = false;
#ifdef __SSE2__
    const __m128i less = _mm_set1_epi8('<');
    const __m128i ampersand = _mm_set1_epi8('&');
    const __m128i bracket = _mm_set1_epi8(']');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i strange =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, ampersand), _mm_cmpeq_epi8(v, bracket)),
                         _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v));
        const unsigned strange_mask = (unsigned)_mm_movemask_epi8(strange);
        const unsigned stop = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, less));
        if (stop) {
            const unsigned before = (stop & -stop) - 1;
            *special = odd || (strange_mask & before);
            return p + __builtin_ctz(stop);
        }
        odd = odd || strange_mask;
    }
#endif
    for (; p < end && *p != '<'; p++)
        odd = odd || scan_text_special(*p);
    *special = odd;
    return p;
}

#endif
