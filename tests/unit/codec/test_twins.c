/*
 * The decoder's twins say the same: the shortcut and the long way, the code for AVX2 and the code
 * for every machine. Over made traffic and damaged copies of it, each document field by field.
 */
#include <criterion/criterion.h>

#include "gen/gen.h"
#include "manifest/table.h"
#include "mutate.h"
#include "seen.h"

#define MESSAGES 300
#define DAMAGED  60 /* copies a message */
#define TWINS    4

struct twin {
    struct decoder *d;
    struct buf said;
};

static void number(struct buf *b, dec v)
{
    buf_printf(b, "=%lld", (long long)v);
}

static bool is_parsed(unsigned form)
{
    return form == FORM_DEC || form == FORM_INT || form == FORM_INT32 || form == FORM_TIME14 ||
           form == FORM_TIME17 || form == FORM_STATUS || form == FORM_DEGREE;
}

static void on_doc(void *ctx, const struct doc *d)
{
    struct buf *const b = &((struct twin *)ctx)->said;
    const struct table *const t = table_of(d->type);
    buf_printf(b, "\n%s/%u %llx %llx", doc_type_name(d->type), d->index,
               (unsigned long long)d->content.hi, (unsigned long long)d->content.lo);
    for (unsigned f = 0; f < F_COUNT; f++)
        if (d->f[f].n)
            buf_printf(b, " %s=" VIEW_FMT, doc_field_name((enum doc_field)f), VIEW_ARG(d->f[f]));
    for (size_t i = 0; i < t->heads; i++)
        if (d->f[t->head[i].id].n && is_parsed(t->head[i].form))
            number(b, d->num[t->head[i].id]);
    for (uint32_t i = 0; i < d->items; i++) {
        const struct doc_item *const it = &d->item[i];
        for (unsigned f = 0; f < I_COUNT; f++)
            buf_printf(b, "|" VIEW_FMT, VIEW_ARG(it->f[f]));
        number(b, it->qty), number(b, it->qty1), number(b, it->qty2);
        number(b, it->price), number(b, it->total_price);
    }
    buf_view(b, d->canonical);
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct buf *const b = &((struct twin *)ctx)->said;
    buf_printf(b, "\n!%s/%lld " VIEW_FMT " at %lld: %s ", reject_code_name(r->code),
               (long long)r->index, VIEW_ARG(r->field), (long long)r->byte, r->text);
    buf_view(b, r->bytes);
}

static void twins_create(struct twin twin[TWINS])
{
    for (int i = 0; i < TWINS; i++) {
        struct decode_opts o = DECODE_OPTS_DEFAULT;
        o.no_shortcut = i & 1;
        o.no_avx2 = i & 2;
        twin[i] = (struct twin){.d = decoder_create(&o)};
    }
}

static void twins_destroy(struct twin twin[TWINS])
{
    for (int i = 0; i < TWINS; i++) {
        decoder_destroy(twin[i].d);
        buf_free(&twin[i].said);
    }
}

static void say(struct twin *t, struct view m)
{
    const struct decode_sink sink = {t, on_doc, on_reject};
    buf_reset(&t->said);
    decode_message(t->d, m, GROUP_ALL, &sink);
}

static bool says(const struct twin *t, const char *text)
{
    return t->said.n && memmem(t->said.p, t->said.n, text, strlen(text));
}

static void all_say_the_same(struct twin twin[TWINS], struct view m)
{
    /* Memory of its own size: a read behind the end is one for the sanitizer. */
    char *const copy = malloc(m.n ? m.n : 1);
    memcpy(copy, m.p, m.n);
    for (int i = 0; i < TWINS; i++)
        say(&twin[i], (struct view){copy, m.n});
    for (int i = 1; i < TWINS; i++)
        cr_assert(view_eq(buf_as_view(&twin[0].said), buf_as_view(&twin[i].said)),
                  "twin %d differs on\n" VIEW_FMT "\n" VIEW_FMT "\n" VIEW_FMT, i, VIEW_ARG(m),
                  VIEW_ARG(buf_as_view(&twin[0].said)), VIEW_ARG(buf_as_view(&twin[i].said)));
    free(copy);
}

