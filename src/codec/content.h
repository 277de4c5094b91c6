/**
 * content.h: appending to the bytes that are hashed (RULES.md section 1, significant content).
 *
 * Each value is framed by its length, numbers are their 16 bytes and have a length no text can
 * have: no two contents are one string. Room for all of it is made before the first append.
 */
#ifndef CODEC_CONTENT_H
#define CODEC_CONTENT_H

#include "codec/inner.h"

#define CONTENT_NUMBER 0xffffu /* instead of a length */
#define CONTENT_EXTRA  18u     /* bytes an element at most, besides its own */
#define CONTENT_SLACK  32u     /* that a short copy may write too far */

static inline void content_room(struct decoder *d, size_t bytes)
{
    if (UNLIKELY(bytes + CONTENT_SLACK > d->content_cap)) {
        d->content_cap = bytes * 2 + CONTENT_SLACK;
        d->content = xrealloc(d->content, d->content_cap);
    }
    d->content_n = 0;
}

static inline void content_text(struct decoder *d, struct view v)
{
    char *const o = d->content + d->content_n;
    const uint16_t n = (uint16_t)v.n;
    memcpy(o, &n, 2);
    /* Most values are short: one copy of 16 bytes, when the message has that many left. */
    const uintptr_t offset = (uintptr_t)v.p - (uintptr_t)d->message.p;
    if (LIKELY(v.n <= 16 && offset + 16 <= d->message.n))
        memcpy(o + 2, v.p, 16);
    else if (v.n)
        memcpy(o + 2, v.p, v.n);
    d->content_n += 2 + v.n;
}

/* For a manifest: room for all of it, and its type. */
static inline void content_begin(struct decoder *d, enum doc_type type, struct view bytes)
{
    const size_t elements = table_of(type)->heads + 1 + (size_t)d->items_n * I_COUNT;
    content_room(d, bytes.n + elements * CONTENT_EXTRA + 64);
    content_text(d, view_of(doc_type_name(type)));
}

static inline void content_number(struct decoder *d, dec v)
{
    char *const o = d->content + d->content_n;
    const uint16_t mark = CONTENT_NUMBER;
    memcpy(o, &mark, 2);
    memcpy(o + 2, &v, 16);
    d->content_n += 18;
}

#endif
