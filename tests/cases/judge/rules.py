"""RULES.md sections 2 to 4: stateless rules at their edges, sums and windows, alerts as predicates."""
from judge.base import (CONFIG, case, clock, item, item621, m603, m604, m605, m607, m509, m621,
                        resolved, t)


def origins(*n):
    return [f"replay/0/{i}/0" for i in n]


def hits(name, doc, codes, verdict=None, config=None, **kw):
    """One manifest and the codes (with level) that it must raise."""
    levels = dict(c.split(":") for c in codes.split())
    b = sorted(c for c, lv in levels.items() if lv == "B")
    h = sorted(c for c, lv in levels.items() if lv == "H")
    word = verdict or ("REJECTED " + ",".join(b) if b else "HELD " + ",".join(h) if h else "ACCEPTED")
    side = "I/AGEN0001/ICOP-1" if doc["messageType"] == "CEB621" else "E/AGEN0001/COP-1"
    case("r-" + name, [doc], receipts=["0.0 " + word], config=config,
         drift=[f"{c}/manifest/{side}/1 OPEN {lv}" for c, lv in sorted(levels.items())], **kw)


def b2b(total, n=1, at="080000", mode="9710", **kw):
    return m603(n, at, tradeMode=mode, **{"items": [item(qty="1", price=total, totalPrice=total)], **kw})


# Rates by date: 840 is 7.00000 until 2025-10-13, 7.20000 from 2025-10-14; 300 from 2025-10-15
def usd(total, at="080000"):
    return b2b(total, at=at, items=[item(qty="1", price=total, totalPrice=total, currency="840")])


hits("rate-day", usd("694.44444"), "")                      # x 7.2 = 4999.999968
hits("rate-day-over", usd("694.44446"), "RG02:B")           # 5000.000112
hits("rate-day-before", usd("714.28571", at="1013235959"), "")  # x 7 = 4999.99997
hits("rate-day-before-over", usd("714.28572", at="1013235959"), "RG02:B")
hits("rate-missing", m603(1, items=[item(currency="300")]), "RATE_MISSING:H")
hits("rate-first-day", m603(1, "1015000000", items=[item(currency="300")]), "")
hits("rate-unknown", m603(1, items=[item(currency="999")]), "RATE_MISSING:H")
hits("rate-missing-not-judged", b2b("9999", items=[item(qty="1", price="9999", totalPrice="9999",
                                                       currency="300")]), "RATE_MISSING:H")
hits("rate-one-of-two", m603(1, items=[item(1), item(2, currency="999")]), "RATE_MISSING:H")
hits("value-half-even", b2b("0", items=[item(1, qty="1", price="0.00001", totalPrice="0.00001",
                                            currency="840"), item(
    2, qty="1", price="4999.99993", totalPrice="4999.99993")]), "")  # 0.000072 -> 0.00007
# RG
for mode in ("9610", "9710", "9810"):
    hits(f"rg01-{mode}", m603(1, tradeMode=mode), "")
for mode in ("1210", "1239"):
    hits(f"rg01-{mode}", m603(1, tradeMode=mode, emsNo="E", iacCode="I", iacName="N", items=[
        item(itemRecordNo="1")]), "")
    hits(f"rg01-621-{mode}", m621(1, tradeMode=mode, emsNo="E", areaCode="A", areaName="N", items=[
        item621(itemRecordNo="1")]), "")
hits("rg01-ie", m603(1, ieFlag="I"), "RG01:B")
hits("rg01-621-ie", m621(1, ieFlag="E"), "RG01:B")
hits("rg01-621-9710", m621(1, tradeMode="9710"), "RG01:B")
hits("rg01-621-9710-dear", m621(1, tradeMode="9710", licenseNo="L", items=[item621(
    qty="1", price="6000", totalPrice="6000")]), "RG01:B RG02:B RG03:B")
