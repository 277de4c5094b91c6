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

/**
 * Eight bytes of v from i on, the last eight when fewer are left; what a shorter v lacks comes from
 * `pad`. A loop over i = 0, 8, .. below v.n sees each byte, some twice.
 */
static inline uint64_t view_word(struct view v, uint32_t i, uint64_t pad)
{
    if (v.n >= sizeof(pad))
        memcpy(&pad, v.p + (i + sizeof(pad) <= v.n ? i : v.n - sizeof(pad)), sizeof(pad));
    else
        memcpy(&pad, v.p, v.n);
    return pad;
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

#endif
