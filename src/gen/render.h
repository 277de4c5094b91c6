/**
 * render.h: writes one document field by field, as JSON or as CEB XML, into a buf.
 *
 * Owner    the caller reserves room with render_room before a run of fields; the field functions do
 *          not check. Values are ours: no character in them needs escaping in JSON or XML.
 * Speed    field names are literals, so that their copies are constant-size moves.
 */
#ifndef GEN_RENDER_H
#define GEN_RENDER_H

#include "base/buf.h"

struct render {
    struct buf *b;
    char *p;
    bool xml;
    bool bare; /* XML in the default namespace: no ceb: prefix */
};

#define RENDER_INLINE static inline __attribute__((always_inline))

/** Takes over what stands behind b->n; render_done gives it back. */
static inline void render_room(struct render *r, size_t bytes)
{
    r->p = buf_room(r->b, bytes);
}

static inline void render_done(struct render *r)
{
    r->b->n = (size_t)(r->p - r->b->p);
}

RENDER_INLINE void render_raw(struct render *r, const char *s, size_t n)
{
    memcpy(r->p, s, n);
    r->p += n;
}

#define RENDER_LIT(r, lit) render_raw(r, lit, sizeof(lit) - 1)

RENDER_INLINE void render_open(struct render *r, const char *name, size_t n)
{
    if (r->xml) {
        *r->p++ = '<';
        if (!r->bare)
            RENDER_LIT(r, "ceb:");
        render_raw(r, name, n);
        *r->p++ = '>';
    } else {
        *r->p++ = '"';
        render_raw(r, name, n);
        RENDER_LIT(r, "\":");
    }
}

RENDER_INLINE void render_close(struct render *r, const char *name, size_t n)
{
    if (r->xml) {
        RENDER_LIT(r, "</");
        if (!r->bare)
            RENDER_LIT(r, "ceb:");
        render_raw(r, name, n);
        *r->p++ = '>';
    } else {
        *r->p++ = ',';
    }
}

RENDER_INLINE void render_text(struct render *r, const char *name, size_t n, const char *v,
                               size_t vn)
{
    render_open(r, name, n);
    if (!r->xml)
        *r->p++ = '"';
    render_raw(r, v, vn);
    if (!r->xml)
        *r->p++ = '"';
    render_close(r, name, n);
}

static inline char *render_u64(char *p, uint64_t v)
{
    char text[20];
    char *t = text + sizeof(text);
    do
        *--t = (char)('0' + v % 10);
    while (v /= 10);
    const size_t n = (size_t)(text + sizeof(text) - t);
    memcpy(p, t, n);
    return p + n;
}

/** Exactly `digits` digits, leading zeros. */
static inline char *render_digits(char *p, uint64_t v, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--, v /= 10)
        p[i - 1] = (char)('0' + v % 10);
    return p + digits;
}

/** v / 10^places; the point and the places only when there is something behind it. */
static inline char *render_scaled(char *p, uint64_t v, unsigned places)
{
    uint64_t unit = 1;
    for (unsigned i = 0; i < places; i++)
        unit *= 10;
    p = render_u64(p, v / unit);
    if (v % unit) {
        *p++ = '.';
        p = render_digits(p, v % unit, places);
    }
    return p;
}

RENDER_INLINE void render_number(struct render *r, const char *name, size_t n, uint64_t v,
                                 unsigned places)
{
    render_open(r, name, n);
    r->p = render_scaled(r->p, v, places);
    render_close(r, name, n);
}

/** Local time of Xiamen, YYYYMMDDhhmmss. */
char *render_stamp(char *p, int64_t ms);

static inline void render_time(struct render *r, const char *name, size_t n, int64_t ms)
{
    render_open(r, name, n);
    if (!r->xml)
        *r->p++ = '"';
    r->p = render_stamp(r->p, ms);
    if (!r->xml)
        *r->p++ = '"';
    render_close(r, name, n);
}

/** A GUID in upper case from two random words. */
void render_guid(struct render *r, uint64_t a, uint64_t b);

#define FIELD(r, name, s)       render_text(r, #name, sizeof(#name) - 1, s, strlen(s))
#define FIELD_VIEW(r, name, v)  render_text(r, #name, sizeof(#name) - 1, (v).p, (v).n)
#define FIELD_LIT(r, name, lit) render_text(r, #name, sizeof(#name) - 1, lit, sizeof(lit) - 1)
#define FIELD_INT(r, name, v)   render_number(r, #name, sizeof(#name) - 1, v, 0)
#define FIELD_CENTS(r, name, v) render_number(r, #name, sizeof(#name) - 1, v, 2)
#define FIELD_GRAMS(r, name, v) render_number(r, #name, sizeof(#name) - 1, v, 3)
#define FIELD_TIME(r, name, ms) render_time(r, #name, sizeof(#name) - 1, ms)

/** An optional element: present and empty now and then in XML, absent in JSON. */
#define FIELD_OPT(r, name, s)                                                                      \
    do {                                                                                           \
        if ((s)[0] || (r)->xml)                                                                    \
            FIELD(r, name, s);                                                                     \
    } while (0)

/** Opens an object or element in a list; JSON: `{`. */
static inline void render_begin(struct render *r, const char *element)
{
    if (r->xml)
        render_open(r, element, strlen(element));
    else
        *r->p++ = '{';
}

static inline void render_end(struct render *r, const char *element)
{
    if (r->xml) {
        render_close(r, element, strlen(element));
    } else {
        r->p[-1] = '}'; /* the comma behind the last field */
        *r->p++ = ',';
    }
}

/** JSON only: a list as the last field of an object. */
static inline void render_list(struct render *r, const char *name)
{
    if (!r->xml) {
        render_open(r, name, strlen(name));
        *r->p++ = '[';
    }
}

static inline void render_list_end(struct render *r)
{
    if (!r->xml) {
        r->p[-1] = ']';
        *r->p++ = ',';
    }
}

/* ---- messages (envelope around documents) ---- */

/** What a message looks like from outside. */
struct envelope {
    const char *root; /* "CEB603" */
    bool xml;
    bool bare;    /* default namespace */
    bool receipt; /* from customs: no BaseTransfer behind the documents */
    bool bom;     /* UTF-8 byte order mark in front */
    bool dxp;     /* in a DxpMsg */
    bool frame;   /* JSON behind a Confluent schema id */
    bool array;   /* JSON: `[` ... `]`, needed for more than one document */
    bool single_line;
};

void render_message_begin(struct render *r, struct buf *b, const struct envelope *e, uint64_t guid);
void render_message_end(struct render *r, const struct envelope *e, struct buf *scratch);

#endif
