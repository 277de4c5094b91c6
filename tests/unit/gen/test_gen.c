/* The generator as a whole: what it hands out is readable, repeatable and adds up. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "codec/decode.h"
#include "gen/gen.h"

struct seen {
    uint64_t docs;
    uint64_t manifests;
    uint64_t rejects;
    uint64_t ignored;
    struct hash128 content; /* sum over manifests, whatever their order */
    struct reject last;
    char field[40];
};

static void on_doc(void *ctx, const struct doc *d)
{
    struct seen *s = ctx;
    s->docs++;
    s->ignored += d->type == DOC_IGNORED;
    if (d->type == DOC_CEB603 || d->type == DOC_CEB621) {
        s->manifests++;
        s->content.lo += d->content.lo;
        s->content.hi += d->content.hi;
    }
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct seen *s = ctx;
    s->rejects++;
    s->last = *r;
    snprintf(s->field, sizeof(s->field), VIEW_FMT, VIEW_ARG(r->field));
}

static struct gen *start(const struct gen_opts *o)
{
    struct gen *g = NULL;
    struct err e = {0};
    cr_assert_eq(gen_create(&g, o, &e), RC_OK, "%s", e.text);
    return g;
}

static uint64_t fingerprint(const struct gen_opts *o)
{
    struct gen *g = start(o);
    struct gen_message m;
    uint64_t sum = 0;
    while (gen_next(g, &m))
        sum = sum * 31 + hash64(m.value.p, m.value.n, 7) + hash64(m.key.p, m.key.n, 9);
    gen_destroy(g);
    return sum;
}

#define EVERY_PLANT_MAX 128

static uint32_t every_plant(struct gen_plant p[], uint32_t count)
{
    uint32_t n = 0;
    for (; gen_plant_name(n); n++)
        p[n] = (struct gen_plant){gen_plant_name(n), count};
    cr_assert_leq(n, EVERY_PLANT_MAX);
    return n;
}

Test(gen, the_same_options_give_the_same_bytes)
{
    struct gen_plant p[EVERY_PLANT_MAX];
    struct gen_opts o = {.manifests = 3000, .seed = 5, .format = GEN_MIXED, .plant = p};
    o.plants = every_plant(p, 2);
    cr_assert_eq(fingerprint(&o), fingerprint(&o));
    const uint64_t five = fingerprint(&o);
    o.seed = 6;
    cr_assert_neq(fingerprint(&o), five);
}

Test(gen, hands_out_exactly_the_manifests_that_were_asked_for)
{
    static const uint64_t wanted[] = {0, 1, 2, 99, 100, 101, 2500};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        struct gen *g = start(&(struct gen_opts){.manifests = wanted[i], .seed = i});
        struct gen_message m;
        struct gen_totals t;
        while (gen_next(g, &m))
            cr_assert(m.value.n > 0);
        gen_totals(g, &t);
        cr_assert_eq(t.manifests, wanted[i]);
        cr_assert_eq(t.verdict[GEN_ACCEPTED], wanted[i]);
        cr_assert_eq(t.rejects + t.alerts + t.plants, 0);
        cr_assert_eq(t.entries, t.closed_auto);
        gen_destroy(g);
    }
}

static void decode_all(const struct gen_opts *o, struct seen *s)
{
    static const char *const format[] = {"json", "ceb", "mixed"};
    struct gen *g = start(o);
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    const struct decode_sink sink = {s, on_doc, on_reject};
    struct gen_message m;
    struct gen_totals t;
    uint64_t n = 0;
    while (gen_next(g, &m)) {
        cr_assert_geq(m.time_ms, gen_start_ms(g), "%s", m.type);
        const uint64_t before = s->docs + s->rejects;
        decode_message(d, m.value, (unsigned)m.group, &sink);
        cr_assert_eq(s->docs + s->rejects - before, m.documents,
                     "%s message %llu (%s): %llu documents, not %u: %.300s", format[o->format],
                     (unsigned long long)n, m.type,
                     (unsigned long long)(s->docs + s->rejects - before), m.documents, m.value.p);
        n++;
    }
    gen_totals(g, &t);
    cr_assert_eq(s->rejects, t.rejects, "%s: %llu rejects, not %llu: %s %s: %s", format[o->format],
                 (unsigned long long)s->rejects, (unsigned long long)t.rejects,
                 reject_code_name(s->last.code), s->field, s->last.text);
    cr_assert_eq(s->docs + s->rejects, t.documents);
    cr_assert_eq(s->manifests, t.manifests);
    cr_assert_eq(s->ignored, 0);
    decoder_destroy(d);
    gen_destroy(g);
}

Test(gen, every_message_is_what_the_decoder_accepts_on_its_topic)
{
    struct gen_plant p[EVERY_PLANT_MAX];
    const uint32_t plants = every_plant(p, 3);
    for (unsigned f = GEN_JSON; f <= GEN_MIXED; f++) {
        struct seen s = {0};
        decode_all(&(struct gen_opts){.manifests = 4000,
                                      .seed = 11 + f,
                                      .format = (enum gen_format)f,
                                      .plant = p,
                                      .plants = plants},
                   &s);
    }
}