static unsigned long compare(enum gen_format format, const char *alphabet)
{
    struct twin twin[TWINS];
    struct gen *g = NULL;
    struct gen_message m;
    struct err e;
    struct buf damaged = {0};
    uint64_t state = 11;
    unsigned long documents = 0;
    twins_create(twin);
    cr_assert_eq(gen_create(&g,
                            &(struct gen_opts){.manifests = MESSAGES * 4,
                                               .seed = 5,
                                               .format = format,
                                               .items_max = 5,
                                               .batch_max = 3},
                            &e),
                 RC_OK);
    for (int n = 0; n < MESSAGES && gen_next(g, &m); n++) {
        all_say_the_same(twin, m.value);
        documents += says(&twin[0], "\nCEB6");
        for (int i = 0; i < DAMAGED; i++) {
            mutate(&damaged, m.value, alphabet, &state);
            all_say_the_same(twin, buf_as_view(&damaged));
        }
    }
    gen_destroy(g);
    buf_free(&damaged);
    twins_destroy(twin);
    return documents;
}

Test(twins, say_the_same_of_json)
{
    cr_assert_gt(compare(GEN_JSON, "\"\\{}[],:.-0123456789eE \n\t\x01"
                                   "aZ\xe4"),
                 MESSAGES / 4);
}

Test(twins, say_the_same_of_xml)
{
    cr_assert_gt(compare(GEN_CEB, "<>/&;]\"'=:.-0123456789 \n\t\x01"
                                  "aZ\xe4"),
                 MESSAGES / 4);
}

/* ---- one value of a whole manifest, another one or one that its type does not have ---- */

static void manifest_read(const char *type, enum gen_format format, struct buf *whole)
{
    struct gen *g = NULL;
    struct gen_message m;
    struct err e;
    const struct gen_opts o = {.manifests = 2000,
                               .seed = 3,
                               .format = format,
                               .manifests_only = true,
                               .items_max = 1,
                               .batch_max = 1};
    cr_assert_eq(gen_create(&g, &o, &e), RC_OK);
    do
        cr_assert(gen_next(g, &m));
    while (strcmp(m.type, type) != 0);
    buf_reset(whole);
    buf_view(whole, m.value);
    gen_destroy(g);
}

/* `whole` with open + value + close instead of what stands there, or behind `place`. */
static void put_value(struct buf *m, const struct buf *whole, const char *place, const char *open,
                      struct view value, const char *close)
{
    const char *const end = whole->p + whole->n;
    const char *at = memmem(whole->p, whole->n, open, strlen(open));
    const char *to = at;
    if (at) {
        to = (const char *)memmem(at, (size_t)(end - at), close, strlen(close)) + strlen(close);
    } else {
        at = memmem(whole->p, whole->n, place, strlen(place));
        cr_assert_not_null(at, "%s", place);
        at += strlen(place);
        to = at;
    }
    buf_reset(m);
    buf_put(m, whole->p, (size_t)(at - whole->p));
    buf_text(m, open);
    buf_view(m, value);
    buf_text(m, close);
    buf_put(m, to, (size_t)(end - to));
}

static const struct {
    const char *type;
    enum gen_format format;
    const char *head; /* behind it a head's value may stand */
    const char *item;
} kinds[] = {
    {"CEB603", GEN_JSON, "\"CEB603\",", "\"items\":[{"},
    {"CEB621", GEN_JSON, "\"CEB621\",", "\"items\":[{"},
    {"CEB603", GEN_CEB, "<ceb:InventoryHead>", "<ceb:InventoryList>"},
    {"CEB621", GEN_CEB, "<ceb:InventoryHead>", "<ceb:InventoryList>"},
};

static const char *const item_name[I_COUNT] = {
#define X(name) #name,
    DOC_ITEM_FIELDS(X)
#undef X
};