hits("rg02-edge", b2b("5000"), "")
hits("rg02-over", b2b("5000.00001", mode="9810"), "RG02:B")
hits("rg02-b2c", m603(1, items=[item(qty="1", price="9000", totalPrice="9000")]), "")
hits("rg03-licence", b2b("10", licenseNo="L1"), "RG03:B")
hits("rg03-licence-b2c", m603(1, licenseNo="L1"), "")
hits("rg03-prefix", b2b("10", items=[item(gcode="3824999990")]), "RG03:B")
hits("rg03-second-item", b2b("10", items=[item(1), item(2, gcode="3824000000")]), "RG03:B")
hits("rg03-not-a-prefix", b2b("10", items=[item(gcode="3823824000")]), "")
ZONE = {"tradeMode": "1210", "emsNo": "E", "iacCode": "I", "iacName": "N", "items": [
    item(1, itemRecordNo="1"), item(2, itemRecordNo="2")]}
for field in ("emsNo", "iacCode", "iacName"):
    hits("rg05-" + field, m603(1, **{**ZONE, field: None}), "RG05:B")
hits("rg05-ok", m603(1, **ZONE), "")
hits("rg05-record", m603(1, **{**ZONE, "items": [item(1, itemRecordNo="1"), item(2)]}), "RG05:B")
hits("rg05-area-not-iac", m621(1, tradeMode="1239", emsNo="E", areaCode="A", areaName="", items=[
    item621(itemRecordNo="1")]), "RG05:B")
# VL05
def vl05(name, qty, price, total, codes):
    hits("vl05-" + name, m603(1, items=[item(qty=qty, price=price, totalPrice=total)]), codes)


vl05("cent", "1", "1.01", "1", "")
vl05("cent-over", "1", "1.01001", "1", "VL05:B")
vl05("cent-below", "1", "0.99", "1", "")
vl05("cent-below-over", "1", "0.98999", "1", "VL05:B")
vl05("half-percent", "1", "201", "200", "")
vl05("half-percent-over", "1", "201.00001", "200", "VL05:B")
vl05("half-percent-below", "1", "199", "200", "")
vl05("exact-product", "0.00001", "0.00001", "0", "")
vl05("exact-not-rounded", "1.00001", "201", "200", "VL05:B")
vl05("large", "99999999999999", "99999999999999", "99999999999999", "VL05:B")
# VL07
def vl07(total, qty, freight="0", ins="0", **kw):
    return m621(1, freight=freight, insuredFee=ins, items=[item621(
        qty=qty, price=str(float(total) / float(qty)), totalPrice=total)], **kw)


hits("vl07-edge", vl07("4000", "2", "600", "400"), "")
hits("vl07-over", vl07("4000", "2", "600", "400.00001"), "VL07:B")
hits("vl07-single", vl07("9000", "1"), "")
hits("vl07-two-items", m621(1, items=[item621(1, qty="0.5", price="6000", totalPrice="3000"), item621(
    2, qty="0.5", price="6000", totalPrice="3000")]), "", why="the sum of qty is 1")
hits("vl07-two-items-over", m621(1, items=[item621(1, qty="0.5", price="6000", totalPrice="3000"), item621(
    2, qty="0.50001", price="6000", totalPrice="3000")]), "VL07:B")
# QW01, QW02
for name, gross, net, codes in (("equal", "5", "5", ""), ("net-over", "5", "5.00001", "QW01:B"),
                                ("zero-net", "5", "0", "QW01:B"), ("zero", "0", "0", "QW01:B"),
                                ("negative", "-1", "-2", "QW01:B"), ("tiny", "0.00001", "0.00001", "")):
    hits("qw01-" + name, m603(1, grossWeight=gross, netWeight=net), codes)
hits("qw01-import", m621(1, grossWeight="1", netWeight="1.5"), "QW01:B")


def kg(qty1, net="10", **kw):
    return m603(1, grossWeight="20", netWeight=net, items=[item(unit1="035", qty1=q, gnum=str(i + 1), **kw)
                                                           for i, q in enumerate(qty1)])


