/* CLOSING.md section 4: reasons that bills, their waybills and their manifests give. */
#include "journey.h"

#define CLOSED "CLOSED_AUTO"

static void release_required(struct config *c)
{
    c->rules->require_release = true;
}

Test(closing, x18_x19_pieces)
{
    static const struct case_ cases[] = {
        {"declared more, before ready", {"D packNo=3"}, "@10155459", "", ""},
        {"declared more", {"D packNo=3"}, "@10155500", "EXCEPTION(X18)", "+QW05/transit/T1/1:H"},
        {"declared less", {"D packNo=1"}, "@10155500", "EXCEPTION(X19)", "+QW05/transit/T1/1:H"},
        {"the manifests have more", {"M1 packNo=2"}, "@10170000", "EXCEPTION(X19)", NULL},
        {"the waybills have more", {"L w=W1:2,W2"}, "@10170000", "EXCEPTION(X19)", NULL},
        {"manifests and waybills agree",
         {"M1 packNo=5", "L w=W1:5,W2", "D packNo=6"},
         "@10170000",
         CLOSED,
         ""},
        {"one below, one above",
         {"D packNo=3", "L w=W1:3,W2"},
         "@10170000",
         "EXCEPTION(X18)",
         NULL},
        {"fewer arrived", {"+I ARRIVAL packNo=1"}, "@10170000", "EXCEPTION(X18)", NULL},
        {"more arrived", {"+I ARRIVAL packNo=3"}, "@10170000", "EXCEPTION(X19)", NULL},
        {"counted again",
         {"+I ARRIVAL packNo=1", "+I ARRIVAL packNo=2 arrivalTime=@10154001"},
         "@10170000",
         CLOSED,
         ""},
        {"an arrival without a count", {"+I ARRIVAL"}, "@10170000", CLOSED, ""},
        {"a rejected manifest counts nothing",
         {"M1 netWeight=9"},
         "@10170000",
         "EXCEPTION(X18,X20)",
         NULL},
        {"a late manifest of the bill mends it",
         {"-M2", "+U CEB603 copNo=M2 orderNo=O2 logisticsNo=W2 billNo=B1"},
         "@10170000",
         CLOSED,
         ""},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x20_parts_missing)
{
    static const struct case_ cases[] = {
        {"no 607", {"-L"}, "@10155459", "", ""},
        {"no 607 at ready", {"-L"}, "@10155500", "EXCEPTION(X18,X20)", NULL},
        {"one of two parts", {"L msgCount=2"}, "@10170000", "EXCEPTION(X20)", ""},
        {"both parts",
         {"L msgCount=2 w=W1 grossWeight=3", "+L CEB607 msgCount=2 msgSeqNo=2 w=W2 grossWeight=3"},
         "@10170000",
         CLOSED,
         ""},
        {"both parts, the second one twice",
         {"L msgCount=2 w=W1 grossWeight=3", "+L CEB607 msgCount=2 msgSeqNo=2 w=W2 grossWeight=3",
          "+L CEB607 msgCount=2 msgSeqNo=2 w=W2 grossWeight=3"},
         "@10170000",
         CLOSED,
         ""},
        {"a waybill without a manifest", {"L w=W1,W2,W3"}, "@10170000", "EXCEPTION(X19,X20)", NULL},
        {"a manifest whose waybill is not named",
         {"L w=W1 grossWeight=6"},
         "@10170000",
         "EXCEPTION(X18,X20)",
         NULL},
        {"two manifests on a waybill (DP04)",
         {"M2 logisticsNo=W1", "L w=W1:2"},
         "@10170000",
         "EXCEPTION(X24) EXCEPTION(X20,X24)",
         NULL},
        {"a bill that nobody named", {"D bills=B1,B2"}, "@10170000", "EXCEPTION(X20)", NULL},
        {"named by a 711",
         {"-L", "D grossWeight=99999", "M1 grossWeight=77", "M2 grossWeight=77"},
         "@10155500",
         "EXCEPTION(X18,X20)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

#define RELEASED                                                                                   \
    "+D CEB604 copNo=M1 returnTime=@10100000", "+D CEB604 copNo=M2 returnTime=@10100000"

Test(closing, x22_not_released)
{
    static const struct case_ cases[] = {
        {"nobody released it", {0}, "@10155459", "", ""},
        {"nobody released it, at ready", {0}, "@10155500", "EXCEPTION(X22)", ""},
        {"800", {RELEASED}, "@10170000", CLOSED, ""},
        {"799",
         {RELEASED, "+D CEB604 copNo=M1 returnStatus=799 returnTime=@10100001"},
         "@10170000",
         "EXCEPTION(X22)",
         ""},
        {"one of two",
         {"+D CEB604 copNo=M1 returnTime=@10100000"},
         "@10170000",
         "EXCEPTION(X22)",
         ""},
        {"released after all",
         {"+U POSITION eSealId=E77 eventTime=@10155500", "+U CEB604 copNo=M1 returnTime=@10160000",
          "+U CEB604 copNo=M2 returnTime=@10160000"},
         "@10170000",
         "EXCEPTION(X22) CLOSED_AUTO",
         ""},
    };
    CASES_RUN(cases, release_required);
    static const struct case_ not_asked[] = {{"not asked for", {0}, "@10155500", CLOSED, ""}};
    CASES_RUN(not_asked, NULL);
}

#define AMEND "CEB603 copNo=M1 orderNo=O1 logisticsNo=W1 billNo=B1 appType=2 i.gmodel=red"

Test(closing, x23_changed_after_seal)
{
    static const struct case_ cases[] = {
        {"changed a second before the seal",
         {"+D " AMEND " appTime=@10100459"},
         "@10170000",
         CLOSED,
         ""},
        {"in the second of the seal", {"+D " AMEND " appTime=@10100500"}, "@10170000", CLOSED, ""},
        {"a second later",
         {"+S " AMEND " appTime=@10100501"},
         "@10170000",
         "EXCEPTION(X23)",
         "+DP07/transit/T1/1:H"},
        {"dated before the seal, taken in its second",
         {"+S " AMEND " appTime=@10100459"},
         "@10170000",
         CLOSED,
         ""},
        {"dated before the seal, taken after it",
         {"+O " AMEND " appTime=@10100459"},
         "@10170000",
         "EXCEPTION(X23)",
         NULL},
        {"the same content is a duplicate, no change",
         {"+O CEB603 copNo=M1 orderNo=O1 logisticsNo=W1 billNo=B1 appType=2 appTime=@10110000"},
         "@10170000",
         CLOSED,
         ""},
        {"cancelled after the seal",
         {"+O CEB605 copNo=M1 appTime=@10110000"},
         "@10170000",
         "EXCEPTION(X23) EXCEPTION(X18,X20,X23)",
         NULL},
        {"a 607 part changed",
         {"+O CEB607 appType=2 appTime=@10110000 grossWeight=6.5"},
         "@10170000",
         "EXCEPTION(X23)",
         NULL},
        {"a 607 part changed before the seal",
         {"+D CEB607 appType=2 appTime=@10100500 grossWeight=6.5"},
         "@10170000",
         CLOSED,
         ""},
        {"a 607 part removed",
         {"+O CEB607 appType=3 appTime=@10110000"},
         "@10170000",
         "EXCEPTION(X23) EXCEPTION(X18,X20,X23)",
         NULL},
        {"a new declaration in the second of the seal counts",
         {"+S TRANSIT_DECLARED appTime=@10100500 vehicleNo=V2", "O vehicleNo=V2", "I vehicleNo=V2"},
         "@10170000",
         CLOSED,
         ""},
        {"a second later it does not count and is a reason",
         {"+S TRANSIT_DECLARED appTime=@10100501 vehicleNo=V2"},
         "@10170000",
         "EXCEPTION(X23)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}

#define KNOCKOFF "WL01/manifest/E/AG/M1/1"

Test(closing, x24_open_alerts)
{
    static const struct case_ cases[] = {
        {"a held manifest",
         {"M1 i.gname=KNOCKOFF"},
         "@10170000",
         "EXCEPTION(X24)",
         "+" KNOCKOFF ":H"},
        {"level R holds nothing up",
         {"M1 i.country=110"},
         "@10170000",
         CLOSED,
         "+RT09/manifest/E/AG/M1/1:R"},
        {"cleared",
         {"M1 i.gname=KNOCKOFF", "+U ALERT_RESOLVED alert=" KNOCKOFF " resolvedTime=@10155300"},
         "@10170000",
         "EXCEPTION(X24) OPEN CLOSED_AUTO",
         "+" KNOCKOFF ":H"},
        {"confirmed",
         {"M1 i.gname=KNOCKOFF",
          "+U ALERT_RESOLVED alert=" KNOCKOFF " resolution=CONFIRMED resolvedTime=@10155300"},
         "@10170000",
         "EXCEPTION(X24)",
         NULL},
        {"confirmed in the second in which it was cleared",
         {"M1 i.gname=KNOCKOFF", "+U ALERT_RESOLVED alert=" KNOCKOFF " resolvedTime=@10155300",
          "+U ALERT_RESOLVED alert=" KNOCKOFF " resolution=CONFIRMED resolvedTime=@10155300"},
         "@10170000",
         "EXCEPTION(X24) OPEN EXCEPTION(X24)",
         NULL},
        {"confirmed, cleared later",
         {"M1 i.gname=KNOCKOFF",
          "+U ALERT_RESOLVED alert=" KNOCKOFF " resolution=CONFIRMED resolvedTime=@10155300",
          "+U ALERT_RESOLVED alert=" KNOCKOFF " resolvedTime=@10155301"},
         "@10170000",
         "EXCEPTION(X24) OPEN CLOSED_AUTO",
         NULL},
        {"a conflict",
         {"+M1 CEB603 billNo=B1 grossWeight=3.5"},
         "@10170000",
         "EXCEPTION(X24)",
         "+DP03/manifest/E/AG/M1/1:H"},
        {"two firms on one order",
         {"M2 orderNo=O1 ebcCode=EC2"},
         "@10170000",
         "EXCEPTION(X24)",
         "+DP05/order/EB/O1/1:H"},
        {"a weight of the bill",
         {"M1 grossWeight=100", "D grossWeight=6"},
         "@10170000",
         "EXCEPTION(X24)",
         "+QW03/bill/B1/1:H"},
        {"on a manifest of another bill",
         {"+M2 CEB603 copNo=M3 orderNo=O3 logisticsNo=W3 billNo=B9 "
          "i.gname=KNOCKOFF"},
         "@10170000",
         CLOSED,
         NULL},
        {"on a rejected manifest of the bill",
         {"+M2 CEB603 copNo=M3 orderNo=O3 logisticsNo=W3 billNo=B1 netWeight=9"},
         "@10170000",
         CLOSED,
         NULL},
        {"it goes with the change that mends it",
         {"M1 i.gname=KNOCKOFF", "+M2 " AMEND " appTime=@10092500"},
         "@10170000",
         CLOSED,
         "+" KNOCKOFF ":H -" KNOCKOFF ":H"},
        {"the resolution comes before the alert",
         {"+M2 ALERT_RESOLVED alert=WL01/manifest/E/AG/M4/1 resolvedTime=@10091500",
          "+M2 CEB603 copNo=M4 orderNo=O4 logisticsNo=W4 billNo=B1 i.gname=KNOCKOFF",
          "L w=W1,W2,W4 grossWeight=9", "D packNo=3 grossWeight=9"},
         "@10170000",
         CLOSED,
         "+WL01/manifest/E/AG/M4/1:H"},
    };
    CASES_RUN(cases, NULL);
}

Test(closing, x29_conflicts)
{
    static const struct case_ cases[] = {
        {"two declarations of one second",
         {"+D TRANSIT_DECLARED contractorCode=Z"},
         "@10170000",
         "EXCEPTION(X29)",
         ""},
        {"the same declaration twice", {"+D TRANSIT_DECLARED"}, "@10170000", CLOSED, ""},
        {"of one second the larger document counts",
         {"+D TRANSIT_DECLARED vehicleNo=V0"},
         "@10170000",
         "EXCEPTION(X29)",
         ""},
        {"of one second the larger document counts, the other way",
         {"+D TRANSIT_DECLARED vehicleNo=V2"},
         "@10170000",
         "EXCEPTION(X29) EXCEPTION(X10,X29)",
         NULL},
        {"replaced by a later declaration",
         {"+D TRANSIT_DECLARED vehicleNo=V2 appTime=@10093001", "O vehicleNo=V2", "I vehicleNo=V2"},
         "@10170000",
         CLOSED,
         ""},
        {"the list and the manifest name different bills",
         {"M1 billNo=B2"},
         "@10170000",
         "EXCEPTION(X29)",
         NULL},
        {"the manifest names none", {"M1 billNo="}, "@10170000", CLOSED, ""},
        {"the list of another bill is newer",
         {"+L CEB607 billNo=B3 w=W2 grossWeight=3 appTime=@10092001"},
         "@10170000",
         "EXCEPTION(X29) EXCEPTION(X18,X20,X29)",
         NULL},
    };
    CASES_RUN(cases, NULL);
}
