/*
 * The CEB tables of edition 202205, in XSD order. Wider limits of 2018: ebpCode 50, logisticsNo 80
 * (DOMAIN.md 1.3; the receipts and lists that repeat these two follow the manifest). 621: itemNo 30
 * in the printed edition. fFlag, iFlag: the XSD fixes 3, the printed edition allows 1, 2, 3.
 */
#include "manifest/table_ceb.h"

#define REQ      FIELD_REQUIRED
#define ASD      FIELD_ASIDE
#define APP_TYPE "|1|2|3|"
#define RMB      "|142|"

/* clang-format off */
#define FIX(f, n, fl)         {F_##f, FORM_FIXED, fl, n, n, NULL}
#define ONE(f, n, fl, list)   {F_##f, FORM_CODE, fl, n, n, list}
#define TXT(f, lo, hi, fl)    {F_##f, FORM_TEXT, fl, lo, hi, NULL}
#define SPAN(f, lo, hi, fl)   {F_##f, FORM_SPAN, fl, lo, hi, NULL}
#define DEC(f, fl)            {F_##f, FORM_DEC, fl, 0, 0, NULL}
#define INT(f, n, fl)         {F_##f, FORM_INT, fl, 0, n, NULL}
#define T14(f, fl)            {F_##f, FORM_TIME14, fl, 0, 0, NULL}
#define T17(f, fl)            {F_##f, FORM_TIME17, fl, 0, 0, NULL}
#define DAY(f, fl)            {F_##f, FORM_DATE, fl, 0, 0, NULL}
#define STATUS(f, n, fl)      {F_##f, FORM_STATUS, fl, 1, n, NULL}
#define I_FIX(f, n, fl)       {I_##f, FORM_FIXED, fl, n, n, NULL}
#define I_ONE(f, n, fl, list) {I_##f, FORM_CODE, fl, n, n, list}
#define I_TXT(f, lo, hi, fl)  {I_##f, FORM_TEXT, fl, lo, hi, NULL}
#define I_DEC(f, fl)          {I_##f, FORM_DEC, fl, 0, 0, NULL}
#define R_TXT(f, lo, hi, fl)  {R_##f, FORM_TEXT, fl, lo, hi, NULL}
#define R_GNUM                {R_gnum, FORM_INT, REQ, 0, 5, NULL}
#define R_PACK                {R_packNo, FORM_INT, FIELD_NOT_NEGATIVE, 0, 9, NULL}
/* clang-format on */

/* The first four of every business document. */
#define OPENING(status)                                                                            \
    FIX(guid, 36, REQ | ASD), ONE(appType, 1, REQ | ASD, APP_TYPE), T14(appTime, REQ | ASD), status

#define EXPORT_STATUS ONE(appStatus, 1, REQ | ASD, "|1|2|")
#define IMPORT_STATUS TXT(appStatus, 1, 3, REQ | ASD)

static const struct table_field head_603[] = {
    OPENING(EXPORT_STATUS),
    FIX(customsCode, 4, REQ),
    TXT(ebpCode, 1, 50, REQ),
    TXT(ebpName, 0, 100, REQ | FIELD_MAY_BE_EMPTY),
    TXT(orderNo, 1, 60, REQ),
    TXT(logisticsCode, 1, 18, REQ),
    TXT(logisticsName, 0, 100, REQ | FIELD_MAY_BE_EMPTY),
    TXT(logisticsNo, 1, 80, REQ),
    TXT(copNo, 1, 30, REQ),
    FIX(preNo, 18, ASD),
    TXT(invtNo, 0, 20, ASD),
    FIX(ieFlag, 1, REQ),
    FIX(portCode, 4, REQ),
    DAY(ieDate, REQ),
    ONE(statisticsFlag, 1, REQ, "|A|B|"),
    TXT(agentCode, 1, 18, REQ),
    TXT(agentName, 0, 100, REQ | FIELD_MAY_BE_EMPTY),
    TXT(ebcCode, 0, 18, REQ | FIELD_MAY_BE_EMPTY),
    TXT(ebcName, 0, 100, REQ | FIELD_MAY_BE_EMPTY),
    TXT(ownerCode, 1, 18, REQ),
    TXT(ownerName, 1, 100, REQ),
    TXT(iacCode, 0, 18, 0),
    TXT(iacName, 0, 100, 0),
    TXT(emsNo, 0, 30, 0),
    FIX(tradeMode, 4, REQ),
    FIX(trafMode, 1, REQ),
    TXT(trafName, 0, 100, 0),
    TXT(voyageNo, 0, 32, 0),
    TXT(billNo, 0, 37, 0),
    TXT(totalPackageNo, 0, 37, 0),
    TXT(loctNo, 0, 10, 0),
    TXT(licenseNo, 0, 19, 0),
    FIX(country, 3, REQ),
    SPAN(POD, 3, 4, REQ),
    DEC(freight, REQ),
    FIX(fCurrency, 3, REQ),
    ONE(fFlag, 1, REQ, "|1|2|3|"),
    DEC(insuredFee, REQ),
    FIX(iCurrency, 3, REQ),
    ONE(iFlag, 1, REQ, "|1|2|3|"),
    FIX(wrapType, 1, REQ),
    INT(packNo, 9, REQ),
    DEC(grossWeight, REQ),
    DEC(netWeight, REQ),
    TXT(note, 0, 1000, ASD),
};

