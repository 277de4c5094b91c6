"""CLOSING.md: bills and pieces, X18..X26 and X29, decisions, revisions, drop, locks and declarations."""
from judge.base import (CONFIG, arrival, cancel, case, clock, decision, decl, gate, item, journey,
                        lock, m507, m603, m604, m605, m607, merged, plain, resolved, seal_decl, t,
                        target)

CLOSED = "1 CLOSED_AUTO @140000 c130000"
BILL2 = [{"billNo": "B-1"}, {"billNo": "B-2"}]


def origins(*n):
    return [f"replay/0/{i}/0" for i in n]


def qw05(state="OPEN"):
    return f"QW05/transit/T1/1 {state} H"


# X18, X19: five numbers
case("x18-manifest", plain(m1=m603(1, billNo="B-1", packNo="1"), decl=seal_decl(packNo="3"), wb=m607(
    waybills=[{"gnum": "1", "logisticsNo": "WB1", "packNo": "2"}, {"gnum": "2", "logisticsNo": "WB2"}])),
    until="140000", closures=["1 EXCEPTION X18 @140000"], drift=[qw05()])
case("x19-manifest", plain(m1=m603(1, billNo="B-1", packNo="2")), until="140000",
     closures=["1 EXCEPTION X19 @140000"], drift=[qw05()])
case("pieces-by-waybill", plain(m1=m603(1, billNo="B-1", packNo="4"), decl=seal_decl(packNo="5"),
                                wb=m607(waybills=[{"gnum": "1", "logisticsNo": "WB1", "packNo": "4"},
                                                  {"gnum": "2", "logisticsNo": "WB2"}])),
     until="140000", closures=[(CLOSED, {"packNo": {"declared": 5, "observed": 5}})])
case("x18-wins", plain(m1=m603(1, billNo="B-1", packNo="2"), after={"in": [
    arrival("130100", packNo="1")]}), until="140000", closures=["1 EXCEPTION X18 @140000"],
    drift=[qw05()], why="SHORT when any of the others is below")
case("pieces-latest-arrival", plain(after={"in": [arrival("130100", packNo="1"), arrival(
    "130200", packNo="2")]}), until="140000", closures=[CLOSED])
case("pieces-latest-arrival-bad", plain(after={"in": [arrival("130200", packNo="1"), arrival(
    "130100", packNo="2")]}), until="140000", closures=["1 EXCEPTION X18 @140000"], drift=[qw05()])
case("x18-not-before-ready", plain(decl=seal_decl(packNo="3")), until="130959")
case("x18-cleared", plain(decl=seal_decl(packNo="3")) + [clock("140000"), seal_decl(
    "090000", packNo="2")], until="150000",
    closures=["1 EXCEPTION X18 @140000", "2 CLOSED_AUTO @150000 c130000"],
    drift=[qw05(), qw05("WITHDRAWN")], why="until ready again X18 stays as last judged")

# X20
case("x20-no-607", plain(drop=("wb",)), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[qw05()])
case("x20-part", plain(wb=m607(msgCount="2")), until="140000", closures=["1 EXCEPTION X20 @140000"])
case("x20-two-parts", plain(wb=m607(waybills=["WB1"], weight="10", msgCount="2"), after={"wb": [
    m607(waybills=["WB2"], weight="10", msgCount="2", msgSeqNo="2")]}), until="140000",
    closures=[CLOSED])
case("x20-other-carrier", plain(after={"wb": [m607(
    waybills=["WB2"], weight="10", msgCount="2", msgSeqNo="2", logisticsCode="CARR0002")]},
    wb=m607(waybills=["WB1"], weight="10")), until="140000", closures=["1 EXCEPTION X20 @140000"],
    why="parts are counted for each logisticsCode; WB2 of CARR0002 has no manifest")
case("x20-no-manifest", plain(drop=("m2",), decl=seal_decl(packNo="1")), until="140000",
     closures=["1 EXCEPTION X19,X20 @140000"],
     drift=["QW05/transit/T1/1 OPEN H"])
case("x20-not-named", plain(wb=m607(waybills=["WB1"], weight="10")), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[qw05()])
case("x20-two-manifests", plain(after={"m2": [m603(3, logisticsNo="WB1", billNo="B-1")]}, decl=seal_decl(
    packNo="3"), wb=m607(waybills=[{"gnum": "1", "logisticsNo": "WB1", "packNo": "2"}, {
        "gnum": "2", "logisticsNo": "WB2"}])), until="140000",
    closures=["1 EXCEPTION X24 @081000", "2 EXCEPTION X20,X24 @140000"],
    drift=["DP04/waybill/CARR0001/WB1/1 OPEN H"])
