/* RULES.md section 4: orders, waybills, bills and parties, to the boundary. */
#include "rows.h"

#define M    "CEB603 "
#define M2   "CEB603 copNo=M2 orderNo=O2 "
#define M3   "CEB603 copNo=M3 orderNo=O3 "
#define DP04 "DP04/waybill/LG/W1/"

Test(rules, dp04_a_waybill_twice)
{
    /* 10 September 09:10 + 184 d = 13 March 2026 09:10 */
    static const struct row rows[] = {
        {"two", {M, M2}, NULL, NULL, "+" DP04 "1:H"},
        {"another waybill", {M, M2 "logisticsNo=W2"}, NULL, NULL, ""},
        {"another carrier", {M, M2 "logisticsCode=L2"}, NULL, NULL, ""},
        {"184 days apart", {M, M2 "appTime=20260313091000"}, NULL, NULL, "+" DP04 "1:H"},
        {"a second more", {M, M2 "appTime=20260313091001"}, NULL, NULL, ""},
        {"one is cancelled",
         {M, M2, "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP04 "1:H -" DP04 "1:H"},
        {"one is changed to another waybill",
         {M, M2, M "appType=2 logisticsNo=W7 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP04 "1:H -" DP04 "1:H"},
        {"customs reject one",
         {M, M2, "CEB604 returnStatus=100"},
         NULL,
         NULL,
         "+" DP04 "1:H -" DP04 "1:H"},
        {"a rejected one does not count", {M, M2 "netWeight=9"}, NULL, NULL, ""},
        {"it holds again",
         {M, M2, "CEB605 appTime=@10092000", M3},
         NULL,
         NULL,
         "+" DP04 "1:H -" DP04 "1:H +" DP04 "2:H"},
        {"a third one is more evidence", {M, M2, M3}, NULL, NULL, "+" DP04 "1:H"},
        {"one of three goes: it still holds",
         {M, M2, M3, "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP04 "1:H"},
        {"cleared, and a third one",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", M3},
         NULL,
         NULL,
         "+" DP04 "1:H +" DP04 "2:H"},
        {"cleared, a third one comes and goes: only what was cleared is left",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", M3, "CEB605 copNo=M3 appTime=@10190000"},
         NULL,
         NULL,
         "+" DP04 "1:H +" DP04 "2:H -" DP04 "2:H"},
        {"cleared, a third one comes and a cleared one goes",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", M3, "CEB605 appTime=@10190000"},
         NULL,
         NULL,
         "+" DP04 "1:H +" DP04 "2:H"},
        {"cleared, then withdrawn",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", "CEB605 appTime=@10190000"},
         NULL,
         NULL,
         "+" DP04 "1:H -" DP04 "1:H"},
        {"cleared, and something else happens",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", "CEB604"},
         NULL,
         NULL,
         "+" DP04 "1:H"},
        {"an amendment of one of them is new content",
         {M, M2, "ALERT_RESOLVED alert=" DP04 "1", M "appType=2 i.gmodel=z appTime=@11000000"},
         NULL,
         NULL,
         "+" DP04 "1:H +" DP04 "2:H"},
        {"slashes in keys",
         {M "logisticsNo=W/1%", M2 "logisticsNo=W/1%"},
         NULL,
         NULL,
         "+DP04/waybill/LG/W%2F1%25/1:H"},
    };
    ROWS_RUN(rows, "DP04", NULL);
}

#define O    "CEB603 copNo=M2 logisticsNo=W2 "
#define DP05 "DP05/order/EB/O1/"

Test(rules, dp05_an_order_of_different_firms_or_modes)
{
    /* 10 September 09:10 + 90 d = 9 December 09:10 */
    static const struct row rows[] = {
        {"the same firm and mode", {M, O}, NULL, NULL, ""},
        {"another firm", {M, O "ebcCode=E2"}, NULL, NULL, "+" DP05 "1:H"},
        {"another mode", {M, O "tradeMode=9710"}, NULL, NULL, "+" DP05 "1:H"},
        {"another platform's order", {M, O "ebcCode=E2 ebpCode=P2"}, NULL, NULL, ""},
        {"90 days", {M, O "ebcCode=E2 appTime=20251209091000"}, NULL, NULL, "+" DP05 "1:H"},
        {"a second more", {M, O "ebcCode=E2 appTime=20251209091001"}, NULL, NULL, ""},
        {"mended by a change",
         {M, O "ebcCode=E2", O "appType=2 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP05 "1:H -" DP05 "1:H"},
        {"cancelled",
         {M, O "ebcCode=E2", "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP05 "1:H -" DP05 "1:H"},
        {"moved to another order",
         {M, O "ebcCode=E2", M "appType=2 orderNo=O9 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP05 "1:H -" DP05 "1:H"},
        {"confirmed stays open and counts no second time",
         {M, O "ebcCode=E2", "ALERT_RESOLVED resolution=CONFIRMED alert=" DP05 "1",
          "CEB603 copNo=M3 logisticsNo=W3 ebcCode=E3"},
         NULL,
         NULL,
         "+" DP05 "1:H"},
    };
    ROWS_RUN(rows, "DP05", NULL);
}

#define A    "CEB603 tradeMode=9710 "
#define B    "CEB603 copNo=M2 logisticsNo=W2 tradeMode=9810 "
#define VL02 "VL02/order/EB/O1/"

Test(rules, vl02_an_order_split_below_the_cap)
{
    static const struct row rows[] = {
        {"5000 is allowed", {A "value=2500", B "value=2500"}, NULL, NULL, ""},
        {"a hair more", {A "value=2500", B "value=2500.00001"}, NULL, NULL, "+" VL02 "1:H"},
        {"one alone", {A "value=5000"}, NULL, NULL, ""},
        {"9610 does not count",
         {A "value=2500", B "value=2500.00001 tradeMode=9610"},
         NULL,
         NULL,
         ""},
        {"90 days",
         {A "value=4000", B "value=4000 appTime=20251209091000"},
         NULL,
         NULL,
         "+" VL02 "1:H"},
        {"a second more", {A "value=4000", B "value=4000 appTime=20251209091001"}, NULL, NULL, ""},
        {"three together",
         {A "value=1700", B "value=1700",
          "CEB603 copNo=M3 logisticsNo=W3 tradeMode=9710 value=1700"},
         NULL,
         NULL,
         "+" VL02 "1:H"},
        {"three, no 90 days hold enough",
         {A "value=2000", B "value=2000 appTime=20251101091000",
          "CEB603 copNo=M3 logisticsNo=W3 tradeMode=9710 value=2000 appTime=20251220091000"},
         NULL,
         NULL,
         ""},
        {"cancelled",
         {A "value=4000", B "value=4000", "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" VL02 "1:H -" VL02 "1:H"},
        {"made smaller",
         {A "value=4000", B "value=4000", A "appType=2 value=1000 appTime=@10092000"},
         NULL,
         NULL,
         "+" VL02 "1:H -" VL02 "1:H"},
        {"a value without a rate is left out",
         {A "value=4000", B "value=4000 i.currency=999"},
         NULL,
         NULL,
         ""},
    };
    ROWS_RUN(rows, "VL02", NULL);
}

#define W2   "CEB603 copNo=M2 orderNo=O2 logisticsNo=W2 "
#define QW03 "QW03/bill/B1/"

Test(rules, qw03_weight_of_a_bill)
{
    static const struct row rows[] = {
        {"equal", {M, W2, "CEB607"}, NULL, NULL, ""},
        {"5 kg", {M, W2, "CEB607 grossWeight=11"}, NULL, NULL, ""},
        {"a hair more", {M, W2, "CEB607 grossWeight=11.00001"}, NULL, NULL, "+" QW03 "1:H"},
        {"the other side", {M "grossWeight=8.00001", W2, "CEB607"}, NULL, NULL, "+" QW03 "1:H"},
        {"1 %", {M "grossWeight=9897", W2, "CEB607 grossWeight=10000"}, NULL, NULL, ""},
        {"a hair more than 1 %",
         {M "grossWeight=9896.99999", W2, "CEB607 grossWeight=10000"},
         NULL,
         NULL,
         "+" QW03 "1:H"},
        {"parts are missing", {M, W2, "CEB607 grossWeight=99 msgCount=2"}, NULL, NULL, ""},
        {"the last part comes",
         {M, W2, "CEB607 grossWeight=99 msgCount=2 w=W1",
          "CEB607 grossWeight=1 msgCount=2 msgSeqNo=2 w=W2"},
         NULL,
         NULL,
         "+" QW03 "1:H"},
        {"a manifest is missing", {M, "CEB607 grossWeight=99"}, NULL, NULL, ""},
        {"it comes", {M, "CEB607 grossWeight=99", W2}, NULL, NULL, "+" QW03 "1:H"},
        {"two manifests on one waybill", {M, W2, M3, "CEB607 grossWeight=99"}, NULL, NULL, ""},
        {"a manifest is changed",
         {M "grossWeight=99", W2, "CEB607", M "appType=2 appTime=@10093000"},
         NULL,
         NULL,
         "+" QW03 "1:H -" QW03 "1:H"},
        {"a manifest is cancelled",
         {M "grossWeight=99", W2, "CEB607", "CEB605 appTime=@10093000"},
         NULL,
         NULL,
         "+" QW03 "1:H -" QW03 "1:H"},
        {"the part is changed",
         {M, W2, "CEB607 grossWeight=99", "CEB607 appType=2 appTime=@10092001"},
         NULL,
         NULL,
         "+" QW03 "1:H -" QW03 "1:H"},
        {"an older part does not count",
         {M, W2, "CEB607", "CEB607 grossWeight=99 appTime=@10091959"},
         NULL,
         NULL,
         ""},
        {"the part is removed",
         {M, W2, "CEB607 grossWeight=99", "CEB607 appType=3 grossWeight=99 appTime=@10092001"},
         NULL,
         NULL,
         "+" QW03 "1:H -" QW03 "1:H"},
        {"the list is there first", {"CEB607 grossWeight=99", M, W2}, NULL, NULL, "+" QW03 "1:H"},
        {"the part is changed and names one waybill more: it holds before and after",
         {M, W2, "CEB603 copNo=M3 orderNo=O3 logisticsNo=W3", "CEB607 grossWeight=99",
          "CEB607 appType=2 w=W1,W2,W3 grossWeight=120 appTime=@10092001"},
         NULL,
         NULL,
         "+" QW03 "1:H"},
        {"two carriers, each complete",
         {M, W2 "logisticsCode=L2", "CEB607 w=W1 grossWeight=50",
          "CEB607 logisticsCode=L2 w=W2 grossWeight=50"},
         NULL,
         NULL,
         "+" QW03 "1:H"},
    };
    ROWS_RUN(rows, "QW03", NULL);
}

#define RT07 "RT07/waybill/LG/W1/"

Test(rules, rt07_released_and_never_left)
{
    /* 800 of 10 September 09:15 + 14 d */
    static const struct row rows[] = {
        {"a second before", {M, "CEB604"}, "@24091459", NULL, ""},
        {"on the second", {M, "CEB604"}, "@24091500", NULL, "+" RT07 "1:H"},
        {"not released", {M, "CEB604 returnStatus=799"}, "@30000000", NULL, ""},
        {"it left", {M, "CEB604", "CEB509"}, "@30000000", NULL, ""},
        {"it leaves late",
         {M, "CEB604", "POSITION eventTime=@24091500", "CEB509 appTime=@24100000"},
         "@30000000",
         NULL,
         "+" RT07 "1:H -" RT07 "1:H"},
        {"the departure names another waybill",
         {M, "CEB604", "CEB509 w=W2"},
         "@30000000",
         NULL,
         "+" RT07 "1:H"},
        {"899 says that it left",
         {M, "CEB604", "CEB604 returnStatus=899 returnTime=@20000000"},
         "@30000000",
         NULL,
         ""},
        {"899 comes late",
         {M, "CEB604", "POSITION eventTime=@24091500",
          "CEB604 returnStatus=899 returnTime=@24100000"},
         "@30000000",
         NULL,
         "+" RT07 "1:H -" RT07 "1:H"},
        {"the departure comes first",
         {"CEB509 appTime=@10080000", M, "CEB604"},
         "@30000000",
         NULL,
         ""},
        {"imports do not leave", {"CEB621", "CEB604 returnTime=@10091500"}, "@30000000", NULL, ""},
        {"cancelled after it became overdue is refused",
         {M, "CEB604", "POSITION eventTime=@24091500", "CEB605 appTime=@24100000"},
         "@30000000",
         NULL,
         "+" RT07 "1:H"},
        {"released again later",
         {M, "CEB604", "CEB604 returnTime=@12091500"},
         "@26091459",
         NULL,
         ""},
        {"released again later, on the second",
         {M, "CEB604", "CEB604 returnTime=@12091500"},
         "@26091500",
         NULL,
         "+" RT07 "1:H"},
    };
    ROWS_RUN(rows, "RT07", NULL);
}

/* ---- VL01: a day of one firm ---- */

#define VL01 "VL01/party/EC/502-20250910/"

static void sell(struct run *r, int first, int count, const char *value, const char *more)
{
    char line[256];
    for (int i = first; i < first + count; i++) {
        snprintf(line, sizeof(line),
                 "CEB603 tradeMode=9710 copNo=V%d orderNo=V%d logisticsNo=V%d value=%s %s", i, i, i,
                 value, more);
        run_line(r, line);
    }
}

Test(rules, vl01_structuring_near_the_cap)
{
    static const struct {
        int in_band;
        const char *value;
        int others;
        const char *other;
        const char *until;
        const char *drift;
    } rows[] = {
        {10, "4500", 0, "", "@11235959", ""},
        {10, "4500", 0, "", "@12000000", "+" VL01 "1:H"},
        {10, "5000", 0, "", "@12000000", "+" VL01 "1:H"},
        {10, "4499.99999", 0, "", "@12000000", ""},
        {9, "4500", 0, "", "@12000000", ""},
        {12, "4800", 8, "100", "@12000000", "+" VL01 "1:H"}, /* 60 % */
        {12, "4800", 9, "100", "@12000000", ""},             /* 57 % */
        {9, "4800", 1, "4499.99999", "@12000000", ""},       /* nine in the band */
        {10, "4800", 7, "4800 country=116", "@12000000", "+" VL01 "1:H"},
        {9, "4800", 1, "4800 appTime=@11000000", "@14000000", ""}, /* the next day */
        {9, "4800", 1, "4800 tradeMode=9610", "@12000000", ""},
        {9, "4800", 1, "4800 tradeMode=9810", "@12000000", "+" VL01 "1:H"},
        {9, "4800", 1, "4800 ebcCode=E2", "@12000000", ""},
        {9, "4800", 1, "4800 netWeight=9", "@12000000", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct run *r = run_open(NULL);
        sell(r, 0, rows[i].in_band, rows[i].value, "");
        sell(r, 100, rows[i].others, rows[i].other, "");
        run_until(r, rows[i].until);
        const char *is = run_drift(r, "VL01");
        cr_expect_str_eq(is, rows[i].drift, "row %zu: %s", i, is);
        run_close(r);
    }
}

Test(rules, vl01_follows_the_day_after_it_was_judged)
{
    struct run *r = run_open(NULL);
    sell(r, 0, 10, "4800", "");
    run_line(r, "POSITION eventTime=@12000000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H");
    run_line(r, "CEB605 copNo=V3 appTime=@12010000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H");
    sell(r, 50, 1, "4800", "");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H +" VL01 "2:H");
    run_line(r, "ALERT_RESOLVED alert=" VL01 "2 resolvedTime=@12030000");
    sell(r, 60, 1, "4800", "");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H +" VL01 "2:H +" VL01 "3:H");
    run_flush(r);
    cr_expect(strstr(r->text[DRIFT], "\"window\":\"502-20250910\""));
    run_close(r);
}

Test(rules, vl01_stays_open_while_a_manifest_of_the_day_is_changed)
{
    struct run *r = run_open(NULL);
    sell(r, 0, 10, "4800", "");
    run_line(r, "POSITION eventTime=@12000000");
    sell(r, 3, 1, "4801", "appType=2 appTime=@10200000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H", "it holds before and after");
    sell(r, 3, 1, "100", "appType=2 appTime=@10210000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H");
    sell(r, 4, 1, "4801", "appType=2 appTime=@10210000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H", "nine before and after");
    sell(r, 3, 1, "4800", "appType=2 appTime=@11010000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H -" VL01 "1:H", "moved to another day");
    run_close(r);
}

Test(rules, vl01_of_a_day_that_is_over_before_anything_came)
{
    struct run *r = run_open(NULL);
    run_line(r, "POSITION eventTime=@20000000");
    sell(r, 0, 10, "4800", "");
    run_until(r, "@20000001");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H");
    run_close(r);
}

Test(rules, vl01_knows_every_document_that_was_cleared)
{
    struct run *r = run_open(NULL);
    sell(r, 0, 70, "4800", "");
    run_until(r, "@12000000");
    run_line(r, "ALERT_RESOLVED alert=" VL01 "1 resolvedTime=@12010000");
    run_line(r, "CEB605 copNo=V3 appTime=@12020000");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H", "one less is nothing new");
    sell(r, 80, 1, "4800", "");
    cr_expect_str_eq(run_drift(r, "VL01"), "+" VL01 "1:H +" VL01 "2:H");
    run_close(r);
}