static const struct table_field items_603[] = {
    {I_gnum, FORM_INT, REQ, 0, 5, NULL},
    I_TXT(itemNo, 1, 20, REQ),
    I_TXT(itemRecordNo, 0, 30, 0),
    I_TXT(itemName, 0, 250, 0),
    I_FIX(gcode, 10, REQ),
    I_TXT(gname, 1, 250, REQ),
    I_TXT(gmodel, 1, 250, REQ),
    I_TXT(barCode, 1, 50, REQ),
    I_FIX(country, 3, REQ),
    I_FIX(currency, 3, REQ),
    I_DEC(qty, REQ),
    I_DEC(qty1, REQ),
    I_DEC(qty2, 0),
    I_FIX(unit, 3, REQ),
    I_FIX(unit1, 3, REQ),
    I_TXT(unit2, 0, 3, 0),
    I_DEC(price, REQ),
    I_DEC(totalPrice, REQ),
    I_TXT(note, 0, 1000, ASD),
};

static const struct table_field head_621[] = {
    OPENING(IMPORT_STATUS),
    TXT(orderNo, 1, 60, REQ),
    TXT(ebpCode, 1, 18, REQ),
    TXT(ebpName, 1, 100, REQ),
    TXT(ebcCode, 1, 18, REQ),
    TXT(ebcName, 1, 100, REQ),
    TXT(logisticsNo, 1, 60, REQ),
    TXT(logisticsCode, 1, 18, REQ),
    TXT(logisticsName, 1, 100, REQ),
    TXT(copNo, 0, 20, 0),
    TXT(preNo, 0, 18, ASD),
    TXT(assureCode, 1, 30, REQ),
    TXT(emsNo, 0, 30, 0),
    TXT(invtNo, 0, 18, ASD),
    FIX(ieFlag, 1, REQ),
    DAY(declTime, REQ),
    FIX(customsCode, 4, REQ),
    FIX(portCode, 4, REQ),
    DAY(ieDate, 0),
    ONE(buyerIdType, 1, REQ | FIELD_PERSONAL, "|1|2|"),
    TXT(buyerIdNumber, 1, 60, REQ | FIELD_PERSONAL),
    TXT(buyerName, 1, 60, REQ | FIELD_PERSONAL),
    TXT(buyerTelephone, 1, 30, REQ | FIELD_PERSONAL),
    TXT(consigneeAddress, 1, 200, REQ | FIELD_PERSONAL),
    TXT(agentCode, 1, 18, REQ),
    TXT(agentName, 1, 100, REQ),
    TXT(areaCode, 0, 18, 0),
    TXT(areaName, 0, 100, 0),
    FIX(tradeMode, 4, REQ),
    FIX(trafMode, 1, REQ),
    TXT(trafNo, 0, 100, 0),
    TXT(voyageNo, 0, 32, 0),
    TXT(billNo, 0, 37, 0),
    TXT(loctNo, 0, 10, 0),
    TXT(licenseNo, 0, 19, 0),
    FIX(country, 3, REQ),
    DEC(freight, REQ),
    DEC(insuredFee, REQ),
    ONE(currency, 3, REQ, RMB),
    FIX(wrapType, 1, 0),
    INT(packNo, 9, REQ),
    DEC(grossWeight, REQ),
    DEC(netWeight, REQ),
    TXT(note, 0, 1000, ASD),
};

static const struct table_field items_621[] = {
    {I_gnum, FORM_INT32, REQ, 0, 10, NULL},
    I_TXT(itemRecordNo, 0, 30, 0),
    I_TXT(itemNo, 0, 30, 0),
    I_TXT(itemName, 0, 250, 0),
    I_FIX(gcode, 10, REQ),
    I_TXT(gname, 1, 250, REQ),
    I_TXT(gmodel, 1, 510, REQ),
    I_TXT(barCode, 0, 50, 0),
    I_FIX(country, 3, REQ),
    I_TXT(tradeCountry, 0, 3, 0),
    I_ONE(currency, 3, REQ, RMB),
    I_DEC(qty, REQ),
    I_FIX(unit, 3, REQ),
    I_DEC(qty1, REQ),
    I_FIX(unit1, 3, REQ),
    I_DEC(qty2, 0),
    I_FIX(unit2, 3, 0),
    I_DEC(price, REQ),
    I_DEC(totalPrice, REQ),
    I_TXT(note, 0, 1000, ASD),
};

