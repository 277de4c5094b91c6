/*
 * What our decoder costs beside the fastest parsers we know, on the same bytes in the same run: a
 * full-field CEB603 of one item as JSON against simdjson On-Demand reading the same fields, and as
 * XML against expat with empty handlers. Ours also validates, converts and hashes the content.
 *
 * Every field of every message is compared with what the peer reads before anything is timed.
 *
 * Question it answers: is decoding the bound of ingest? Floors: 0.8 x simdjson, 3 x expat.
 */
#include "bench/bench.h"
#include "bench/peers/peers.h"
#include "codec/decode.h"
#include "gen/gen.h"

#define PADDING 64

struct corpus {
    struct buf bytes;
    struct peer_message *m;
    size_t n;
    uint64_t message_bytes;
    struct decoder *decoder;
    uint64_t sum;
    uint64_t docs;
};

static void on_doc(void *ctx, const struct doc *d)
{
    struct corpus *c = ctx;
    c->docs++;
    uint64_t sum = (uint64_t)d->num[F_grossWeight] + (uint64_t)d->num[F_packNo] + d->f[F_copNo].n +
                   d->f[F_ebcName].n;
    for (uint32_t i = 0; i < d->items; i++)
        sum += (uint64_t)d->item[i].total_price;
    c->sum += sum;
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)ctx;
    fprintf(stderr, "reject %s " VIEW_FMT ": %s\n", reject_code_name(r->code), VIEW_ARG(r->field),
            r->text);
    CHECK(false);
}

static uint64_t run_ours(void *ctx)
{
    struct corpus *c = ctx;
    const struct decode_sink sink = {c, on_doc, on_reject};
    c->sum = 0;
    c->docs = 0;
    for (size_t i = 0; i < c->n; i++)
        decode_message(c->decoder, (struct view){c->m[i].p, c->m[i].n}, GROUP_ALL, &sink);
    CHECK(c->docs == c->n);
    return c->sum;
}

static uint64_t run_simdjson(void *ctx)
{
    struct corpus *c = ctx;
    return peer_simdjson(c->m, c->n);
}

static uint64_t run_expat(void *ctx)
{
    struct corpus *c = ctx;
    return peer_expat(c->m, c->n);
}

/* ---- the corpus ---- */

static bool wanted(const struct gen_message *m, struct view *v)
{
    *v = m->value;
    if (strcmp(m->type, "CEB603") != 0)
        return false;
    if (m->xml)
        return v->n > 5 && memcmp(v->p, "<?xml", 5) == 0 && !memmem(v->p, v->n, "DxpMsg", 6);
    if (v->p[0] == '[') { /* one object in an array: the object */
        v->p++;
        v->n -= 2;
    }
    return v->p[0] == '{';
}

static struct corpus make_corpus(enum gen_format format, size_t n)
{
    struct corpus c = {.m = xcalloc(n, sizeof(struct peer_message))};
    struct gen *g = NULL;
    struct err e = {0};
    struct gen_message m;
    struct view v;
    size_t *at = xcalloc(n, sizeof(*at));
    CHECK(gen_create(&g,
                     &(struct gen_opts){.manifests = n * 2 + 1000,
                                        .seed = 42,
                                        .format = format,
                                        .manifests_only = true,
                                        .items_max = 1,
                                        .batch_max = 1},
                     &e) == RC_OK);
    while (c.n < n && gen_next(g, &m)) {
        if (!wanted(&m, &v))
            continue;
        at[c.n] = c.bytes.n;
        c.m[c.n++].n = v.n;
        c.message_bytes += v.n;
        buf_view(&c.bytes, v);
        memset(buf_room(&c.bytes, PADDING), ' ', PADDING);
        c.bytes.n += PADDING;
    }
    gen_destroy(g);
    for (size_t i = 0; i < c.n; i++)
        c.m[i].p = c.bytes.p + at[i];
    free(at);
    CHECK(c.n == n);
    c.decoder = decoder_create(&DECODE_OPTS_DEFAULT);
    return c;
}

static void free_corpus(struct corpus *c)
{
    decoder_destroy(c->decoder);
    buf_free(&c->bytes);
    free(c->m);
}

