"""CLOSING.md section 5: decisions of officers, EXPIRED, drop and tombstone; binds and declarations."""
from judge.base import (CONFIG, arrival, cancel, case, clock, decision, decl, gate, item, journey,
                        lock, m507, m603, m604, m605, m607, plain, resolved, seal_decl, t, target)

BAD_IN = gate("IN", "130000", vehicleNo="粤B22222")
X10 = "1 EXCEPTION X10 @091500"
SL07 = "SL07/transit/T1/1 OPEN B"


def bad(*more, **kw):
    """W = 13:30 when `more` comes; revision 1 is EXCEPTION X10."""
    return plain(after={"in": [clock("133000")] + list(more)}, **{"in": BAD_IN, **kw})


# RELEASE and REFER
case("release", bad(decision("RELEASE", 1, "134000")), drift=[SL07], closures=[
    X10, ("2 CLOSED_MANUAL X10 @134000 c134000", {"sources": ["replay/0/5/0"],
                                                   "alerts": ["SL07/transit/T1/1"]})])
case("release-unknown-revision", bad(decision("RELEASE", 2, "134000")), drift=[SL07], closures=[X10],
     until="140000")
case("release-old-revision", bad(target("INSPECT", "133500"), decision("RELEASE", 1, "134000")),
     drift=[SL07], closures=[X10, "2 EXCEPTION X10,X25 @133000"], until="140000")
case("release-new-fact-of-same-reason", bad(gate("IN", "133500", vehicleNo="粤B44444"), decision(
    "RELEASE", 1, "134000")), drift=[SL07], closures=[X10], until="140000",
    why="revision 1 did not know every fact that makes X10 hold")
case("release-then-new-fact", bad(decision("RELEASE", 1, "134000"), gate(
    "IN", "135000", vehicleNo="粤B44444")), drift=[SL07], until="150000", closures=[
        X10, "2 CLOSED_MANUAL X10 @134000 c134000", "3 EXCEPTION* X10 @134000"])
case("release-then-new-reason", bad(decision("RELEASE", 1, "134000"), target("INSPECT", "134500")),
     drift=[SL07], until="150000", closures=[
         X10, "2 CLOSED_MANUAL X10 @134000 c134000", "3 EXCEPTION* X10,X25 @134000"])
case("release-again", bad(decision("RELEASE", 1, "134000"), target("INSPECT", "134500"), decision(
    "RELEASE", 3, "135000")), drift=[SL07], until="150000", closures=[
        X10, "2 CLOSED_MANUAL X10 @134000 c134000", "3 EXCEPTION* X10,X25 @134000",
        "4 CLOSED_MANUAL* X10,X25 @135000 c135000"])
case("release-before-arrival", plain(drop=("in",), out=gate("OUT", "091500", vehicleNo="粤B22222"), after={
    "out": [decision("RELEASE", 1, "120000"), gate("IN", "130000")]}), drift=[SL07], until="150000",
    closures=["1 EXCEPTION X10 @082000"], why="takes no effect, now and later")
case("refer-before-arrival", plain(drop=("in",), out=gate("OUT", "091500", vehicleNo="粤B22222"), after={
    "out": [decision("REFER", 1, "120000")]}), drift=[SL07], until="150000",
    closures=["1 EXCEPTION X10 @082000", "2 REFERRED X10 @120000"])
case("refer-then-release", bad(decision("REFER", 1, "134000"), decision("RELEASE", 2, "135000")),
     drift=[SL07], closures=[X10, "2 REFERRED X10 @134000", "3 CLOSED_MANUAL X10 @135000 c135000"])
case("release-then-refer", bad(decision("RELEASE", 1, "134000"), decision("REFER", 2, "135000")),
     drift=[SL07], closures=[X10, "2 CLOSED_MANUAL X10 @134000 c134000", "3 REFERRED* X10 @135000"])
case("older-decision-late", bad(decision("RELEASE", 1, "134000"), decision("REFER", 1, "133900")),
     drift=[SL07], closures=[X10, "2 CLOSED_MANUAL X10 @134000 c134000"], until="150000",
     why="the latest decision counts")
case("decision-same-second", bad(decision("RELEASE", 1, "134000"), decision("REFER", 1, "134000")),
     drift=[SL07], closures=[X10, "2 CLOSED_MANUAL X10 @134000 c134000", "3 REFERRED* X10 @134000"],
     why="REFER speaks against closing")