hits("qw02-edge", kg(["5.5", "5.5"]), "")
hits("qw02-over", kg(["5.5", "5.50001"]), "QW02:R")
hits("qw02-low-edge", kg(["9"]), "")
hits("qw02-low", kg(["8.99999"]), "QW02:R")
hits("qw02-not-all", m603(1, items=[item(1, unit1="035", qty1="99"), item(2, unit1="011")]), "")
hits("qw02-import", m621(1, items=[item621(unit1="035", qty1="9")]), "QW02:R")
# RT09, ID01, WL01, BC01
hits("rt09", m603(1, items=[item(1), item(2, country="502")]), "RT09:R")
hits("rt09-import", m621(1, items=[item621(country="502")]), "")
for field in ("ebpCode", "ebcCode", "agentCode", "logisticsCode", "ownerCode", "iacCode"):
    d = m603(1, **{field: "GHOST1"})
    agent = d["agentCode"]
    case("r-id01-" + field, [d], receipts=["0.0 REJECTED ID01"],
         drift=[f"ID01/manifest/E/{agent}/COP-1/1 OPEN B"])
hits("id01-area", m621(1, areaCode="BADFIRM001"), "ID01:B")
hits("id01-assure", m621(1, assureCode="GHOST"), "ID01:B", why="GHOST* is a prefix")
hits("id01-longer", m603(1, ownerCode="BADFIRM0012"), "")
hits("id01-case", m603(1, ownerCode="badfirm001"), "")
for field in ("gname", "gmodel", "itemName"):
    hits("wl01-" + field, m603(1, items=[item(1), item(2, **{field: "a LeOpArD coat"})]), "WL01:H")
hits("wl01-chinese", m603(1, items=[item(gname="旧象牙雕")]), "WL01:H")
hits("wl01-hs", m603(1, items=[item(gcode="9705000000")]), "WL01:H")
hits("wl01-hs-inside", m603(1, items=[item(gcode="0970500000")]), "")
hits("wl01-elsewhere", m603(1, ownerName="LEOPARD", items=[item(itemNo="LEOPARD", barCode="LEOPARD")]), "")
hits("wl01-broken", m603(1, items=[item(gname="LEOP ARD")]), "")
for code, bad in (("96385074", False), ("96385075", True), ("036000291452", False), ("036000291453", True),
                  ("4006381333931", False), ("4006381333932", True), ("14006381333938", False),
                  ("14006381333939", True), ("400638133393", True), ("40063813339", False),
                  ("4006381333931X", False), ("400638133393100", False)):
    hits("bc01-" + code, m621(1, items=[item621(barCode=code)]), "BC01:R" if bad else "")
hits("bc01-export", m603(1, items=[item(barCode="4006381333932")]), "")

# DP04: 184 d
W1 = "DP04/waybill/CARR0001/WB1/1"
case("dp04", [m603(1), m603(2, logisticsNo="WB1")], drift=[(W1 + " OPEN H", {
    "evidence": origins(0, 1), "account": {"kind": "waybill", "key": "CARR0001/WB1"}})])
case("dp04-carrier", [m603(1), m603(2, logisticsNo="WB1", logisticsCode="CARR0002")])
case("dp04-import-and-export", [m603(1), m621(1, logisticsNo="WB1")], drift=[W1 + " OPEN H"])
case("dp04-184", [m603(1, "20250413080000"), m603(2, "080000", logisticsNo="WB1")], drift=[W1 + " OPEN H"])
case("dp04-184-over", [m603(1, "20250413075959"), m603(2, "080000", logisticsNo="WB1")])
case("dp04-held", [m603(1), m603(2, logisticsNo="WB1", items=[item(gname="leopard")])],
     drift=["WL01/manifest/E/AGEN0001/COP-2/1 OPEN H", W1 + " OPEN H"])
case("dp04-rejected-not-live", [m603(1), m603(2, logisticsNo="WB1", netWeight="99")],
     drift=["QW01/manifest/E/AGEN0001/COP-2/1 OPEN B"])
case("dp04-amended-away", [m603(1), m603(2, logisticsNo="WB1"), m603(2, "090000", appType="2")],
     drift=[W1 + " OPEN H", W1 + " WITHDRAWN H"])
case("dp04-status-100", [m603(1), m603(2, logisticsNo="WB1"), m604(2, "100", "090000")],
     drift=[W1 + " OPEN H", W1 + " WITHDRAWN H"])
