"""Corners of CLOSING.md and RULES.md that a careful reader would try."""
from judge.base import (CONFIG, arrival, cancel, case, clock, decision, decl, gate, item, journey, lock,
                        m507, m509, m603, m604, m605, m607, m621, merged, plain, resolved, seal_decl, t,
                        target)


def origins(*n):
    return [f"replay/0/{i}/0" for i in n]


DONE = "1 CLOSED_AUTO @140000 c130000"
LOCKED = "1 CLOSED_AUTO @140000 c131000"
SL07 = "SL07/transit/T1/1 OPEN B"
WL = "WL01/manifest/E/AGEN0001/COP-1/1"
LEO = m603(1, billNo="B-1", items=[item(gname="leopard")])
BAD_IN = gate("IN", "130000", vehicleNo="粤B22222")

case("z-touch-after-deadline", journey(drop=("in", "check", "unseal")) + [clock("1015200001"), target(
    "INSPECT", "1015210000")], closures=["1 OVERDUE X05,X30 @1015200001",
                                         "2 EXCEPTION X05,X25,X30 @1015200001"])
case("z-touch-first-after-deadline", journey(drop=("in", "check", "unseal", "out")) + [
    clock("1015200000"), target("INSPECT", "1015210000")],
    closures=["1 EXCEPTION X25 @1015200000", "2 EXCEPTION X03,X05,X25,X30 @1015210000"])
case("z-until-before-w", plain(), until="120000")
case("z-seal-unseal-seal", journey(seal=lock("SEAL", "090000", customsCode="5165"), after={"out": [
    lock("UNSEAL", "090000"), lock("SEAL", "091000", customsCode="5302")]}), until="140000",
    closures=[LOCKED], why="of one second: SEAL, then UNSEAL")
case("z-shared-bill", plain(after={"decl": [seal_decl(turnNo="T2")], "in": [
    gate("OUT", "091500", turnNo="T2"), gate("IN", "130000", turnNo="T2")]}), until="140000",
    closures=[DONE, "T2: 1 CLOSED_AUTO @140000 c130000"])
case("z-shared-bill-held", plain(after={"decl": [seal_decl(turnNo="T2")]}, m1=LEO), until="140000",
     closures=["1 EXCEPTION X24 @081000", "T2: 1 EXCEPTION X24 @082000"], drift=[WL + " OPEN H"])
case("z-declared-twice", plain(after={"decl": [seal_decl(), seal_decl(packNo=2, grossWeight=20)]}),
     until="140000", closures=[DONE])
case("z-declared-unknown-field", plain(after={"decl": [seal_decl(colour="red")]}), until="140000",
     closures=[DONE], why="unknown fields are ignored")
case("z-alerts-order", plain(m1=LEO, **{"in": BAD_IN}), until="140000", closures=[
    "1 EXCEPTION X24 @081000", ("2 EXCEPTION X10,X24 @091500", {
        "alerts": [WL, "SL07/transit/T1/1"], "sources": origins(5, 0)})], drift=[WL + " OPEN H", SL07])
case("z-sources-once", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard", currency="999")])),
     until="140000", closures=[("1 EXCEPTION X24 @081000", {"sources": origins(0)})],
     drift=["RATE_MISSING/manifest/E/AGEN0001/COP-1/1 OPEN H", WL + " OPEN H"])
case("z-sources-of-listed-reasons", plain(drop=("in", "out"), after={"decl": [target(
    "INSPECT", "083000"), cancel("084000")]}), until="140000",
    closures=["1 EXCEPTION X25 @082000", ("2 CANCELLED @084000", {"sources": []})])
case("z-x23-sources", plain(after={"out": [m603(1, "091501", billNo="B-1", appType="2", trafName="x")]}),
     until="140000", closures=[("1 EXCEPTION X23 @091500", {"sources": origins(5)})],
     drift=["DP07/transit/T1/1 OPEN H"])
case("z-507-waybills-first", plain(drop=("in", "wb"), before={"m1": [m507(billNo=None, waybills=[
    {"gnum": "1", "logisticsNo": "WB1"}], at="130000")]}, after={"out": [m607()]}), until="150000",
    closures=["1 CLOSED_AUTO @150000 c130000"])
case("z-sealno-blanks", journey(decl=decl(containers=[{"contaNo": "CN1", "sealNo": " LK1 "}])),
     until="140000", closures=[LOCKED])
case("z-sealno-two-containers", journey(decl=decl(containers=[{"contaNo": "CN1", "sealNo": "LK1"}, {
    "contaNo": "CN2"}])), until="140000", closures=[LOCKED])
