/* Stateless rules about weights, places, parties and goods, and rules in time: RULES.md section 3.
 */
#include "tests/unit/drift/innocent.h"

TestSuite(stateless, .init = setup, .fini = teardown);

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
    u.legal_basis_zh = r->rule[i].legal_basis_zh;
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