/* ---- the oracle: what the peer reads must be what we read ---- */

struct check {
    struct peer_message message;
    int (*fields)(struct peer_message m, peer_field_fn *each, void *ctx);
    const struct doc *doc;
    uint64_t compared;
};

static struct view our_field(const struct doc *d, uint32_t item, struct view name)
{
    if (item == 0) {
        for (unsigned f = 0; f < F_COUNT; f++)
            if (view_is(name, doc_field_name((enum doc_field)f)))
                return d->f[f];
        CHECK(view_is(name, "messageType"));
        return view_of(doc_type_name(d->type));
    }
    static const char *const item_name[] = {
#define X(field) #field,
        DOC_ITEM_FIELDS(X)
#undef X
    };
    for (unsigned f = 0; f < I_COUNT; f++)
        if (view_is(name, item_name[f]))
            return d->item[item - 1].f[f];
    CHECK(false);
    return (struct view){0};
}

static void compare_field(void *ctx, uint32_t item, const char *name, size_t name_n,
                          const char *value, size_t value_n)
{
    struct check *c = ctx;
    const struct view ours = our_field(c->doc, item, (struct view){name, (uint32_t)name_n});
    CHECK(ours.n == value_n && (value_n == 0 || memcmp(ours.p, value, value_n) == 0));
    c->compared++;
}

static void check_doc(void *ctx, const struct doc *d)
{
    struct check *c = ctx;
    c->doc = d;
    CHECK(c->fields(c->message, compare_field, c) == 0);
}

static void check_all(const struct corpus *corpus,
                      int (*fields)(struct peer_message m, peer_field_fn *each, void *ctx))
{
    struct check c = {.fields = fields};
    const struct decode_sink sink = {&c, check_doc, on_reject};
    for (size_t i = 0; i < corpus->n; i++) {
        c.message = corpus->m[i];
        decode_message(corpus->decoder, (struct view){c.message.p, c.message.n}, GROUP_ALL, &sink);
    }
    CHECK(c.compared > corpus->n * 50);
    printf("%zu messages of %.0f bytes, %llu fields equal to the peer's\n", corpus->n,
           (double)corpus->message_bytes / (double)corpus->n, (unsigned long long)c.compared);
}

int main(int argc, char **argv)
{
    const size_t n = bench_is_quick(argc, argv) ? 1000 : 20000;
    struct corpus json = make_corpus(GEN_JSON, n);
    struct corpus xml = make_corpus(GEN_CEB, n);
    check_all(&json, peer_simdjson_fields);
    check_all(&xml, peer_expat_fields);
    bench_header();
    const double simd = bench_case_run(&(struct bench_case){.name = "JSON, simdjson On-Demand",
                                                            .items = n,
                                                            .bytes = json.message_bytes,
                                                            .run = run_simdjson,
                                                            .ctx = &json,
                                                            .want = run_ours(&json)});
    const double ours = bench_case_run(&(struct bench_case){.name = "JSON, ours + validate + hash",
                                                            .items = n,
                                                            .bytes = json.message_bytes,
                                                            .run = run_ours,
                                                            .ctx = &json,
                                                            .want = peer_simdjson(json.m, n)});
    const double expat = bench_case_run(&(struct bench_case){.name = "XML, expat, empty handlers",
                                                             .items = n,
                                                             .bytes = xml.message_bytes,
                                                             .run = run_expat,
                                                             .ctx = &xml,
                                                             .want = n});
    const double xours = bench_case_run(&(struct bench_case){.name = "XML, ours + validate + hash",
                                                             .items = n,
                                                             .bytes = xml.message_bytes,
                                                             .run = run_ours,
                                                             .ctx = &xml,
                                                             .want = run_ours(&xml)});
    bool met = bench_floor("JSON: speed / simdjson On-Demand", simd / ours, "x", 0.8);
    met = bench_floor("XML: speed / expat", expat / xours, "x", 3.0) && met;
    free_corpus(&json);
    free_corpus(&xml);
    return met || bench_is_quick(argc, argv) ? 0 : 1;
}
