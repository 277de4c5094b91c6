"""Messages of a clean journey and the list of cases; journeys.py says what a case is."""
CASES = []
TURN = "222520259001"
DAY = "20250910"


def case(name, messages, until=DAY + "170000", release=False, **want):
    CASES.append((name, messages, until, release, want))


def when(t):
    return t if len(t) == 14 else DAY + t


def man(n=1, t="091000", typ=1, item=None, items=None, **head):
    i = dict(gnum=1, itemNo="K-1", itemName="cup", gcode="6911101900", gname="cup",
             gmodel="plain", barCode="无", country="502", currency="142", qty="2", qty1="0.5",
             unit="007", unit1="007", price="30", totalPrice="60")
    i.update(item or {})
    d = dict(messageType="CEB603", guid=f"{n:08}-4444-4000-8000-000000000001", appType=typ,
             appTime=when(t), appStatus=2, customsCode="2225", ebpCode="PF00001", ebpName="p",
             orderNo=f"OR-{n}", logisticsCode="LG00001", logisticsName="l",
             logisticsNo=f"WB{n:05}", copNo=f"CN-{n}", ieFlag="E", portCode="2244", ieDate=DAY,
             statisticsFlag="A", agentCode="AG00001", agentName="a", ebcCode="EC00001",
             ebcName="e", ownerCode="OW00001", ownerName="o", tradeMode="9610", trafMode="5",
             billNo="BL-1", country="502", POD="502", freight="0", fCurrency="142", fFlag="3",
             insuredFee="0", iCurrency="142", iFlag="3", wrapType="2", packNo=1,
             grossWeight="3", netWeight="2.5", items=items or [i])
    d.update(head)
    return {k: v for k, v in d.items() if v is not None}


def waybills(names=("WB00001", "WB00002"), t="092000", **kw):
    d = dict(messageType="CEB607", guid="00000009-4444-4000-8000-000000000001", appType=1,
             appTime=when(t), appStatus=2, customsCode="2225", copNo="L-1", agentCode="AG00001",
             agentName="a", trafMode="4", trafName="truck", voyageNo="V1", billNo="BL-1",
             grossWeight="6", logisticsCode="LG00001", logisticsName="l", msgCount=1, msgSeqNo=1,
             waybills=[dict(gnum=i + 1, logisticsNo=n) for i, n in enumerate(names)])
    return d | kw


def decl(t="093000", **kw):
    d = dict(messageType="TRANSIT_DECLARED", turnNo=TURN, appTime=when(t), ieFlag="E",
             originCustoms="2225", destCustoms="2248", destLoctNo="Y-1",
             validTime=DAY + "220000", eSealFlag="Y", vehicleNo="A1", packNo=2, grossWeight="6",
             bills=[{"billNo": "BL-1"}], containers=[{"contaNo": "C1", "sealNo": "S1"}])
    d.update(kw)
    return d


def lock(event, t, office=None, seal="S1", turn=TURN, **kw):
    d = dict(messageType="LOCK", eSealId=seal, event=event, eventTime=when(t))
    if turn:
        d["turnNo"] = turn
    if office:
        d["customsCode"] = office
    return d | kw


def gate(direction, t, office, **kw):
    return dict(messageType="GATE", turnNo=TURN, direction=direction, customsCode=office,
                vehicleNo="A1", checkResult="Y", operateTime=when(t)) | kw


def fact(kind, field, t, **kw):
    return {"messageType": kind, "turnNo": TURN, field: when(t)} | kw


M1, M2, W = man(1), man(2), waybills()
SEAL, OUT = lock("SEAL", "100500", "2225"), gate("OUT", "102000", "2225")
IN = gate("IN", "154000", "2248", loctNo="Y-1")
CHECK, UNSEAL = lock("CHECK", "154500", "2248"), lock("UNSEAL", "155200", "2248")
NAMES = dict(M1=M1, M2=M2, W=W, D=decl(), SEAL=SEAL, OUT=OUT, IN=IN, CHECK=CHECK, UNSEAL=UNSEAL)


def trip(before=None, **change):
    """The clean journey; NAME=None leaves a message out, NAME=x replaces it; before={NAME: [x]}."""
    out = []
    for name, m in list(NAMES.items()) + [("END", None)]:
        out += (before or {}).get(name, [])
        m = change.get(name, m)
        out += m if isinstance(m, list) else [m] if m else []
    return out
