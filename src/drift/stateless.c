#include "drift/stateless.h"

#include <stdlib.h>

#include "drift/watch.h"

#define PERCENT_ONE INT64_C(10000000) /* 100 % at 1e-5 */
#define KG          "035"

/*
 * The rules in force do not change between two boundaries of the ruleset, and appTimes come close
 * together: the pointers are looked up once for such a span.
 */
struct span {
    int64_t from; /* inclusive */
    int64_t to;   /* exclusive; from == to: nothing looked up yet */
    const struct rule *rule[RULE_COUNT];
};

struct judge {
    const struct ruleset *ruleset;
    struct watch_words *words;
    struct watch_prefix *watched_hs;
    struct watch_prefix *controlled_hs;
    struct watch_names *suspended;
    struct span span;
};

/* One manifest under judgement. */
struct trial {
    const struct judge *judge;
    const struct doc *doc;
    const struct rule *rule; /* the one being tested */
    bool has_value;
    dec value;
    bool has_observed; /* filled by the test of a rule */
    dec observed;
};

struct judge *judge_create(const struct ruleset *r)
{
    struct judge *j = xcalloc(1, sizeof(*j));
    j->ruleset = r;
    j->words = watch_words_create(&r->watch_words);
    j->watched_hs = watch_prefix_create(&r->watch_hs);
    j->controlled_hs = watch_prefix_create(&r->controlled_hs);
    j->suspended = watch_names_create(&r->suspended);
    return j;
}

void judge_destroy(struct judge *j)
{
    if (!j)
        return;
    watch_words_destroy(j->words);
    watch_prefix_destroy(j->watched_hs);
    watch_prefix_destroy(j->controlled_hs);
    watch_names_destroy(j->suspended);
    free(j);
}

static void narrow(struct span *s, int64_t boundary, int64_t at)
{
    if (boundary <= at && boundary > s->from)
        s->from = boundary;
    if (boundary > at && boundary < s->to)
        s->to = boundary;
}

static void find_span(struct judge *j, int64_t at)
{
    j->span.from = INT64_MIN;
    j->span.to = INT64_MAX;
    for (uint32_t i = 0; i < j->ruleset->rules; i++) {
        narrow(&j->span, j->ruleset->rule[i].effective_from, at);
        narrow(&j->span, j->ruleset->rule[i].effective_to, at);
    }
    for (unsigned c = 0; c < RULE_COUNT; c++)
        j->span.rule[c] = ruleset_rule(j->ruleset, (enum rule_code)c, at);
}

static dec head_num(const struct doc *d, enum doc_field f)
{
    return doc_has(d, f) ? d->num[f] : 0;
}

static void observe(struct trial *t, dec observed)
{
    t->has_observed = true;
    t->observed = observed;
}

