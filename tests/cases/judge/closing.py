"""CLOSING.md sentence by sentence: reasons X01..X30, each raised, at its edge and cleared again."""
from judge.base import (CONFIG, arrival, cancel, case, clock, decl, gate, item, journey, lock, m507,
                        m603, m604, m605, m607, plain, resolved, seal_decl, t, target)

CLEAN = "1 CLOSED_AUTO @140000 c131000"


def origins(*n):
    return [f"replay/0/{i}/0" for i in n]


def lk(event, at, **kw):
    return lock(event, at, turnNo="T1", **kw)


# The clean journeys, with every list of the line.
case("clean-lock", journey(), until="140000", closures=[(CLEAN, {
    "alerts": [], "sources": origins(5, 4, 6, 7), "bills": ["B-1"], "profile": "LOCK",
    "packNo": {"declared": 2, "observed": 2}, "originCustoms": "5165", "destCustoms": "5301"})])
case("clean-seal", plain(), until="140000", closures=[("1 CLOSED_AUTO @140000 c130000", {
    "profile": "SEAL", "sources": origins(4, 5)})])
case("clean-full-trust", plain(decl=seal_decl(profile="FULL_TRUST")), until="140000",
     closures=[("1 CLOSED_AUTO @140000 c130000", {"profile": "FULL_TRUST"})])
case("clean-lock-flag-n", journey(decl=decl(eSealFlag="N", profile="LOCK")), until="140000",
     closures=[(CLEAN, {"profile": "LOCK"})])
case("ready-edge", journey(drop=("unseal",)), until="131000", why="ready = 13:00 + 10 min",
     closures=["1 CLOSED_AUTO @131000 c130500"])
case("ready-edge-before", journey(drop=("unseal",)), until="130959")
case("ready-by-cause", journey(), until="131459", why="the cause of UNSEAL is W before: 13:05")
case("ready-by-cause-at", journey(), until="131500", closures=["1 CLOSED_AUTO @131500 c131000"])
case("duplicate-does-not-touch", journey(drop=("unseal",)) + [
    clock("130900"), lock("CHECK", "130500", customsCode="5301", loctNo="Y9")], until="131000",
    closures=["1 CLOSED_AUTO @131000 c130500"])
case("low-battery-moves-ready", journey(drop=("unseal",)) + [
    clock("130900"), lock("LOW_BATTERY", "120000")], until="131859")
case("settle-set", journey(), until="131500", config=CONFIG.replace("settle: 10m", "settle: 11m"))

# X01
case("x01", [clock("080000"), gate("OUT", "091500")], until="1015091501",
     closures=[("1 EXCEPTION X01 @1015091501", {"originCustoms": None, "sources": origins(1)})])
case("x01-edge", [clock("080000"), gate("OUT", "091500")], until="1015091500")
case("x01-targeted", [clock("080000"), target("INSPECT", "091500")],
     closures=["1 EXCEPTION X25 @080000"], why="without a declaration X25 can hold, at once")
case("x01-refused", [clock("080000"), gate("OUT", "091500", checkResult="N")],
     closures=["1 EXCEPTION X26 @080000"])
case("x01-no-x06", [clock("080000"), gate("IN", "091500"), lk("TAMPER", "093000")],
     why="nothing else can hold without a declaration")
case("x01-cleared", [clock("080000"), gate("OUT", "091500"), clock("1015091501"),
                     seal_decl(validTime=t("1020200000"))],
     closures=["1 EXCEPTION X01 @1015091501", "2 OPEN @1015091501"])
case("x01-lock-alone", [clock("080000"), lk("SEAL", "091500")], until="1015091501",
     closures=["1 EXCEPTION X01 @1015091501"])

# X02
case("x02-before-seal", journey(after={"decl": [cancel("085959")]}, drop=(
    "out", "in", "check", "unseal")), until="140000", closures=["1 CANCELLED @085959"],
    why="one second before the seal nothing was sealed")
