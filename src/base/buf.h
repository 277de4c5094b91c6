/**
 * buf.h: a growing run of bytes, and the JSON that we write into it.
 *
 * Owner: whoever declared it; `buf_free` gives the memory back. Zero-initialised is empty.
 * buf_reset keeps the memory. Pointers into `p` die at the next put.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/view.h"

struct buf {
    char *p;
    size_t n;
    size_t cap;
};

void buf_grow(struct buf *b, size_t more);
void buf_free(struct buf *b);

static inline void buf_reset(struct buf *b)
{
    b->n = 0;
}

/** Room for `more` bytes behind n; the caller writes there and adds to n. */
static inline char *buf_room(struct buf *b, size_t more)
{
    if (UNLIKELY(b->n + more > b->cap))
        buf_grow(b, more);
    return b->p + b->n;
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
    if (n)
        memcpy(buf_room(b, n), p, n);
    b->n += n;
}

static inline void buf_view(struct buf *b, struct view v)
{
    buf_put(b, v.p, v.n);
}

static inline void buf_char(struct buf *b, char c)
{
    *buf_room(b, 1) = c;
    b->n++;
}

static inline void buf_text(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

static inline struct view buf_as_view(const struct buf *b)
{
    return (struct view){b->p, (uint32_t)b->n};
}

void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_int(struct buf *b, int64_t v);

/** A JSON string with quotes; bytes below 0x20, `"` and `\` escaped, the rest as it is. */
void buf_json(struct buf *b, struct view v);

/**
 * Text of an XML element or attribute: `&`, `<`, `>` and `"` as entities; tab and line ends as
 * character references, so that it stays one line and comes back as it was; U+FFFD for what XML 1.0
 * cannot hold (other controls, U+FFFE, U+FFFF). v is valid UTF-8.
 */
void buf_xml(struct buf *b, struct view v);

/** Standard Base64 with padding, no line breaks. */
void buf_base64(struct buf *b, struct view v);

#endif