static bool is_one_of(struct view v, const char *const word[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (view_is(v, word[i]))
            return true;
    return false;
}

static bool is_b2b(const struct doc *d)
{
    static const char *const mode[] = {"9710", "9810"};
    return is_one_of(d->f[F_tradeMode], mode, ARRAY_LEN(mode));
}

/* False: an item's currency has no rate. Items of one manifest mostly share their currency. */
static bool value_of(const struct judge *j, const struct doc *d, int64_t at, dec *value)
{
    struct view currency = {0};
    dec cny = 0;
    *value = 0;
    for (uint32_t i = 0; i < d->items; i++) {
        const struct doc_item *item = &d->item[i];
        if (!currency.p || !view_eq(currency, item->f[I_currency])) {
            currency = item->f[I_currency];
            if (!ruleset_rate(j->ruleset, currency, at, &cny))
                return false;
        }
        *value += dec_mul(item->total_price, cny);
    }
    return true;
}

/* ---- the rules, RULES.md section 3; true: fires ---- */

/* GTIN: from the right, the check digit first, weights are 1, 3, 1, 3, ...; the sum ends in 0. */
static bool is_bad_gtin(struct view v)
{
    if (v.n != 8 && v.n != 12 && v.n != 13 && v.n != 14)
        return false;
    unsigned sum = 0;
    for (uint32_t i = 0; i < v.n; i++) {
        const char c = v.p[v.n - 1 - i];
        if (c < '0' || c > '9')
            return false;
        sum += (unsigned)(c - '0') * (i % 2 ? 3 : 1);
    }
    return sum % 10 != 0;
}

static bool bc01(struct trial *t)
{
    if (t->doc->type != DOC_CEB621)
        return false;
    for (uint32_t i = 0; i < t->doc->items; i++)
        if (is_bad_gtin(t->doc->item[i].f[I_barCode]))
            return true;
    return false;
}

static bool id01(struct trial *t)
{
    static const enum doc_field party[] = {F_ebpCode,   F_ebcCode, F_agentCode, F_logisticsCode,
                                           F_ownerCode, F_iacCode, F_areaCode,  F_assureCode};
    for (size_t i = 0; i < ARRAY_LEN(party); i++)
        if (watch_names_has(t->judge->suspended, t->doc->f[party[i]]))
            return true;
    return false;
}

static bool qw01(struct trial *t)
{
    const dec gross = head_num(t->doc, F_grossWeight);
    const dec net = head_num(t->doc, F_netWeight);
    observe(t, net);
    return gross <= 0 || net <= 0 || net > gross;
}

static bool qw02(struct trial *t)
{
    const struct doc *d = t->doc;
    dec sum = 0;
    for (uint32_t i = 0; i < d->items; i++) {
        if (!view_is(d->item[i].f[I_unit1], KG))
            return false;
        sum += d->item[i].qty1;
    }
    const dec net = head_num(d, F_netWeight);
    const dec scaled = dec_abs(sum - net) * PERCENT_ONE; /* 1e15 x 1e5 x 100 items x 1e7 < 1e30 */
    if (net != 0)
        observe(t, scaled / dec_abs(net));
    return d->items > 0 && scaled > t->rule->param[0] * dec_abs(net);
}

static bool rate_missing(struct trial *t)
{
    return !t->has_value;
}

static bool rg01(struct trial *t)
{
    static const char *const mode[] = {"9610", "1210", "1239", "9710", "9810"};
    const bool is_export = t->doc->type == DOC_CEB603;
    return !view_is(t->doc->f[F_ieFlag], is_export ? "E" : "I") ||
           !is_one_of(t->doc->f[F_tradeMode], mode, is_export ? ARRAY_LEN(mode) : 3);
}

static bool rg02(struct trial *t)
{
    if (!t->has_value || !is_b2b(t->doc))
        return false;
    observe(t, t->value);
    return t->value > t->rule->param[0];
}

static bool rg03(struct trial *t)
{
    if (!is_b2b(t->doc))
        return false;
    if (doc_has(t->doc, F_licenseNo))
        return true;
    for (uint32_t i = 0; i < t->doc->items; i++)
        if (watch_prefix_of(t->judge->controlled_hs, t->doc->item[i].f[I_gcode]))
            return true;
    return false;
}

static bool rg05(struct trial *t)
{
    static const char *const bonded[] = {"1210", "1239"};
    const struct doc *d = t->doc;
    if (!is_one_of(d->f[F_tradeMode], bonded, ARRAY_LEN(bonded)))
        return false;
    const bool is_import = d->type == DOC_CEB621;
    if (!doc_has(d, F_emsNo) || !doc_has(d, is_import ? F_areaCode : F_iacCode) ||
        !doc_has(d, is_import ? F_areaName : F_iacName))
        return true;
    for (uint32_t i = 0; i < d->items; i++)
        if (d->item[i].f[I_itemRecordNo].n == 0)
            return true;
    return false;
}

static bool rt09(struct trial *t)
{
    if (t->doc->type != DOC_CEB603)
        return false;
    for (uint32_t i = 0; i < t->doc->items; i++)
        if (!view_eq(t->doc->item[i].f[I_country], t->doc->f[F_country]))
            return true;
    return false;
}

/*
 * abs(qty x price - totalPrice) at 1e-10, where products are exact: factors below 1e19 give less
 * than 1.7e38. False: out of that range, which no decoded document reaches.
 */
static bool arithmetic_gap(const struct doc_item *item, dec *gap)
{
    dec product, total;
    if (__builtin_mul_overflow(item->qty, item->price, &product) ||
        __builtin_mul_overflow(item->total_price, DEC_ONE, &total) ||
        __builtin_sub_overflow(product, total, gap))
        return false;
    *gap = dec_abs(*gap);
    return true;
}

static bool vl05(struct trial *t)
{
    const dec cent = t->rule->param[0] * DEC_ONE;
    dec worst = -1;
    for (uint32_t i = 0; i < t->doc->items; i++) {
        const struct doc_item *item = &t->doc->item[i];
        dec gap;
        if (!arithmetic_gap(item, &gap))
            return true;
        /* total x percent at 1e-10. Rounded down it decides the same, since the gap is whole. */
        const dec share = dec_abs(item->total_price) * t->rule->param[1] / (PERCENT_ONE / DEC_ONE);
        if (gap > cent && gap > share && gap > worst)
            worst = gap;
    }
    if (worst < 0)
        return false;
    observe(t, worst / DEC_ONE);
    return true;
}

static bool vl07(struct trial *t)
{
    if (t->doc->type != DOC_CEB621 || !t->has_value)
        return false;
    const dec sum = t->value + head_num(t->doc, F_freight) + head_num(t->doc, F_insuredFee);
    dec units = 0;
    for (uint32_t i = 0; i < t->doc->items; i++)
        units += t->doc->item[i].qty;
    observe(t, sum);
    return sum > t->rule->param[0] && units > DEC_ONE;
}

static bool wl01(struct trial *t)
{
    const struct judge *j = t->judge;
    for (uint32_t i = 0; i < t->doc->items; i++) {
        const struct view *f = t->doc->item[i].f;
        if (watch_words_in(j->words, f[I_gname]) || watch_words_in(j->words, f[I_gmodel]) ||
            watch_words_in(j->words, f[I_itemName]) || watch_prefix_of(j->watched_hs, f[I_gcode]))
            return true;
    }
    return false;
}

/* In the order of their codes as text: so the findings are sorted. */
static const struct {
    enum rule_code code;
    bool (*fires)(struct trial *t);
} test[] = {
    {RULE_BC01, bc01},
    {RULE_ID01, id01},
    {RULE_QW01, qw01},
    {RULE_QW02, qw02},
    {RULE_RATE_MISSING, rate_missing},
    {RULE_RG01, rg01},
    {RULE_RG02, rg02},
    {RULE_RG03, rg03},
    {RULE_RG05, rg05},
    {RULE_RT09, rt09},
    {RULE_VL05, vl05},
    {RULE_VL07, vl07},
    {RULE_WL01, wl01},
};
_Static_assert(ARRAY_LEN(test) <= HITS_MAX, "one hit a rule");

void judge_manifest(struct judge *j, const struct doc *d, struct findings *out)
{
    const int64_t at = (int64_t)head_num(d, F_appTime);
    if (at < j->span.from || at >= j->span.to)
        find_span(j, at);
    struct trial t = {.judge = j, .doc = d};
    t.has_value = value_of(j, d, at, &t.value);
    out->has_value = t.has_value;
    out->value = t.has_value ? t.value : 0;
    out->hits = 0;
    for (size_t i = 0; i < ARRAY_LEN(test); i++) {
        t.rule = j->span.rule[test[i].code];
        t.has_observed = false;
        if (!t.rule || !test[i].fires(&t))
            continue;
        out->hit[out->hits++] = (struct hit){
            .code = test[i].code,
            .level = t.rule->level,
            .rule = t.rule,
            .observed = t.has_observed ? t.observed : 0,
            .has_observed = t.has_observed,
        };
    }
}
