"""CLOSING.md, sentence by sentence: one journey each, changed in one place."""
from journeys_trip import (CHECK, DAY, IN, M1, M2, OUT, SEAL, TURN, UNSEAL, W, case, decl, fact, gate,
      lock,
                        man, trip, waybills, when)


def closing(name, last, messages, until=DAY + "170000", **kw):
    case("closing " + name, messages, until, last=last, **kw)


def closing_cases():
    ok, late = "CLOSED_AUTO", "20250911220000"
    after, dead = "20250911230000", "20250911220001"
    c = closing
    ex = "EXCEPTION "
    c("clean", ok, trip())
    c("clean without turnNo on locks", ok, [
        {k: v for k, v in m.items() if not (m["messageType"] == "LOCK" and k == "turnNo")}
        for m in trip()])
    c("a second before ready", None, trip(), DAY + "155459")
    c("at ready", ok, trip(), DAY + "155500")
    cancel = lambda t: fact("TRANSIT_CANCELLED", "appTime", t)
    c("X02 at the seal", ex + "X02", trip(before={"OUT": [cancel("100500")]}, IN=None, CHECK=None,
                                          UNSEAL=None))
    c("X02 not, before the seal", "CANCELLED", trip(before={"OUT": [cancel("100459")]}, IN=None,
                                                    CHECK=None, UNSEAL=None))
    c("cancel not newer", ok, trip(before={"SEAL": [cancel("093000")]}))
    c("X04", ex + "X04", trip(SEAL=lock("SEAL", "100500", "2226")))
    c("X04 no office", ok, trip(SEAL=lock("SEAL", "100500")))
    c("X06 office", ex + "X06", trip(IN=[gate("IN", "153000", "2249"), IN]))
    c("X06 site", ex + "X06", trip(IN=gate("IN", "154000", "2248", loctNo="Y-2")))
    c("X06 no site", ok, trip(IN=gate("IN", "154000", "2248")))
    c("X06 gate in at origin before departed", ok, trip(before={"OUT": [gate("IN", "100900",
          "2225")]}))
    c("X06 gate in at origin after", ex + "X06", trip(before={"IN": [gate("IN", "102001",
          "2225")]}))
    c("X06 ARRIVAL", ex + "X06", trip(before={"END": [fact("ARRIVAL", "arrivalTime", "155300",
                                                         customsCode="2247")]}))
    tail = lambda t: dict(IN=gate("IN", t, "2248"), CHECK=lock("CHECK", t, "2248"),
                          UNSEAL=lock("UNSEAL", t, "2248"))
    c("X07 at grace", ok, trip(**tail(late)), after, open=[f"RT06/transit/{TURN}/1 R"])
    c("X07", ex + "X07", trip(**tail(dead)), after, open=[f"RT06/transit/{TURN}/1 H"])
    c("X09", ex + "X09", trip(OUT=OUT | {"contaNo": "C9"}), open=[f"SL07/transit/{TURN}/1 B"])
    c("X10", ex + "X10", trip(OUT=OUT | {"vehicleNo": "A2"}))
    c("X10 unsure", ok, trip(OUT=OUT | {"vehicleNo": "A2", "ocrConfidence": "N"}),
      open=[f"SL07/transit/{TURN}/1 R"])
    for e, w in (("SEAL", "X11"), ("CHECK", "X11"), ("UNSEAL", ""), ("TAMPER", ""), ("FAULT", "")):
        c(f"X11 {e}", ex + w if w else ok, trip(before={"IN": [lock(e, "110000", seal="S9")]}))
    c("X11 gate", ex + "X11", trip(OUT=OUT | {"eSealId": "S9"}))
    c("X11 flag N", ok, trip(D=decl(eSealFlag="N", profile="LOCK"), OUT=OUT | {"eSealId": "S9"}))
    for e, t, w in (("UNSEAL", "100500", ""), ("UNSEAL", "100501", "X12"),
                    ("UNSEAL", "153959", "X12"), ("UNSEAL", "154000", "X14"),
                    ("TAMPER", "100459", ""), ("TAMPER", "100500", "X13"), ("CUT", "154459", "X13"),
                    ("CUT", "154500", ""), ("TAMPER", "154500", ""), ("FAULT", "100459", ""),
                    ("FAULT", "100500", "X27"), ("FAULT", "154459", "X27"), ("FAULT", "154500", ""),
                    ("LOW_BATTERY", "120000", "")):
        m = lock(e, t, "2248" if t == "154000" else None)
        c(f"{e} {t}", ex + w if w else ok, trip(before={"END": [m]}))
    some = dict(IN=None, CHECK=None, UNSEAL=[lock("UNSEAL", "120000")])
    c("X12 arrival unknown, before settle", None, trip(**some), DAY + "120959")
    c("X12 arrival unknown, at settle", ex + "X12", trip(**some), DAY + "121000")
    c("X14 office", ex + "X14", trip(UNSEAL=lock("UNSEAL", "155200", "2249")))
    c("X14 site", ex + "X14", trip(UNSEAL=lock("UNSEAL", "155200", "2248", loctNo="Y-9")))
    c("X14 at checked", ok, trip(UNSEAL=lock("UNSEAL", "154500", "2248")))
    c("X14 before checked", ex + "X14", trip(UNSEAL=lock("UNSEAL", "154459", "2248")))
    c("X14 not checked, settle not over", None, trip(CHECK=None), DAY + "160159")
    c("X14 not checked", ex + "X14", trip(CHECK=None), DAY + "160200")
    c("X21 at 200 kg", ok, trip(OUT=OUT | {"grossWeight": "206", "tareWeight": "0"}))
    c("X21 above", ex + "X21", trip(OUT=OUT | {"grossWeight": "206.00001", "tareWeight": "0"}),
      open=[f"QW04/transit/{TURN}/1 H"])
    c("X21 below", ok, trip(D=decl(grossWeight="206")))
    c("X21 by 607", ex + "X21", trip(D=decl(grossWeight="206.18557")))
    c("X23 at sealed", ok, trip(before={"SEAL": [man(1, "100500", 2, note="n", packNo=1,
                                                     grossWeight="3.1")]}))
    c("X23 after sealed", ex + "X23", trip(before={"SEAL": [man(1, "100501", 2,
          grossWeight="3.1")]}))
    c("X23 by cause", ex + "X23", trip(before={"IN": [man(1, "093100", 2, grossWeight="3.1")]}))
    c("X23 duplicate is none", ok, trip(before={"IN": [man(1, "093100", 2)]}))
    c("X23 declaration", ex + "X23", trip(before={"IN": [decl("110000", vehicleNo="A1")]}))
    c("declaration replaced in time", ok, trip(before={"D": [decl("092500", vehicleNo="OLD")]}))
    c("X29 two of one time", ex + "X29", trip(before={"D": [decl(vehicleNo="A0")]},
          OUT=OUT | {"vehicleNo": "A1"}))
    held = man(1, item={"gname": "a knockoff"})
    c("X24", ex + "X24", trip(M1=held))
    res = lambda r, t="155300": dict(messageType="ALERT_RESOLVED",
          alertId="WL01/manifest/E%2FAG00001/1",
                                     account=dict(kind="manifest", key="E/AG00001/CN-1"),
                                     resolution=r, resolvedTime=when(t))
    rid = {"alertId": "WL01/manifest/E/AG00001/CN-1/1"}
    c("X24 cleared", ok, trip(M1=held, before={"END": [res("CLEARED") | rid]}))
    c("X24 confirmed", ex + "X24", trip(M1=held, before={"END": [res("CONFIRMED") | rid]}))
    c("X24 tie is confirmed", ex + "X24", trip(M1=held, before={
        "END": [res("CONFIRMED") | rid, res("CLEARED") | rid]}))
    c("X24 resolution first", ok, trip(M1=[res("CLEARED", "090000") | rid, held]))
    c("X24 cancelled needs a manifest", ex + "X18 X20", trip(M1=[held, man(1, "091500", 3)]))
    tg = lambda o, t: fact("TARGETING", "orderTime", t, order=o)
    c("X25", ex + "X25", trip(before={"IN": [tg("INSPECT", "110000")]}))
    c("X25 lifted", ok, trip(before={"IN": [tg("INSPECT", "110000"), tg("LIFT", "110001")]}))
    c("X25 same second", ex + "X25", trip(before={"IN": [tg("INSPECT", "110000"), tg("LIFT",
          "110000")]}))
    for r in "NM":
        c(f"X26 {r}", ex + "X26", trip(IN=IN | {"checkResult": r}))
    c("X26 passed later", ok, trip(IN=[IN | {"checkResult": "N"},
          IN | {"operateTime": DAY + "154001"}]))
    c("X26 same second", ex + "X26", trip(IN=[IN | {"checkResult": "N"}, IN]))
    c("X28 office", ex + "X28", trip(before={"IN": [lock("SEAL", "110000", "2226")]}))
    c("X28 same office", ok, trip(before={"IN": [lock("SEAL", "110000", "2225")]}))
    c("X28 turnNo 60 min", ok, trip(before={"IN": [lock("SEAL", "110500", turn="222520259009")]}))
    c("X28 turnNo", ex + "X28", trip(before={"IN": [lock("SEAL", "110501", turn="222520259009")]}))
    c("X18", ex + "X18", trip(D=decl(packNo=3)), open=[f"QW05/transit/{TURN}/1 H"])
    c("X19", ex + "X19", trip(D=decl(packNo=1)))
    c("X18 ARRIVAL", ex + "X18", trip(before={"END": [fact("ARRIVAL", "arrivalTime", "154000",
                                                         customsCode="2248", packNo=1)]}))
    c("X18 before ready", None, trip(D=decl(packNo=3)), DAY + "155459")
    c("X18 at ready", ex + "X18", trip(D=decl(packNo=3)), DAY + "155500")
    c("X20 part", ex + "X20", trip(W=waybills(msgCount=2)))
    c("X20 no 607", ex + "X18 X20", trip(W=None))
    c("X20 unnamed", ex + "X18 X20", trip(W=waybills(["WB00001"]), D=decl()))
    c("X22", ex + "X22", trip(), release=True)
    st = lambda n, s, t: dict(messageType="CEB604", guid=f"{n:08}-4444-4000-8000-000000000004",
                              customsCode="2225", ebpCode="PF00001", agentCode="AG00001",
                              copNo=f"CN-{n}", returnStatus=s, returnTime=when(t) + "000",
                              returnInfo="x", statisticsFlag="A", invtNo="222520250000000001",
                              preNo="222520250000000001",
                              ebcCode="EC00001", orderNo=f"OR-{n}", logisticsCode="LG00001")
    c("X22 released", ok, trip(W=[W, st(1, 800, "092500"), st(2, 899, "092500")]), release=True)
    c("X22 one at 799", ex + "X22", trip(W=[W, st(1, 800, "092500"), st(2, 799, "092500")]),
          release=True)
    c("X01 edge", None, [OUT], "20250911102000")
    c("X01", ex + "X01", [OUT], "20250911102001")
    c("X03", ex + "X03", trip(OUT=None), dead)
    c("X03 at the edge", None, trip(OUT=None), late)
    c("X03 X30 no seal no check", ex + "X03 X30", trip(SEAL=None, CHECK=None, UNSEAL=None), dead)
    gone = dict(IN=None, CHECK=None, UNSEAL=None)
    c("OVERDUE edge", None, trip(**gone), late)
    c("OVERDUE", "OVERDUE X05 X30", trip(**gone), dead)
    c("OVERDUE seal profile", "OVERDUE X05", trip(D=decl(profile="SEAL"), **gone), dead)
    none = trip(SEAL=None, OUT=None, **gone)
    c("EXPIRED edge", ex + "X03 X05 X30", none, "20250915093000")
    c("EXPIRED", "EXPIRED X03 X05 X30", none, "20250915093001")
    for p in ("SEAL", "FULL_TRUST"):
        c(f"{p} clean", ok, trip(D=decl(profile=p), SEAL=None, CHECK=None, UNSEAL=None))
        for e in ("TAMPER", "FAULT", "UNSEAL"):
            c(f"{p} {e}", ok, trip(D=decl(profile=p), before={"IN": [lock(e, "110000")]}))
        c(f"{p} X04", ok, trip(D=decl(profile=p), SEAL=lock("SEAL", "100500", "2226")))
        c(f"{p} X11", ok, trip(D=decl(profile=p), OUT=OUT | {"eSealId": "S9"}))
        c(f"{p} X21", ok if p == "FULL_TRUST" else ex + "X21",
          trip(D=decl(profile=p), OUT=OUT | {"grossWeight": "900", "tareWeight": "0"}))
    dec = lambda d, rev, t="160500": fact("DECISION", "decisionTime", t, decision=d, revision=rev)
    short = dict(D=decl(packNo=3))
    tick = tg("LIFT", "160300")
    c("RELEASE", "CLOSED_MANUAL X18", trip(before={"END": [tick, dec("RELEASE", 1)]}, **short),
          DAY + "180000")
    c("RELEASE wrong revision", ex + "X18", trip(before={"END": [tick, dec("RELEASE", 2)]},
          **short), DAY + "180000")
    c("REFER", "REFERRED X18", trip(before={"END": [tick, dec("REFER", 1)]}, **short),
          DAY + "180000")
    c("REFER then RELEASE", "CLOSED_MANUAL X18", trip(before={"END": [
        tick, dec("REFER", 1), dec("RELEASE", 1, "160501")]}, **short), DAY + "180000")
    c("same second is REFER", "REFERRED X18", trip(before={"END": [
        tick, dec("REFER", 1), dec("RELEASE", 1)]}, **short), DAY + "180000")
    c("a new fact after RELEASE", ex + "X13 X18", trip(before={"END": [
        tick, dec("RELEASE", 1), lock("TAMPER", "120000")]}, **short), DAY + "180000")
    c("released before arrival", ex + "X13", trip(before={"IN": [
        lock("TAMPER", "110000"), dec("RELEASE", 1, "120000")]}))
    c("reopened", ex + "X13", trip(before={"END": [fact("TARGETING", "orderTime", "160600",
          order="LIFT"),
                                                 lock("TAMPER", "120000")]}), reopened=True)
    c("tombstone", ex + "X29", trip(before={"END": [man(7, "20251110090000", billNo="BL-7"),
                                                  lock("LOW_BATTERY", "20251110090100")]}),
                                                  "20251111000000")
    c("29 days is no tombstone", ok, trip(before={"END": [man(7, "20251008090000", billNo="BL-7"),
                                                        lock("LOW_BATTERY", "20251008090100")]}),
                                                        "20251009000000")
    other = man(3, logisticsNo="WB00001", copNo="CN-3", orderNo="OR-3")
    c("X20 two live on a waybill", ex + "X19 X20 X24", trip(M2=[M2, other]),
          open=["DP04/waybill/LG00001/WB00001/1 H"])
    c("X29 bill differs", ex + "X29", trip(M1=man(1, billNo="BL-2")))
    c("507 is the arrival", ok, trip(IN=dict(messageType="CEB507",
          guid="00000007-4444-4000-8000-000000000007",
      appType=1, appTime=DAY + "154000", appStatus=2, customsCode="2248", copNo="A-1",
            operatorCode="OP00001", operatorName="o", ieFlag="E", agentCode="AG00001",
      agentName="a", loctNo="Y-1", trafMode="4", trafName="truck", voyageNo="V1", billNo="BL-1",
      logisticsCode="LG00001", logisticsName="l", msgCount=1, msgSeqNo=1, unloadLocation="Y-1",
            domesticTrafNo="D1",
      waybills=[dict(gnum=1, logisticsNo="WB00001")])))
    closing_more(tg, dec, other)


