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
    struct buf *out; /* NULL: reading */
    const uint8_t *p;
    const uint8_t *end;
    struct arena *arena;
    bool bad;
};

static inline struct io io_writer(struct buf *out)
{
    return (struct io){.out = out};
}

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

/* One byte at a time: numbers of more than 8 bytes, and those near the end of the input. */
__attribute__((noinline)) static uint64_t io_read_slowly(struct io *io)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (UNLIKELY(io->p == io->end))
            break;
        const uint8_t c = *io->p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return v;
    }
    io->bad = true;
    return 0;
}

/* More than one byte. */
__attribute__((noinline)) static uint64_t io_read_long(struct io *io)
{
    if (UNLIKELY(io->end - io->p < 8))
        return io_read_slowly(io);
    uint64_t w;
    memcpy(&w, io->p, sizeof(w));
    w = io_little(w);
    const uint64_t last = ~w & UINT64_C(0x8080808080808080);
    if (UNLIKELY(!last))
        return io_read_slowly(io);
    io->p += (unsigned)__builtin_ctzll(last) / 8 + 1;
    return io_close_up(w & (last ^ (last - 1)));
}

static inline uint64_t io_read(struct io *io)
{
    if (LIKELY(io->p < io->end) && *io->p < 0x80)
        return *io->p++;
    return io_read_long(io);
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

static inline size_t io_print(uint8_t *o, uint64_t v)
{
    if (v >= 0x80)
        return io_print_long(o, v);
    o[0] = (uint8_t)v;
    return 1;
}

static inline void io_u64(struct io *io, uint64_t *x)
{
    if (io->out)
        io->out->n += io_print((uint8_t *)buf_room(io->out, 10), *x);
    else
        *x = io_read(io);
}

/* INT64_MIN, a time that is not there, is the most frequent value: the 1 makes it one byte. */
static inline void io_i64(struct io *io, int64_t *x)
{
    uint64_t v = ((uint64_t)*x << 1 ^ (uint64_t)(*x >> 63)) + 1;
    io_u64(io, &v);
    v--;
    *x = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#define IO_NARROW(name, type)                                                                      \
    static inline void name(struct io *io, type *x)                                                \
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
static inline void io_dec(struct io *io, dec *x)
{
    const udec z = (udec)*x << 1 ^ (udec)(*x >> 127);
    uint64_t lo = (uint64_t)z;
    uint64_t hi = (uint64_t)(z >> 64);
    io_u64(io, &lo);
    io_u64(io, &hi);
    const udec v = (udec)hi << 64 | lo;
    *x = (dec)(v >> 1) ^ -(dec)(v & 1);
}

/* Texts are short: a call of memcpy costs more than they do. */
static inline void io_copy(char *o, const char *p, uint32_t n)
{
    if (n > 32 || n < 4) {
        if (n)
            memcpy(o, p, n);
    } else if (n >= 16) {
        memcpy(o, p, 16);
        memcpy(o + n - 16, p + n - 16, 16);
    } else if (n >= 8) {
        memcpy(o, p, 8);
        memcpy(o + n - 8, p + n - 8, 8);
    } else {
        memcpy(o, p, 4);
        memcpy(o + n - 4, p + n - 4, 4);
    }
}

static inline void io_view(struct io *io, struct view *x)
{
    if (io->out) {
        char *o = buf_room(io->out, (size_t)x->n + 10);
        const size_t head = io_print((uint8_t *)o, x->n);
        io_copy(o + head, x->p, x->n);
        io->out->n += head + x->n;
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

static inline void io_raw(struct io *io, void *x, size_t n)
{
    if (io->out) {
        buf_put(io->out, x, n);
    } else if (UNLIKELY(n > (size_t)(io->end - io->p))) {
        io->bad = true;
        memset(x, 0, n);
    } else {
        memcpy(x, io->p, n);
        io->p += n;
    }
}

static inline void io_hash(struct io *io, struct hash128 *x)
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
