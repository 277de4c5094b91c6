#include "codec/utf8.h"

#include "codec/scan.h"

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

size_t utf8_valid(struct view v)
{
    if (v.n == 0)
        return 0;
    const unsigned char *const begin = (const unsigned char *)v.p;
    const unsigned char *const end = begin + v.n;
    const unsigned char *p = begin;
    while ((p = skip_ascii(p, end)) < end) {
        /* Chinese text: runs of three bytes, E4..E9 first, where nothing can be overlong. */
        while (end - p >= 3 && p[0] >= 0xe1 && p[0] <= 0xec && (p[1] & 0xc0) == 0x80 &&
               (p[2] & 0xc0) == 0x80)
            p += 3;
        if (p < end && *p >= 0x80) {
            const unsigned n = sequence(p, (size_t)(end - p));
            if (n == 0)
                break;
            p += n;
        }
    }
    return (size_t)(p - begin);
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