case("x20-late-manifest", plain(drop=("m2",)) + [clock("140000"), m603(2, billNo="B-1")],
     until="150000", closures=["1 EXCEPTION X18,X20 @140000", "2 CLOSED_AUTO @150000 c130000"],
     drift=[qw05(), qw05("WITHDRAWN")])
case("bill-without-607-weight", plain(wb=m607(weight="25.00000", waybills=["WB1", "WB2"])),
     until="140000", closures=[CLOSED], why="QW03 allows 5 kg")

# QW03 on the bill, held up by X24
case("qw03", plain(wb=m607(weight="25.00001")), until="140000",
     closures=["1 EXCEPTION X24 @081000"], drift=["QW03/bill/B-1/1 OPEN H"])
case("qw03-edge", plain(wb=m607(weight="15")), until="140000", closures=[CLOSED])
case("qw03-replaced", plain(wb=m607(weight="30"), after={"decl": [m607(weight="20", at="081500",
                                                                       appType="2")]}),
     until="140000", closures=["1 EXCEPTION X24 @081000", "2 OPEN @082000",
                               "3 CLOSED_AUTO @140000 c130000"],
     drift=["QW03/bill/B-1/1 OPEN H", "QW03/bill/B-1/1 WITHDRAWN H"])
case("qw03-older-part", plain(wb=m607(weight="30"), after={"wb": [m607(weight="20", at="080900")]}),
     until="140000", closures=["1 EXCEPTION X24 @081000"], drift=["QW03/bill/B-1/1 OPEN H"])

# X21, QW04
def weigh(gross, tare="1000", **kw):
    return plain(**{"in": gate("IN", "130000", grossWeight=gross, tareWeight=tare), **kw})


BIG = {"decl": seal_decl(grossWeight="10000"), "wb": m607(weight="10000"),
       "m1": m603(1, billNo="B-1", grossWeight="5000"), "m2": m603(2, billNo="B-1", grossWeight="5000")}
QW04 = ["QW04/transit/T1/1 OPEN H"]
case("x21-200", weigh("1220.00000"), until="140000", closures=[CLOSED])
case("x21-200-over", weigh("1220.00001"), until="140000", closures=["1 EXCEPTION X21 @091500"],
     drift=QW04)
case("x21-3-percent", weigh("10700", **BIG), until="140000", closures=[(CLOSED, {
    "grossWeight": {"declared": "10000.00000", "observed": "9700.00000"}})])
case("x21-3-percent-under", weigh("10699.99999", **BIG), until="140000",
     closures=["1 EXCEPTION X21 @091500"], drift=[(QW04[0], {
         "observed": "300.00001", "threshold": "300.00000", "unit": "kg"})])
case("x21-no-tare", weigh("9999", tare=None), until="140000", closures=[CLOSED])
case("x21-latest-in", plain(**{"in": gate("IN", "130000", grossWeight="5000", tareWeight="1000")}, after={
    "in": [gate("IN", "130500", grossWeight="1020", tareWeight="1000")]}), until="140000",
    closures=["1 EXCEPTION X21 @091500", "2 OPEN @130500", "3 CLOSED_AUTO @140000 c130000"],
    drift=[QW04[0], "QW04/transit/T1/1 WITHDRAWN H"])
case("x21-by-607", plain(decl=seal_decl(grossWeight="220.00001")), until="140000",
     closures=["1 EXCEPTION X21 @081000"], drift=QW04)
case("x21-by-607-edge", plain(decl=seal_decl(grossWeight="220")), until="140000", closures=[CLOSED])
case("x21-by-607-incomplete", plain(decl=seal_decl(grossWeight="900"), wb=m607(msgCount="2")),
     until="140000", closures=["1 EXCEPTION X20 @140000"])
case("x21-full-trust", weigh("5000", decl=seal_decl(profile="FULL_TRUST")), until="140000",
     closures=[CLOSED])

# X22
NEED = CONFIG.replace("require_release: false", "require_release: true")
case("x22", plain(after={"m2": [m604(1, "800", "080500")]}), config=NEED, until="140000",
     closures=["1 EXCEPTION X22 @140000"])
case("x22-799", plain(after={"m2": [m604(1, "800", "080500"), m604(2, "799", "080500")]}),
     config=NEED, until="140000", closures=["1 EXCEPTION X22 @140000"])
case("x22-released", plain(after={"m2": [m604(1, "800", "080500"), m604(2, "899", "080500")]}),
     config=NEED, until="140000", closures=[CLOSED])
case("x22-before-manifest", plain(before={"m1": [m604(1, "800", "080500"), m604(2, "800", "080500")]}),
     config=NEED, until="140000", closures=[CLOSED])
case("x22-cleared", plain(after={"m2": [m604(1, "800", "080500")]}) + [clock("140000"), m604(
    2, "800", "080600")], config=NEED, until="150000",
    closures=["1 EXCEPTION X22 @140000", "2 CLOSED_AUTO @150000 c130000"])
