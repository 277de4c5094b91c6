/* CLOSING.md section 5: what officers decide, what is reopened, what is left of a dropped entry. */
#include "journey.h"

#define CLOSED "CLOSED_AUTO"
#define CUT    "+O LOCK event=CUT eventTime=@10110000"

Test(closing, a_release_covers_what_its_revision_had)
{
    static const struct case_ cases[] = {
        {"covered", {CUT, "+U DECISION"}, "@10190000", "EXCEPTION(X13) CLOSED_MANUAL(X13)", NULL},
        {"a release of another revision",
         {CUT, "+U DECISION revision=2"},
         "@10190000",
         "EXCEPTION(X13)",
         NULL},
        {"a release before the arrival",
         {CUT, "+O DECISION decisionTime=@10111000"},
         "@10190000",
         "EXCEPTION(X13)",
         NULL},
        {"a second CUT that the officer did not see",
         {CUT, "+U LOCK event=CUT eventTime=@10113000", "+U DECISION"},
         "@10190000",
         "EXCEPTION(X13)",
         NULL},
        {"another reason comes",
         {CUT, "+U DECISION", "+U TARGETING orderTime=@10180500"},
         "@10190000",
         "EXCEPTION(X13) CLOSED_MANUAL(X13) EXCEPTION(X13,X25)!",
         NULL},
        {"and both are released",
         {CUT, "+U DECISION", "+U TARGETING orderTime=@10180500",
          "+U DECISION revision=3 decisionTime=@10181000"},
         "@10190000",
         "EXCEPTION(X13) CLOSED_MANUAL(X13) EXCEPTION(X13,X25)! CLOSED_MANUAL(X13,X25)!",
         NULL},
        {"a harmless fact changes nothing",
         {CUT, "+U DECISION", "+U LOCK event=LOW_BATTERY eventTime=@10181000"},
         "@10190000",
         "EXCEPTION(X13) CLOSED_MANUAL(X13)",
         NULL},
        {"the wrong office",
         {"I customsCode=2249", "+U DECISION"},
         "@10190000",
         "EXCEPTION(X06) CLOSED_MANUAL(X06)",
         NULL},
        {"pieces",
         {"D packNo=3", "+U POSITION eSealId=E77 eventTime=@10155500", "+U DECISION"},
         "@10190000",
         "EXCEPTION(X18) CLOSED_MANUAL(X18)",
         NULL},
        {"a part is missing",
         {"L msgCount=2", "+U POSITION eSealId=E77 eventTime=@10155500", "+U DECISION"},
         "@10190000",
         "EXCEPTION(X20) CLOSED_MANUAL(X20)",
         NULL},
        {"an alert",
         {"M1 i.gname=KNOCKOFF", "+U DECISION"},
         "@10190000",
         "EXCEPTION(X24) CLOSED_MANUAL(X24)",
         NULL},
        {"no departure",
         {"-O", "+U LOCK event=LOW_BATTERY eventTime=@11220001",
          "+U DECISION decisionTime=@11230000"},
         "@11230000",
         "EXCEPTION(X03) CLOSED_MANUAL(X03)",
         NULL},
        {"no check",
         {"-C", "-U", "+I LOCK event=LOW_BATTERY eventTime=@11220001",
          "+I DECISION decisionTime=@11230000"},
         "@11230000",
         "EXCEPTION(X30) CLOSED_MANUAL(X30)",
         NULL},
        {"too late",
         {"I operateTime=@11220001", "C eventTime=@11220500", "U eventTime=@11221000",
          "+U DECISION revision=3 decisionTime=@11230000"},
         "@11230000",
         "EXCEPTION(X07) EXCEPTION(X07,X30) EXCEPTION(X07) CLOSED_MANUAL(X07)",
         NULL},
        {"a revision that was not there to be seen",
         {"D packNo=3", "+U DECISION decisionTime=@10155300",
          "+U POSITION eSealId=E77 eventTime=@10170000",
          "+U LOCK event=LOW_BATTERY eventTime=@10180000"},
         "@10190000",
         "EXCEPTION(X18)",
         NULL},
        {"of two alerts one is cleared: what is left was known",
         {"M1 i.gname=KNOCKOFF", "M2 i.gname=KNOCKOFF", "+U DECISION",
          "+U ALERT_RESOLVED alert=WL01/manifest/E/AG/M1/1 resolvedTime=@10181000"},
         "@10190000",
         "EXCEPTION(X24) CLOSED_MANUAL(X24)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, refer)
{
    static const struct case_ cases[] = {
        {"referred",
         {CUT, "+U DECISION decision=REFER"},
         "@10190000",
         "EXCEPTION(X13) REFERRED(X13)",
         NULL},
        {"before the arrival, which never comes",
         {CUT, "+O DECISION decision=REFER decisionTime=@10113000", "-I", "-C", "-U"},
         "@11220001",
         "EXCEPTION(X13) REFERRED(X13) REFERRED(X05,X13,X30)",
         NULL},
        {"released later",
         {CUT, "+U DECISION decision=REFER", "+U DECISION revision=2 decisionTime=@10180001"},
         "@10190000",
         "EXCEPTION(X13) REFERRED(X13) CLOSED_MANUAL(X13)",
         NULL},
        {"released in the same second",
         {CUT, "+U DECISION decision=REFER", "+U DECISION revision=2"},
         "@10190000",
         "EXCEPTION(X13) REFERRED(X13)",
         NULL},
        {"referred again after a release",
         {CUT, "+U DECISION", "+U DECISION decision=REFER decisionTime=@10183000"},
         "@10190000",
         "EXCEPTION(X13) CLOSED_MANUAL(X13) REFERRED(X13)!",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

/* The last cause is W before U: 10 September 15:45. Thirty days later is 10 October 15:45. */
#define CLOCK(time) "+U POSITION eSealId=E77 eventTime=" time
#define LATE        "+U LOCK event=LOW_BATTERY eventTime=@10153000"

Test(closing, a_dropped_entry_leaves_a_tombstone)
{
    static const struct case_ cases[] = {
        {"before the drop a harmless fact is harmless",
         {CLOCK("20251010154459"), LATE},
         NULL,
         CLOSED,
         ""},
        {"after it any fact that names the entry is X29",
         {CLOCK("20251010154500"), LATE},
         NULL,
         "CLOSED_AUTO EXCEPTION(X29)!",
         ""},
        {"once",
         {CLOCK("20251010154500"), LATE, "+U TARGETING orderTime=20251011000000"},
         NULL,
         "CLOSED_AUTO EXCEPTION(X29)!",
         ""},
        {"a lock event that names no entry is not about it",
         {CLOCK("20251010154500"), "+U LOCK turnNo= event=CUT eventTime=@10110000"},
         NULL,
         CLOSED,
         ""},
        {"its bill has forgotten it",
         {CLOCK("20251010154500"), "+U CEB605 copNo=M1 appTime=20251010154500"},
         NULL,
         CLOSED,
         ""},
        {"CANCELLED leaves one",
         {"+D TRANSIT_CANCELLED appTime=@10093001", "-S", "-O", "-I", "-C", "-U",
          "+D POSITION eSealId=E77 eventTime=20251101000000", "+D GATE operateTime=20251101000000"},
         NULL,
         "CANCELLED EXCEPTION(X29)",
         ""},
        {"EXCEPTION is not dropped",
         {CUT, CLOCK("20251110154500"), "+U DECISION decisionTime=20251110154500"},
         NULL,
         "EXCEPTION(X13) CLOSED_MANUAL(X13)",
         NULL},
        {"the tombstone of a window that is over",
         {CLOCK("20251010154500"), CLOCK("20261115154500"), "+U GATE operateTime=20261115154500"},
         NULL,
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, more_facts_than_an_entry_keeps_are_x29_alone)
{
    struct run *r = run_open(NULL);
    static const char *const none[CHANGES_MAX] = {0};
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    char line[128];
    /* D S O I C U are six facts */
    for (int i = 0; i < 1018; i++) {
        snprintf(line, sizeof(line), "LOCK event=LOW_BATTERY eventTime=@1016%02d%02d", i / 60,
                 i % 60);
        run_line(r, line);
    }
    run_until(r, "@10180000");
    cr_expect_str_eq(run_closures(r, "T1"), CLOSED, "1,024 facts are kept");
    run_line(r, "LOCK event=LOW_BATTERY eventTime=@10155900");
    cr_expect_str_eq(run_closures(r, "T1"), "CLOSED_AUTO EXCEPTION(X29)!");
    run_line(r, "LOCK event=CUT eventTime=@10110000");
    cr_expect_str_eq(run_closures(r, "T1"), "CLOSED_AUTO EXCEPTION(X29)!", "exactly X29");
    run_close(r);
}

Test(closing, one_lock_serves_two_entries_one_after_the_other)
{
    struct run *r = run_open(NULL);
    static const char *const none[CHANGES_MAX] = {0};
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    static const char *const second[] = {
        "CEB603 copNo=M5 orderNo=O5 logisticsNo=W5 billNo=B5 appTime=@12091000",
        "CEB607 billNo=B5 w=W5 grossWeight=3 appTime=@12092000",
        ("TRANSIT_DECLARED turnNo=T5 appTime=@12093000 validTime=@12220000 packNo=1 grossWeight=3 "
         "bills=B5"),
        "LOCK turnNo= eventTime=@12100500",
        "GATE turnNo=T5 operateTime=@12102000",
        "GATE turnNo=T5 direction=IN customsCode=2248 loctNo=YS-02 operateTime=@12154000",
        "LOCK turnNo= event=CHECK customsCode=2248 eventTime=@12154500",
        "LOCK turnNo= event=UNSEAL customsCode=2248 eventTime=@12155200",
    };
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        run_line(r, second[i]);
    run_until(r, "@12170000");
    cr_expect_str_eq(run_closures(r, "T1"), CLOSED);
    cr_expect_str_eq(run_closures(r, "T5"), CLOSED);
    run_close(r);
}

Test(closing, revisions_count_from_one_and_closed_at_is_the_latest_evidence)
{
    struct run *r = run_open(NULL);
    static const char *const change[CHANGES_MAX] = {CUT, "+U DECISION"};
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, change);
    run_flush(r);
    const char *second = strchr(r->text[CLOSURES], '\n') + 1;
    char at[40];
    cr_assert(strstr(r->text[CLOSURES], "\"revision\":1,"));
    cr_assert(strstr(second, "\"revision\":2,"));
    cr_assert(line_get(second, "closedAt", at, sizeof(at)));
    cr_expect_str_eq(at, "2025-09-10T10:00:00.000Z", "of CLOSED_MANUAL the decisionTime");
    run_close(r);

    r = run_open(NULL);
    static const char *const none[CHANGES_MAX] = {0};
    for (size_t i = 0; i < ARRAY_LEN(journey); i++)
        journey_step(r, i, none);
    run_until(r, "@10170000");
    run_flush(r);
    cr_assert(line_get(r->text[CLOSURES], "closedAt", at, sizeof(at)));
    cr_expect_str_eq(at, "2025-09-10T07:52:00.000Z", "UNSEAL");
    cr_assert(line_get(r->text[CLOSURES], "evaluatedAt", at, sizeof(at)));
    cr_expect_str_eq(at, "2025-09-10T09:00:00.000Z", "W");
    run_close(r);
}
