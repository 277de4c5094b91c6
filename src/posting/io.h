/**
 * io.h: one function a struct for both directions. `X_io(io, &x)` writes x when io->out is set and
 * fills it when not, so that what is written and what is read cannot drift apart.
 *
 * Integers are LEB128, signed ones zigzag + 1 first; texts are length and bytes. Read texts are
 * views into the input. Arrays that are read live in the arena. Reading past the end sets `bad` and
 * gives zeros from then on: check once, behind the last field.
 */
#ifndef POSTING_IO_H
#define POSTING_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/dec.h"
#include "base/hash.h"
#include "base/view.h"

struct io {
    struct buf *out; /* NULL: reading. Nobody else appends to it meanwhile. */
    uint8_t *o;      /* writing: its end, and that of its memory */
    uint8_t *o_end;
    const uint8_t *p; /* reading */
    const uint8_t *end;
    struct arena *arena;
    bool bad;
};

static inline struct io io_writer(struct buf *out)
{
    uint8_t *const p = (uint8_t *)out->p;
    return (struct io){.out = out, .o = p ? p + out->n : NULL, .o_end = p ? p + out->cap : NULL};
}

/*
 * A struct of many fields is read and written with the io in registers: `each` is the inlined
 * function of both directions, of which the compiler makes one for each.
 */
#define IO_BOTH(io, each, x)                                                                       \
    do {                                                                                           \
        struct io both_ = *(io);                                                                   \
        if (both_.out)                                                                             \
            each(&both_, x);                                                                       \
        else                                                                                       \
            each(&both_, x);                                                                       \
        *(io) = both_;                                                                             \
    } while (0)
#define IO_INLINE __attribute__((always_inline)) static inline

static inline struct io io_reader(struct view v, struct arena *arena)
{
    const uint8_t *p = (const uint8_t *)v.p;
    return (struct io){.p = p, .end = p + v.n, .arena = arena};
}

/* The 7 low bits of each byte, closed up: how a LEB128 number of up to 8 bytes is read. */
static inline uint64_t io_close_up(uint64_t w)
{
    w &= UINT64_C(0x7f7f7f7f7f7f7f7f);
    w = (w & UINT64_C(0x007f007f007f007f)) | (w & UINT64_C(0x7f007f007f007f00)) >> 1;
    w = (w & UINT64_C(0x00003fff00003fff)) | (w & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (w & UINT64_C(0x0fffffff)) | (w & UINT64_C(0x0fffffff00000000)) >> 4;
}

/* The opposite: 56 bits spread over 8 bytes. */
static inline uint64_t io_spread(uint64_t v)
{
    v = (v & UINT64_C(0x0fffffff)) | (v & UINT64_C(0x00fffffff0000000)) << 4;
    v = (v & UINT64_C(0x00003fff00003fff)) | (v & UINT64_C(0x0fffc0000fffc000)) << 2;
    return (v & UINT64_C(0x007f007f007f007f)) | (v & UINT64_C(0x3f803f803f803f80)) << 1;
}

static inline uint64_t io_little(uint64_t w)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w) : w;
}

struct io_number {
    uint64_t v;
    const uint8_t *p; /* behind it; NULL: the input ends in it */
};

/* One byte at a time: numbers of more than 8 bytes, and those near the end of the input. */
static inline struct io_number io_read_slowly(const uint8_t *p, const uint8_t *end)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && p < end; shift += 7) {
        const uint8_t c = *p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return (struct io_number){v, p};
    }
    return (struct io_number){0, NULL};
}

/* More than one byte. By value: so the io can stay in registers. */
__attribute__((noinline)) static struct io_number io_read_long(const uint8_t *p, const uint8_t *end)
{
    if (UNLIKELY(end - p < 8))
        return io_read_slowly(p, end);
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    w = io_little(w);
    const uint64_t last = ~w & UINT64_C(0x8080808080808080);
    if (UNLIKELY(!last))
        return io_read_slowly(p, end);
    return (struct io_number){io_close_up(w & (last ^ (last - 1))),
                              p + (unsigned)__builtin_ctzll(last) / 8 + 1};
}

IO_INLINE uint64_t io_read(struct io *io)
{
    if (LIKELY(io->p < io->end) && *io->p < 0x80)
        return *io->p++;
    const struct io_number x = io_read_long(io->p, io->end);
    if (UNLIKELY(!x.p))
        io->bad = true;
    else
        io->p = x.p;
    return x.v;
}

struct io_room {
    uint8_t *o;
    uint8_t *o_end;
};

__attribute__((noinline)) static struct io_room io_grow(struct buf *out, size_t more)
{
    uint8_t *const o = (uint8_t *)buf_room(out, more);
    return (struct io_room){o, (uint8_t *)out->p + out->cap};
}