case("x02-at-seal", journey(after={"seal": [cancel("090000")]}), until="140000",
     closures=["1 EXCEPTION X02 @090000"])
case("x02-not-newer", journey(after={"decl": [cancel("082000")]}), until="140000",
     closures=[CLEAN], why="newer is strictly newer")
case("x02-at-departure", plain(after={"out": [cancel("091500")]}), until="140000",
     closures=["1 EXCEPTION X02 @091500"])
case("x02-at-arrival", plain(drop=("out",), after={"in": [cancel("130000")]}), until="140000",
     closures=["1 EXCEPTION X02 @130000"])
case("x02-declared-anew", journey(after={"decl": [cancel("083000"), decl("084000")]}),
     until="140000", closures=["1 CANCELLED @083000", "2 OPEN @084000", "3 CLOSED_AUTO @140000 c131000"])
case("x02-late-message", journey() + [clock("140000"), cancel("085000")], until="150000",
     closures=[CLEAN, "2 CANCELLED* @140000"], why="the cancellation was before the seal")

# X03, X05, X30
case("x03", plain(drop=("out",)), until="1015200001",
     closures=["1 EXCEPTION X03 @1015200001"])
case("x03-edge", plain(drop=("out",)), until="1015200000")
case("x03-cleared", plain(drop=("out",)) + [clock("1015200001"), gate("OUT", "091500"),
                                            clock("1015201001")],
     closures=["1 EXCEPTION X03 @1015200001", "2 OPEN @1015200001",
               "3 CLOSED_AUTO @1015201001 c130000"])
case("x03-no-seal", journey(drop=("seal",)), until="1015200001",
     closures=[("1 EXCEPTION X03 @1015200001", {"profile": "LOCK"})])
TWO = [{"contaNo": "CN1", "sealNo": "LK1|LK2"}]
case("x03-second-lock", journey(decl=decl(containers=TWO)), until="1015200001",
     closures=["1 EXCEPTION X03,X30 @1015200001"])
case("two-locks", journey(decl=decl(containers=TWO), after={
    "seal": [lock("SEAL", "090500", "LK2", customsCode="5165")],
    "check": [lock("CHECK", "130600", "LK2", customsCode="5301")]}), until="140000",
    closures=[(CLEAN, {"sources": origins(6, 4, 7, 8, 9)})])
case("x03-out-elsewhere", plain(out=gate("OUT", "091500", customsCode="5302")),
     until="1015200001", closures=["1 EXCEPTION X03 @1015200001"])
case("x05-overdue", plain(drop=("in",)), until="1015200001",
     closures=["1 OVERDUE X05 @1015200001"])
case("x05-x30-overdue", journey(drop=("in", "check", "unseal")), until="1015200001",
     closures=["1 OVERDUE X05,X30 @1015200001"])
case("x05-x03", plain(drop=("out", "in")), until="1015200001",
     closures=["1 EXCEPTION X03,X05 @1015200001"])
case("x05-cleared", plain(drop=("in",)) + [clock("1015200001"), arrival("130000")],
     until="1015201001", closures=["1 OVERDUE X05 @1015200001", "2 OPEN @1015200001",
                                   "3 CLOSED_AUTO @1015201001 c130000"])
case("x05-then-late", plain(drop=("in",)) + [clock("1015200001"), arrival("1015200001")],
     until="1015203000", closures=["1 OVERDUE X05 @1015200001", "2 EXCEPTION X07 @1015200001"],
     drift=["RT06/transit/T1/1 OPEN H"])
case("x30", journey(drop=("check", "unseal")), until="1015200001",
     closures=["1 EXCEPTION X30 @1015200001"])
case("x30-check-before-arrival", journey(drop=("unseal",), check=lock(
    "CHECK", "125959", customsCode="5301")), until="1015200001",
    closures=["1 EXCEPTION X30 @1015200001"])