case("x22-late-status-waits", plain(after={"m2": [m604(1, "800", "080500")]}) + [clock("140000"), m604(
    2, "800", "080600")], config=NEED, until="140959", closures=["1 EXCEPTION X22 @140000"])
case("x22-latest-status", plain(after={"m2": [m604(1, "800", "080500"), m604(2, "800", "080500"), m604(
    2, "300", "080600")]}), config=NEED, until="140000", closures=["1 EXCEPTION X22 @140000"])

# X23, DP07 on the entry. Sealed: 09:15 (departed) in `plain`
DP07 = ["DP07/transit/T1/1 OPEN H"]


def change(at, n=1, **kw):
    return m603(n, at, billNo="B-1", **{"appType": "2", "note": "x", "trafName": "粤B11111", **kw})


case("x23-edge", plain(after={"out": [change("091500")]}), until="140000", closures=[CLOSED])
case("x23", plain(after={"out": [change("091501")]}), until="140000",
     closures=["1 EXCEPTION X23 @091500"], drift=DP07)
case("x23-by-cause", plain(after={"out": [clock("091501"), change("090000")]}), until="140000",
     closures=["1 EXCEPTION X23 @091501"], drift=DP07, why="cause = W when it came")
case("x23-stale", plain(after={"out": [change("080000", packNo="1"), clock("092000"), change("075900")]}),
     until="140000", closures=[CLOSED], why="a stale change changes nothing")
case("x23-cancelled", plain(after={"out": [m605(1, "091501")]}), until="140000",
     closures=["1 EXCEPTION X23 @091500", "2 EXCEPTION X18,X20,X23 @140000"],
     drift=DP07 + [qw05()])
case("x23-new-manifest", plain(drop=("m2",), after={"out": [m603(2, "100000", billNo="B-1")]}),
     until="140000", closures=[CLOSED], why="neither a change nor a cancellation")
case("x23-607", plain(after={"out": [m607(at="091501", weight="21")]}), until="140000",
     closures=["1 EXCEPTION X23 @091500"], drift=DP07)
case("x23-607-first", plain(drop=("wb",), after={"out": [m607(at="100000")]}), until="140000",
     closures=[CLOSED], why="a first part is no changed one")
case("x23-607-removed", plain(after={"out": [m607(at="091501", appType="3")]}), until="140000",
     closures=["1 EXCEPTION X23 @091500", "2 EXCEPTION X18,X20,X23 @140000"],
     drift=DP07 + [qw05()])
case("x23-decl", plain(after={"out": [seal_decl("091501", vehicleNo="粤B33333")]}), until="140000",
     closures=[("1 EXCEPTION X23 @091500", {"vehicleNo": "粤B11111"})], drift=DP07)
case("x23-decl-late-message", plain(after={"in": [seal_decl("091400", packNo="2", corridor="C7")]}),
     until="140000", closures=[CLOSED], why="declarations go by appTime, not by cause")
case("x23-seal-moves", journey(after={"seal": [change("090100")], "unseal": [
    lock("SEAL", "090200", customsCode="5165")]}, drop=("out",), seal=lock(
        "SEAL", "090000", customsCode="5165")), until="140000",
    closures=["1 EXCEPTION X23 @090000"], drift=DP07)

# X24
case("x24-held", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard fur")])), until="140000",
     closures=[("1 EXCEPTION X24 @081000", {"alerts": ["WL01/manifest/E/AGEN0001/COP-1/1"]})],
     drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("x24-amended", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard fur")]), after={
    "decl": [change("083000")]}), until="140000",
    closures=["1 EXCEPTION X24 @081000", "2 OPEN @083000", "3 CLOSED_AUTO @140000 c130000"],
    drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H", "WL01/manifest/E/AGEN0001/COP-1/1 WITHDRAWN H"])
case("x24-review-only", plain(m1=m603(1, billNo="B-1", items=[item(country="502")])), until="140000",
     closures=[CLOSED], drift=["RT09/manifest/E/AGEN0001/COP-1/1 OPEN R"])
case("x24-order", plain(m1=m603(1, billNo="B-1", orderNo="O"), m2=m603(
    2, billNo="B-1", orderNo="O", ebcCode="SELL0002")), until="140000",
    closures=["1 EXCEPTION X24 @081000"], drift=["DP05/order/PLAT0001/O/1 OPEN H"])
case("x24-order-elsewhere", plain(m1=m603(1, billNo="B-1", orderNo="O"), before={"m1": [
    m603(3, orderNo="O", ebcCode="SELL0002", billNo="B-7")]}), until="140000",
    closures=["1 EXCEPTION X24 @081000"], drift=["DP05/order/PLAT0001/O/1 OPEN H"],
    why="an order holds the waybills of all its live manifests")
