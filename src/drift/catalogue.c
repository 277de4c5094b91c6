#include "drift/catalogue.h"

#include "base/err.h"

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

const char *const rule_legal_basis_zh[RULE_COUNT] = {
    [RULE_RATE_MISSING] = "《海关审定进出口货物完税价格办法》：当日海关汇率",
    [RULE_RG01] =
        "海关总署公告2014年第12号、2014年第57号、2016年第75号、2020年第75号；统一版报文规范",
    [RULE_RG02] = "海关总署公告2020年第75号、2021年第47号",
    [RULE_RG03] = "海关总署公告2020年第75号、2021年第47号",
    [RULE_RG05] = "海关总署公告2014年第57号、2016年第75号；统一版报文规范",
    [RULE_VL05] = "统一版报文规范：总价＝成交数量×单价",
    [RULE_VL07] = "财关税〔2018〕49号；统一版回执代码-621005",
    [RULE_QW01] = "统一版报文规范：毛重、净重",
    [RULE_QW02] = "统一版报文规范：法定计量单位035（千克）",
    [RULE_RT09] = "统一版报文规范：最终目的国（地区）",
    [RULE_ID01] = "统一版回执代码-10101、-10102",
    [RULE_WL01] = "海关总署公告2018年第194号",
    [RULE_BC01] = "统一版报文规范：条形码；GS1通用规范",
    [RULE_DP01] = "统一版报文规范：重复传输",
    [RULE_DP02] = "统一版回执代码-301014",
    [RULE_DP03] = "统一版回执代码-621004",
    [RULE_DP04] = "统一版报文规范：运单编号6个月内不得重复",
    [RULE_DP05] = "统一版回执代码-301010",
    [RULE_DP07] = "统一版回执代码-621012、-623005",
    [RULE_VL01] = "海关总署公告2020年第75号（限值）、2018年第194号",
    [RULE_VL02] = "海关总署公告2020年第75号（限值）、2018年第194号",
    [RULE_QW03] = "统一版报文规范：CEB607毛重",
    [RULE_QW04] = "JGS/T 14-2015：地磅误差（WEIGHT_DIFF）",
    [RULE_QW05] = "统一版报文规范：CEB607、CEB507；转关申报单",
    [RULE_RT02] = "JGS/T 14-2015：指运地（DEST_CUSTOMS）",
    [RULE_RT06] = "转关申报单：预计运抵指运地时间",
    [RULE_RT07] = "海关总署公告2018年第194号；CEB509离境单",
    [RULE_SL01] = "JGS/T 14-2015：电子关锁号（ESEAL_ID）",
    [RULE_SL02] = "安全智能锁技术规范",
    [RULE_SL03] = "JGS/T 14-2015：报警类型（AlarmType）；安全智能锁技术规范",
    [RULE_SL04] = "安全智能锁技术规范",
    [RULE_SL05] = "安全智能锁技术规范：一锁一单",
    [RULE_SL07] = "JGS/T 14-2015：集装箱号、车牌（CONTA_NO、VE_NAME）",
};

static const char *const kind_name[ACCOUNT_KINDS] = {
    [ACCOUNT_MANIFEST] = "manifest", [ACCOUNT_ORDER] = "order", [ACCOUNT_WAYBILL] = "waybill",
    [ACCOUNT_PARTY] = "party",       [ACCOUNT_BILL] = "bill",   [ACCOUNT_LOCK] = "lock",
    [ACCOUNT_TRANSIT] = "transit",
};

const char *rule_param_unit(const char *param)
{
    static const struct {
        const char *suffix;
        const char *unit;
    } units[] = {{"_cny", "CNY"}, {"_percent", "%"}, {"_days", "d"}, {"_kg", "kg"}, {"_min", "1"}};
    const size_t n = strlen(param);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        const size_t k = strlen(units[i].suffix);
        if (n > k && strcmp(param + n - k, units[i].suffix) == 0)
            return units[i].unit;
    }
    return NULL;
}

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