case("x30-check-elsewhere", journey(drop=("unseal",), check=lock(
    "CHECK", "130500", customsCode="5302")), until="1015200001",
    closures=["1 EXCEPTION X30 @1015200001"])
case("check-without-office", journey(drop=("unseal",), check=lock("CHECK", "130000")),
     until="140000", closures=["1 CLOSED_AUTO @140000 c130000"])

# X04
case("x04", journey(seal=lock("SEAL", "090000", customsCode="5302")), until="140000",
     closures=[("1 EXCEPTION X04 @082000", {"sources": origins(4)})])
case("x04-no-office", journey(seal=lock("SEAL", "090000")), until="140000", closures=[CLEAN])
case("x04-second-lock", journey(decl=decl(containers=TWO), after={
    "seal": [lock("SEAL", "090500", "LK2", customsCode="5302")],
    "check": [lock("CHECK", "130600", "LK2", customsCode="5301")]}), until="140000",
    closures=["1 EXCEPTION X04 @090000"])
case("x04-earlier-seal", journey(seal=lock("SEAL", "090000", customsCode="5302"), after={"seal": [
    lock("SEAL", "085000", customsCode="5165")]}), until="140000", why="SEAL after SEAL elsewhere",
    closures=["1 EXCEPTION X04 @082000", "2 EXCEPTION X28 @090000"],
    drift=["SL05/transit/T1/1 OPEN H"])

# X06
case("x06-office", plain(**{"in": gate("IN", "130000", customsCode="5302")}), until="140000",
     closures=[("1 EXCEPTION X06 @091500", {"sources": origins(5), "alerts": ["RT02/transit/T1/1"]})],
     drift=["RT02/transit/T1/1 OPEN B"])
case("x06-arrival-site", plain(after={"in": [arrival("130500", loctNo="Y8")]}), until="140000",
     closures=["1 EXCEPTION X06 @130000"], drift=["RT02/transit/T1/1 OPEN B"])
case("x06-site-not-declared", plain(decl=seal_decl(destLoctNo=None), **{
    "in": gate("IN", "130000", loctNo="Y8")}), until="140000",
    closures=["1 CLOSED_AUTO @140000 c130000"])
case("x06-back-at-origin", plain(after={"out": [gate("IN", "091501", customsCode="5165")]}),
     until="140000", closures=["1 EXCEPTION X06 @091500"], drift=["RT02/transit/T1/1 OPEN B"])
case("x06-at-origin-before", plain(after={"out": [gate("IN", "091500", customsCode="5165")]}),
     until="140000", closures=["1 CLOSED_AUTO @140000 c130000"],
     why="at the origin only later than departed")
case("x06-origin-no-departure", plain(drop=("out", "in"), after={"decl": [
    gate("IN", "091500", customsCode="5165")]}), until="1015190000")
case("x06-507", plain(after={"in": [m507(at="131000", customsCode="5302")]}), until="140000",
     closures=["1 EXCEPTION X06 @130000"], drift=["RT02/transit/T1/1 OPEN B"])
case("x06-507-site", plain(after={"in": [m507(at="131000", loctNo="Y8")]}), until="140000",
     closures=["1 EXCEPTION X06 @130000"], drift=["RT02/transit/T1/1 OPEN B"])
case("x06-cleared", plain(drop=("out",), before={"in": [gate("IN", "091501", customsCode="5165"),
                                                       gate("OUT", "091500")]}, after={"in": [
                                                           gate("OUT", "091501")]}),
     until="140000", closures=["1 EXCEPTION X06 @091501"], drift=["RT02/transit/T1/1 OPEN B"],
     why="departed is the earliest GATE OUT: a later one changes nothing")

# X07, RT06
case("x07-edge", plain(**{"in": gate("IN", "1015200000")}), until="1015210000",
     closures=["1 CLOSED_AUTO @1015210000 c1015200000"], drift=["RT06/transit/T1/1 OPEN R"])
