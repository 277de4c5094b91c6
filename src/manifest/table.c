/*
 * Transit messages: CONTRACTS.md section 1, its order. It gives no lengths: the ones here are
 * generous, so that a longer one is a fault in the sender and not a habit of his.
 */
#include "manifest/table.h"

#include "manifest/table_ceb.h"

#define REQ FIELD_REQUIRED
#define POS FIELD_NOT_NEGATIVE

/* clang-format off */
#define TXT(f, n, fl)    {F_##f, FORM_TEXT, fl, 1, n, NULL}
#define ONE(f, fl, list) {F_##f, FORM_CODE, fl, 0, 0, list}
#define DEC(f, fl)       {F_##f, FORM_DEC, fl, 0, 0, NULL}
#define INT(f, fl)       {F_##f, FORM_INT, fl, 0, 9, NULL}
#define T14(f)           {F_##f, FORM_TIME14, REQ, 0, 0, NULL}
#define DEG(f, n, fl)    {F_##f, FORM_DEGREE, fl, 0, n, NULL}
/* clang-format on */
#define TURN_NO(fl)   TXT(turnNo, 32, fl)
#define OFFICE(f, fl) TXT(f, 10, fl)
#define SITE(f)       TXT(f, 20, 0)
#define YES_NO        "|Y|N|"
#define REPORT_TYPE   ONE(reportType, 0, "|REALTIME|POLLED|BACKFILLED|")

static const struct table_field declared[] = {
    TURN_NO(REQ),
    T14(appTime),
    ONE(ieFlag, REQ, "|E|I|"),
    TXT(transFlag, 10, 0),
    OFFICE(originCustoms, REQ),
    OFFICE(destCustoms, REQ),
    SITE(destLoctNo),
    T14(validTime),
    ONE(eSealFlag, REQ, YES_NO),
    ONE(profile, 0, "|LOCK|SEAL|FULL_TRUST|"),
    TXT(vehicleNo, 64, REQ),
    TXT(contractorCode, 64, 0),
    INT(packNo, REQ | POS),
    DEC(grossWeight, REQ | POS),
    TXT(corridor, 200, 0),
};

static const struct table_field bills[] = {
    {R_billNo, FORM_TEXT, REQ, 1, 64, NULL},
    {R_packNo, FORM_INT, POS, 0, 9, NULL},
    {R_grossWeight, FORM_DEC, POS, 0, 0, NULL},
};

static const struct table_field containers[] = {
    {R_contaNo, FORM_TEXT, REQ, 1, 32, NULL},
    {R_sealNo, FORM_TEXT, 0, 0, 256, NULL},
    {R_goodsWeight, FORM_DEC, POS, 0, 0, NULL},
};

static const struct table_field cancelled[] = {
    TURN_NO(REQ),
    T14(appTime),
    TXT(reason, 1000, 0),
};

static const struct table_field gate[] = {
    TURN_NO(REQ),
    ONE(direction, REQ, "|IN|OUT|"),
    OFFICE(customsCode, REQ),
    SITE(loctNo),
    TXT(channelNo, 32, 0),
    TXT(vehicleNo, 64, REQ),
    TXT(contaNo, 64, 0),
    TXT(eSealId, 256, 0),
    DEC(grossWeight, POS),
    DEC(tareWeight, POS),
    ONE(ocrConfidence, 0, YES_NO),
    ONE(checkResult, REQ, "|Y|N|M|"),
    T14(operateTime),
};

static const struct table_field lock[] = {
    TXT(eSealId, 64, REQ),
    TURN_NO(0),
    ONE(event, REQ, "|SEAL|UNSEAL|CHECK|TAMPER|CUT|FAULT|LOW_BATTERY|"),
    OFFICE(customsCode, 0),
    SITE(loctNo),
    DEG(lon, 180, 0),
    DEG(lat, 90, 0),
    DEC(battery, 0),
    T14(eventTime),
    REPORT_TYPE,
};

static const struct table_field position[] = {
    TXT(eSealId, 64, FIELD_OR), /* or vehicleNo */
    TXT(vehicleNo, 64, 0),
    TURN_NO(0),
    DEG(lon, 180, REQ),
    DEG(lat, 90, REQ),
    DEC(speed, 0),
    TXT(fix, 10, 0),
    T14(eventTime),
    REPORT_TYPE,
};

static const struct table_field arrival[] = {
    TURN_NO(REQ), OFFICE(customsCode, REQ), SITE(loctNo), INT(packNo, POS), T14(arrivalTime),
};

static const struct table_field targeting[] = {
    TURN_NO(REQ),
    ONE(order, REQ, "|INSPECT|LIFT|"),
    T14(orderTime),
};

static const struct table_field decision[] = {
    TURN_NO(REQ),         INT(revision, REQ | POS), ONE(decision, REQ, "|RELEASE|REFER|"),
    TXT(reason, 1000, 0), T14(decisionTime),
};

static const struct table_field resolved[] = {
    TXT(alertId, 512, REQ),    ONE(accountKind, REQ, "|manifest|waybill|order|party|bill|transit|"),
    TXT(accountKey, 512, REQ), ONE(resolution, REQ, "|CLEARED|CONFIRMED|"),
    T14(resolvedTime),
};

#define ROWS(a)                                                                                    \
    {                                                                                              \
        a, ARRAY_LEN(a)                                                                            \
    }
#define HEAD(a) .head = a, .heads = ARRAY_LEN(a)

static const struct table transit[] = {
    [DOC_TRANSIT_DECLARED - DOC_TRANSIT_DECLARED] = {HEAD(declared),
                                                     .list[LIST_BILLS] = ROWS(bills),
                                                     .list[LIST_CONTAINERS] = ROWS(containers)},
    [DOC_TRANSIT_CANCELLED - DOC_TRANSIT_DECLARED] = {HEAD(cancelled)},
    [DOC_GATE - DOC_TRANSIT_DECLARED] = {HEAD(gate)},
    [DOC_LOCK - DOC_TRANSIT_DECLARED] = {HEAD(lock)},
    [DOC_POSITION - DOC_TRANSIT_DECLARED] = {HEAD(position)},
    [DOC_ARRIVAL - DOC_TRANSIT_DECLARED] = {HEAD(arrival)},
    [DOC_TARGETING - DOC_TRANSIT_DECLARED] = {HEAD(targeting)},
    [DOC_DECISION - DOC_TRANSIT_DECLARED] = {HEAD(decision)},
    [DOC_ALERT_RESOLVED - DOC_TRANSIT_DECLARED] = {HEAD(resolved)},
    [DOC_IGNORED - DOC_TRANSIT_DECLARED] = {.head = NULL},
};
_Static_assert(ARRAY_LEN(transit) == DOC_TYPES - DOC_TRANSIT_DECLARED, "one table a type");

const struct table *table_of(enum doc_type t)
{
    CHECK(t < DOC_TYPES);
    return t < DOC_TRANSIT_DECLARED ? &table_ceb[t] : &transit[t - DOC_TRANSIT_DECLARED];
}