/* Room for `more` bytes at io->o. */
IO_INLINE void io_room(struct io *io, size_t more)
{
    if (UNLIKELY((size_t)(io->o_end - io->o) < more)) {
        const struct io_room r = io_grow(io->out, more);
        io->o = r.o;
        io->o_end = r.o_end;
    }
}

/* n bytes were written at io->o. */
IO_INLINE void io_wrote(struct io *io, size_t n)
{
    io->o += n;
    io->out->n += n;
}

/* Writes v at o, where there is room for 10 bytes; returns how many it took. */
__attribute__((noinline)) static size_t io_print_long(uint8_t *o, uint64_t v)
{
    if (LIKELY(v >> 56 == 0)) {
        const unsigned n = (70 - (unsigned)__builtin_clzll(v)) / 7;
        const uint64_t more = UINT64_C(0x8080808080808080) >> (72 - 8 * n); /* all but the last */
        const uint64_t w = io_little(io_spread(v) | more);
        memcpy(o, &w, sizeof(w));
        return n;
    }
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        o[n++] = (uint8_t)(v | 0x80);
    o[n++] = (uint8_t)v;
    return n;
}

IO_INLINE size_t io_print(uint8_t *o, uint64_t v)
{
    if (v >= 0x80)
        return io_print_long(o, v);
    o[0] = (uint8_t)v;
    return 1;
}

IO_INLINE void io_u64(struct io *io, uint64_t *x)
{
    if (io->out) {
        io_room(io, 10);
        io_wrote(io, io_print(io->o, *x));
    } else {
        *x = io_read(io);
    }
}

/* INT64_MIN, a time that is not there, is the most frequent value: the 1 makes it one byte. */
IO_INLINE void io_i64(struct io *io, int64_t *x)
{
    uint64_t v = ((uint64_t)*x << 1 ^ (uint64_t)(*x >> 63)) + 1;
    io_u64(io, &v);
    v--;
    *x = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#define IO_NARROW(name, type)                                                                      \
    IO_INLINE void name(struct io *io, type *x)                                                    \
    {                                                                                              \
        uint64_t v = (uint64_t)*x;                                                                 \
        io_u64(io, &v);                                                                            \
        *x = (type)v;                                                                              \
    }
IO_NARROW(io_u32, uint32_t)
IO_NARROW(io_u16, uint16_t)
IO_NARROW(io_u8, uint8_t)
IO_NARROW(io_bool, bool)
#undef IO_NARROW

/* 128 bits as two halves; amounts are small, so the upper half is one byte. */
IO_INLINE void io_dec(struct io *io, dec *x)
{
    const udec z = (udec)*x << 1 ^ (udec)(*x >> 127);
    uint64_t lo = (uint64_t)z;
    uint64_t hi = (uint64_t)(z >> 64);
    io_u64(io, &lo);
    io_u64(io, &hi);
    const udec v = (udec)hi << 64 | lo;
    *x = (dec)(v >> 1) ^ -(dec)(v & 1);
}

IO_INLINE void io_view(struct io *io, struct view *x)
{
    if (io->out) {
        io_room(io, (size_t)x->n + 10);
        const size_t head = io_print(io->o, x->n);
        view_copy((char *)io->o + head, *x);
        io_wrote(io, head + x->n);
        return;
    }
    x->n = (uint32_t)io_read(io);
    if (UNLIKELY(io->bad || x->n > (size_t)(io->end - io->p))) {
        io->bad = true;
        *x = (struct view){"", 0};
        return;
    }
    x->p = (const char *)io->p;
    io->p += x->n;
}

IO_INLINE void io_raw(struct io *io, void *x, size_t n)
{
    if (io->out) {
        io_room(io, n);
        memcpy(io->o, x, n);
        io_wrote(io, n);
    } else if (UNLIKELY(n > (size_t)(io->end - io->p))) {
        io->bad = true;
        memset(x, 0, n);
    } else {
        memcpy(x, io->p, n);
        io->p += n;
    }
}

IO_INLINE void io_hash(struct io *io, struct hash128 *x)
{
    io_raw(io, &x->lo, 8);
    io_raw(io, &x->hi, 8);
}

/** Reading: room for *n things (and `spare` more that the caller may add); bounds *n by the input.
 */
static inline void *io_array(struct io *io, void *items, uint32_t *n, size_t size, uint32_t spare)
{
    io_u32(io, n);
    if (io->out)
        return items;
    if (*n > (size_t)(io->end - io->p)) { /* every thing takes a byte at least */
        io->bad = true;
        *n = 0;
    }
    void *p = arena_alloc(io->arena, (*n + (size_t)spare) * size);
    memset(p, 0, (*n + (size_t)spare) * size);
    return p;
}

#endif
