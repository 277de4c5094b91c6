/* CLOSING.md section 4: reasons that gates, arrivals, orders and cancellations give, to the second.
 */
#include "journey.h"

#define CLOSED "CLOSED_AUTO"

Test(closing, x02_and_cancelled)
{
    static const struct case_ cases[] = {
        {"before anything moved",
         {"+D TRANSIT_CANCELLED appTime=@10093001", "-S", "-O", "-I", "-C", "-U"},
         "@10170000",
         "CANCELLED",
         ""},
        {"in the second of the declaration: not newer",
         {"+D TRANSIT_CANCELLED appTime=@10093000"},
         "@10170000",
         CLOSED,
         ""},
        {"older than the declaration",
         {"+D TRANSIT_CANCELLED appTime=@10092959"},
         "@10170000",
         CLOSED,
         ""},
        {"a second before the seal",
         {"+D TRANSIT_CANCELLED appTime=@10100459", "-O", "-I", "-C", "-U"},
         "@10170000",
         "CANCELLED",
         ""},
        {"in the second of the seal",
         {"+S TRANSIT_CANCELLED appTime=@10100500", "-O", "-I", "-C", "-U"},
         "@10170000",
         "EXCEPTION(X02)",
         ""},
        {"the seal is heard of later",
         {"+D TRANSIT_CANCELLED appTime=@10100500", "-O", "-I", "-C", "-U"},
         "@10170000",
         "CANCELLED EXCEPTION(X02)",
         ""},
        {"in the second of the departure, without locks",
         {"D profile=SEAL eSealFlag=N", "-S", "+O TRANSIT_CANCELLED appTime=@10102000", "-I", "-C",
          "-U"},
         "@10170000",
         "EXCEPTION(X02)",
         ""},
        {"a second before it",
         {"D profile=SEAL eSealFlag=N", "-S", "+O TRANSIT_CANCELLED appTime=@10101959", "-I", "-C",
          "-U"},
         "@10170000",
         "CANCELLED",
         ""},
        {"only arrived",
         {"-S", "-O", "+I TRANSIT_CANCELLED appTime=@10154000", "-C", "-U"},
         "@10154000",
         "EXCEPTION(X02)",
         ""},
        {"declared again later: the cancellation is not newer",
         {"+D TRANSIT_CANCELLED appTime=@10093100", "+D TRANSIT_DECLARED appTime=@10093200"},
         "@10170000",
         "CANCELLED OPEN CLOSED_AUTO",
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x06_wrong_office)
{
    static const struct case_ cases[] = {
        {"another office",
         {"I customsCode=2249"},
         "@10170000",
         "EXCEPTION(X06)",
         "+RT02/transit/T1/1:B"},
        {"another site", {"I loctNo=YS-03"}, "@10170000", "EXCEPTION(X06)", NULL},
        {"no site given", {"I loctNo="}, "@10170000", CLOSED, ""},
        {"no site declared", {"D destLoctNo=", "I loctNo=YS-03"}, "@10170000", CLOSED, ""},
        {"an ARRIVAL elsewhere",
         {"+I ARRIVAL customsCode=2249 loctNo= arrivalTime=@10154100"},
         "@10170000",
         "EXCEPTION(X06)",
         NULL},
        {"a 507 elsewhere",
         {"+I CEB507 customsCode=2249 appTime=@10154100"},
         "@10170000",
         "EXCEPTION(X06)",
         NULL},
        {"a 507 at another site",
         {"+I CEB507 loctNo=YS-03 appTime=@10154100"},
         "@10170000",
         "EXCEPTION(X06)",
         NULL},
        {"GATE OUT elsewhere is no arrival",
         {"+O GATE customsCode=2249 operateTime=@10120000"},
         "@10170000",
         CLOSED,
         ""},
        {"at the origin in the second of the departure",
         {"+O GATE direction=IN operateTime=@10102000"},
         "@10170000",
         CLOSED,
         ""},
        {"back at the origin a second later",
         {"+O GATE direction=IN operateTime=@10102001", "-S", "D profile=SEAL eSealFlag=N", "-U"},
         "@10170000",
         "EXCEPTION(X06)",
         NULL},
        {"at the origin before the departure was heard of",
         {"+S GATE direction=IN operateTime=@10101500"},
         "@10170000",
         CLOSED,
         ""},
        {"a 507 at the origin before the departure",
         {"+L CEB507 customsCode=2225 loctNo=YS-01 appTime=@10092500"},
         "@10170000",
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, arrival_by_507_and_by_arrival)
{
    static const struct case_ cases[] = {
        {"the 507 of its only bill",
         {"-I", "+O CEB507 appTime=@10154000"},
         "@10170000",
         CLOSED,
         ""},
        {"one of two bills had its 507",
         {"D bills=B1,B2 packNo=2", "-I", "-U", "+O CEB507 appTime=@10154000"},
         "@11220001",
         "OVERDUE(X05,X30)",
         ""},
        {"a 507 without billNo is looked up by its waybills",
         {"-I", "+O CEB507 billNo= w=W1 appTime=@10154000"},
         "@10170000",
         CLOSED,
         ""},
        {"a cancelled 507 is none",
         {"-I", "-U", "+O CEB507 appType=3 appTime=@10154000"},
         "@11220001",
         "OVERDUE(X05,X30)",
         ""},
        {"ARRIVAL", {"-I", "+O ARRIVAL"}, "@10170000", CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x07_overdue_by_arrival)
{
    static const struct case_ cases[] = {
        {"at validTime nothing",
         {"I operateTime=@10220000", "C eventTime=@10220500", "U eventTime=@10221000"},
         "@11000000",
         CLOSED,
         ""},
        {"a second later the level R alert",
         {"I operateTime=@10220001", "C eventTime=@10220500", "U eventTime=@10221000"},
         "@11000000",
         CLOSED,
         "+RT06/transit/T1/1:R"},
        {"at validTime + grace it still closes",
         {"I operateTime=@11220000", "C eventTime=@11220500", "U eventTime=@11221000"},
         "@11230000",
         CLOSED,
         "+RT06/transit/T1/1:R"},
        {"a second later",
         {"I operateTime=@11220001", "C eventTime=@11220500", "U eventTime=@11221000"},
         "@11230000",
         "EXCEPTION(X07) EXCEPTION(X07,X30) EXCEPTION(X07)",
         "+RT06/transit/T1/1:H"},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x09_container_and_x10_plate)
{
    static const struct case_ cases[] = {
        {"container", {"O contaNo=C9"}, "@10170000", "EXCEPTION(X09)", "+SL07/transit/T1/1:B"},
        {"no container read", {"O contaNo="}, "@10170000", CLOSED, ""},
        {"plate", {"I vehicleNo=V9"}, "@10170000", "EXCEPTION(X10)", "+SL07/transit/T1/1:B"},
        {"both", {"I vehicleNo=V9 contaNo=C9"}, "@10170000", "EXCEPTION(X09,X10)", NULL},
        {"read with no confidence: an alert, no reason",
         {"I vehicleNo=V9 contaNo=C9 ocrConfidence=N"},
         "@10170000",
         CLOSED,
         "+SL07/transit/T1/1:R"},
        {"with confidence",
         {"I vehicleNo=V9 ocrConfidence=Y"},
         "@10170000",
         "EXCEPTION(X10)",
         NULL},
        {"unsure, then sure: the level rises",
         {"O vehicleNo=V9 ocrConfidence=N", "I vehicleNo=V9"},
         "@10170000",
         "EXCEPTION(X10)",
         "+SL07/transit/T1/1:R +SL07/transit/T1/1:B"},
        {"any gate, not only those of the journey",
         {"+O GATE customsCode=2230 vehicleNo=V9 operateTime=@10120000"},
         "@10170000",
         "EXCEPTION(X10)",
         NULL},
        {"one of several declared containers",
         {"D c=C1:E1,C2", "I contaNo=C2"},
         "@10170000",
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x21_gate_weight)
{
    /* declared 6 kg: 200 kg rule; declared 10,000 kg: 3 % = 300 kg */
    static const struct case_ cases[] = {
        {"200 kg too much", {"O grossWeight=1206 tareWeight=1000"}, "@10170000", CLOSED, ""},
        {"a hair more",
         {"O grossWeight=1206.00001 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         "+QW04/transit/T1/1:H"},
        {"too little",
         {"O grossWeight=805.99999 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         NULL},
        {"gross without tare", {"O grossWeight=99999"}, "@10170000", CLOSED, ""},
        {"3 % of 10,000",
         {"M1 grossWeight=5000", "M2 grossWeight=5000", "L grossWeight=10000",
          "D grossWeight=10000", "I grossWeight=11300 tareWeight=1000"},
         "@10170000",
         CLOSED,
         ""},
        {"a hair more than 3 %",
         {"M1 grossWeight=5000", "M2 grossWeight=5000", "L grossWeight=10000",
          "D grossWeight=10000", "I grossWeight=11300.00001 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         NULL},
        {"weighed again at the same gate: the latest counts",
         {"O grossWeight=2000 tareWeight=1000",
          "+O GATE grossWeight=1006 tareWeight=1000 operateTime=@10102001"},
         "@10170000",
         "EXCEPTION(X21) OPEN CLOSED_AUTO",
         NULL},
        {"of one second the one that speaks against closing",
         {"O grossWeight=2000 tareWeight=1000", "+O GATE grossWeight=1006 tareWeight=1000"},
         "@10170000",
         "EXCEPTION(X21)",
         NULL},
        {"FULL_TRUST does not ask",
         {"D profile=FULL_TRUST eSealFlag=N", "O grossWeight=99999 tareWeight=1000"},
         "@10170000",
         CLOSED,
         ""},
        {"the weight of the 607s", {"D grossWeight=206"}, "@10170000", CLOSED, ""},
        {"a hair more", {"D grossWeight=206.00001"}, "@10170000", "EXCEPTION(X21)", NULL},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x25_targeted)
{
    static const struct case_ cases[] = {
        {"INSPECT", {"+O TARGETING"}, "@10170000", "EXCEPTION(X25)", ""},
        {"lifted later",
         {"+O TARGETING", "+O TARGETING order=LIFT orderTime=@10120001"},
         "@10170000",
         "EXCEPTION(X25) OPEN CLOSED_AUTO",
         ""},
        {"lifted in the same second",
         {"+O TARGETING", "+O TARGETING order=LIFT"},
         "@10170000",
         "EXCEPTION(X25)",
         ""},
        {"the later order comes first",
         {"+O TARGETING order=LIFT orderTime=@10120001", "+O TARGETING"},
         "@10170000",
         CLOSED,
         ""},
        {"after the closing",
         {"+U TARGETING orderTime=@10163000"},
         "@10170000",
         "EXCEPTION(X25)",
         ""},
        {"after the closing was published",
         {"+U LOCK event=LOW_BATTERY eventTime=@10163000", "+U TARGETING orderTime=@10163000"},
         "@10170000",
         "CLOSED_AUTO EXCEPTION(X25)!",
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x26_gate_refused)
{
    static const struct case_ cases[] = {
        {"N", {"O checkResult=N"}, "@10170000", "EXCEPTION(X26)", ""},
        {"M", {"I checkResult=M"}, "@10170000", "EXCEPTION(X26)", ""},
        {"passed later",
         {"O checkResult=N", "+O GATE operateTime=@10102001"},
         "@10170000",
         "EXCEPTION(X26) OPEN CLOSED_AUTO",
         ""},
        {"passed in the same second",
         {"O checkResult=N", "+O GATE"},
         "@10170000",
         "EXCEPTION(X26)",
         ""},
        {"passed in the other direction",
         {"O checkResult=N", "+O GATE direction=IN operateTime=@10101900"},
         "@10170000",
         "EXCEPTION(X26)",
         ""},
        {"passed at another office",
         {"O checkResult=N", "+O GATE customsCode=2230 operateTime=@10110000"},
         "@10170000",
         "EXCEPTION(X26)",
         ""},
        {"refused after having passed",
         {"+I GATE direction=IN customsCode=2248 loctNo=YS-02 checkResult=N operateTime=@10154001"},
         "@10170000",
         "EXCEPTION(X26)",
         ""},
    };
    CASES_RUN(cases, NULL);
}

#define ALONE "-M1", "-M2", "-L", "-D", "-S", "-I", "-C", "-U"

Test(closing, x01_unknown_entry)
{
    static const struct case_ cases[] = {
        {"24 hours", {ALONE}, "@11102000", "", ""},
        {"a second more", {ALONE}, "@11102001", "EXCEPTION(X01)", ""},
        {"refused at the gate at once",
         {ALONE, "O checkResult=N"},
         "@10170000",
         "EXCEPTION(X26)",
         ""},
        {"without a declaration no other reason",
         {ALONE, "O vehicleNo=V9 contaNo=C9 eSealId=E9"},
         "@10170000",
         "",
         ""},
        {"the declaration comes late", {"-D", "+U TRANSIT_DECLARED"}, "@10170000", CLOSED, ""},
    };
    CASES_RUN(cases, NULL);
}

#define STILL "-S", "-O", "-I", "-C", "-U"

Test(closing, expired)
{
    static const struct case_ cases[] = {
        {"at appTime + 5 d", {STILL}, "@15093000", "EXCEPTION(X03,X05,X30)", ""},
        {"a second later", {STILL}, "@15093001", "EXPIRED(X03,X05,X30)", ""},
        {"validTime + grace is later", {STILL, "D validTime=@20000000"}, "@21000000", "", ""},
        {"a second after that",
         {STILL, "D validTime=@20000000"},
         "@21000001",
         "EXPIRED(X03,X05,X30)",
         ""},
        {"it was sealed", {"-O", "-I", "-C", "-U"}, "@15093001", "EXCEPTION(X03,X05,X30)", ""},
        {"a declaration alone is nothing", {STILL}, "@11220000", "", ""},
    };
    CASES_RUN(cases, NULL);
}