Test(gen, xml_and_json_of_one_seed_have_the_same_content)
{
    struct seen json = {0};
    struct seen ceb = {0};
    decode_all(&(struct gen_opts){.manifests = 3000, .seed = 3, .manifests_only = true}, &json);
    decode_all(
        &(struct gen_opts){.manifests = 3000, .seed = 3, .manifests_only = true, .format = GEN_CEB},
        &ceb);
    cr_assert_eq(json.manifests, 3000);
    cr_assert(hash128_eq(json.content, ceb.content));
}

Test(gen, every_kind_of_bad_message_gets_the_reject_that_the_truth_names)
{
    const struct gen_plant p = {"REJECT", 51};
    struct gen *g = start(&(struct gen_opts){.seed = 2, .plant = &p, .plants = 1});
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    struct gen_message m;
    size_t n;
    for (size_t i = 0; gen_next(g, &m); i++) {
        struct seen s = {0};
        const struct decode_sink sink = {&s, on_doc, on_reject};
        decode_message(d, m.value, (unsigned)m.group, &sink);
        const struct gen_truth *t = gen_truth(g, &n);
        cr_assert_eq(n, i + 1);
        t = &t[i];
        cr_assert_eq(t->message, i);
        cr_assert_eq(s.rejects, 1, "%s", t->what);
        cr_assert_str_eq(reject_code_name(s.last.code), t->what, "%u: %s", t->nth, s.last.text);
        cr_assert_str_eq(s.field, t->more, "%u: %s: field %s: %s", t->nth, t->what, s.field,
                         s.last.text);
        cr_assert_eq(s.last.index, t->index, "%s: index %d", t->what, (int)s.last.index);
    }
    cr_assert_eq(n, 51);
    decoder_destroy(d);
    gen_destroy(g);
}

Test(gen, arrival_follows_event_time_and_a_shuffle_stays_within_its_bound)
{
    static const int64_t shuffle[] = {0, 10 * MINUTE_MS, HOUR_MS};
    for (size_t i = 0; i < ARRAY_LEN(shuffle); i++) {
        struct gen *g =
            start(&(struct gen_opts){.manifests = 3000, .seed = 8, .shuffle_ms = shuffle[i]});
        struct gen_message m;
        int64_t latest = 0;
        int64_t worst = 0;
        while (gen_next(g, &m)) {
            if (latest - m.time_ms > worst)
                worst = latest - m.time_ms;
            if (m.time_ms > latest)
                latest = m.time_ms;
        }
        cr_assert_leq(worst, shuffle[i]);
        cr_assert(shuffle[i] == 0 || worst > shuffle[i] / 2, "it does not shuffle");
        cr_assert_gt(gen_until_ms(g), latest);
        gen_destroy(g);
    }
}

Test(gen, refuses_what_it_cannot_do)
{
    static const struct gen_plant unknown = {"WL99", 1};
    static const struct gen_plant entry = {"X12", 1};
    static const struct gen_plant many = {"WL01", 2000000};
    static const struct {
        const char *why;
        struct gen_opts o;
    } bad[] = {
        {"unknown plant", {.plant = &unknown, .plants = 1}},
        {"entry without journeys", {.plant = &entry, .plants = 1, .manifests_only = true}},
        {"too many", {.plant = &many, .plants = 1}},
        {"shuffle below 0", {.shuffle_ms = -1}},
        {"shuffle above an hour", {.shuffle_ms = HOUR_MS + 1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct gen *g = NULL;
        struct err e = {0};
        cr_assert_eq(gen_create(&g, &bad[i].o, &e), RC_INVALID, "%s", bad[i].why);
        cr_assert_eq(e.exit, EXIT_USAGE);
        cr_assert_null(g);
    }
}

Test(gen, a_plant_is_there_as_often_as_it_was_asked_for)
{
    struct gen_plant p[EVERY_PLANT_MAX];
    const uint32_t plants = every_plant(p, 3);
    struct gen *g = start(&(struct gen_opts){.manifests = 500, .plant = p, .plants = plants});
    struct gen_message m;
    struct gen_totals t;
    size_t n;
    while (gen_next(g, &m))
        ;
    gen_totals(g, &t);
    cr_assert_eq(t.plants, plants * 3);
    const struct gen_truth *truth = gen_truth(g, &n);
    for (uint32_t i = 0; i < plants; i++) {
        unsigned seen = 0; /* bit of each nth */
        for (size_t k = 0; k < n; k++)
            if (strcmp(truth[k].plant, p[i].name) == 0)
                seen |= 1u << truth[k].nth;
        if (strncmp(p[i].name, "NEAR_", 5) == 0 && seen == 0)
            continue; /* nothing must come of it */
        cr_assert_eq(seen, 14u, "%s", p[i].name);
    }
    gen_destroy(g);
}
