/* What the tests of the stateless rules share: an innocent manifest, its judge, its findings. */
#ifndef TESTS_DRIFT_INNOCENT_H
#define TESTS_DRIFT_INNOCENT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "drift/stateless.h"

#define ITEMS_MAX 4

/* 2025-09-15 09:10:00 in Shanghai. */
#define APP_TIME INT64_C(1757898600000)

struct sample {
    struct doc doc;
    struct doc_item item[ITEMS_MAX];
};

static inline dec number(const char *text)
{
    dec v;
    cr_assert_eq(dec_parse(view_of(text), 20, &v), DEC_FINE, "%s", text);
    return v;
}

static inline void set(struct sample *s, enum doc_field f, const char *text)
{
    s->doc.f[f] = view_of(text);
}

static inline void set_number(struct sample *s, enum doc_field f, const char *text)
{
    set(s, f, text);
    s->doc.num[f] = number(text);
}

static inline void set_money(struct doc_item *i, const char *qty, const char *price,
                             const char *total)
{
    i->qty = number(qty);
    i->price = number(price);
    i->total_price = number(total);
    i->f[I_qty] = view_of(qty);
    i->f[I_price] = view_of(price);
    i->f[I_totalPrice] = view_of(total);
}

/* A manifest that nothing can be said against. */
static inline void innocent(struct sample *s, enum doc_type type)
{
    memset(s, 0, sizeof(*s));
    s->doc.type = type;
    s->doc.item = s->item;
    s->doc.items = 1;
    set(s, F_appTime, "20250915091000");
    s->doc.num[F_appTime] = APP_TIME;
    set(s, F_ieFlag, type == DOC_CEB603 ? "E" : "I");
    set(s, F_tradeMode, "9610");
    set(s, F_agentCode, "3502AGENT1");
    set(s, F_ebcCode, "3502SELLER");
    set(s, F_country, "502");
    set_number(s, F_grossWeight, "2");
    set_number(s, F_netWeight, "1.5");
    set_number(s, F_freight, "0");
    set_number(s, F_insuredFee, "0");
    for (int i = 0; i < ITEMS_MAX; i++) {
        struct doc_item *it = &s->item[i];
        it->f[I_country] = view_of("502");
        it->f[I_currency] = view_of("142");
        it->f[I_gcode] = view_of("4202920000");
        it->f[I_gname] = view_of("帆布包");
        it->f[I_unit1] = view_of("007");
        it->qty1 = DEC_ONE;
        set_money(it, "2", "30", "60");
    }
}

static struct ruleset *rules;
static struct judge *judge;

static inline void add_rate(struct ruleset *r, const char *currency, int64_t from, const char *cny)
{
    r->rate = xrealloc(r->rate, (r->rates + 1) * sizeof(*r->rate));
    struct rate *t = &r->rate[r->rates++];
    *t = (struct rate){.from = from, .cny = number(cny)};
    memcpy(t->currency, currency, 4);
}

static inline void setup(void)
{
    rules = ruleset_default();
    add_rate(rules, "502", APP_TIME - 30 * DAY_MS, "7.1");
    add_rate(rules, "344", APP_TIME - 30 * DAY_MS, "0.07");
    ruleset_add_word(&rules->controlled_hs, VIEW("2903"));
    ruleset_add_word(&rules->suspended, VIEW("9911BAD01"));
    ruleset_add_word(&rules->suspended, VIEW("GHOST*"));
    ruleset_add_word(&rules->watch_words, VIEW("Replica"));
    ruleset_add_word(&rules->watch_words, VIEW("匕首"));
    ruleset_add_word(&rules->watch_hs, VIEW("9303"));
    ruleset_seal(rules);
    judge = judge_create(rules);
}

static inline void teardown(void)
{
    judge_destroy(judge);
    ruleset_free(rules);
}

static inline struct findings findings_of(struct sample *s)
{
    struct findings f;
    judge_manifest(judge, &s->doc, &f);
    for (uint32_t i = 1; i < f.hits; i++)
        cr_assert_lt(strcmp(rule_info[f.hit[i - 1].code].code, rule_info[f.hit[i].code].code), 0);
    return f;
}

/* Exactly the codes of `want` ("RG02 VL05"), in that order. */
static inline void expect(struct sample *s, const char *want, const char *what)
{
    const struct findings f = findings_of(s);
    char got[256] = "";
    size_t n = 0;
    for (uint32_t i = 0; i < f.hits; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s", i ? " " : "",
                              rule_info[f.hit[i].code].code);
    cr_expect_str_eq(got, want, "%s: got \"%s\", want \"%s\"", what, got, want);
}

#endif
