/**
 * view.h: a piece of somebody else's bytes. Owns nothing, is not terminated.
 */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *p; /* NULL: absent */
    uint32_t n;    /* bytes */
};

#define VIEW(lit)   ((struct view){(lit), sizeof(lit) - 1})
#define VIEW_FMT    "%.*s"
#define VIEW_ARG(v) (int)(v).n, (v).p ? (v).p : ""

static inline struct view view_of(const char *s)
{
    return (struct view){s, s ? (uint32_t)strlen(s) : 0};
}

static inline bool view_eq(struct view a, struct view b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/** Byte order, a prefix first; <0, 0, >0. */
static inline int view_cmp(struct view a, struct view b)
{
    const uint32_t n = a.n < b.n ? a.n : b.n;
    const int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool view_is(struct view a, const char *s)
{
    const size_t n = strlen(s);
    return a.n == n && (n == 0 || memcmp(a.p, s, n) == 0);
}

static inline bool view_starts(struct view a, struct view prefix)
{
    return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/** Its bytes to o. Most are short: a call of memcpy would cost more than they do. */
__attribute__((always_inline)) static inline void view_copy(char *o, struct view v)
{
    if (v.n > 32 || v.n < 4) {
        if (v.n)
            memcpy(o, v.p, v.n);
    } else if (v.n >= 16) {
        memcpy(o, v.p, 16);
        memcpy(o + v.n - 16, v.p + v.n - 16, 16);
    } else if (v.n >= 8) {
        memcpy(o, v.p, 8);
        memcpy(o + v.n - 8, v.p + v.n - 8, 8);
    } else {
        memcpy(o, v.p, 4);
        memcpy(o + v.n - 4, v.p + v.n - 4, 4);
    }
}

typedef uint8_t view_lane __attribute__((vector_size(16)));

/* Copies n bytes, at most 16; what is left of the lane is blanks. */
__attribute__((always_inline)) static inline view_lane view_lane_copy(char *o, const char *p,
                                                                      size_t n)
{
    view_lane x = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    memcpy(&x, p, n);
    memcpy(o, &x, n);
    return x;
}

__attribute__((always_inline)) static inline view_lane view_lane_odd(view_lane x, char a, char b,
                                                                     uint8_t least)
{
    return (view_lane)((x == (uint8_t)a) | (x == (uint8_t)b) | (x < least));
}

/**
 * The same, and whether it has none of two characters and nothing below `least` (of them none is a
 * blank). Codes and numbers, 10 to 20 bytes, take one turn or two.
 */
__attribute__((always_inline)) static inline bool view_copy_without(char *o, struct view v, char a,
                                                                    char b, uint8_t least)
{
    view_lane odd = {0};
    size_t i = 0;
    for (; i + 16 < v.n; i += 16) {
        const view_lane x = view_lane_copy(o + i, v.p + i, 16);
        odd |= view_lane_odd(x, a, b, least);
    }
    if (v.n >= 16) {
        const view_lane x = view_lane_copy(o + v.n - 16, v.p + v.n - 16, 16);
        odd |= view_lane_odd(x, a, b, least);
    } else if (v.n >= 8) {
        const view_lane x = view_lane_copy(o, v.p, 8);
        const view_lane y = view_lane_copy(o + v.n - 8, v.p + v.n - 8, 8);
        odd = view_lane_odd(x, a, b, least) | view_lane_odd(y, a, b, least);
    } else {
        for (; i < v.n; i++) {
            o[i] = v.p[i];
            odd[0] |= v.p[i] == a || v.p[i] == b || (uint8_t)v.p[i] < least;
        }
    }
    uint64_t half[2];
    memcpy(half, &odd, sizeof(half));
    return !(half[0] | half[1]);
}

#endif