case("z-drop-before", plain() + [clock("140000"), clock("1113091459"), gate(
    "OUT", "091600", checkResult="N")], closures=[DONE, "2 EXCEPTION* X26 @1113091459"])
case("z-drop-at", plain() + [clock("140000"), clock("1113091500"), gate(
    "OUT", "091600", checkResult="N")], closures=[DONE, "2 EXCEPTION* X29 @1113091500"])
WEEK = CONFIG.replace("window: 400d", "window: 40d")
case("z-tombstone-gone", plain() + [clock("140000"), clock("1113091500"), clock("1223091500"), gate(
    "OUT", "091600")], config=WEEK, closures=[DONE, "1 EXCEPTION X01 @1223091500"],
     why="the window runs from the drop; then it is a new entry")
case("z-drop-cause-moves", plain() + [clock("140000"), clock("1101000000"), gate("OUT", "091600"), clock(
    "1130235959"), gate("OUT", "091700", checkResult="N")], closures=[DONE, "2 EXCEPTION* X26 @1130235959"])
case("z-revision-as-number", plain(after={"in": [merged(decision("RELEASE", 1, "134000"), {"revision": 1})]}, **{
    "in": BAD_IN}), closures=["1 EXCEPTION X10 @091500", "2 CLOSED_MANUAL X10 @134000 c134000"], drift=[SL07])
case("z-release-x24", plain(m1=LEO, after={"in": [clock("133000"), decision("RELEASE", 1, "134000")]}),
     closures=["1 EXCEPTION X24 @081000", "2 CLOSED_MANUAL X24 @134000 c134000"], drift=[WL + " OPEN H"])
case("z-release-x24-other-alert", plain(m1=LEO, after={"in": [
    m603(2, "130100", billNo="B-1", appType="1", packNo="9"), decision("RELEASE", 1, "134000")]}),
    until="150000", closures=["1 EXCEPTION X24 @081000"],
    drift=[WL + " OPEN H", "DP03/manifest/E/AGEN0001/COP-2/1 OPEN H"],
    why="the second alert was not known at revision 1")
case("z-release-x18", plain(decl=seal_decl(packNo="3")) + [clock("140000"), decision("RELEASE", 1, "141000")],
     until="150000", closures=["1 EXCEPTION X18 @140000", "2 CLOSED_MANUAL X18 @141000 c141000"],
     drift=["QW05/transit/T1/1 OPEN H"])
case("z-release-x05-never", plain(drop=("in",)) + [clock("1015200001"), decision("RELEASE", 1, "1015210000")],
     until="1016000000", closures=["1 OVERDUE X05 @1015200001"])
case("z-late-cause-of-607", plain(drop=("wb",), after={"in": [m607()]}), until="131000",
     closures=["1 CLOSED_AUTO @131000 c130000"])
case("z-late-manifest-status", plain(after={"in": [clock("130500"), m604(1, "300", "080100")]}), until="131459",
     why="a status below 800 changes something: its cause 13:05 counts")
case("z-late-manifest-status-at", plain(after={"in": [clock("130500"), m604(1, "300", "080100")]}),
     until="131500", closures=["1 CLOSED_AUTO @131500 c130000"])
case("z-duplicate-manifest-no-cause", plain(after={"in": [clock("130500"), m603(1, billNo="B-1")]}),
     until="131000", closures=["1 CLOSED_AUTO @131000 c130000"])
case("z-conflict-manifest", plain(after={"in": [clock("130500"), m603(1, billNo="B-1", packNo="2")]}),
     until="140000", closures=["1 EXCEPTION X24 @130500"],
     drift=["DP03/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("z-refused-change", plain(after={"m2": [m604(1, "800", "080100"), m603(1, "081500", billNo="B-1", appType="2",
                                                                           packNo="2")]}), until="140000",
     closures=["1 EXCEPTION X24 @081500"],
     drift=["DP07/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("z-rejected-manifest", plain(m1=m603(1, billNo="B-1", netWeight="99")), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"],
     drift=["QW01/manifest/E/AGEN0001/COP-1/1 OPEN B", "QW05/transit/T1/1 OPEN H"],
     why="it is not live: its alert holds nothing, its absence does")
case("z-status-100-on-the-road", plain(after={"out": [m604(1, "100", "092000")]}), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=["QW05/transit/T1/1 OPEN H"])
case("z-manifest-moves-bill", plain(m1=m603(1, billNo="B-1"), after={"decl": [m603(
    1, "082500", billNo="B-2", appType="2")]}), until="140000", closures=["1 EXCEPTION X29 @082000"])
