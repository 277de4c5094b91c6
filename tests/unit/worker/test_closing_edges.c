/* CLOSING.md: ties, what moves `ready`, and the same facts in another order (I9) where it is
 * narrow. */
#include "journey.h"

#define CLOSED "CLOSED_AUTO"

Test(closing, what_moves_ready)
{
    static const struct case_ cases[] = {
        {"a status below 800 does",
         {"+U CEB604 copNo=M1 returnStatus=500 returnTime=@10155300"},
         "@10160159",
         "",
         ""},
        {"to its cause + settle",
         {"+U CEB604 copNo=M1 returnStatus=500 returnTime=@10155300"},
         "@10160200",
         CLOSED,
         ""},
        {"the same status once more does not",
         {"+D CEB604 copNo=M1 returnStatus=500 returnTime=@10093500",
          "+U CEB604 copNo=M1 returnStatus=500 returnTime=@10093500"},
         "@10155500",
         CLOSED,
         ""},
        {"a duplicate manifest does not",
         {"+U CEB603 copNo=M1 orderNo=O1 logisticsNo=W1 billNo=B1"},
         "@10155500",
         CLOSED,
         ""},
        {"a stale one does not",
         {"+U CEB603 copNo=M1 orderNo=O1 logisticsNo=W1 billNo=B1 appType=2 i.gmodel=x "
          "appTime=@10080000"},
         "@10155500",
         CLOSED,
         ""},
        {"a duplicate 607 does not", {"+U CEB607"}, "@10155500", CLOSED, ""},
        {"an older 607 part does not", {"+U CEB607 appTime=@10091959"}, "@10155500", CLOSED, ""},
        {"a resolution touches without a cause",
         {"M1 i.gname=KNOCKOFF",
          "+U ALERT_RESOLVED alert=WL01/manifest/E/AG/M1/1 resolvedTime=@10155300"},
         "@10155500",
         "EXCEPTION(X24) OPEN CLOSED_AUTO",
         NULL},
        {"positions touch nothing",
         {"+U POSITION turnNo=T1 eventTime=@10155300", "+U POSITION eventTime=@10155400"},
         "@10155500",
         CLOSED,
         ""},
        {"a manifest of a bill that it does not list",
         {"+U CEB603 copNo=M9 orderNo=O9 logisticsNo=W9 billNo=B9"},
         "@10155500",
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x21_the_latest_gate_that_weighs)
{
    static const struct case_ cases[] = {
        {"the gate out was wrong, the gate in is right",
         {"O grossWeight=2000 tareWeight=1000", "I grossWeight=1006 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21) OPEN CLOSED_AUTO",
         NULL},
        {"the gate out was wrong, the gate in has no scales",
         {"O grossWeight=2000 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         NULL},
        {"the gate out was right, the gate in is wrong",
         {"O grossWeight=1006 tareWeight=1000", "I grossWeight=2000 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

/* Of two 607s of one second that differ in appType alone the removal is the larger document. */
Test(closing, a_607_and_its_removal_of_one_second)
{
    static const struct case_ cases[] = {
        {"removed, then named",
         {"L appType=3", "+L CEB607"},
         "@10170000",
         "EXCEPTION(X18,X20)",
         NULL},
        {"named, then removed", {"+L CEB607 appType=3"}, "@10170000", "EXCEPTION(X18,X20)", NULL},
        {"removed, then named: the manifests' own bill counts",
         {"L billNo=B7 appType=3", "+L CEB607 billNo=B7", "+L CEB607 appTime=@10091900"},
         "@10170000",
         CLOSED,
         ""},
        {"named, then removed: the same",
         {"L billNo=B7", "+L CEB607 billNo=B7 appType=3", "+L CEB607 appTime=@10091900"},
         "@10170000",
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

/* W1 is on two parts; the first part is replaced by one that does not name it any more. */
#define PART1 "CEB607 msgCount=2 w=W1:5,W2 grossWeight=3"
#define LATER "CEB607 msgCount=2 w=W2 grossWeight=3 appType=2 appTime=@10092001"
#define PART2 "CEB607 msgCount=2 msgSeqNo=2 w=W1:1 grossWeight=3"

Test(closing, the_pieces_of_a_part_go_with_it_in_any_order)
{
    static const struct case_ cases[] = {
        {"1 2 later", {"-L", "+M2 " PART1, "+M2 " PART2, "+M2 " LATER}, "@10170000", CLOSED, NULL},
        {"1 later 2", {"-L", "+M2 " PART1, "+M2 " LATER, "+M2 " PART2}, "@10170000", CLOSED, NULL},
        {"later 1 2", {"-L", "+M2 " LATER, "+M2 " PART1, "+M2 " PART2}, "@10170000", CLOSED, NULL},
        {"2 1 later", {"-L", "+M2 " PART2, "+M2 " PART1, "+M2 " LATER}, "@10170000", CLOSED, NULL},
        {"2 later 1", {"-L", "+M2 " PART2, "+M2 " LATER, "+M2 " PART1}, "@10170000", CLOSED, NULL},
    };
    CASES_RUN(cases, NULL);
}

/* A 507 that is looked up by its waybills, given before anybody knows their bill. */
Test(closing, a_507_waits_for_the_bill_of_its_waybill)
{
    struct run *r = run_open(NULL);
    run_line(r, "CEB507 billNo= w=W1 appTime=@10154000");
    static const char *const none[CHANGES_MAX] = {"-I"};
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    run_until(r, "@10170000");
    cr_expect_str_eq(run_closures(r, "T1"), CLOSED);
    cr_expect(strstr(r->text[CLOSURES], "\"replay/0/0/0\""), "its source is the 507: %s",
              r->text[CLOSURES]);
    run_close(r);
}

Test(closing, facts_of_one_second_speak_against_closing_in_any_order)
{
    static const struct case_ cases[] = {
        {"LIFT, then INSPECT",
         {"+O TARGETING order=LIFT", "+O TARGETING"},
         "@10170000",
         "EXCEPTION(X25)",
         NULL},
        {"gate N, then Y", {"O checkResult=N", "+O GATE"}, "@10170000", "EXCEPTION(X26)", NULL},
        {"gate Y, then N", {"+O GATE checkResult=N"}, "@10170000", "EXCEPTION(X26)", NULL},
        {"SEAL here, then elsewhere, of one second (X04, X28)",
         {"+S LOCK customsCode=2226"},
         "@10170000",
         "EXCEPTION(X04,X28)",
         NULL},
        {"SEAL elsewhere, then here",
         {"S customsCode=2226", "+S LOCK"},
         "@10170000",
         "EXCEPTION(X04) EXCEPTION(X04,X28)",
         NULL},
        {"two counts, one wrong",
         {"+I ARRIVAL packNo=2", "+I ARRIVAL packNo=3 loctNo="},
         "@10170000",
         "EXCEPTION(X19)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

/* Bounds: an entry that its bill has no room for must not close; nor one that was there before. */
Test(closing, sixty_four_other_entries_of_a_bill_hide_nothing)
{
    static const char *const none[CHANGES_MAX] = {0};
    struct run *r = run_open(NULL);
    char line[120];
    for (size_t i = 0; i < 6; i++) /* up to GATE OUT */
        journey_step(r, i, none);
    for (int i = 0; i < 64; i++) {
        snprintf(line, sizeof(line), "TRANSIT_DECLARED turnNo=Z%d c=C1:F%d", i, i);
        run_line(r, line);
    }
    run_line(r, "CEB605 copNo=M1 appTime=@10110000");
    for (size_t i = 6; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    run_until(r, "@10170000");
    cr_expect_str_eq(run_closures(r, "T1"), "EXCEPTION(X23) EXCEPTION(X18,X20,X23)");
    run_close(r);

    r = run_open(NULL);
    for (size_t i = 0; i < 3; i++) /* manifests and list */
        journey_step(r, i, none);
    for (int i = 0; i < 64; i++) {
        snprintf(line, sizeof(line), "TRANSIT_DECLARED turnNo=Z%d c=C1:F%d", i, i);
        run_line(r, line);
    }
    for (size_t i = 3; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    run_until(r, "@10170000");
    cr_expect_str_eq(run_closures(r, "T1"), "EXCEPTION(X18,X20)", "the 65th hears nothing");
    run_close(r);
}

Test(closing, a_waybill_that_a_newer_part_leaves_out_is_no_conflict_of_that_bill)
{
    static const struct case_ cases[] = {
        {"named by mistake, corrected, its manifest names another bill",
         {"L w=W1,W2,W3 appTime=@10091500", "+L CEB607 appType=2 appTime=@10092000",
          "+M2 CEB603 copNo=M3 orderNo=O3 logisticsNo=W3 billNo=B2"},
         "@10170000",
         CLOSED,
         NULL},
        {"the correction comes first",
         {"L appType=2", "+L CEB607 w=W1,W2,W3 appTime=@10091500",
          "+M2 CEB603 copNo=M3 orderNo=O3 logisticsNo=W3 billNo=B2"},
         "@10170000",
         CLOSED,
         NULL},
        {"not corrected",
         {"L w=W1,W2,W3", "D packNo=3 grossWeight=9",
          "+M2 CEB603 copNo=M3 orderNo=O3 logisticsNo=W3 billNo=B2"},
         "@10170000",
         "EXCEPTION(X29)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}
