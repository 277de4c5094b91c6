/* The stateless rules at their boundaries, RULES.md section 3. */
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

static dec number(const char *text)
{
    dec v;
    cr_assert_eq(dec_parse(view_of(text), 20, &v), DEC_FINE, "%s", text);
    return v;
}

static void set(struct sample *s, enum doc_field f, const char *text)
{
    s->doc.f[f] = view_of(text);
}

static void set_number(struct sample *s, enum doc_field f, const char *text)
{
    set(s, f, text);
    s->doc.num[f] = number(text);
}

static void set_money(struct doc_item *i, const char *qty, const char *price, const char *total)
{
    i->qty = number(qty);
    i->price = number(price);
    i->total_price = number(total);
    i->f[I_qty] = view_of(qty);
    i->f[I_price] = view_of(price);
    i->f[I_totalPrice] = view_of(total);
}

/* A manifest that nothing can be said against. */
static void innocent(struct sample *s, enum doc_type type)
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

static void add_rate(struct ruleset *r, const char *currency, int64_t from, const char *cny)
{
    r->rate = xrealloc(r->rate, (r->rates + 1) * sizeof(*r->rate));
    struct rate *t = &r->rate[r->rates++];
    *t = (struct rate){.from = from, .cny = number(cny)};
    memcpy(t->currency, currency, 4);
}

static void setup(void)
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

static void teardown(void)
{
    judge_destroy(judge);
    ruleset_free(rules);
}

TestSuite(stateless, .init = setup, .fini = teardown);

static struct findings findings_of(struct sample *s)
{
    struct findings f;
    judge_manifest(judge, &s->doc, &f);
    for (uint32_t i = 1; i < f.hits; i++)
        cr_assert_lt(strcmp(rule_info[f.hit[i - 1].code].code, rule_info[f.hit[i].code].code), 0);
    return f;
}

/* Exactly the codes of `want` ("RG02 VL05"), in that order. */
static void expect(struct sample *s, const char *want, const char *what)
{
    const struct findings f = findings_of(s);
    char got[256] = "";
    size_t n = 0;
    for (uint32_t i = 0; i < f.hits; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s", i ? " " : "",
                              rule_info[f.hit[i].code].code);
    cr_expect_str_eq(got, want, "%s: got \"%s\", want \"%s\"", what, got, want);
}

Test(stateless, an_innocent_manifest_has_no_hits_and_a_value)
{
    struct sample s;
    innocent(&s, DOC_CEB603);
    expect(&s, "", "603");
    const struct findings f = findings_of(&s);
    cr_expect(f.has_value);
    cr_expect(f.value == number("60"));
    innocent(&s, DOC_CEB621);
    expect(&s, "", "621");
}

Test(stateless, value_rounds_each_product_half_even)
{
    struct sample s;
    innocent(&s, DOC_CEB603);
    s.doc.items = 2;
    for (int i = 0; i < 2; i++)
        s.item[i].f[I_currency] = view_of("344");
    set_money(&s.item[0], "1", "0.00150", "0.00150"); /* 0.000105 -> 0.00010 */
    set_money(&s.item[1], "1", "0.00250", "0.00250"); /* 0.000175 -> 0.00018 */
    cr_expect(findings_of(&s).value == 28);
    s.item[1].f[I_currency] = view_of("502");
    set_money(&s.item[1], "1", "10", "10");
    cr_expect(findings_of(&s).value == number("71.0001"));
}

Test(stateless, rg01_knows_the_modes_and_flags_of_each_message)
{
    static const struct {
        enum doc_type type;
        const char *flag, *mode, *want;
    } row[] = {
        {DOC_CEB603, "E", "9610", ""},     {DOC_CEB603, "E", "9710", ""},
        {DOC_CEB603, "E", "9810", ""},     {DOC_CEB603, "I", "9610", "RG01"},
        {DOC_CEB603, "E", "0110", "RG01"}, {DOC_CEB603, "E", "96100", "RG01"},
        {DOC_CEB603, "E", "", "RG01"},     {DOC_CEB621, "I", "9610", ""},
        {DOC_CEB621, "I", "9710", "RG01"}, {DOC_CEB621, "I", "9810", "RG01"},
        {DOC_CEB621, "E", "9610", "RG01"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, row[i].type);
        set(&s, F_ieFlag, row[i].flag);
        set(&s, F_tradeMode, row[i].mode);
        expect(&s, row[i].want, row[i].mode);
    }
    struct sample s;
    static const char *const zone[] = {"1210", "1239"};
    for (size_t i = 0; i < 2; i++)
        for (int import = 0; import < 2; import++) {
            innocent(&s, import ? DOC_CEB621 : DOC_CEB603);
            set(&s, F_tradeMode, zone[i]);
            set(&s, F_emsNo, "H1");
            set(&s, import ? F_areaCode : F_iacCode, "Z1");
            set(&s, import ? F_areaName : F_iacName, "Z");
            s.item[0].f[I_itemRecordNo] = view_of("R1");
            expect(&s, "", zone[i]);
        }
}

