/* RULES.md sections 1, 2 and 4: verdicts as receipts, and the alerts of the manifest account. */
#include "rows.h"

#define M    "CEB603 "
#define DP03 "DP03/manifest/E/AG/M1/"
#define DP07 "DP07/manifest/E/AG/M1/"
#define WL01 "WL01/manifest/E/AG/M1/"

static void ten_days(struct config *c)
{
    c->rules->dedup_window = 10 * DAY_MS;
}

Test(rules, verdicts_and_their_codes)
{
    static const struct row rows[] = {
        {"accepted, duplicate whatever the time",
         {M, M, M "appTime=@11000000 note=x"},
         NULL,
         "ACCEPTED DUPLICATE(DP01) DUPLICATE(DP01)",
         ""},
        {"the same content from another sender's envelope",
         {M, M "guid=00000009-3731-4000-8000-"
               "000000000009 preNo=B20250910000000001 i.note=y"},
         NULL,
         "ACCEPTED DUPLICATE(DP01)",
         ""},
        {"numbers by value",
         {M, M "grossWeight=3.00000 i.qty=01"},
         NULL,
         "ACCEPTED DUPLICATE(DP01)",
         ""},
        {"held", {M "i.gname=KNOCKOFF"}, NULL, "HELD(WL01)", NULL},
        {"rejected with its B codes alone",
         {M "i.gname=KNOCKOFF netWeight=9 i.price=7"},
         NULL,
         "REJECTED(QW01,VL05)",
         NULL},
        {"amended unseen, with H codes",
         {M "appType=2 i.gname=KNOCKOFF"},
         NULL,
         "AMENDED(ORIGINAL_UNSEEN,WL01)",
         NULL},
        {"cancelled unseen", {"CEB605"}, NULL, "CANCELLED(ORIGINAL_UNSEEN)", ""},
        {"stale by time", {M, M "appType=2 i.qty=2 i.price=50"}, NULL, "ACCEPTED STALE(DP02)", ""},
        {"amended a second later",
         {M, M "appType=2 i.qty=2 i.price=50 appTime=@10091001"},
         NULL,
         "ACCEPTED AMENDED",
         ""},
        {"conflict", {M, M "i.qty=2 i.price=50"}, NULL, "ACCEPTED CONFLICT(DP03)", NULL},
        {"refused after release",
         {M, "CEB604", M "appType=2 i.qty=2 i.price=50 appTime=@10100000"},
         NULL,
         "ACCEPTED REFUSED(DP07)",
         NULL},
        {"a cancellation after release",
         {M, "CEB604", "CEB605 appTime=@10100000"},
         NULL,
         "ACCEPTED REFUSED(DP07)",
         NULL},
        {"cancelled, then a change",
         {M, "CEB605 appTime=@10091001", M "appType=2 appTime=@10091002"},
         NULL,
         "ACCEPTED CANCELLED REFUSED",
         ""},
        {"cancelled, then declared again",
         {M, "CEB605 appTime=@10091001", M "appTime=@10091002"},
         NULL,
         "ACCEPTED CANCELLED ACCEPTED",
         ""},
        {"cancelled twice",
         {M, "CEB605 appTime=@10091001", "CEB605 appTime=@10091002"},
         NULL,
         "ACCEPTED CANCELLED DUPLICATE(DP01)",
         ""},
        {"the tombstone keeps the content",
         {M, "CEB605 appTime=@10091001", M},
         NULL,
         "ACCEPTED CANCELLED DUPLICATE(DP01)",
         ""},
        {"the other direction is another account", {M, "CEB621"}, NULL, "ACCEPTED ACCEPTED", NULL},
        {"an import without copNo",
         {"CEB621 copNo=", "CEB623 copNo= appTime=@10091001", "CEB621 copNo="},
         NULL,
         "ACCEPTED CANCELLED DUPLICATE(DP01)",
         NULL},
    };
    ROWS_RUN(rows, "", NULL);
}

