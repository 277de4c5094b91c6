/**
 * names.h: element name -> number, one multiplication and one compare a look-up.
 *
 * Two words and the length are the whole name when it has at most 16 bytes, as all elements do:
 * equality needs no memcmp. The multiplier is searched at build time until no two names share a
 * slot.
 */
#ifndef CODEC_NAMES_H
#define CODEC_NAMES_H

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define NAMES_NONE      255u
#define NAMES_MAX       128u /* names a table */
#define NAMES_BYTES_MAX 24u
#define NAMES_IN_WORDS  16u
#define NAMES_SLOT_BITS 10

struct names_entry {
    uint64_t a;
    uint64_t b;
    char image[16]; /* the name and the quote behind it */
    uint32_t mask;  /* one bit a byte of the image; a bit that no byte has: too long for one */
    uint32_t n;
    uint32_t id;
    const char *name;
    /*
     * Senders write their fields in one order: which one came behind this one last time. A guess
     * that is tested costs a third of a look-up.
     */
    struct names_entry *next;
};

struct names {
    uint64_t multiplier;
    uint32_t count;
    uint8_t slot[1u << NAMES_SLOT_BITS]; /* index of entry, NAMES_NONE: empty */
    struct names_entry start;            /* no name: `next` is the guess for the first field */
    struct names_entry entry[NAMES_MAX];
};

/** Adds one static name, 1..24 bytes, not yet there; then call names_build once. */
void names_add(struct names *t, const char *name, unsigned id);
void names_build(struct names *t);

/* The first and last 8 bytes, which overlap or repeat in short names. */
static inline void names_words(const char *p, uint32_t n, uint64_t *a, uint64_t *b)
{
    *b = 0;
    if (n >= 8) {
        memcpy(a, p, 8);
        memcpy(b, p + n - 8, 8);
    } else if (n >= 4) {
        uint32_t lo, hi;
        memcpy(&lo, p, 4);
        memcpy(&hi, p + n - 4, 4);
        *a = lo | (uint64_t)hi << 32;
    } else {
        *a = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
             (uint64_t)(unsigned char)p[n - 1] << 16;
    }
}

static inline uint32_t names_slot(const struct names *t, uint64_t a, uint64_t b, uint32_t n)
{
    const uint64_t h = (a ^ (b >> 1 | b << 63) ^ n) * t->multiplier;
    return (uint32_t)(h >> (64 - NAMES_SLOT_BITS));
}

/** The entry of `name`, NAMES_NONE: unknown. */
static inline unsigned names_index(const struct names *t, struct view name)
{
    if (name.n - 1 >= NAMES_BYTES_MAX) /* 0 as well */
        return NAMES_NONE;
    uint64_t a, b;
    names_words(name.p, name.n, &a, &b);
    const uint8_t i = t->slot[names_slot(t, a, b, name.n)];
    if (i == NAMES_NONE)
        return NAMES_NONE;
    const struct names_entry *const e = &t->entry[i];
    if (e->a != a || e->b != b || e->n != name.n)
        return NAMES_NONE;
    if (UNLIKELY(name.n > NAMES_IN_WORDS) && memcmp(e->name, name.p, name.n) != 0)
        return NAMES_NONE;
    return i;
}

/** The id of `name`, NAMES_NONE: unknown. */
static inline unsigned names_find(const struct names *t, struct view name)
{
    const unsigned i = names_index(t, name);
    return i == NAMES_NONE ? NAMES_NONE : t->entry[i].id;
}

/** Do the 16 bytes at p begin with this name? */
static inline bool names_begin(const struct names_entry *e, const char *p)
{
#ifdef __SSE2__
    const __m128i there = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i image = _mm_loadu_si128((const __m128i *)(const void *)e->image);
    const uint32_t same = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(there, image));
    return e->n < sizeof(e->image) && !(~same & e->mask >> 1);
#else
    return e->n < sizeof(e->image) && memcmp(p, e->image, e->n) == 0;
#endif
}

/** Do the 16 bytes at p begin with this name and a quote? */
static inline bool names_quoted(const struct names_entry *e, const char *p)
{
#ifdef __SSE2__
    const __m128i there = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i image = _mm_loadu_si128((const __m128i *)(const void *)e->image);
    const uint32_t same = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(there, image));
    return (same & e->mask) == e->mask;
#else
    return e->n < sizeof(e->image) && memcmp(p, e->image, e->n + 1) == 0;
#endif
}

#endif