Test(stateless, rg02_allows_the_cap_itself)
{
    static const struct {
        const char *mode, *currency, *total, *want;
    } row[] = {
        {"9710", "142", "4999.99999", ""},     {"9710", "142", "5000", ""},
        {"9710", "142", "5000.00001", "RG02"}, {"9810", "142", "5000.00001", "RG02"},
        {"9610", "142", "5000.00001", ""},     {"9710", "502", "704.22535", ""},
        {"9710", "502", "704.22536", "RG02"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        set(&s, F_tradeMode, row[i].mode);
        s.item[0].f[I_currency] = view_of(row[i].currency);
        set_money(&s.item[0], "1", row[i].total, row[i].total);
        expect(&s, row[i].want, row[i].total);
        const struct findings f = findings_of(&s);
        if (f.hits) {
            cr_expect(f.hit[0].has_observed && f.hit[0].observed == f.value);
            cr_expect_eq(f.hit[0].level, LEVEL_B);
            cr_expect_eq(f.hit[0].rule, ruleset_rule(rules, RULE_RG02, APP_TIME));
        }
    }
    struct sample s;
    innocent(&s, DOC_CEB603);
    set(&s, F_tradeMode, "9710");
    s.doc.items = 2;
    set_money(&s.item[0], "1", "2500", "2500");
    set_money(&s.item[1], "1", "2500.00001", "2500.00001");
    expect(&s, "RG02", "the sum counts");
}

Test(stateless, a_missing_rate_holds_and_silences_the_value_rules)
{
    struct sample s;
    innocent(&s, DOC_CEB603);
    set(&s, F_tradeMode, "9710");
    s.doc.items = 2;
    set_money(&s.item[0], "1", "9000", "9000");
    s.item[1].f[I_currency] = view_of("999");
    expect(&s, "RATE_MISSING", "unknown currency");
    cr_expect_not(findings_of(&s).has_value);
    cr_expect_eq(findings_of(&s).hit[0].level, LEVEL_H);
    s.item[1].f[I_currency] = view_of("502");
    s.doc.num[F_appTime] = APP_TIME - 30 * DAY_MS - 1;
    expect(&s, "RATE_MISSING", "before the first rate");
    s.doc.num[F_appTime] = APP_TIME - 30 * DAY_MS;
    expect(&s, "RG02", "on the day of the first rate");
    innocent(&s, DOC_CEB621);
    s.item[0].f[I_currency] = view_of("999");
    set_money(&s.item[0], "2", "9000", "18000");
    expect(&s, "RATE_MISSING", "VL07 is not judged");
}

Test(stateless, rg03_wants_b2b_without_licence_and_controlled_goods)
{
    static const struct {
        const char *mode, *licence, *gcode, *want;
    } row[] = {
        {"9710", "", "4202920000", ""},
        {"9710", "L1", "4202920000", "RG03"},
        {"9810", "L1", "4202920000", "RG03"},
        {"9610", "L1", "2903190000", ""},
        {"9710", "", "2903190000", "RG03"},
        {"9710", "", "2902", ""},
        {"9710", "", "290", ""},
        {"9710", "", "12903", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        set(&s, F_tradeMode, row[i].mode);
        set(&s, F_licenseNo, row[i].licence);
        s.doc.items = 2;
        s.item[1].f[I_gcode] = view_of(row[i].gcode);
        expect(&s, row[i].want, row[i].gcode);
    }
}

Test(stateless, rg05_wants_every_bonded_field)
{
    static const enum doc_field export_field[] = {F_emsNo, F_iacCode, F_iacName};
    static const enum doc_field import_field[] = {F_emsNo, F_areaCode, F_areaName};
    for (int import = 0; import < 2; import++) {
        const enum doc_field *f = import ? import_field : export_field;
        for (int missing = -1; missing < 4; missing++) {
            struct sample s;
            innocent(&s, import ? DOC_CEB621 : DOC_CEB603);
            set(&s, F_tradeMode, "1239");
            s.doc.items = 2;
            s.item[0].f[I_itemRecordNo] = view_of("R1");
            if (missing != 3)
                s.item[1].f[I_itemRecordNo] = view_of("R2");
            for (int k = 0; k < 3; k++)
                if (k != missing)
                    set(&s, f[k], "x");
            expect(&s, missing < 0 ? "" : "RG05", "bonded");
            set(&s, F_tradeMode, "9610");
            expect(&s, "", "another mode needs none");
        }
    }
}

Test(stateless, vl05_takes_the_larger_tolerance_exactly)
{
    static const struct {
        const char *qty, *price, *total, *want;
    } row[] = {
        /* half a percent of 400 is 2 */
        {"1", "402", "400", ""},
        {"1", "402.00001", "400", "VL05"},
        {"1", "398", "400", ""},
        {"1", "397.99999", "400", "VL05"},
        /* half a percent of 1 is half a cent: the cent counts */
        {"1", "1.01", "1", ""},
        {"1", "1.01001", "1", "VL05"},
        {"1", "0.99", "1", ""},
        {"1", "0.98999", "1", "VL05"},
        /* both are a cent at 2 */
        {"1", "2.01", "2", ""},
        {"1", "2.01001", "2", "VL05"},
        /* below 1e-5: 1.00001 x 0.99999 = 0.9999999999; the gap to 0.98999 is 0.0100099999 */
        {"1.00001", "0.99999", "0.99", ""},
        {"1.00001", "0.99999", "0.98999", "VL05"},
        {"1.00001", "1.01", "1", "VL05"}, /* 1.0100101 */
        {"0.00001", "0.00001", "0", ""},
        {"0", "5", "0", ""},
        /* a negative total: by its amount */
        {"-1", "402", "-400", ""},
        {"-1", "402.00001", "-400", "VL05"},
        /* the largest numbers there are: 1e38 at 1e-10 */
        {"99999999999999.99999", "99999999999999.99999", "99999999999999.99999", "VL05"},
        {"1", "99999999999999.99999", "99999999999999.99999", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        s.doc.items = 2;
        set_money(&s.item[1], row[i].qty, row[i].price, row[i].total);
        char what[128];
        snprintf(what, sizeof(what), "%s x %s = %s", row[i].qty, row[i].price, row[i].total);
        expect(&s, row[i].want, what);
    }
    struct sample s;
    innocent(&s, DOC_CEB603);
    set_money(&s.item[0], "1", "402.5", "400");
    cr_expect(findings_of(&s).hit[0].observed == number("2.5"));
    s.item[0].qty = s.item[0].price = (dec)1 << 70; /* no document has it: out of 128 bits */
    expect(&s, "VL05", "overflow");
    cr_expect_not(findings_of(&s).hit[0].has_observed);
}

Test(stateless, vl07_counts_freight_and_insurance_and_needs_a_second_unit)
{
    static const struct {
        enum doc_type type;
        const char *qty, *price, *total, *freight, *insured, *want;
    } row[] = {
        {DOC_CEB621, "2", "2400", "4800", "150", "50", ""},
        {DOC_CEB621, "2", "2400", "4800", "150", "50.00001", "VL07"},
        {DOC_CEB621, "2", "2400", "4800", "200.00001", "0", "VL07"},
        {DOC_CEB621, "1", "6000", "6000", "0", "0", ""},
        {DOC_CEB621, "1.00001", "6000", "6000.06", "0", "0", "VL07"},
        {DOC_CEB603, "2", "4000", "8000", "0", "0", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, row[i].type);
        set_money(&s.item[0], row[i].qty, row[i].price, row[i].total);
        set_number(&s, F_freight, row[i].freight);
        set_number(&s, F_insuredFee, row[i].insured);
        expect(&s, row[i].want, row[i].total);
    }
    struct sample s;
    innocent(&s, DOC_CEB621);
    s.doc.items = 2; /* two items of half a unit are one unit */
    set_money(&s.item[0], "0.5", "6000", "3000");
    set_money(&s.item[1], "0.5", "6000", "3000");
    expect(&s, "", "1 unit in two items");
    /* Freight is CNY whatever the goods are priced in. */
    innocent(&s, DOC_CEB621);
    s.item[0].f[I_currency] = view_of("502");
    set_money(&s.item[0], "2", "350", "700"); /* 4970 */
    set_number(&s, F_freight, "30");
    expect(&s, "", "4970 + 30");
    set_number(&s, F_freight, "30.00001");
    expect(&s, "VL07", "4970 + 30.00001");
}

Test(stateless, qw01_refuses_impossible_weights)
{
    static const struct {
        const char *gross, *net, *want;
    } row[] = {
        {"2", "2", ""},       {"2", "1.99999", ""}, {"2", "2.00001", "QW01"},
        {"2", "0", "QW01"},   {"0", "0", "QW01"},   {"0.00001", "0.00001", ""},
        {"-1", "-2", "QW01"}, {"2", "-1", "QW01"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        set_number(&s, F_grossWeight, row[i].gross);
        set_number(&s, F_netWeight, row[i].net);
        expect(&s, row[i].want, row[i].net);
    }
}

Test(stateless, qw02_compares_kilograms_with_net_weight)
{
    static const struct {
        const char *first, *second, *net, *want;
    } row[] = {
        {"5.5", "0", "5", ""},           {"5.50001", "0", "5", "QW02"},
        {"4.5", "0", "5", ""},           {"4.49999", "0", "5", "QW02"},
        {"3", "2.5", "5", ""},           {"3", "2.50001", "5", "QW02"},
        {"0.00001", "0", "0.00001", ""}, {"0.00002", "0", "0.00001", "QW02"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        s.doc.items = 2;
        s.item[0].qty1 = number(row[i].first);
        s.item[1].qty1 = number(row[i].second);
        s.item[0].f[I_unit1] = s.item[1].f[I_unit1] = view_of("035");
        set_number(&s, F_grossWeight, "9");
        set_number(&s, F_netWeight, row[i].net);
        expect(&s, row[i].want, row[i].first);
        const struct findings f = findings_of(&s);
        if (f.hits)
            cr_expect_eq(f.hit[0].level, LEVEL_R);
        s.item[1].f[I_unit1] = view_of("007");
        expect(&s, "", "not all items are in kg");
    }
}

Test(stateless, rt09_compares_countries_of_exports)
{
    struct sample s;
    innocent(&s, DOC_CEB603);
    s.doc.items = 3;
    expect(&s, "", "all the same");
    s.item[2].f[I_country] = view_of("501");
    expect(&s, "RT09", "the third differs");
    innocent(&s, DOC_CEB621);
    s.item[0].f[I_country] = view_of("116");
    expect(&s, "", "imports have countries of origin");
}

Test(stateless, id01_looks_at_eight_parties)
{
    static const enum doc_field party[] = {F_ebpCode,   F_ebcCode, F_agentCode, F_logisticsCode,
                                           F_ownerCode, F_iacCode, F_areaCode,  F_assureCode};
    static const struct {
        const char *code, *want;
    } row[] = {
        {"9911BAD01", "ID01"}, {"9911BAD012", ""}, {"9911BAD0", ""}, {"9911bad01", ""},
        {"GHOST", "ID01"},     {"GHOST7", "ID01"}, {"GHOS", ""},     {"AGHOST", ""},
    };
    for (size_t p = 0; p < ARRAY_LEN(party); p++)
        for (size_t i = 0; i < ARRAY_LEN(row); i++) {
            struct sample s;
            innocent(&s, DOC_CEB603);
            set(&s, party[p], row[i].code);
            expect(&s, row[i].want, row[i].code);
        }
    struct sample s;
    innocent(&s, DOC_CEB603);
    set(&s, F_ebpName, "9911BAD01");
    set(&s, F_copNo, "GHOST1");
    expect(&s, "", "other fields do not count");
}

Test(stateless, wl01_looks_into_three_texts_and_at_the_hs_code)
{
    static const struct {
        enum doc_item_field field;
        const char *text, *want;
    } row[] = {
        {I_gname, "rePLICA watch", "WL01"},
        {I_gmodel, "xreplicax", "WL01"},
        {I_itemName, "REPLICA", "WL01"},
        {I_gname, "rep lica", ""},
        {I_gmodel, "折叠匕首|钢", "WL01"},
        {I_gname, "匕 首", ""},
        {I_note, "replica", ""},
        {I_gcode, "9303200000", "WL01"},
        {I_gcode, "9304", ""},
        {I_gcode, "930", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, i % 2 ? DOC_CEB603 : DOC_CEB621);
        s.doc.items = 2;
        s.item[1].f[row[i].field] = view_of(row[i].text);
        expect(&s, row[i].want, row[i].text);
    }
    struct sample s;
    innocent(&s, DOC_CEB603);
    s.item[0].f[I_gname] = view_of("Repl");
    s.item[0].f[I_gmodel] = view_of("ica");
    expect(&s, "", "a word does not run over two fields");
}

Test(stateless, bc01_checks_gtins_of_imports)
{
    static const struct {
        const char *code, *want;
    } row[] = {
        {"96385074", ""},
        {"96385075", "BC01"},
        {"036000291452", ""},
        {"036000291453", "BC01"},
        {"5901234123457", ""},
        {"5901234123458", "BC01"},
        {"15901234123454", ""},
        {"15901234123455", "BC01"},
        {"590123412345", "BC01"},
        {"59012341234", ""},
        {"5901234X23458", ""},
        {"无", ""},
        {"", ""},
        {"00000000", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB621);
        s.item[0].f[I_barCode] = view_of(row[i].code);
        expect(&s, row[i].want, row[i].code);
        s.doc.type = DOC_CEB603;
        set(&s, F_ieFlag, "E");
        expect(&s, "", "exports are not judged");
    }
}

/* ---- rules in time ---- */

static struct judge *with_rule(struct ruleset *r, uint32_t i, struct rule u)
{
    u.legal_basis = r->rule[i].legal_basis;
    r->rule[i] = u;
    ruleset_seal(r);
    return judge_create(r);
}

Test(stateless, a_disabled_rule_is_silent)
{
    struct rule u = rules->rule[RULE_QW01];
    u.enabled = false;
    struct judge *j = with_rule(rules, RULE_QW01, u);
    struct sample s;
    innocent(&s, DOC_CEB603);
    set_number(&s, F_netWeight, "0");
    struct findings f;
    judge_manifest(j, &s.doc, &f);
    cr_expect_eq(f.hits, 0);
    judge_destroy(j);
}

Test(stateless, the_rule_in_force_is_chosen_by_app_time)
{
    struct rule u = rules->rule[RULE_RG02];
    u.effective_from = APP_TIME;
    u.effective_to = APP_TIME + DAY_MS;
    u.param[0] = number("100");
    u.level = LEVEL_R;
    struct judge *j = with_rule(rules, RULE_RG02, u);
    static const struct {
        int64_t at;
        uint32_t hits;
    } row[] = {{-1, 0}, {0, 1}, {DAY_MS - 1, 1}, {DAY_MS, 0}, {HOUR_MS, 1}, {-HOUR_MS, 0}, {0, 1}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct sample s;
        innocent(&s, DOC_CEB603);
        set(&s, F_tradeMode, "9710");
        set_money(&s.item[0], "1", "100.00001", "100.00001");
        s.doc.num[F_appTime] = APP_TIME + row[i].at;
        struct findings f;
        judge_manifest(j, &s.doc, &f);
        cr_expect_eq(f.hits, row[i].hits, "at %lld", (long long)row[i].at);
        if (f.hits)
            cr_expect_eq(f.hit[0].level, LEVEL_R);
    }
    judge_destroy(j);
}

Test(stateless, all_rules_at_once_fit_and_are_sorted)
{
    struct sample s;
    innocent(&s, DOC_CEB621);
    set(&s, F_tradeMode, "9710");
    set(&s, F_licenseNo, "L");
    set(&s, F_ebcCode, "GHOST");
    set_number(&s, F_netWeight, "3");
    set_money(&s.item[0], "2", "9000", "9000");
    s.item[0].f[I_unit1] = view_of("035");
    s.item[0].f[I_barCode] = view_of("96385075");
    s.item[0].f[I_gname] = view_of("replica");
    expect(&s, "BC01 ID01 QW01 QW02 RG01 RG02 RG03 VL05 VL07 WL01", "all");
}
