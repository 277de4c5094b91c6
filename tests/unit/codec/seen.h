/*
 * What a decoder gave, as one line of text to compare with.
 */
#ifndef TESTS_CODEC_SEEN_H
#define TESTS_CODEC_SEEN_H

#include <stdio.h>
#include <stdlib.h>

#include "codec/decode.h"

/* What came out. Keeps the last document's hash and canonical text, and the last reject. */
struct seen {
    struct buf log;
    struct hash128 content;
    struct buf canonical;
    struct reject reject;
    struct buf reject_bytes;
    struct buf reject_root;
    unsigned docs;
    unsigned rejects;
    void (*look)(const struct doc *d, void *arg); /* while its views live */
    void *arg;
};

static inline void seen_doc(void *ctx, const struct doc *d)
{
    struct seen *const s = ctx;
    buf_printf(&s->log, "%s%s/%u", s->log.n ? " " : "", doc_type_name(d->type), d->index);
    s->docs++;
    s->content = d->content;
    buf_reset(&s->canonical);
    buf_view(&s->canonical, d->canonical);
    if (s->look)
        s->look(d, s->arg);
}

static inline void seen_reject(void *ctx, const struct reject *r)
{
    struct seen *const s = ctx;
    buf_printf(&s->log, "%s!%s", s->log.n ? " " : "", reject_code_name(r->code));
    if (r->index >= 0)
        buf_printf(&s->log, "/%lld", (long long)r->index);
    if (r->field.n)
        buf_printf(&s->log, ":" VIEW_FMT, VIEW_ARG(r->field));
    s->rejects++;
    s->reject = *r;
    buf_reset(&s->reject_bytes);
    buf_view(&s->reject_bytes, r->bytes);
    buf_reset(&s->reject_root);
    buf_view(&s->reject_root, r->root);
}

static inline void seen_free(struct seen *s)
{
    buf_free(&s->log);
    buf_free(&s->canonical);
    buf_free(&s->reject_bytes);
    buf_free(&s->reject_root);
}

/*
 * Decodes a copy that ends where its memory ends, so that a sanitizer sees a read behind it.
 * The log is a terminated string, "" when nothing came out.
 */
static inline const char *decode_opts(struct seen *s, struct view m, unsigned accepts,
                                      const struct decode_opts *o)
{
    char *const copy = xmalloc(m.n ? m.n : 1);
    memcpy(copy, m.n ? m.p : "", m.n);
    struct decoder *const d = decoder_create(o);
    const struct decode_sink sink = {s, seen_doc, seen_reject};
    buf_reset(&s->log);
    s->docs = s->rejects = 0;
    decode_message(d, (struct view){copy, m.n}, accepts, &sink);
    decoder_destroy(d);
    free(copy);
    buf_char(&s->log, 0);
    s->log.n--;
    return s->log.p;
}

static inline const char *decode_view(struct seen *s, struct view m)
{
    const struct decode_opts o = DECODE_OPTS_DEFAULT;
    return decode_opts(s, m, GROUP_ALL, &o);
}

static inline const char *decode_buf(struct seen *s, const struct buf *b)
{
    return decode_view(s, buf_as_view(b));
}

static inline const char *decode_text(struct seen *s, const char *text)
{
    return decode_view(s, view_of(text));
}

#endif