/* Three times: what stood where is guessed from the message before, and only then read quickly. */
static void every_field_as(struct view value)
{
    struct twin twin[TWINS];
    struct buf whole = {0}, m = {0};
    unsigned taken = 0;
    twins_create(twin);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        manifest_read(kinds[k].type, kinds[k].format, &whole);
        for (unsigned f = 0; f < F_COUNT + I_COUNT; f++) {
            const char *const name =
                f < F_COUNT ? doc_field_name((enum doc_field)f) : item_name[f - F_COUNT];
            const bool json = kinds[k].format == GEN_JSON;
            char open[64], close[64];
            snprintf(open, sizeof(open), json ? "\"%s\":\"" : "<ceb:%s>", name);
            snprintf(close, sizeof(close), json ? "\"," : "</ceb:%s>", name);
            put_value(&m, &whole, f < F_COUNT ? kinds[k].head : kinds[k].item, open, value, close);
            for (int i = 0; i < 3; i++)
                all_say_the_same(twin, buf_as_view(&m));
            taken += says(&twin[0], kinds[k].type);
        }
    }
    cr_assert_gt(taken, F_COUNT);
    buf_free(&whole);
    buf_free(&m);
    twins_destroy(twin);
}

Test(twins, say_the_same_of_any_field_empty)
{
    every_field_as(VIEW(""));
}

Test(twins, say_the_same_of_any_field_of_one_character)
{
    every_field_as(VIEW("7"));
}

/* About the largest 16-bit number: lengths are kept in small fields. */
Test(twins, say_the_same_of_any_field_of_64_kib)
{
    char *const text = malloc(65537);
    memset(text, '7', 65537);
    for (uint32_t n = 65534; n <= 65537; n++)
        every_field_as((struct view){text, n});
    free(text);
}

/* What made traffic does not have: the edges of the quick number and of a text's length. */
Test(twins, say_the_same_at_the_edges)
{
    static const char *const value[] = {
        "0",
        "-0",
        "00",
        "01",
        "1.",
        ".5",
        "0.12345",
        "0.123456",
        "12345678",
        "123456789",
        "1234567890",
        "12345678.12345",
        "123456789.1",
        "99999999999999",
        "999999999999999",
        "1e2",
        "-1",
        "1.50",
        "\"1.5\"",
        "\" 1.5\"",
        "\"1.5 \"",
        "\"\"",
        "null",
        "true",
        "[1]",
        "{}",
        "1 ",
        " 1",
        "\"abc\"",
        "\"\\u0031\"",
        "\"1\\n\"",
    };
    static const char *const field[] = {"freight", "packNo",   "fFlag", "country", "ebpName",
                                        "note",    "voyageNo", "guid",  "appTime", "POD",
                                        "gnum",    "qty",      "price", "gcode",   "unit2"};
    struct twin twin[TWINS];
    struct buf whole = {0}, m = {0};
    unsigned taken = 0;
    twins_create(twin);
    manifest_read("CEB603", GEN_JSON, &whole);
    for (size_t f = 0; f < ARRAY_LEN(field); f++) {
        char name[40];
        snprintf(name, sizeof(name), "\"%s\":", field[f]);
        const char *const at = memmem(whole.p, whole.n, name, strlen(name));
        if (!at)
            continue; /* an optional one */
        const char *const from = at + strlen(name);
        const char *to = from;
        while (*to != ',' && *to != '}')
            to++;
        for (size_t k = 0; k < ARRAY_LEN(value); k++) {
            buf_reset(&m);
            buf_put(&m, whole.p, (size_t)(from - whole.p));
            buf_text(&m, value[k]);
            buf_put(&m, to, (size_t)(whole.p + whole.n - to));
            all_say_the_same(twin, buf_as_view(&m));
            taken += says(&twin[0], "\nCEB603");
        }
    }
    cr_assert_gt(taken, ARRAY_LEN(field));
    buf_free(&whole);
    buf_free(&m);
    twins_destroy(twin);
}