/* 605, 623: invtNo is not required (CONTRACTS.md section 1). */
static const struct table_field head_605[] = {
    OPENING(EXPORT_STATUS),     FIX(customsCode, 4, REQ),    TXT(copNo, 1, 30, REQ),
    FIX(preNo, 18, ASD),        TXT(invtNo, 0, 20, ASD),     TXT(reason, 1, 1000, REQ),
    TXT(agentCode, 1, 18, REQ), TXT(agentName, 1, 100, REQ), TXT(ebcCode, 1, 18, REQ),
    TXT(ebcName, 1, 100, REQ),  TXT(note, 0, 1000, ASD),
};

static const struct table_field head_623[] = {
    OPENING(IMPORT_STATUS),
    FIX(customsCode, 4, REQ),
    TXT(orderNo, 1, 60, REQ),
    TXT(ebpCode, 1, 18, REQ),
    TXT(ebpName, 1, 100, REQ),
    TXT(ebcCode, 1, 18, REQ),
    TXT(ebcName, 1, 100, REQ),
    TXT(logisticsNo, 1, 60, REQ),
    TXT(logisticsCode, 1, 18, REQ),
    TXT(logisticsName, 1, 100, REQ),
    TXT(copNo, 0, 20, 0),
    TXT(preNo, 0, 18, ASD),
    TXT(invtNo, 0, 18, ASD),
    ONE(buyerIdType, 1, REQ | FIELD_PERSONAL, "|1|2|"),
    TXT(buyerIdNumber, 1, 60, REQ | FIELD_PERSONAL),
    TXT(buyerName, 1, 60, REQ | FIELD_PERSONAL),
    TXT(buyerTelephone, 1, 30, REQ | FIELD_PERSONAL),
    TXT(agentCode, 1, 18, REQ),
    TXT(agentName, 1, 100, REQ),
    TXT(reason, 1, 1000, REQ),
    TXT(note, 0, 1000, ASD),
};

static const struct table_field head_607[] = {
    OPENING(EXPORT_STATUS),    FIX(customsCode, 4, REQ),       TXT(copNo, 1, 30, REQ),
    FIX(preNo, 18, ASD),       TXT(agentCode, 1, 18, REQ),     TXT(agentName, 1, 100, REQ),
    TXT(loctNo, 0, 10, 0),     FIX(trafMode, 1, REQ),          TXT(trafName, 1, 100, REQ),
    TXT(voyageNo, 1, 32, REQ), TXT(billNo, 1, 37, REQ),        TXT(domesticTrafNo, 0, 100, 0),
    DEC(grossWeight, REQ),     TXT(logisticsCode, 1, 18, REQ), TXT(logisticsName, 1, 100, REQ),
    INT(msgCount, 9, REQ),     INT(msgSeqNo, 9, REQ),          TXT(note, 0, 1000, ASD),
};

static const struct table_field waybills_607[] = {
    R_GNUM,
    R_TXT(totalPackageNo, 0, 60, 0),
    R_TXT(logisticsNo, 1, 80, REQ),
    R_TXT(invtNo, 0, 20, 0),
    R_TXT(note, 0, 1000, 0),
    R_PACK,
};

static const struct table_field head_711[] = {
    OPENING(IMPORT_STATUS),         FIX(customsCode, 4, REQ),
    TXT(copNo, 0, 20, 0),           TXT(preNo, 0, 18, ASD),
    TXT(rkdNo, 0, 18, 0),           TXT(operatorCode, 1, 18, REQ),
    TXT(operatorName, 1, 100, REQ), FIX(ieFlag, 1, REQ),
    FIX(trafMode, 1, REQ),          TXT(trafNo, 1, 100, REQ),
    TXT(voyageNo, 1, 32, REQ),      TXT(billNo, 1, 37, REQ),
    TXT(logisticsCode, 1, 18, REQ), TXT(logisticsName, 1, 100, REQ),
    TXT(unloadLocation, 0, 100, 0), TXT(note, 0, 1000, ASD),
};

static const struct table_field waybills_711[] = {
    {R_gnum, FORM_INT32, REQ, 0, 10, NULL},
    R_TXT(logisticsNo, 1, 60, REQ),
    R_TXT(note, 0, 1000, 0),
    R_PACK,
};

