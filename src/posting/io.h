/**
 * io.h: one function a struct for both directions. `X_io(io, &x)` writes x when io->out is set and
 * fills it when not, so that what is written and what is read cannot drift apart.
 *
 * Integers are LEB128, signed ones zigzag first; texts are length and bytes. Read texts are views
 * into the input. Arrays that are read live in the arena. Reading past the end sets `bad` and gives
 * zeros from then on: check once, behind the last field.
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

static inline void io_u64(struct io *io, uint64_t *x)
{
    if (io->out) {
        uint8_t *o = (uint8_t *)buf_room(io->out, 10);
        uint64_t v = *x;
        size_t n = 0;
        for (; v >= 0x80; v >>= 7)
            o[n++] = (uint8_t)(v | 0x80);
        o[n++] = (uint8_t)v;
        io->out->n += n;
        return;
    }
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (UNLIKELY(io->p == io->end))
            break;
        const uint8_t c = *io->p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *x = v;
            return;
        }
    }
    io->bad = true;
    *x = 0;
}

static inline void io_i64(struct io *io, int64_t *x)
{
    uint64_t v = (uint64_t)*x << 1 ^ (uint64_t)(*x >> 63);
    io_u64(io, &v);
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

static inline void io_view(struct io *io, struct view *x)
{
    io_u32(io, &x->n);
    if (io->out) {
        buf_put(io->out, x->p, x->n);
        return;
    }
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