case("referred-more-reasons", bad(decision("REFER", 1, "134000"), target("INSPECT", "135000")),
     drift=[SL07], until="150000",
     closures=[X10, "2 REFERRED X10 @134000", "3 REFERRED X10,X25 @135000"])
case("cancelled-before-decision", bad(decision("REFER", 1, "134000"), cancel("090000")), drift=[SL07],
     closures=[X10, "2 REFERRED X10 @134000", "3 CANCELLED @134000"])

# EXPIRED: appTime 08:20 + 5 d = 19th 08:20:00
ALONE = [clock("080000"), seal_decl()]
case("expired-edge", ALONE, until="1019082000", closures=["1 EXCEPTION X03,X05 @1019082000"])
case("expired", ALONE, until="1019082001", closures=[("1 EXPIRED X03,X05 @1019082001", {
    "originCustoms": "5165"})])
case("expired-after-exception", ALONE + [clock("1016000000")], until="1019082001",
     closures=["1 EXCEPTION X03,X05 @1016000000", "2 EXPIRED X03,X05 @1019082001"])
case("expired-long-validity", [clock("080000"), seal_decl(validTime=t("1025200000"))],
     until="1026200000")
case("expired-long-validity-over", [clock("080000"), seal_decl(validTime=t("1025200000"))],
     until="1026200001", closures=["1 EXPIRED X03,X05 @1026200001"])
case("expired-lock", [clock("080000"), decl()], until="1019082001",
     closures=["1 EXPIRED X03,X05,X30 @1019082001"])
case("not-expired-sealed", [clock("080000"), decl(), lock("SEAL", "090000")], until="1020082001",
     closures=["1 EXCEPTION X03,X05,X30 @1020082001"])
case("expired-blocking", [clock("080000"), seal_decl(), target("INSPECT", "090000")], until="1019082001",
     closures=["1 EXCEPTION X25 @082000", "2 EXPIRED X03,X05,X25 @1019082001"])
case("expired-revived", ALONE + [clock("1019082001"), gate("OUT", "091500"), arrival("130000")],
     until="1019100000", closures=["1 EXPIRED X03,X05 @1019082001", "2 OVERDUE X05 @1019082001",
                                   "3 OPEN @1019082001", "4 EXCEPTION X18,X20 @1019100000"],
     drift=["QW05/transit/T1/1 OPEN H"])

# Reopened
case("reopened-late-fact", plain() + [clock("140000"), gate("OUT", "091600", checkResult="N")],
     until="150000", closures=["1 CLOSED_AUTO @140000 c130000", "2 EXCEPTION* X26 @140000"])
case("reopened-then-closed", plain() + [clock("140000"), gate("OUT", "091600", checkResult="N"), gate(
    "OUT", "091700")], until="150000", closures=[
        "1 CLOSED_AUTO @140000 c130000", "2 EXCEPTION* X26 @140000", "3 CLOSED_AUTO* @140000 c130000"])
case("closed-stays-when-ready-moves", plain() + [clock("140000"), gate("OUT", "091600")],
     until="150000", closures=["1 CLOSED_AUTO @140000 c130000"])
case("reopened-by-pieces", plain() + [clock("140000"), arrival("131500", packNo="1")], until="150000",
     closures=["1 CLOSED_AUTO @140000 c130000", "2 EXCEPTION* X18 @150000"],
     drift=["QW05/transit/T1/1 OPEN H"])

# Drop: 30 days of W after the last cause (9:15 for the GATE IN): 13 Nov 09:15
AWAY = "2025" + "1113091500"
case("drop", plain() + [clock("140000"), clock("1120000000"), gate("OUT", "091600")], closures=[
    "1 CLOSED_AUTO @140000 c130000", ("2 EXCEPTION* X29 @1120000000", {
        "originCustoms": None, "profile": None, "vehicleNo": None})])
case("drop-again", plain() + [clock("140000"), clock("1120000000"), gate("OUT", "091600"), gate(
    "OUT", "091700")], until="1121000000", closures=[
        "1 CLOSED_AUTO @140000 c130000", "2 EXCEPTION* X29 @1120000000"])
case("drop-locks-forget", journey() + [clock("140000"), clock("1120000000"), lock(
    "TAMPER", "100000")], closures=["1 CLOSED_AUTO @140000 c131000"])
case("drop-not-of-exception", bad() + [clock("1120000000"), gate("OUT", "091600")], drift=[SL07],
     closures=[X10])