case("z-resolved-dp04", plain(after={"m2": [m603(3, logisticsNo="WB1", billNo="B-1")], "in": [
    resolved("DP04/waybill/CARR0001/WB1/1", "CLEARED", "133000")]}), until="140000",
    closures=["1 EXCEPTION X24 @081000", "2 EXCEPTION X19,X20 @133000"],
    drift=["DP04/waybill/CARR0001/WB1/1 OPEN H", "QW05/transit/T1/1 OPEN H"])
case("z-tamper-other-lock", journey(after={"out": [lock("TAMPER", "100000", "LK7")]}), until="140000",
     closures=[LOCKED])
case("z-lock-event-other-turn", journey(after={"out": [lock("TAMPER", "100000", turnNo="T9")]}), until="140000",
     closures=["1 EXCEPTION X13 @091500"], drift=["SL03/transit/T1/1 OPEN B"],
     why="the declared lock brings it, whatever turnNo it carries")
case("z-507-two-parts-x06", plain(drop=("in",), after={"out": [m507(at="093000", customsCode="5165"), m507(
    at="130000", msgSeqNo="2")]}), until="140000", closures=["1 EXCEPTION X06 @091500"],
    drift=["RT02/transit/T1/1 OPEN B"], why="entered the origin's site again after departure")
case("z-cancel-published-before", plain(drop=("in", "out"), after={"decl": [target("INSPECT", "083000"), cancel(
    "084000")]}), until="140000", closures=["1 EXCEPTION X25 @082000", "2 CANCELLED @084000"])
case("z-late-declaration-of-closed", plain() + [clock("140000"), seal_decl("090000", packNo="3")],
     until="150000", closures=[DONE, "2 EXCEPTION* X18 @150000"], drift=["QW05/transit/T1/1 OPEN H"])
case("z-plate-in-redeclaration-late", plain(after={"in": [seal_decl("100000", vehicleNo="粤B5")]}),
     until="140000", closures=["1 EXCEPTION X23 @130000"], drift=["DP07/transit/T1/1 OPEN H"])

# A bill tells at most 16 of its 507s: many at the right place do not push a wrong place out.
MANY = [m507(at=f"1310{i:02d}", msgSeqNo=str(i + 1), msgCount="18") for i in range(16)]
ELSEWHERE = m507(at="132000", customsCode="5399", msgSeqNo="17", msgCount="18")
case("z-507-many-x06-last", plain(after={"in": MANY + [ELSEWHERE]}), until="140000",
     closures=["1 CLOSED_AUTO @131000 c130000", "2 EXCEPTION* X06 @131015"], drift=["RT02/transit/T1/1 OPEN B"])
case("z-507-many-x06-first", plain(after={"in": [ELSEWHERE] + MANY}), until="140000",
     closures=["1 EXCEPTION X06 @130000"], drift=["RT02/transit/T1/1 OPEN B"])
BY_WAYBILL = [dict(m, billNo=None, waybills=[{"gnum": "1", "logisticsNo": "WB1"}]) for m in MANY + [ELSEWHERE]]
case("z-507-many-x06-waybill", BY_WAYBILL + [clock("133000")] + plain(), until="140000",
     closures=["1 EXCEPTION X06 @133000"], drift=["RT02/transit/T1/1 OPEN B"])

# A lock that was declared more often than its account keeps (256) still tells the next journey; that
# one's own events carry its turnNo, the CUT does not.
WORN = [decl(f"0701{8 + i // 60:02d}{i % 60:02d}00", turnNo="T9", validTime=t("0702000000"),
             bills=[{"billNo": "B-9"}]) for i in range(256)]
TOLD = [dict(m, turnNo="T1") if m["messageType"] == "LOCK" else m for m in journey()]
case("z-lock-declared-often", WORN + TOLD + [clock("140000"), lock("CUT", "110000")], until="140000",
     closures=["T9: 1 EXPIRED X03,X05,X30 @080000", LOCKED, "2 EXCEPTION* X13 @140000"],
     drift=["SL03/transit/T1/1 OPEN B"])
case("z-lock-declared-often-unbound", WORN + journey(), until="140000",
     closures=["T9: 1 EXPIRED X03,X05,X30 @080000", LOCKED])

# One with more of them, all of today: whichever came last would not hear of a CUT without its
# turnNo, so none of them closes by itself.
BUSY = [decl(f"07{i // 60:02d}{i % 60:02d}", turnNo="T9", bills=[{"billNo": "B-9"}])
        for i in range(256)]
case("z-lock-declared-too-often", BUSY + journey() + [lock("CUT", "110000")], until="140000",
     closures=["1 EXCEPTION X29 @081000", "T9: 1 EXCEPTION X29 @081000"])
