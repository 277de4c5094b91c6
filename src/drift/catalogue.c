#include "drift/catalogue.h"

const struct rule_info rule_info[RULE_COUNT] = {
#define X(code_, level_, account_, name_, n0, p0, n1, p1)                                          \
    [RULE_##code_] = {                                                                             \
        .code = #code_,                                                                            \
        .level = LEVEL_##level_,                                                                   \
        .account = ACCOUNT_##account_,                                                             \
        .name = name_,                                                                             \
        .param_name = {n0, n1},                                                                    \
        .param = {p0, p1},                                                                         \
    },
    RULES(X)
#undef X
};

/* Announcements of the General Administration of Customs by year-number; DOMAIN.md section 5. */
const char *const rule_legal_basis[RULE_COUNT] = {
    [RULE_RATE_MISSING] = "Measures on Dutiable Value: customs rate of the day",
    [RULE_RG01] = "GACC 2014-12, 2014-57, 2016-75, 2020-75; CEB specification",
    [RULE_RG02] = "GACC 2020-75, 2021-47",
    [RULE_RG03] = "GACC 2020-75, 2021-47",
    [RULE_RG05] = "GACC 2014-57, 2016-75; CEB specification",
    [RULE_VL05] = "CEB specification: totalPrice = qty x price",
    [RULE_VL07] = "Caiguanshui 2018-49; CEB return -621005",
    [RULE_QW01] = "CEB specification: grossWeight, netWeight",
    [RULE_QW02] = "CEB specification: legal unit 035",
    [RULE_RT09] = "CEB specification: country of final destination",
    [RULE_ID01] = "CEB returns -10101, -10102",
    [RULE_WL01] = "GACC 2018-194",
    [RULE_BC01] = "CEB specification: barCode; GS1 General Specifications",
    [RULE_DP01] = "CEB specification: repeated transmission",
    [RULE_DP02] = "CEB return -301014",
    [RULE_DP03] = "CEB return -621004",
    [RULE_DP04] = "CEB specification: waybill number unique for 6 months",
    [RULE_DP05] = "CEB return -301010",
    [RULE_DP07] = "CEB returns -621012, -623005",
    [RULE_VL01] = "GACC 2020-75 (cap), 2018-194",
    [RULE_VL02] = "GACC 2020-75 (cap), 2018-194",
    [RULE_QW03] = "CEB specification: CEB607 grossWeight",
    [RULE_QW04] = "JGS/T 14-2015: WEIGHT_DIFF",
    [RULE_QW05] = "CEB specification: CEB607, CEB507; transit declaration",
    [RULE_RT02] = "JGS/T 14-2015: DEST_CUSTOMS",
    [RULE_RT06] = "Transit declaration: ValidTime",
    [RULE_RT07] = "GACC 2018-194; CEB509",
    [RULE_SL01] = "JGS/T 14-2015: ESEAL_ID",
    [RULE_SL02] = "Customs smart lock specification",
    [RULE_SL03] = "JGS/T 14-2015: AlarmType; customs smart lock specification",
    [RULE_SL04] = "Customs smart lock specification",
    [RULE_SL05] = "Customs smart lock specification: one lock, one entry",
    [RULE_SL07] = "JGS/T 14-2015: CONTA_NO, VE_NAME",
};

static const char *const kind_name[ACCOUNT_KINDS] = {
    [ACCOUNT_MANIFEST] = "manifest", [ACCOUNT_ORDER] = "order", [ACCOUNT_WAYBILL] = "waybill",
    [ACCOUNT_PARTY] = "party",       [ACCOUNT_BILL] = "bill",   [ACCOUNT_LOCK] = "lock",
    [ACCOUNT_TRANSIT] = "transit",
};

enum rule_code rule_find(struct view code)
{
    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (view_is(code, rule_info[i].code))
            return (enum rule_code)i;
    return RULE_COUNT;
}

const char *account_kind_name(enum account_kind k)
{
    return kind_name[k];
}

enum account_kind account_kind_find(struct view name)
{
    for (unsigned i = 0; i < ACCOUNT_KINDS; i++)
        if (view_is(name, kind_name[i]))
            return (enum account_kind)i;
    return ACCOUNT_KINDS;
}