case("dp04-second-occurrence", [m603(1), m603(2, logisticsNo="WB1"), m605(2), m603(
    2, "090000", logisticsNo="WB1")], drift=[W1 + " OPEN H", W1 + " WITHDRAWN H",
                                              "DP04/waybill/CARR0001/WB1/2 OPEN H"])
case("dp04-third", [m603(1), m603(2, logisticsNo="WB1"), m603(3, logisticsNo="WB1"), m605(2)],
     drift=[(W1 + " OPEN H", {"evidence": origins(0, 1)})], why="evidence grows, no line goes out")
case("dp04-cleared", [m603(1), m603(2, logisticsNo="WB1"), resolved(W1, "CLEARED", "090000"), m603(
    3, logisticsNo="WB1")], drift=[W1 + " OPEN H", ("DP04/waybill/CARR0001/WB1/2 OPEN H", {
        "evidence": origins(0, 1, 3)})])
case("dp04-cleared-duplicate", [m603(1), m603(2, logisticsNo="WB1"), resolved(
    W1, "CLEARED", "090000"), m603(2, logisticsNo="WB1")], drift=[W1 + " OPEN H"])
case("dp04-duplicate-alone", [m603(1), m603(1)])
case("dp04-conflict-not-counted", [m603(1), m603(1, packNo="2")],
     drift=["DP03/manifest/E/AGEN0001/COP-1/1 OPEN H"])

# DP05: 90 d
O1 = "DP05/order/PLAT0001/O/1"
case("dp05-mode", [m603(1, orderNo="O"), m603(2, orderNo="O", tradeMode="9710")], drift=[(O1 + " OPEN H", {
    "evidence": origins(0, 1)})])
case("dp05-same", [m603(1, orderNo="O"), m603(2, orderNo="O")])
case("dp05-90", [m603(1, "20250716080000", orderNo="O"), m603(2, orderNo="O", ebcCode="S2")],
     drift=[O1 + " OPEN H"])
case("dp05-90-over", [m603(1, "20250716075959", orderNo="O"), m603(2, orderNo="O", ebcCode="S2")])
case("dp05-same-hides-none", [m603(1, "20250716075959", orderNo="O"), m603(2, "20250801080000", orderNo="O"),
                              m603(3, orderNo="O", ebcCode="S2")], drift=[O1 + " OPEN H"])
case("dp05-cancelled", [m603(1, orderNo="O"), m603(2, orderNo="O", ebcCode="S2"), m605(1)],
     drift=[O1 + " OPEN H", O1 + " WITHDRAWN H"])
case("dp05-key-escaped", [m603(1, orderNo="A/B%C"), m603(2, orderNo="A/B%C", ebcCode="S2")],
     drift=["DP05/order/PLAT0001/A%2FB%25C/1 OPEN H"])

# VL02
V1 = "VL02/order/PLAT0001/O/1"
case("vl02-edge", [b2b("2500", 1, orderNo="O"), b2b("2500", 2, orderNo="O")])
case("vl02", [b2b("2500", 1, orderNo="O"), b2b("2500.00001", 2, orderNo="O")], drift=[(V1 + " OPEN H", {
    "observed": "5000.00001", "threshold": "5000.00000", "unit": "CNY", "evidence": origins(0, 1)})])
case("vl02-b2c-not-counted", [b2b("2500", 1, orderNo="O"), m603(2, orderNo="O", tradeMode="9610", items=[
    item(qty="1", price="9000", totalPrice="9000")])], drift=[O1 + " OPEN H"])
case("vl02-two-modes", [b2b("2500", 1, orderNo="O"), b2b("2501", 2, orderNo="O", mode="9810")],
     drift=[O1 + " OPEN H", V1 + " OPEN H"])
case("vl02-amended-down", [b2b("2500", 1, orderNo="O"), b2b("2501", 2, orderNo="O"), b2b(
    "2500", 2, "090000", orderNo="O", appType="2")], drift=[V1 + " OPEN H", V1 + " WITHDRAWN H"])
case("vl02-amended-up", [b2b("2500", 1, orderNo="O"), b2b("2500", 2, orderNo="O"), b2b(
    "2501", 2, "090000", orderNo="O", appType="2")], drift=[V1 + " OPEN H"])