Test(rules, customs_status)
{
    static const struct row rows[] = {
        {"100 turns it into REJECTED",
         {M, "CEB604 returnStatus=100", M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED ACCEPTED",
         NULL},
        {"99 does not",
         {M, "CEB604 returnStatus=99", M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED CONFLICT(DP03)",
         NULL},
        {"below 0 does",
         {M, "CEB604 returnStatus=-1", M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED ACCEPTED",
         NULL},
        {"in the second of T",
         {M, "CEB604 returnStatus=100 returnTime=@10091000",
          M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED ACCEPTED",
         NULL},
        {"before T",
         {M, "CEB604 returnStatus=100 returnTime=@10090959",
          M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED CONFLICT(DP03)",
         NULL},
        {"it comes before its manifest",
         {"CEB604 returnStatus=100", M, M "appTime=@10100000 i.qty=2 i.price=50"},
         NULL,
         "ACCEPTED ACCEPTED",
         NULL},
        {"the latest returnTime counts",
         {M, "CEB604 returnTime=@10100000", "CEB604 returnStatus=500 returnTime=@10095959",
          "CEB605 appTime=@10110000"},
         NULL,
         "ACCEPTED REFUSED(DP07)",
         NULL},
        {"a later 500 takes the release back",
         {M, "CEB604 returnTime=@10100000", "CEB604 returnStatus=500 returnTime=@10100001",
          "CEB605 appTime=@10110000"},
         NULL,
         "ACCEPTED CANCELLED",
         NULL},
        {"a cancellation ends the status",
         {"CEB604 returnStatus=500 returnTime=@10200000", M, "CEB605 appTime=@10091001",
          M "appTime=@10091002", "CEB605 appTime=@10091003"},
         NULL,
         "ACCEPTED CANCELLED ACCEPTED CANCELLED",
         NULL},
        {"799 does not release",
         {M, "CEB604 returnStatus=799", "CEB605 appTime=@10100000"},
         NULL,
         "ACCEPTED CANCELLED",
         ""},
    };
    ROWS_RUN(rows, "", NULL);
}

Test(rules, an_account_expires_with_its_window)
{
    /* accepted before there is a W: appTime 10 September 09:10 + 10 d */
    static const struct row rows[] = {
        {"a second before",
         {M, "POSITION eventTime=@20090959", M},
         NULL,
         "ACCEPTED DUPLICATE(DP01)",
         ""},
        {"on the second",
         {M, "POSITION eventTime=@20091000", M "appTime=@19000000"},
         NULL,
         "ACCEPTED ACCEPTED",
         ""},
        {"W when it was accepted counts when it is later",
         {"POSITION eventTime=@12000000", M, "POSITION eventTime=@21235959", M},
         NULL,
         "ACCEPTED DUPLICATE(DP01)",
         ""},
        {"and is over then",
         {"POSITION eventTime=@12000000", M, "POSITION eventTime=@22000000", M},
         NULL,
         "ACCEPTED ACCEPTED",
         ""},
        {"occurrences begin again and nothing goes out",
         {M "i.gname=KNOCKOFF", "POSITION eventTime=@20091000", M "i.gname=KNOCKOFF"},
         NULL,
         "HELD(WL01) HELD(WL01)",
         "+" WL01 "1:H +" WL01 "1:H"},
        {"a manifest that expired is no live one on its waybill",
         {M, "POSITION eventTime=@20091000", M "copNo=M2 orderNo=O2 appTime=@20091000"},
         NULL,
         "ACCEPTED ACCEPTED",
         ""},
        {"a second before it is",
         {M, "POSITION eventTime=@20090959", M "copNo=M2 orderNo=O2 appTime=@20090959"},
         NULL,
         "ACCEPTED ACCEPTED",
         "+DP04/waybill/LG/W1/1:H"},
    };
    ROWS_RUN(rows, "", ten_days);
}

Test(rules, alerts_of_a_document_go_with_it)
{
    static const struct row rows[] = {
        {"mended",
         {M "i.gname=KNOCKOFF", M "appType=2 appTime=@10092000"},
         NULL,
         NULL,
         "+" WL01 "1:H -" WL01 "1:H"},
        {"cancelled",
         {M "i.gname=KNOCKOFF", "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" WL01 "1:H -" WL01 "1:H"},
        {"it holds for the old and the new version",
         {M "i.gname=KNOCKOFF", M "appType=2 i.gname=KNOCKOFF2 appTime=@10092000"},
         NULL,
         NULL,
         "+" WL01 "1:H"},
        {"it holds again: the next occurrence",
         {M "i.gname=KNOCKOFF", M "appType=2 appTime=@10092000",
          M "appType=2 i.gname=KNOCKOFF2 appTime=@10093000"},
         NULL,
         NULL,
         "+" WL01 "1:H -" WL01 "1:H +" WL01 "2:H"},
        {"cleared, and another content",
         {M "i.gname=KNOCKOFF", "ALERT_RESOLVED alert=" WL01 "1",
          M "appType=2 i.gname=KNOCKOFF2 appTime=@11000000"},
         NULL,
         NULL,
         "+" WL01 "1:H +" WL01 "2:H"},
        {"cleared, another content, and back to what was cleared",
         {M "i.gname=KNOCKOFF", "ALERT_RESOLVED alert=" WL01 "1",
          M "appType=2 i.gname=KNOCKOFF2 appTime=@11000000",
          M "appType=2 i.gname=KNOCKOFF appTime=@11010000"},
         NULL,
         NULL,
         "+" WL01 "1:H +" WL01 "2:H -" WL01 "2:H"},
        {"confirmed, and another content",
         {M "i.gname=KNOCKOFF", "ALERT_RESOLVED resolution=CONFIRMED alert=" WL01 "1",
          M "appType=2 i.gname=KNOCKOFF2 appTime=@11000000"},
         NULL,
         NULL,
         "+" WL01 "1:H"},
        {"a refused change alerts nobody of its hits",
         {M, "CEB604", M "appType=2 i.gname=KNOCKOFF appTime=@10100000"},
         NULL,
         NULL,
         "+" DP07 "1:H"},
        {"a rejected change neither",
         {M, M "appType=2 netWeight=9 appTime=@10100000"},
         NULL,
         "ACCEPTED REJECTED(QW01)",
         ""},
        {"a rejected one without a live version does",
         {M "netWeight=9"},
         NULL,
         "REJECTED(QW01)",
         "+QW01/manifest/E/AG/M1/1:B"},
        {"a duplicate does not",
         {M "netWeight=9", M "netWeight=9"},
         NULL,
         "REJECTED(QW01) DUPLICATE(DP01)",
         "+QW01/manifest/E/AG/M1/1:B"},
        {"mended after a rejection",
         {M "netWeight=9", M "appTime=@10091001"},
         NULL,
         "REJECTED(QW01) ACCEPTED",
         "+QW01/manifest/E/AG/M1/1:B -QW01/manifest/E/AG/M1/1:B"},
    };
    ROWS_RUN(rows, "", NULL);
}

Test(rules, dp03_conflicts)
{
#define OTHER(n) M "i.gmodel=" #n
    static const struct row rows[] = {
        {"one", {M, OTHER(a)}, NULL, NULL, "+" DP03 "1:H"},
        {"a second one is more evidence", {M, OTHER(a), OTHER(b)}, NULL, NULL, "+" DP03 "1:H"},
        {"it stays when the manifest is changed",
         {M, OTHER(a),
          OTHER(c) " appType=2 "
                   "appTime=@10092000"},
         NULL,
         NULL,
         "+" DP03 "1:H"},
        {"it goes when it is cancelled",
         {M, OTHER(a), "CEB605 appTime=@10092000"},
         NULL,
         NULL,
         "+" DP03 "1:H -" DP03 "1:H"},
        {"and comes again",
         {M, OTHER(a), "CEB605 appTime=@10092000", M "appTime=@10093000",
          OTHER(a) " appTime=@10094000"},
         NULL,
         NULL,
         "+" DP03 "1:H -" DP03 "1:H +" DP03 "2:H"},
        {"cleared, the same conflict again",
         {M, OTHER(a), "ALERT_RESOLVED alert=" DP03 "1", OTHER(a)},
         NULL,
         NULL,
         "+" DP03 "1:H"},
        {"cleared, another conflict",
         {M, OTHER(a), "ALERT_RESOLVED alert=" DP03 "1", OTHER(b)},
         NULL,
         NULL,
         "+" DP03 "1:H +" DP03 "2:H"},
        {"of the last four conflicts the first is still known",
         {M, OTHER(a), OTHER(b), OTHER(c), OTHER(d), "ALERT_RESOLVED alert=" DP03 "1", OTHER(a)},
         NULL,
         NULL,
         "+" DP03 "1:H"},
        {"of five the first is forgotten",
         {M, OTHER(a), OTHER(b), OTHER(c), OTHER(d), OTHER(e), "ALERT_RESOLVED alert=" DP03 "1",
          OTHER(a)},
         NULL,
         NULL,
         "+" DP03 "1:H +" DP03 "2:H"},
        {"a B hit is no conflict", {M, M "netWeight=9"}, NULL, "ACCEPTED REJECTED(QW01)", ""},
        {"an older one on a changed version is stale",
         {M, OTHER(a) " appType=2 appTime=@10092000", OTHER(b)},
         NULL,
         "ACCEPTED AMENDED STALE(DP02)",
         ""},
    };
    ROWS_RUN(rows, "", NULL);
}

Test(rules, dp07_changed_after_release)
{
    static const struct row rows[] = {
        {"the release comes late, before T",
         {M, M "appType=2 i.gmodel=a appTime=@10092000", "CEB604 returnTime=@10091959"},
         NULL,
         "ACCEPTED AMENDED",
         "+" DP07 "1:H"},
        {"in the second of T",
         {M, M "appType=2 i.gmodel=a appTime=@10092000", "CEB604 returnTime=@10092000"},
         NULL,
         "ACCEPTED AMENDED",
         ""},
        {"of a version that was never changed",
         {M, "CEB604 returnTime=@10080000"},
         NULL,
         "ACCEPTED",
         ""},
        {"799",
         {M, M "appType=2 i.gmodel=a appTime=@10092000",
          "CEB604 returnStatus=799 returnTime=@10091959"},
         NULL,
         "ACCEPTED AMENDED",
         ""},
        {"refused twice",
         {M, "CEB604", "CEB605 appTime=@10100000", "CEB605 appTime=@10110000"},
         NULL,
         "ACCEPTED REFUSED(DP07) REFUSED(DP07)",
         "+" DP07 "1:H"},
        {"cleared, and refused with other content",
         {M, "CEB604", M "appType=2 i.gmodel=a appTime=@10100000", "ALERT_RESOLVED alert=" DP07 "1",
          M "appType=2 i.gmodel=b appTime=@10110000"},
         NULL,
         "ACCEPTED REFUSED(DP07) REFUSED(DP07)",
         "+" DP07 "1:H +" DP07 "2:H"},
        {"cleared, and refused with the same",
         {M, "CEB604", M "appType=2 i.gmodel=a appTime=@10100000", "ALERT_RESOLVED alert=" DP07 "1",
          M "appType=2 i.gmodel=a appTime=@10110000"},
         NULL,
         "ACCEPTED REFUSED(DP07) REFUSED(DP07)",
         "+" DP07 "1:H"},
        {"cleared: a conflict or a status is no change",
         {M, "CEB604", M "appType=2 i.gmodel=a appTime=@10100000", "ALERT_RESOLVED alert=" DP07 "1",
          M "i.gmodel=c", "CEB604 returnTime=@10120000"},
         NULL,
         "ACCEPTED REFUSED(DP07) CONFLICT(DP03)",
         "+" DP07 "1:H +" DP03 "1:H"},
    };
    ROWS_RUN(rows, "", NULL);
}

Test(rules, a_message_of_many_documents_is_judged_in_its_order)
{
    struct run *r = run_open(NULL);
    struct buf b = {0};
    buf_char(&b, '[');
    doc_write(&b, M);
    buf_char(&b, ',');
    doc_write(&b, M);
    buf_char(&b, ',');
    doc_write(&b, "CEB605 appTime=@10091001");
    buf_char(&b, ']');
    run_message(r, buf_as_view(&b));
    cr_expect_str_eq(run_receipts(r), "ACCEPTED DUPLICATE(DP01) CANCELLED");
    cr_expect(strstr(r->text[RECEIPTS], "\"firstSeen\":\"replay/0/0/0\""));
    cr_expect(strstr(r->text[RECEIPTS], "\"origin\":\"replay/0/0/2\""));
    buf_free(&b);
    run_close(r);
}

Test(rules, a_622_without_agent_addresses_nothing)
{
    struct run *r = run_open(NULL);
    run_line(r, "CEB621");
    run_line(r, "CEB622 agentCode=");
    cr_expect_eq(replay_counted(r->replay)->unaddressed, 1);
    run_line(r, "CEB623 appTime=@10100000");
    cr_expect_str_eq(run_receipts(r), "ACCEPTED CANCELLED", "it released nothing");
    run_line(r, "CEB622 returnTime=@10110000");
    cr_expect_eq(replay_counted(r->replay)->unaddressed, 1);
    run_close(r);
}