case("x07", plain(**{"in": gate("IN", "1015200001")}), until="1015210000",
     closures=["1 EXCEPTION X07 @091500"], drift=["RT06/transit/T1/1 OPEN H"])
case("rt06-edge", plain(**{"in": gate("IN", "200000")}), until="210000",
     closures=["1 CLOSED_AUTO @210000 c200000"])
case("rt06-r", plain(**{"in": gate("IN", "200001")}), until="210000",
     closures=["1 CLOSED_AUTO @210000 c200001"], drift=["RT06/transit/T1/1 OPEN R"])
case("rt06-withdrawn", plain(**{"in": gate("IN", "200001")}) + [arrival("195900")], until="210000",
     closures=["1 CLOSED_AUTO @210000 c195900"],
     drift=["RT06/transit/T1/1 OPEN R", "RT06/transit/T1/1 WITHDRAWN R"])
case("x07-cleared", plain(**{"in": gate("IN", "1015200001")}) + [arrival("130000")],
     until="1015210000", closures=["1 EXCEPTION X07 @091500", "2 OPEN @1015200001",
                                   "3 CLOSED_AUTO @1015210000 c130000"],
     drift=["RT06/transit/T1/1 OPEN H", "RT06/transit/T1/1 WITHDRAWN H"])

# X09, X10, SL07
case("x09", plain(out=gate("OUT", "091500", contaNo="CN9")), until="140000",
     closures=["1 EXCEPTION X09 @082000"], drift=["SL07/transit/T1/1 OPEN B"])
case("x09-unsure", plain(out=gate("OUT", "091500", contaNo="CN9", ocrConfidence="N")),
     until="140000", closures=[("1 CLOSED_AUTO @140000 c130000", {"alerts": ["SL07/transit/T1/1"]})],
     drift=["SL07/transit/T1/1 OPEN R"])
case("x09-rises", plain(out=gate("OUT", "091500", contaNo="CN9", ocrConfidence="N"), **{
    "in": gate("IN", "130000", contaNo="CN9")}), until="140000",
    closures=["1 EXCEPTION X09 @091500"],
    drift=["SL07/transit/T1/1 OPEN R", "SL07/transit/T1/1 OPEN B"], why="the level rises")
case("x09-none-given", plain(out=gate("OUT", "091500", contaNo=None)), until="140000",
     closures=["1 CLOSED_AUTO @140000 c130000"])
case("x10", plain(**{"in": gate("IN", "130000", vehicleNo="粤B22222", ocrConfidence="Y")}),
     until="140000", closures=["1 EXCEPTION X10 @091500"], drift=["SL07/transit/T1/1 OPEN B"])
case("x10-redeclared", plain(out=gate("OUT", "091500", vehicleNo="粤B22222"), after={"out": [
    seal_decl("091500", vehicleNo="粤B22222")]}, **{"in": gate("IN", "130000", vehicleNo="粤B22222")}),
    until="140000", closures=["1 EXCEPTION X10 @082000", "2 OPEN @091500",
                              "3 CLOSED_AUTO @140000 c130000"],
    drift=["SL07/transit/T1/1 OPEN B", "SL07/transit/T1/1 WITHDRAWN B"],
    why="declared anew at the second of the departure: not after it, so it counts")

# X11
for event in ("SEAL", "CHECK"):
    case(f"x11-{event.lower()}", journey(after={"out": [lk(event, "100000", lock_no="LK9")]}),
         until="140000", closures=[("1 EXCEPTION X11 @091500", {"sources": origins(6)})],
         drift=["SL01/transit/T1/1 OPEN B"])
case("x11-gate", journey(out=gate("OUT", "091500", eSealId="LK9")), until="140000",
     closures=["1 EXCEPTION X11 @090000"], drift=["SL01/transit/T1/1 OPEN B"])
case("x11-gate-declared", journey(out=gate("OUT", "091500", eSealId="LK1")), until="140000",
     closures=[CLEAN])