case("x24-cleared", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard fur")]), after={"in": [
    clock("133000"), resolved("WL01/manifest/E/AGEN0001/COP-1/1", "CLEARED", "133000")]}),
    closures=["1 EXCEPTION X24 @081000", "2 CLOSED_AUTO @133000 c130000"],
    drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("x24-confirmed", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard fur")]), after={"in": [
    resolved("WL01/manifest/E/AGEN0001/COP-1/1", "CONFIRMED", "133000")]}), until="140000",
    closures=["1 EXCEPTION X24 @081000"], drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("x24-cleared-then-confirmed", plain(m1=m603(1, billNo="B-1", items=[item(gname="leopard fur")]),
                                         after={"in": [
    clock("133000"), resolved("WL01/manifest/E/AGEN0001/COP-1/1", "CLEARED", "133000"),
    resolved("WL01/manifest/E/AGEN0001/COP-1/1", "CONFIRMED", "133000")]}), until="140000",
    closures=["1 EXCEPTION X24 @081000", "2 CLOSED_AUTO @133000 c130000", "3 EXCEPTION* X24 @133000"],
    drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H"], why="a tie: CONFIRMED")
case("x24-resolved-first", plain(before={"m1": [
    resolved("WL01/manifest/E/AGEN0001/COP-1/1", "CLEARED", "075900")]}, m1=m603(
        1, billNo="B-1", items=[item(gname="leopard fur")])), until="140000",
    closures=[CLOSED], drift=["WL01/manifest/E/AGEN0001/COP-1/1 OPEN H"],
    why="a resolution may come before its alert")

# X25, X26
case("x25", plain(after={"decl": [target("INSPECT", "090000")]}), until="140000",
     closures=[("1 EXCEPTION X25 @082000", {"sources": origins(4)})])
case("x25-lift-older", plain(after={"decl": [target("INSPECT", "090000"), target("LIFT", "085959")]}),
     until="140000", closures=["1 EXCEPTION X25 @082000"])
case("x25-same-second", plain(after={"decl": [target("LIFT", "090000"), target("INSPECT", "090000"),
                                              target("LIFT", "090000")]}), until="140000",
     closures=["1 EXCEPTION X25 @090000"], why="what speaks against closing is the latest")
case("x25-lifted-after-close", plain() + [clock("140000"), target("INSPECT", "100000"), clock(
    "141000"), target("LIFT", "100001")], until="150000",
    closures=[CLOSED, "2 EXCEPTION* X25 @140000", "3 CLOSED_AUTO* @141000 c130000"],
     why="until ready again the condition of step 5 stays as last judged")
for code in ("N", "M"):
    case(f"x26-{code}", plain(out=gate("OUT", "091500", checkResult=code)), until="140000",
         closures=["1 EXCEPTION X26 @082000"])
case("x26-second-time", plain(out=gate("OUT", "091500", checkResult="N"), after={"out": [
    gate("OUT", "091600")]}), until="140000",
    closures=["1 EXCEPTION X26 @082000", "2 OPEN @091600", "3 CLOSED_AUTO @140000 c130000"])
case("x26-same-second", plain(after={"out": [gate("OUT", "091500", checkResult="M", channelNo="2")]}),
     until="140000", closures=["1 EXCEPTION X26 @091500"])
case("x26-other-office", plain(out=gate("OUT", "091500", checkResult="N"), after={"out": [
    gate("OUT", "092000", customsCode="5302")]}), until="140000",
    closures=["1 EXCEPTION X26 @082000"])

# X29
case("x29-bill", plain(m1=m603(1, billNo="B-9")), until="140000",
     closures=["1 EXCEPTION X29 @081000"])
case("x29-both-bills", plain(m1=m603(1, billNo="B-9"), after={"decl": [seal_decl(
    turnNo="T2", bills=[{"billNo": "B-9"}])]}), until="140000",
    closures=["1 EXCEPTION X29 @081000", "T2: 1 EXCEPTION X29 @082000"])
case("x29-no-own-bill", plain(m1=m603(1), m2=m603(2)), until="140000", closures=[CLOSED])
case("x29-declarations", plain(after={"decl": [seal_decl(vehicleNo="粤B00000")]}, out=gate(
    "OUT", "091500")), until="140000", closures=["1 EXCEPTION X29 @082000"],
    why="the larger document wins: its vehicleNo is 粤B11111")
case("x29-waybill-of-two-bills", plain(after={"wb": [m607("B-2", ["WB1"], at="081100", weight="10")]},
                                       m1=m603(1), m2=m603(2)), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[qw05()],
     why="the waybill belongs to the newer bill")
