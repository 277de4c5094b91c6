/* CLOSING.md section 4, the reasons that locks give: just below, on and above each boundary. */
#include "journey.h"

#define CLOSED "CLOSED_AUTO"

Test(closing, a_clean_journey_closes_when_w_reaches_ready)
{
    static const struct case_ cases[] = {
        {"before ready", {0}, "@10155459", "", ""},
        {"at ready", {0}, "@10155500", CLOSED, ""},
        {"much later", {0}, "@20000000", CLOSED, ""},
        {"a fact moves ready by its cause",
         {"+U LOCK event=LOW_BATTERY eventTime=@10155300"},
         "@10160159",
         "", ""},
        {"ready by the cause of the last fact",
         {"+U LOCK event=LOW_BATTERY eventTime=@10155300"},
         "@10160200",
         CLOSED, ""},
        {"a duplicate moves nothing",
         {"+U LOCK event=UNSEAL customsCode=2248 loctNo=YS-02 eventTime=@10155200"},
         "@10155500",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x04_sealed_outside)
{
    static const struct case_ cases[] = {
        {"another office", {"S customsCode=2226"}, "@10170000", "EXCEPTION(X04)", ""},
        {"no office given", {"S customsCode="}, "@10170000", CLOSED, ""},
        {"profile SEAL does not judge it",
         {"D profile=SEAL eSealFlag=N", "S customsCode=2226"},
         "@10170000",
         CLOSED, ""},
        {"a later SEAL elsewhere is not the earliest one",
         {"+S LOCK event=UNSEAL customsCode=2225 eventTime=@10100500",
          "+S LOCK customsCode=2226 eventTime=@10100501"},
         "@10170000",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x11_undeclared_lock)
{
    static const struct case_ cases[] = {
        {"sealed for this entry",
         {"+O LOCK eSealId=E9 customsCode=2225 eventTime=@10102100"},
         "@10170000",
         "EXCEPTION(X11)", "+SL01/transit/T1/1:B"},
        {"checked for this entry",
         {"+U LOCK eSealId=E9 event=CHECK eventTime=@10155300"},
         "@10170000",
         "EXCEPTION(X11)", NULL},
        {"a tampering of it is no seal",
         {"+O LOCK eSealId=E9 event=TAMPER eventTime=@10102100"},
         "@10170000",
         CLOSED, ""},
        {"read at a gate", {"O eSealId=E9"}, "@10170000", "EXCEPTION(X11)", NULL},
        {"the declared one read at a gate", {"O eSealId=E1"}, "@10170000", CLOSED, ""},
        {"eSealFlag N does not ask", {"D eSealFlag=N profile=LOCK", "O eSealId=E9"}, "@10170000",
         CLOSED, ""},
        {"of two declared ones the second is read",
         {"D c=C1:E1|E2", "+S LOCK eSealId=E2", "O eSealId=E2",
          "+C LOCK eSealId=E2 event=CHECK customsCode=2248 eventTime=@10154500",
          "+U LOCK eSealId=E2 event=UNSEAL customsCode=2248 eventTime=@10155200"},
         "@10170000",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x12_opened_on_the_road)
{
    static const struct case_ cases[] = {
        {"in the second of the seal",
         {"+S LOCK event=UNSEAL eventTime=@10100500"},
         "@10170000",
         CLOSED, ""},
        {"a second later",
         {"+S LOCK event=UNSEAL eventTime=@10100501"},
         "@10170000",
         "EXCEPTION(X12)", "+SL02/transit/T1/1:B"},
        {"the second before arrival",
         {"+I LOCK event=UNSEAL eventTime=@10153959"},
         "@10170000",
         "EXCEPTION(X12)", NULL},
        {"at arrival it is no opening on the road, but earlier than the check",
         {"+I LOCK event=UNSEAL customsCode=2248 eventTime=@10154000"},
         "@10170000",
         "EXCEPTION(X14)", NULL},
        {"not arrived: not before t + settle",
         {"+O LOCK event=UNSEAL eventTime=@10110000", "-I", "-C", "-U"},
         "@10110959",
         "", ""},
        {"not arrived: at t + settle",
         {"+O LOCK event=UNSEAL eventTime=@10110000", "-I", "-C", "-U"},
         "@10111000",
         "EXCEPTION(X12)", NULL},
        {"a lock that was not declared",
         {"+O LOCK eSealId=E9 event=UNSEAL eventTime=@10110000"},
         "@10170000",
         CLOSED, ""},
        {"profile SEAL does not judge it",
         {"D profile=SEAL eSealFlag=N", "+O LOCK event=UNSEAL eventTime=@10110000"},
         "@10170000",
         CLOSED, ""},
        {"a back-filled arrival explains it: it goes",
         {"+O LOCK event=UNSEAL customsCode=2248 loctNo=YS-02 eventTime=@10153000",
          "I operateTime=@10152000",
          "C eventTime=@10152500", "-U",
          "+C LOCK event=LOW_BATTERY eventTime=@10154100"},
         "@10170000",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x13_tamper_and_x27_fault)
{
    static const struct case_ cases[] = {
        {"before the seal", {"+D LOCK event=TAMPER eventTime=@10100459"}, "@10170000", CLOSED, ""},
        {"in the second of the seal",
         {"+S LOCK event=TAMPER eventTime=@10100500"},
         "@10170000",
         "EXCEPTION(X13)", "+SL03/transit/T1/1:B"},
        {"the second before the check",
         {"+I LOCK event=CUT eventTime=@10154459"},
         "@10170000",
         "EXCEPTION(X13)", NULL},
        {"in the second of the check",
         {"+C LOCK event=CUT eventTime=@10154500"},
         "@10170000",
         CLOSED, ""},
        {"in the second of the check, which comes later",
         {"+I LOCK event=CUT eventTime=@10154500"},
         "@10170000",
         "EXCEPTION(X13) OPEN CLOSED_AUTO", "+SL03/transit/T1/1:B -SL03/transit/T1/1:B"},
        {"a strange lock", {"+O LOCK eSealId=E9 event=CUT eventTime=@10110000"}, "@10170000", CLOSED,
         ""},
        {"a lock event without turnNo comes through the lock",
         {"+O LOCK turnNo= event=CUT eventTime=@10110000"},
         "@10170000",
         "EXCEPTION(X13)", NULL},
        {"a back-filled one after the closing",
         {"+U LOCK event=LOW_BATTERY eventTime=@10163000",
          "+U LOCK event=CUT eventTime=@10150000"},
         "@10170000",
         "CLOSED_AUTO EXCEPTION(X13)!", NULL},
        {"X27 fault at the seal",
         {"+S LOCK event=FAULT eventTime=@10100500"},
         "@10170000",
         "EXCEPTION(X27)", ""},
        {"X27 fault before it",
         {"+D LOCK event=FAULT eventTime=@10100459"},
         "@10170000",
         CLOSED, ""},
        {"X27 fault at the check",
         {"+C LOCK event=FAULT eventTime=@10154500"},
         "@10170000",
         CLOSED, ""},
        {"X27 profile LOCK alone",
         {"D profile=FULL_TRUST eSealFlag=N", "+S LOCK event=FAULT eventTime=@10110000"},
         "@10170000",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x14_unlocked_outside_or_before_the_check)
{
    static const struct case_ cases[] = {
        {"another office", {"U customsCode=2249"}, "@10170000", "EXCEPTION(X14)",
         "+SL04/transit/T1/1:B"},
        {"another site", {"U loctNo=YS-03"}, "@10170000", "EXCEPTION(X14)", NULL},
        {"no site given", {"U loctNo= customsCode="}, "@10170000", CLOSED, ""},
        {"no site declared", {"D destLoctNo=", "U loctNo=YS-03"}, "@10170000", CLOSED, ""},
        {"a second before the check",
         {"-U", "+I LOCK event=UNSEAL customsCode=2248 eventTime=@10154459"},
         "@10170000",
         "EXCEPTION(X14)", NULL},
        {"in the second of the check",
         {"-U", "+I LOCK event=UNSEAL customsCode=2248 eventTime=@10154500"},
         "@10170000",
         CLOSED, ""},
        {"never checked: not before t + settle", {"-C"}, "@10160159", "", ""},
        {"never checked: at t + settle", {"-C"}, "@10160200", "EXCEPTION(X14)", NULL},
        {"a second UNSEAL elsewhere does not count",
         {"+U LOCK event=UNSEAL customsCode=2249 eventTime=@10155300"},
         "@10170000",
         CLOSED, ""},
        {"a CHECK at another office is no check",
         {"C customsCode=2249"},
         "@10170000",
         "EXCEPTION(X14)", NULL},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x28_sealed_again)
{
    static const struct case_ cases[] = {
        {"at another office",
         {"+S LOCK customsCode=2226 eventTime=@10100600"},
         "@10170000",
         "EXCEPTION(X28)", "+SL05/transit/T1/1:H"},
        {"no office given", {"+S LOCK customsCode= eventTime=@10100600"}, "@10170000", CLOSED, ""},
        {"the same office", {"+S LOCK eventTime=@10100600"}, "@10170000", CLOSED, ""},
        {"for another entry, 60 minutes later",
         {"+O LOCK turnNo=T2 eventTime=@10110500"},
         "@10170000",
         CLOSED, ""},
        {"for another entry, a second more",
         {"+O LOCK turnNo=T2 eventTime=@10110501"},
         "@10170000",
         "EXCEPTION(X28)", NULL},
        {"after the check", {"+C LOCK customsCode=2248 eventTime=@10154501"}, "@10170000", CLOSED,
         ""},
        {"UNSEAL between (which is X12)",
         {"+S LOCK event=UNSEAL eventTime=@10100530",
          "+S LOCK customsCode=2226 eventTime=@10100600"},
         "@10170000",
         "EXCEPTION(X12)", NULL},
        {"of one second SEAL is before UNSEAL",
         {"+S LOCK event=UNSEAL eventTime=@10100500",
          "+S LOCK customsCode=2226 eventTime=@10100600"},
         "@10170000",
         CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x30_x03_x05_what_is_missing_is_judged_after_the_grace)
{
    static const struct case_ cases[] = {
        {"no check, at valid + grace", {"-C", "-U"}, "@11220000", "", ""},
        {"no check, a second later", {"-C", "-U"}, "@11220001", "EXCEPTION(X30)", ""},
        {"no departure", {"-O"}, "@11220000", "", ""},
        {"no departure, a second later", {"-O"}, "@11220001", "EXCEPTION(X03)", ""},
        {"a departure from elsewhere is none",
         {"O customsCode=2226"},
         "@11220001",
         "EXCEPTION(X03)", ""},
        {"never sealed", {"-S", "-U"}, "@11220001", "EXCEPTION(X03)", ""},
        {"one of two locks never sealed nor checked",
         {"D c=C1:E1|E2"},
         "@11220001",
         "EXCEPTION(X03,X30)", ""},
        {"never arrived under a lock", {"-I", "-C", "-U"}, "@11220000", "", ""},
        {"never arrived under a lock, a second later",
         {"-I", "-C", "-U"},
         "@11220001",
         "OVERDUE(X05,X30)", ""},
        {"never arrived under a seal",
         {"D profile=SEAL eSealFlag=N", "-S", "-I", "-C", "-U"},
         "@11220001",
         "OVERDUE(X05)", ""},
        {"never arrived, and something else",
         {"-I", "-C", "-U", "O checkResult=N"},
         "@11220001",
         "EXCEPTION(X26) EXCEPTION(X05,X26,X30)", ""},
    };
    CASES_RUN(cases, NULL);
}