case("vl02-duplicates", [b2b("2500", 1, orderNo="O"), b2b("2500", 2, orderNo="O")] + [
    b2b("2500", 2, orderNo="O")] * 3)
case("vl02-90", [b2b("2500", 1, "20250716080000", orderNo="O"), b2b("2501", 2, orderNo="O")],
     drift=[V1 + " OPEN H"])
case("vl02-90-over", [b2b("2500", 1, "20250716075959", orderNo="O"), b2b("2501", 2, orderNo="O")])
case("vl02-reused", [b2b("2500", 1, orderNo="O"), b2b("2501", 2, orderNo="O"), m605(2), b2b(
    "2500", 2, "090000", orderNo="O")], drift=[V1 + " OPEN H", V1 + " WITHDRAWN H"])
case("vl02-rate-missing", [b2b("2500", 1, orderNo="O"), b2b("0", 2, orderNo="O", items=[
    item(qty="1", price="4000", totalPrice="4000", currency="999")])],
    drift=["RATE_MISSING/manifest/E/AGEN0001/COP-2/1 OPEN H"])
case("vl02-usd", [b2b("2500", 1, orderNo="O"), b2b("0", 2, orderNo="O", items=[
    item(qty="1", price="347.22223", totalPrice="347.22223", currency="840")])], drift=[V1 + " OPEN H"])

# VL01: judged when W >= midnight of the 15th + 24 h = the 16th 00:00
def near(n, total="4600", at="080000", **kw):
    return b2b(total, n, at, **kw)


VL = "VL01/party/SELL0001/116-20251014/1"
TEN = [near(i) for i in range(1, 11)]
case("vl01", TEN, until="1016000000", drift=[(VL + " OPEN H", {
    "window": "116-20251014", "account": {"kind": "party", "key": "SELL0001"},
    "evidence": origins(*range(10)), "decidedAt": "2025-10-15T16:00:00.000Z"})])
case("vl01-not-yet", TEN, until="1015235959")
case("vl01-nine", TEN[:9], until="1016000000")
case("vl01-edges", [near(1, "4500"), near(2, "5000")] + TEN[2:], until="1016000000",
     drift=[VL + " OPEN H"])
case("vl01-below-band", [near(1, "4499.99999")] + TEN[1:], until="1016000000")
case("vl01-share", TEN[:10] + [near(10 + i, "100") for i in range(1, 7)], until="1016000000",
     drift=[VL + " OPEN H"], why="10 of 16 is 62.5 %")
case("vl01-share-under", TEN + [near(10 + i, "100") for i in range(1, 8)], until="1016000000",
     why="10 of 17 is under 60 %")
case("vl01-share-exact", TEN + [near(11), near(12)] + [near(12 + i, "100") for i in range(1, 9)],
     until="1016000000", drift=[VL + " OPEN H"], why="12 of 20")
case("vl01-other-modes-not-counted", TEN + [m603(20 + i) for i in range(9)], until="1016000000",
     drift=[VL + " OPEN H"])
case("vl01-other-country", [near(1, country="502", items=[item(qty="1", price="4600", totalPrice="4600",
                                                               country="502")])] + TEN[1:],
     until="1016000000")
case("vl01-local-day", [near(1, at="1013235959")] + TEN[1:], until="1016000000")
case("vl01-local-day-in", [near(1, at="000000")] + TEN[1:9] + [near(10, at="235959")],
     until="1016000000", drift=[VL + " OPEN H"])
case("vl01-withdrawn", TEN + [clock("1016000000"), m605(3, "090000")],
     drift=[VL + " OPEN H", VL + " WITHDRAWN H"])
case("vl01-late", TEN[:9] + [clock("1016000000"), near(10)], drift=[VL + " OPEN H"],
     why="afterwards at every change of the day")
case("vl01-amended-out-before", TEN + [near(3, "100", "090000", appType="2")], until="1016000000")
case("vl01-cleared", TEN + [clock("1016000000"), resolved(
    "VL01/party/SELL0001/116-20251014/1", "CLEARED", "1016080000"), near(11)],
    drift=[VL + " OPEN H", "VL01/party/SELL0001/116-20251014/2 OPEN H"])