case("drop-cancelled", [clock("080000"), seal_decl(), cancel("083000"), clock("1120000000"),
                        gate("OUT", "091500")],
     closures=["1 CANCELLED @083000", "2 EXCEPTION X29 @1120000000"])
case("drop-declared-again", plain() + [clock("140000"), clock("1120000000"), seal_decl("1119080000")],
     closures=["1 CLOSED_AUTO @140000 c130000", "2 EXCEPTION* X29 @1120000000"])

# Locks and binds: [appTime, validTime + grace + 30 d] = 14 Oct 08:20:00 .. 14 Nov 20:00:00
case("bind-before-declaration", journey(seal=lock("SEAL", "081959", customsCode="5165")),
     until="1015200001", closures=["1 EXCEPTION X03 @1015200001"], why="one second too early")
case("bind-at-declaration", journey(seal=lock("SEAL", "082000", customsCode="5165")), until="140000",
     closures=["1 CLOSED_AUTO @140000 c131000"])
case("bind-with-turn", journey(seal=lock("SEAL", "081959", customsCode="5165", turnNo="T1")),
     until="140000", closures=["1 CLOSED_AUTO @140000 c131000"], why="its turnNo brings it too")
case("bind-waits", journey(drop=("seal",), before={"decl": [
    lock("SEAL", "090000", customsCode="5165")]}), until="140000",
    closures=["1 CLOSED_AUTO @140000 c131000"], why="an event before any bind waits for one")
case("bind-both-ways", journey(seal=lock("SEAL", "090000", customsCode="5165", turnNo="T1"), after={
    "seal": [lock("SEAL", "090000", customsCode="5165", turnNo="T1")]}), until="140000",
    closures=["1 CLOSED_AUTO @140000 c131000"])
case("bind-not-in-counting-declaration", journey(after={"decl": [decl(
    "083000", containers=[{"contaNo": "CN1", "sealNo": "LK2"}])]}), until="1015200001",
    closures=["1 EXCEPTION X03,X30 @1015200001"], why="LK1 is listed no more")
case("bind-old-window", journey(after={"decl": [decl("084000")]}, seal=lock(
    "SEAL", "083000", customsCode="5165")), until="140000",
    closures=["1 EXCEPTION X23 @084000"], drift=["DP07/transit/T1/1 OPEN H"],
    why="the time test takes any declaration: sealed 08:30 by the first, so the second is late")
case("bind-late-tamper", journey(drop=("check", "unseal")) + [clock("1016000000"), lock(
    "TAMPER", "1114200000")], closures=["1 EXCEPTION X30 @1016000000", "2 EXCEPTION X13,X30 @1016000000"],
    drift=["SL03/transit/T1/1 OPEN B"])
case("bind-too-late-tamper", journey(drop=("check", "unseal")) + [clock("1016000000"), lock(
    "TAMPER", "1114200001")], closures=["1 EXCEPTION X30 @1016000000"])

# CEB507 and several bills
TWO_BILLS = dict(decl=seal_decl(bills=[{"billNo": "B-1"}, {"billNo": "B-2"}]), wb=m607(
    waybills=["WB1"], weight="10"), m2=m603(2, billNo="B-2"))


def two(*arrivals, **kw):
    return plain(drop=("in",), after={"wb": [m607("B-2", ["WB2"], weight="10")],
                                      "out": list(arrivals)}, **TWO_BILLS)


case("507-one-of-two", two(m507("B-1")), until="190000")
case("507-last-of-two", two(m507("B-1"), m507("B-2", at="140000")), until="150000",
     closures=["1 CLOSED_AUTO @150000 c140000"])
case("507-earliest-part", two(m507("B-1"), m507("B-2", at="140000"), m507(
    "B-2", at="133000", msgSeqNo="2", msgCount="2")), until="150000",
    closures=["1 CLOSED_AUTO @150000 c133000"])
case("507-removed-is-none", plain(drop=("in",), after={"out": [m507(at="130000", appType="3")]}),
     until="190000", why="appType 1 or 2 only")
case("507-by-waybill", plain(drop=("in",), after={"out": [m507(billNo=None, waybills=[
    {"gnum": "1", "logisticsNo": "WB1"}])]}), until="150000",
    closures=["1 CLOSED_AUTO @150000 c130000"], why="the bill is looked up by its waybills")
case("507-gate-earlier", plain(after={"in": [m507(at="125000", msgSeqNo="2")]}),
     until="140000", closures=["1 CLOSED_AUTO @140000 c125000"])