case("x11-other-events", journey(after={"out": [lk(e, "100000", lock_no="LK9") for e in (
    "UNSEAL", "TAMPER", "CUT", "FAULT", "LOW_BATTERY")]}), until="140000", closures=[CLEAN],
    why="only sealed, checked or read")
case("x11-flag-n", journey(decl=decl(eSealFlag="N", profile="LOCK"), after={"out": [
    lk("SEAL", "100000", lock_no="LK9")]}), until="140000", closures=[CLEAN])
case("x11-seal-profile", journey(decl=decl(profile="SEAL"), after={"out": [
    lk("SEAL", "100000", lock_no="LK9"), lk("TAMPER", "110000")]}), until="140000",
    closures=["1 CLOSED_AUTO @140000 c130000"])
case("x11-redeclared", journey(drop=("seal",), after={"decl": [
    lk("SEAL", "090000", lock_no="LK2", customsCode="5165"),
    decl("083000", containers=[{"contaNo": "CN1", "sealNo": "LK2"}])]},
    check=lock("CHECK", "130500", "LK2")), until="140000",
    closures=["1 EXCEPTION X11 @082000", "2 OPEN @090000", "3 CLOSED_AUTO @140000 c130500"],
    drift=["SL01/transit/T1/1 OPEN B", "SL01/transit/T1/1 WITHDRAWN B"])

# X12
case("x12-waits", journey(drop=("in", "check", "unseal"), after={"out": [
    lock("UNSEAL", "100000"), clock("100959")]}))
case("x12", journey(drop=("in", "check", "unseal"), after={"out": [
    lock("UNSEAL", "100000"), clock("101000")]}), closures=["1 EXCEPTION X12 @101000"],
    drift=["SL02/transit/T1/1 OPEN B"])
case("x12-at-seal", journey(after={"out": [lock("UNSEAL", "090000")]}), until="140000",
     closures=[CLEAN], why="t > sealed; after SEAL in one second")
case("x12-after-seal", journey(after={"out": [lock("UNSEAL", "090001")]}), until="140000",
     closures=["1 EXCEPTION X12 @091500"], drift=["SL02/transit/T1/1 OPEN B"])
case("x12-cleared", journey(drop=("unseal",), after={"out": [
    lock("UNSEAL", "120000"), clock("121000"), arrival("115900"),
    lock("CHECK", "115959", customsCode="5301")]}), until="140000",
    closures=["1 EXCEPTION X12 @121000", "2 EXCEPTION X14 @121000", "3 OPEN @121000",
              "4 CLOSED_AUTO @130000 c120000"],
    drift=["SL02/transit/T1/1 OPEN B", "SL02/transit/T1/1 WITHDRAWN B", "SL04/transit/T1/1 OPEN B",
           "SL04/transit/T1/1 WITHDRAWN B"])

# X13
for event in ("TAMPER", "CUT"):
    case(f"x13-at-seal-{event.lower()}", journey(after={"out": [lock(event, "090000")]}),
         until="140000", closures=["1 EXCEPTION X13 @091500"], drift=["SL03/transit/T1/1 OPEN B"])
    case(f"x13-before-seal-{event.lower()}", journey(after={"out": [lock(event, "085959")]}),
         until="140000", closures=[CLEAN])
case("x13-before-check", journey(after={"unseal": [lock("TAMPER", "130459")]}), until="140000",
     closures=["1 EXCEPTION X13 @131000"], drift=["SL03/transit/T1/1 OPEN B"])
case("x13-cleared", journey(after={"in": [lock("TAMPER", "130500")]}), until="140000",
     closures=["1 EXCEPTION X13 @130000", "2 OPEN @130500", "3 CLOSED_AUTO @140000 c131000"],
     drift=["SL03/transit/T1/1 OPEN B", "SL03/transit/T1/1 WITHDRAWN B"])