# QW03
def bill_of(gross, weight, **kw):
    return [m603(1, grossWeight=gross, netWeight="1"), m607(waybills=["WB1"], weight=weight, **kw)]


QW3 = "QW03/bill/B-1/1"
case("qw03-5kg", bill_of("105", "100"))
case("qw03-5kg-over", bill_of("105.00001", "100"), drift=[(QW3 + " OPEN H", {
    "observed": "5.00001", "threshold": "5.00000", "unit": "kg"})])
case("qw03-1-percent", bill_of("1010", "1000"))
case("qw03-1-percent-over", bill_of("1010.00001", "1000"), drift=[(QW3 + " OPEN H", {
    "observed": "10.00001", "threshold": "10.00000", "unit": "kg"})])
case("qw03-1-percent-of-607", bill_of("990", "1000"))
case("qw03-incomplete", bill_of("200", "100", msgCount="2"))
case("qw03-no-manifest", [m603(1, grossWeight="200"), m607(waybills=["WB1", "WB2"], weight="100")])
case("qw03-two-manifests", bill_of("200", "100") + [m603(2, logisticsNo="WB1")],
     drift=[QW3 + " OPEN H", QW3 + " WITHDRAWN H", W1 + " OPEN H"])
case("qw03-cancelled", bill_of("200", "100") + [m605(1)], drift=[QW3 + " OPEN H", QW3 + " WITHDRAWN H"])
case("qw03-amended", bill_of("200", "100") + [m603(1, "090000", grossWeight="101", netWeight="1", appType="2")],
     drift=[QW3 + " OPEN H", QW3 + " WITHDRAWN H"])
case("qw03-part-removed", bill_of("200", "100") + [m607(waybills=["WB1"], weight="100", at="090000", appType="3")],
     drift=[QW3 + " OPEN H", QW3 + " WITHDRAWN H"])

# RT07: 14 d after returnTime
R1 = "RT07/waybill/CARR0001/WB1/1"
case("rt07-edge", [m603(1), m604(1, "800", "100000")], until="1028095959")
case("rt07", [m603(1), m604(1, "800", "100000")], until="1028100000", drift=[R1 + " OPEN H"])
case("rt07-899", [m603(1), m604(1, "800", "100000"), m604(1, "899", "110000")], until="1029100000")
case("rt07-899-late", [m603(1), m604(1, "800", "100000"), clock("1028100000"), m604(1, "899", "1028110000")],
     drift=[R1 + " OPEN H", R1 + " WITHDRAWN H"])
case("rt07-509-late", [m603(1), m604(1, "800", "100000"), clock("1028100000"), m509(at="1028110000")],
     drift=[R1 + " OPEN H", R1 + " WITHDRAWN H"])
case("rt07-509-first", [m509(at="080000"), m603(1), m604(1, "800", "100000")], until="1028100000")
case("rt07-other-waybill", [m509(["WB2"]), m603(1), m604(1, "800", "100000")], until="1028100000",
     drift=[R1 + " OPEN H"])
case("rt07-509-removed", [m509(), m603(1), m604(1, "800", "100000"), m509(at="130000", appType="3")],
     until="1028100000", drift=[R1 + " OPEN H"])
case("rt07-cancelled", [m603(1), m604(1, "800", "100000"), m604(1, "399", "110000"), m605(1, "120000")],
     until="1028100000")
case("rt07-import", [m621(1), {"messageType": "CEB622", "guid": "G" * 36, "agentCode": "AGEN0001",
                               "copNo": "ICOP-1", "preNo": "P" * 18, "returnStatus": "800",
                               "returnTime": t("100000") + "000", "returnInfo": "x"}], until="1028100000")
case("rt07-850", [m603(1), m604(1, "800", "100000"), m604(1, "850", "110000")], until="1028100000")

# Alerts of a document: occurrences, several versions, resolutions
L = "WL01/manifest/E/AGEN0001/COP-1/"
LEO = {"items": [item(gname="leopard")]}
case("a-stays-open", [m603(1, **LEO), m603(1, "090000", appType="2", packNo="2", **LEO)],
     drift=[(L + "1 OPEN H", {"evidence": origins(0)})], why="holds for the old and the new version")