def closing_more(tg, dec, other):
    """Binds, re-declarations, bills that change, decisions that lapse, deadlines that pass."""
    c, ok, ex = closing, "CLOSED_AUTO", "EXCEPTION "
    c("late declaration clears X01", ok,
          [m for m in trip() if m["messageType"] != "TRANSIT_DECLARED"]
      + [man(8, "20250912000000", billNo="BL-8"), decl()], "20250912100000")
    c("X01 with X25 only", ex + "X01 X25", [OUT | {"vehicleNo": "A9"}, tg("INSPECT", "110000")],
          "20250911110000")
    plain = lambda m: {k: v for k, v in m.items() if k != "turnNo"}
    c("lock event before any bind waits", ok, trip(SEAL=None, before={"M1": [plain(SEAL)]}))
    c("lock forgotten by a re-declaration", ok, trip(before={"D": [decl("092500", containers=[
        {"contaNo": "C1", "sealNo": "S0"}])], "IN": [plain(lock("TAMPER", "110000", seal="S0"))]}))
    c("two locks, one not checked", ex + "X30", trip(D=decl(containers=[
        {"contaNo": "C1", "sealNo": "S1|S2"}]), before={"OUT": [lock("SEAL", "100600", "2225",
              seal="S2")]}),
      "20250911220001")
    c("two locks, one not checked in time", None, trip(D=decl(containers=[
        {"contaNo": "C1", "sealNo": "S1|S2"}]), before={"OUT": [lock("SEAL", "100600", "2225",
              seal="S2")]}),
      "20250911220000")
    both = dict(D=decl(containers=[{"contaNo": "C1", "sealNo": "S1|S2"}]),
                before={"OUT": [lock("SEAL", "100600", "2225", seal="S2")],
                        "END": [lock("CHECK", "155300", "2248", seal="S2")]})
    c("two locks, both checked", ok, trip(**both))
    c("second lock tampered before its check", ex + "X13", trip(D=both["D"], before={
        "OUT": both["before"]["OUT"], "END": both["before"]["END"] + [lock("TAMPER", "155200",
              seal="S2")]}))
    c("second lock never sealed", ex + "X03", trip(D=both["D"], before={
        "END": [lock("CHECK", "155300", "2248", seal="S2")]}), "20250911220001")
    c("check elsewhere is no check", ex + "X14 X30", trip(CHECK=lock("CHECK", "154500", "2249")),
          "20250911220001")
    c("check before arrival is no check", ex + "X14 X30", trip(CHECK=lock("CHECK", "153959",
          "2248")), "20250911220001")
    c("check without office", ok, trip(CHECK=lock("CHECK", "154500")))
    c("607 sent again after the seal", ok, trip(before={"IN": [waybills(t="110000")]}))
    c("607 changed after the seal", ex + "X23", trip(before={"IN": [waybills(t="110000",
          grossWeight="6.1")]}))
    c("607 changed after the seal by cause", ex + "X23", trip(before={"IN": [waybills(t="093000",
          grossWeight="6.1")]}))
    c("607 replaced before the seal", ok, trip(before={"W": [waybills(["WB00001", "WB00009"],
          "091500")]}))
    c("cancelled in time and reused", ok, trip(before={"M2": [man(1, "091100", 3), man(1,
          "091200")]}))
    c("older declaration with other pieces", ok, trip(before={"D": [decl("092600", packNo=9)]}))
    c("twin withdrawn before", ok, trip(before={"W": [other, other | {"appType": 3,
          "appTime": DAY + "091500"}]}))
    order = dict(orderNo="OR-1", tradeMode="9710")
    cny = lambda v: dict(price=v, totalPrice=v, qty="1")
    c("order alert holds it", ex + "X24", trip(M1=man(1, item=cny("2500"), **order), M2=man(2,
          item=cny("2501"), **order)))
    c("order alert of a manifest elsewhere", ex + "X24", trip(
        M1=[man(1, item=cny("2500"), **order), man(5, item=cny("2501"), billNo="BL-5", **order)],
        M2=man(2, tradeMode="9710")))
    c("rejected manifest is none", ex + "X18 X20", trip(M1=man(1, ebpCode="BAD0001")))
    c("level R does not hold", ok, trip(M1=man(1, item=dict(country="116"))))
    short = dict(D=decl(packNo=3))
    tick = tg("LIFT", "160300")
    c("RELEASE covers what was known", "CLOSED_MANUAL X18", trip(before={"END": [
        tick, dec("RELEASE", 1), tg("LIFT", "161000")]}, **short), DAY + "180000")
    c("RELEASE, same reason by a new fact", ex + "X13", trip(before={"END": [
        lock("TAMPER", "120000"), dec("RELEASE", 1), lock("CUT", "120500")]}), DAY + "180000")
    c("RELEASE, tamper known", "CLOSED_MANUAL X13", trip(before={"END": [
        lock("TAMPER", "120000"), dec("RELEASE", 1)]}), DAY + "180000")
    c("RELEASE covers nothing more", "CLOSED_MANUAL", trip(before={"END": [
        tg("INSPECT", "155300"), dec("RELEASE", 1, "155400"), tg("LIFT", "155500")]}),
              DAY + "180000")
    c("exception that clears is OPEN", "OPEN", trip(before={"IN": [tg("INSPECT", "110000"),
          tg("LIFT", "120000")]},
                                                  IN=None, CHECK=None, UNSEAL=None))
    c("overdue, then it arrives too late", ex + "X07", trip(
        IN=gate("IN", "20250911220001", "2248"), CHECK=lock("CHECK", "20250911220100", "2248"),
        UNSEAL=lock("UNSEAL", "20250911220200", "2248")), "20250912000000")
    late = dict(before={"IN": [man(6, "20250912000000", billNo="BL-6")]})
    c("overdue, then the arrival in time comes", ok, trip(**late), "20250912100000")
    c("cancelled, then departed", "CANCELLED", trip(before={"SEAL": [
        fact("TRANSIT_CANCELLED", "appTime", "093001")]}))
    c("re-declared after a cancel", ok, trip(before={"SEAL": [
        fact("TRANSIT_CANCELLED", "appTime", "093001"), decl("093002")]}))
    case("window: a second before expiry", [man(1), man(8, "20261015090959"), man(1)],
          "20261016000000",
         verdicts=["DUPLICATE DP01 <0"])
    case("window: expired", [man(1), man(8, "20261015091000"), man(1)], "20261016000000",
          verdicts=["ACCEPTED"])
    away = dict(CHECK=None, UNSEAL=None)
    for t, w in (("20251011220000", "X13 X30"), ("20251011220001", "X30")):
        c(f"lock event without turnNo {t}", ex + w, trip(
            before={"END": [lock("TAMPER", t, turn=None)]}, **away), "20251012000000")
    c("607 removed after the seal", ex + "X18 X20 X23",
      trip(before={"IN": [waybills(t="110000", appType=3)]}))
    c("waybill named by a newer bill", ex + "X18 X20 X29",
      trip(before={"D": [waybills(["WB00001"], "092100", billNo="BL-9", copNo="L-9")]}))
    c("seal before the declaration is of another journey", ex + "X03",
      trip(SEAL=lock("SEAL", "092959", "2225", turn=None)), "20250911220001")
