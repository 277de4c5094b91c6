/**
 * scan.h: the byte loops of both front ends, 16 bytes a step with SSE2; the scalar twins below
 * #else give the same results. No load crosses `end`.
 */
#ifndef CODEC_SCAN_H
#define CODEC_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#ifdef __SSE2__
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

/** First `"`, `\` or control character at or after p; `end` when there is none. */
static inline const char *scan_string(const char *p, const char *end)
{
#ifdef __SSE2__
    /* Two at once: most values have fewer than 32 bytes, and whether 16 are enough is a toss-up
     * that the branch predictor loses. */
    for (; end - p >= 32; p += 32) {
        const unsigned mask = scan_string_mask(p) | scan_string_mask(p + 16) << 16;
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
