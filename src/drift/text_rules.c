/* The rules in words. What they compare exactly: the .c file of their family. */
#include "base/err.h"
#include "drift/text_tables.h"

/* The English name is the catalogue's. */
#define X(code, level, account, name, n0, p0, n1, p1) static const char name_##code[] = name;
RULES(X)
#undef X

#define RULE(code, zh, means_en, means_zh)                                                         \
    [RULE_##code] = {#code, NULL, {name_##code, zh}, {means_en, means_zh}}

static const struct text rules[RULE_COUNT] = {
    RULE(RATE_MISSING, "缺少汇率",
         "The currency of an item has no customs rate on that day; its value is not judged.",
         "商品币制当日无海关汇率，不对货值作判定。"),
    RULE(RG01, "监管方式与报文不符",
         "The trade mode or the direction is not allowed in this kind of manifest.",
         "监管方式或进出口标记不适用于该类清单。"),
    RULE(RG02, "B2B清单货值超限值",
         "A B2B export above the cap must go through an ordinary declaration.",
         "跨境电商B2B出口单票货值超过限值，应以报关单申报。"),
    RULE(RG03, "B2B清单涉证、涉检或涉税",
         "A B2B export that needs a licence or inspection, or bears duty, is no case for a "
         "manifest.",
         "跨境电商B2B出口商品涉证、涉检或涉税，不得以清单申报。"),
    RULE(RG05, "保税申报要素缺失",
         "A bonded manifest lacks its account book, the zone firm or the record number of an item.",
         "保税清单缺少账册编号、区内企业或商品账册备案料号。"),
    RULE(VL05, "总价与单价乘数量不符",
         "The total price of an item is not its price times its quantity.",
         "商品总价与单价乘申报数量之积不一致。"),
    RULE(VL07, "零售进口超单次交易限值",
         "A retail import of more than one unit is above the limit of a single purchase.",
         "零售进口商品超过单次交易限值，且数量多于一件。"),
    RULE(QW01, "重量申报异常", "A weight is not above zero, or the net weight is above the gross.",
         "毛重或净重不大于零，或净重大于毛重。"),
    RULE(QW02, "千克数量与净重不符", "The quantities in kilograms do not add up to the net weight.",
         "以千克计的法定数量之和与净重不符。"),
    RULE(RT09, "商品目的国与运抵国不一致", "An item is for another country than the manifest says.",
         "表体商品目的国与表头运抵国不一致。"),
    RULE(ID01, "企业已被暂停业务", "One of the parties is on the list of suspended firms.",
         "清单所涉企业在暂停业务名单内。"),
    RULE(WL01, "关注商品", "The goods are on the watch list, by a word or by the HS code.",
         "商品名称或商品编码列入关注名单。"),
    RULE(BC01, "条形码校验位错误", "The check digit of an import bar code is wrong.",
         "进口商品条形码校验位不正确。"),
    RULE(DP01, "重复报文", "The same document came before.", "此前已收到内容相同的报文。"),
    RULE(DP02, "旧版本报文", "The document is not newer than what is in force.",
         "报送时间不晚于现行版本。"),
    RULE(DP03, "清单已申报且内容不同",
         "A live manifest was declared again as new with other content.",
         "有效清单被再次新增申报，且内容不同。"),
    RULE(DP04, "运单重复申报", "Two or more live manifests carry the same waybill.",
         "两票以上有效清单使用同一运单号。"),
    RULE(DP05, "同一订单企业或监管方式不一致",
         "Live manifests of one order differ in the seller or in the trade mode.",
         "同一订单的有效清单电商企业或监管方式不一致。"),
    RULE(DP07, "放行或施封后变更",
         "A change or cancellation came after the release, or after the seal.",
         "放行后或施封后仍有变更或撤销。"),
    RULE(VL01, "贴近限值集中申报",
         "Many manifests of one seller, country and day lie just below the cap.",
         "同一企业同日发往同一国家的清单大量贴近限值。"),
    RULE(VL02, "拆单规避限值", "The manifests of one order together are above the cap.",
         "同一订单的清单货值合计超过限值。"),
    RULE(QW03, "提运单重量不符",
         "The manifests of a bill weigh something else than its waybill list says.",
         "提运单下清单毛重合计与清单总分单毛重不符。"),
    RULE(QW04, "卡口过磅重量不符",
         "The weight at the gate less the tare differs from the declaration.",
         "卡口过磅重量扣除自重后与申报毛重不符。"),
    RULE(QW05, "件数不符", "The pieces of the entry, its bills and its waybills differ.",
         "转关单、提运单与运单件数不一致。"),
    RULE(RT02, "运抵地不符", "It arrived at another office or site than declared.",
         "实际运抵海关或监管场所与指运地不符。"),
    RULE(RT06, "逾期运抵", "It arrived after the time that was declared.",
         "运抵时间晚于预计运抵时间。"),
    RULE(RT07, "放行后未离境",
         "Released, but neither a departure nor the clearance came within the window.",
         "放行后规定期限内既无离境单也未结关。"),
    RULE(SL01, "未申报的安全智能锁", "A lock that the entry did not declare was used for it.",
         "使用了转关单未申报的安全智能锁。"),
    RULE(SL02, "途中开锁", "A declared lock was opened between the seal and the arrival.",
         "施封后、运抵前锁被开启。"),
    RULE(SL03, "安全智能锁遭破坏", "A declared lock reports that it was forced or cut.",
         "锁报告被拆卸或剪断。"),
    RULE(SL04, "区外解封或验封前解封",
         "A lock was opened away from the destination, or before its check.",
         "在指运地以外解封，或未经验封即解封。"),
    RULE(SL05, "安全智能锁重复使用", "One lock is in use on two journeys at once.",
         "同一把锁同时用于两次运输。"),
    RULE(SL07, "箱号或车牌不符", "A gate saw another container or plate than declared.",
         "卡口识别的集装箱号或车牌与申报不符。"),
};

const struct text *text_rules(size_t *n)
{
    *n = ARRAY_LEN(rules);
    return rules;
}