case("a-withdrawn-with-evidence", [m603(1, **LEO), m603(1, "090000", appType="2", packNo="2", **LEO), m605(
    1, "100000")], drift=[L + "1 OPEN H", (L + "1 WITHDRAWN H", {"evidence": origins(0, 1)})])
case("a-next-occurrence", [m603(1, **LEO), m605(1, "090000"), m603(1, "100000", **LEO)],
     drift=[L + "1 OPEN H", L + "1 WITHDRAWN H", L + "2 OPEN H"])
case("a-cleared-new-content", [m603(1, **LEO), resolved(L + "1", "CLEARED", "083000"), m603(
    1, "090000", appType="2", packNo="2", **LEO)], drift=[L + "1 OPEN H", L + "2 OPEN H"])
case("dp03-cancelled", [m603(1), m603(1, packNo="2"), m605(1)], drift=[
    "DP03/manifest/E/AGEN0001/COP-1/1 OPEN H", "DP03/manifest/E/AGEN0001/COP-1/1 WITHDRAWN H"])
case("dp03-stays-with-change", [m603(1), m603(1, packNo="2"), m603(1, "090000", appType="2", packNo="3")],
     drift=["DP03/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("dp03-once", [m603(1), m603(1, packNo="2"), m603(1, packNo="3")],
     drift=["DP03/manifest/E/AGEN0001/COP-1/1 OPEN H"])
case("dp07-once-withdrawn-never", [m603(1), m604(1, "800", "081000"), m605(1), m603(1, "090000", appType="2",
                                                                                 packNo="2")],
     drift=["DP07/manifest/E/AGEN0001/COP-1/1 OPEN H"])

DP03 = "DP03/manifest/E/AGEN0001/COP-1/"
FIVE = [m603(1)] + [m603(1, packNo=str(n)) for n in range(2, 7)]
case("dp03-last-four-known", FIVE + [resolved(DP03 + "1", "CLEARED", "090000"), m603(1, packNo="3")],
     drift=[DP03 + "1 OPEN H"])
case("dp03-fifth-forgotten", FIVE + [resolved(DP03 + "1", "CLEARED", "090000"), m603(1, packNo="2")],
     drift=[DP03 + "1 OPEN H", DP03 + "2 OPEN H"], why="the hashes of the last 4 conflicts are kept")
case("a-older-resolution", [m603(1), m603(1, packNo="2"), resolved(DP03 + "1", "CLEARED", "100000"), resolved(
    DP03 + "1", "CONFIRMED", "090000"), m603(1, packNo="3")], drift=[DP03 + "1 OPEN H", DP03 + "2 OPEN H"],
    why="the latest resolvedTime counts: it is cleared, and a new conflict comes")
case("a-reopened-resolution", [m603(1), m603(1, packNo="2"), resolved(DP03 + "1", "CLEARED", "100000"), resolved(
    DP03 + "1", "CONFIRMED", "100001"), m603(1, packNo="3")], drift=[DP03 + "1 OPEN H"])


def m623(n=1, at="090000", **kw):
    d = m621(n, at, appType="3", invtNo="INV1", reason="x")
    for k in ("items", "assureCode", "ieFlag", "declTime", "portCode", "consigneeAddress", "tradeMode",
              "trafMode", "trafNo", "voyageNo", "country", "freight", "insuredFee", "currency", "packNo",
              "grossWeight", "netWeight"):
        d.pop(k)
    return {**d, "messageType": "CEB623", **kw}


case("m623", [m621(1), m623(1), m621(1), m621(1, "090001")], receipts=[
    "0.0 ACCEPTED", "1.0 CANCELLED", "2.0 DUPLICATE DP01 <1.0", "3.0 ACCEPTED"])
case("m623-other-agent", [m621(1), m623(1, agentCode="AGEN0002")], receipts=[
    "0.0 ACCEPTED", "1.0 CANCELLED ORIGINAL_UNSEEN"])
case("m623-waybill", [m621(1, copNo=None), m623(1, copNo="")], receipts=["0.0 ACCEPTED", "1.0 CANCELLED"])
