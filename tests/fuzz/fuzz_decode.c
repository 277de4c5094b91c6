/*
 * fuzz_decode.c: any bytes through decode_message; what must hold is checked, not what comes out.
 *
 *   F1  every value handed out lies in the message, in what its Base64 held, or in the scratch
 *       text, is valid UTF-8, trimmed and not longer than its source;
 *   F2  a reject's bytes lie in the message (or in what its Base64 held), its byte, too;
 *   F3  documents and rejects come in the order of their index, each index once; a reject of the
 *       whole message stands alone;
 *   F4  the same bytes give the same documents and rejects, whatever the decoder has seen before;
 *   F5  so do the twins: the shortcut and the long way, the code for AVX2 and for every machine.
 *
 * With clang: -fsanitize=fuzzer,address,undefined. With gcc: together with replay.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/inner.h"
#include "codec/utf8.h"

#define FRESH_EVERY 16 /* making a decoder costs more than using it */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct watch {
    struct decoder *d;
    int64_t last;   /* index of the last document or reject, -1: none */
    bool whole;     /* the whole message was rejected */
    uint64_t trace; /* of all that came out */
};

static bool inside(const char *p, uint32_t n, const char *from, size_t size)
{
    return p >= from && p <= from + size && n <= size - (size_t)(p - from);
}

static void mix(struct watch *w, const void *p, size_t n)
{
    w->trace = hash64(p, n, w->trace);
}

static void check_value(struct watch *w, struct view v)
{
    const struct decoder *const d = w->d;
    mix(w, &v.n, sizeof(v.n));
    if (v.n == 0)
        return;
    CHECK(inside(v.p, v.n, d->message.p, d->message.n) ||
          inside(v.p, v.n, d->text, d->text_n)); /* F1 */
    CHECK(utf8_valid(v) == v.n);
    CHECK(!scan_is_space(v.p[0]) && !scan_is_space(v.p[v.n - 1]));
    mix(w, v.p, v.n);
}

/* Its number or time is in doc.num. */
static bool is_parsed(unsigned form)
{
    return form != FORM_TEXT && form != FORM_SPAN && form != FORM_FIXED && form != FORM_CODE &&
           form != FORM_DATE;
}

static void check_index(struct watch *w, int64_t index)
{
    CHECK(!w->whole && index > w->last); /* F3 */
    w->last = index;
}

static void on_doc(void *ctx, const struct doc *doc)
{
    struct watch *const w = ctx;
    check_index(w, doc->index);
    CHECK(doc->type < DOC_TYPES);
    mix(w, &doc->type, sizeof(doc->type));
    for (int f = 0; f < F_COUNT; f++)
        check_value(w, doc->f[f]);
    const struct table *const t = table_of(doc->type);
    for (size_t i = 0; i < t->heads; i++)
        if (doc->f[t->head[i].id].n && is_parsed(t->head[i].form))
            mix(w, &doc->num[t->head[i].id], sizeof(dec));
    CHECK(doc->items <= 100);
    for (uint32_t i = 0; i < doc->items; i++)
        for (int f = 0; f < I_COUNT; f++)
            check_value(w, doc->item[i].f[f]);
    for (uint32_t i = 0; i < doc->items; i++)
        mix(w, &doc->item[i].qty, sizeof(struct doc_item) - offsetof(struct doc_item, qty));
    for (uint32_t i = 0; i < doc->waybills; i++)
        check_value(w, doc->waybill[i].logistics_no);
    for (uint32_t i = 0; i < doc->bills; i++)
        check_value(w, doc->bill[i].bill_no);
    for (uint32_t i = 0; i < doc->containers; i++) {
        check_value(w, doc->container[i].conta_no);
        check_value(w, doc->container[i].seal_no);
    }
    mix(w, &doc->content, sizeof(doc->content));
    mix(w, doc->canonical.p, doc->canonical.n);
    CHECK(utf8_valid(doc->canonical) == doc->canonical.n);
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct watch *const w = ctx;
    const struct decoder *const d = w->d;
    if (r->index < 0) {
        CHECK(w->last < 0 && !w->whole); /* F3 */
        w->whole = true;
        CHECK(r->bytes.p == d->outer.p && r->bytes.n == d->outer.n);
    } else {
        check_index(w, r->index);
        CHECK(inside(r->bytes.p, r->bytes.n, d->message.p, d->message.n)); /* F2 */
    }
    CHECK(r->code < REJECT_CODES && r->stage <= STAGE_VALIDATE);
    CHECK(r->byte >= -1 && r->byte <= (int64_t)d->message.n);
    CHECK(r->root.n == 0 || inside(r->root.p, r->root.n, d->message.p, d->message.n));
    CHECK(strlen(r->text) > 0 && strlen(r->text) < sizeof(r->text));
    CHECK(utf8_valid(view_of(r->text)) == strlen(r->text));
    mix(w, r->text, strlen(r->text));
    mix(w, &r->byte, sizeof(r->byte));
    mix(w, r->bytes.p, r->bytes.n);
}

static uint64_t run(struct decoder *d, struct view m)
{
    struct watch w = {.d = d, .last = -1};
    const struct decode_sink sink = {&w, on_doc, on_reject};
    decode_message(d, m, GROUP_ALL, &sink);
    return w.trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct decoder *old;  /* sees every input */
    static struct decoder *twin; /* that, too */
    const struct decode_opts opts = DECODE_OPTS_DEFAULT;
    if (n > UINT32_MAX)
        return 0;
    if (!old) {
        struct decode_opts plain = opts;
        plain.no_shortcut = plain.no_avx2 = true;
        old = decoder_create(&opts);
        twin = decoder_create(&plain);
    }
    static unsigned count;
    const struct view m = {(const char *)bytes, (uint32_t)n};
    const uint64_t trace = run(old, m);
    CHECK(run(twin, m) == trace); /* F5 */
    if (count++ % FRESH_EVERY == 0) {
        struct decoder *const fresh = decoder_create(&opts);
        CHECK(run(fresh, m) == trace); /* F4 */
        decoder_destroy(fresh);
    }
    return 0;
}
