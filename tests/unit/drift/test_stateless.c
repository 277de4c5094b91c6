/* Stateless rules about regime and value at their boundaries, RULES.md section 3. */
#include "tests/unit/drift/innocent.h"

TestSuite(stateless, .init = setup, .fini = teardown);

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