# X14
case("x14-before-check", journey(unseal=lock("UNSEAL", "130459", customsCode="5301")),
     until="140000", closures=["1 EXCEPTION X14 @130500"], drift=["SL04/transit/T1/1 OPEN B"])
case("x14-at-check", journey(unseal=lock("UNSEAL", "130500", customsCode="5301")),
     until="140000", closures=["1 CLOSED_AUTO @140000 c130500"])
case("x14-office", journey(unseal=lock("UNSEAL", "131000", customsCode="5302")),
     until="140000", closures=["1 EXCEPTION X14 @130500"], drift=["SL04/transit/T1/1 OPEN B"])
case("x14-no-place", journey(unseal=lock("UNSEAL", "131000")), until="140000", closures=[CLEAN])
case("x14-second-unseal", journey(after={"unseal": [lock("UNSEAL", "131001", customsCode="5302")]}),
     until="140000", closures=[CLEAN], why="only the first counts")
case("x14-unchecked-edge", journey(drop=("check", "unseal"), after={"in": [
    lock("UNSEAL", "130200"), clock("131159")]}))
case("x14-unchecked", journey(drop=("check", "unseal"), after={"in": [
    lock("UNSEAL", "130200"), clock("131200")]}), closures=["1 EXCEPTION X14 @131200"],
    drift=["SL04/transit/T1/1 OPEN B"])
case("x14-cleared", journey(drop=("check", "unseal"), after={"in": [
    lock("UNSEAL", "130200"), clock("131200"), lock("CHECK", "130200")]}), until="140000",
    closures=["1 EXCEPTION X14 @131200", "2 OPEN @131200", "3 CLOSED_AUTO @140000 c130200"],
    drift=["SL04/transit/T1/1 OPEN B", "SL04/transit/T1/1 WITHDRAWN B"])
case("x14-at-arrival", journey(unseal=lock("UNSEAL", "130000", customsCode="5301")),
     until="140000", closures=["1 EXCEPTION X14 @130500"], drift=["SL04/transit/T1/1 OPEN B"])

# X27
case("x27", journey(after={"out": [lock("FAULT", "090000")]}), until="140000",
     closures=["1 EXCEPTION X27 @091500"])
case("x27-before-seal", journey(after={"out": [lock("FAULT", "085959")]}), until="140000",
     closures=[CLEAN])
case("x27-at-check", journey(after={"unseal": [lock("FAULT", "130500")]}), until="140000",
     closures=[CLEAN])
case("x27-cleared", journey(after={"in": [lock("FAULT", "130500")]}), until="140000",
     closures=["1 EXCEPTION X27 @130000", "2 OPEN @130500", "3 CLOSED_AUTO @140000 c131000"])

# X28
OTHER = decl(turnNo="T2", bills=[], containers=[{"contaNo": "CN2", "sealNo": "LK1"}])


def reseal(at, **kw):
    return journey(seal=lk("SEAL", "090000", customsCode="5165"), after={"out": [
        lock("SEAL", at, **kw)]})


case("x28-office", reseal("091000", customsCode="5302"), until="140000",
     closures=["1 EXCEPTION X28 @091500"], drift=["SL05/transit/T1/1 OPEN H"])
case("x28-same-office", reseal("091000", customsCode="5165"), until="140000", closures=[CLEAN])
case("x28-no-office", reseal("091000"), until="140000", closures=[CLEAN])
case("x28-other-entry-60", [clock("080000")] + reseal("100000", turnNo="T9"), until="140000",
     closures=[CLEAN])
case("x28-other-entry", [clock("080000")] + reseal("100001", turnNo="T9"), until="140000",
     closures=["1 EXCEPTION X28 @091500"], drift=["SL05/transit/T1/1 OPEN H"])
case("x28-after-check", journey(seal=lk("SEAL", "090000", customsCode="5165"), after={"unseal": [
    lock("SEAL", "131100", customsCode="5302")]}), until="140000", closures=[CLEAN],
    why="after its check it is another journey")