static const struct table_field head_507[] = {
    OPENING(EXPORT_STATUS),
    FIX(customsCode, 4, REQ),
    TXT(copNo, 1, 30, REQ),
    FIX(preNo, 18, ASD),
    TXT(operatorCode, 1, 18, REQ),
    TXT(operatorName, 1, 100, REQ),
    TXT(loctNo, 0, 10, 0),
    FIX(ieFlag, 1, REQ),
    FIX(trafMode, 1, REQ),
    TXT(billNo, 0, 37, FIELD_OR), /* or waybills */
    TXT(domesticTrafNo, 1, 100, REQ),
    TXT(logisticsCode, 1, 18, REQ),
    TXT(logisticsName, 1, 100, REQ),
    INT(msgCount, 9, REQ),
    INT(msgSeqNo, 9, REQ),
    TXT(note, 0, 1000, ASD),
};

static const struct table_field waybills_507[] = {
    R_GNUM,
    R_TXT(logisticsNo, 1, 80, REQ),
    R_TXT(totalPackageNo, 0, 37, 0),
    R_TXT(note, 0, 1000, 0),
    R_PACK,
};

static const struct table_field head_509[] = {
    OPENING(EXPORT_STATUS),       FIX(customsCode, 4, REQ),       TXT(copNo, 1, 30, REQ),
    FIX(preNo, 18, ASD),          TXT(logisticsCode, 1, 18, REQ), TXT(logisticsName, 1, 100, REQ),
    FIX(trafMode, 1, REQ),        TXT(trafName, 0, 100, 0),       TXT(voyageNo, 0, 32, 0),
    TXT(billNo, 0, 37, FIELD_OR), /* or waybills */
    T14(leaveTime, REQ),          INT(msgCount, 9, REQ),          INT(msgSeqNo, 9, REQ),
    TXT(note, 0, 1000, ASD),
};

static const struct table_field waybills_509[] = {
    R_GNUM,
    R_TXT(totalPackageNo, 0, 37, 0),
    R_TXT(logisticsNo, 1, 80, REQ),
    R_TXT(note, 0, 1000, 0),
    R_PACK,
};

static const struct table_field head_604[] = {
    FIX(guid, 36, REQ),          TXT(agentCode, 1, 18, REQ),
    TXT(copNo, 1, 30, REQ),      FIX(preNo, 18, REQ),
    TXT(invtNo, 1, 20, REQ),     TXT(ebcCode, 1, 18, REQ),
    TXT(ebpCode, 1, 50, REQ),    TXT(orderNo, 1, 60, REQ),
    FIX(statisticsFlag, 1, REQ), STATUS(returnStatus, 10, REQ),
    T17(returnTime, REQ),        TXT(returnInfo, 1, 1000, REQ),
};

static const struct table_field head_622[] = {
    FIX(guid, 36, REQ),
    FIX(customsCode, 4, 0),
    TXT(ebpCode, 0, 18, 0),
    TXT(ebcCode, 0, 18, 0),
    TXT(agentCode, 0, 18, 0),
    TXT(copNo, 1, 20, REQ),
    FIX(preNo, 18, REQ),
    FIX(invtNo, 18, 0),
    STATUS(returnStatus, 10, REQ),
    T17(returnTime, REQ),
    TXT(returnInfo, 1, 1000, REQ),
};

#define ROWS(a)                                                                                    \
    {                                                                                              \
        a, ARRAY_LEN(a)                                                                            \
    }
#define HEAD(a)    .head = a, .heads = ARRAY_LEN(a)
#define TREE(stem) .element = stem, .head_element = stem "Head", .list_element = stem "List"

const struct table table_ceb[] = {
    [DOC_CEB603] = {HEAD(head_603), .list[LIST_ITEMS] = ROWS(items_603), TREE("Inventory")},
    [DOC_CEB621] = {HEAD(head_621), .list[LIST_ITEMS] = ROWS(items_621), TREE("Inventory")},
    [DOC_CEB605] = {HEAD(head_605), .element = "InvtCancel"},
    [DOC_CEB623] = {HEAD(head_623), .element = "InvtCancel"},
    [DOC_CEB607] = {HEAD(head_607), .list[LIST_WAYBILLS] = ROWS(waybills_607), TREE("WayBill")},
    [DOC_CEB711] = {HEAD(head_711), .list[LIST_WAYBILLS] = ROWS(waybills_711), TREE("Delivery")},
    [DOC_CEB507] = {HEAD(head_507), .list[LIST_WAYBILLS] = ROWS(waybills_507), TREE("Arrival")},
    [DOC_CEB509] = {HEAD(head_509), .list[LIST_WAYBILLS] = ROWS(waybills_509), TREE("Departure")},
    [DOC_CEB604] = {HEAD(head_604), .element = "InventoryReturn"},
    [DOC_CEB622] = {HEAD(head_622), .element = "InventoryReturn"},
};
_Static_assert(ARRAY_LEN(table_ceb) == DOC_TRANSIT_DECLARED, "one table a CEB type");
