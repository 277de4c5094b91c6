"""RULES.md section 1: every cell of the verdict table, statuses, expiry, content, receipts."""
from judge.base import (CONFIG, case, clock, item, item621, m603, m604, m605, m607, m621, t, xml)

H = {"items": [item(gname="leopard")]}
B = {"netWeight": "11"}
KEY = "manifest/E/AGEN0001/COP-1"


def doc(at, a="1", **kw):
    return m603(1, at, appType=a, **kw)


def verdicts(name, docs, *receipts, drift=(), **kw):
    case(name, docs, receipts=list(receipts), drift=[d.replace("K/", KEY + "/") for d in drift], **kw)


FIRST = "0.0 ACCEPTED"
# nothing
verdicts("v-new", [doc("080000")], FIRST)
verdicts("v-new-held", [doc("080000", **H)], "0.0 HELD WL01", drift=["WL01/K/1 OPEN H"])
verdicts("v-new-rejected", [doc("080000", **B)], "0.0 REJECTED QW01", drift=["QW01/K/1 OPEN B"])
verdicts("v-new-rejected-codes", [doc("080000", tradeMode="0110", **B, **H)],
         "0.0 REJECTED QW01,RG01", drift=["QW01/K/1 OPEN B", "RG01/K/1 OPEN B", "WL01/K/1 OPEN H"],
         why="sorted B codes; every hit alerts")
verdicts("v-new-change", [doc("080000", "2")], "0.0 AMENDED ORIGINAL_UNSEEN")
verdicts("v-new-change-held", [doc("080000", "2", **H)], "0.0 AMENDED ORIGINAL_UNSEEN,WL01",
         drift=["WL01/K/1 OPEN H"])
verdicts("v-new-change-rejected", [doc("080000", "2", **B)], "0.0 REJECTED QW01",
         drift=["QW01/K/1 OPEN B"])
verdicts("v-new-delete", [doc("080000", "3")], "0.0 CANCELLED ORIGINAL_UNSEEN")
verdicts("v-new-delete-not-judged", [doc("080000", "3", **B)], "0.0 CANCELLED ORIGINAL_UNSEEN")
verdicts("v-new-605", [m605(1)], "0.0 CANCELLED ORIGINAL_UNSEEN")
verdicts("v-605-any-app-type", [doc("080000"), m605(1, appType="1")], FIRST, "1.0 CANCELLED")
# LIVE
OTHER = {"packNo": "3"}
DP03 = "DP03/K/1 OPEN H"
verdicts("v-live-dup", [doc("080000"), doc("070000"), doc("090000")], FIRST,
         "1.0 DUPLICATE DP01 <0.0", "2.0 DUPLICATE DP01 <0.0")
verdicts("v-live-conflict", [doc("080000"), doc("070000", **OTHER), doc("090000")],
         FIRST, "1.0 CONFLICT DP03 <0.0", "2.0 DUPLICATE DP01 <0.0", drift=[DP03],
         why="whatever t; the version in force stays")
verdicts("v-live-conflict-rejected", [doc("080000"), doc("090000", **B)], FIRST,
         "1.0 REJECTED QW01", why="a live version stands, so no alert")
verdicts("v-live-conflict-held", [doc("080000"), doc("090000", **H)], FIRST,
         "1.0 CONFLICT DP03 <0.0", drift=[DP03])
verdicts("v-live-change-dup", [doc("080000"), doc("090000", "2"), doc("070000", "2")], FIRST,
         "1.0 DUPLICATE DP01 <0.0", "2.0 DUPLICATE DP01 <0.0", why="before the time is looked at")
verdicts("v-live-change-stale", [doc("080000"), doc("080000", "2", **OTHER)], FIRST,
         "1.0 STALE DP02 <0.0")
verdicts("v-live-change", [doc("080000"), doc("080001", "2", **OTHER)], FIRST, "1.0 AMENDED")
verdicts("v-live-change-held", [doc("080000"), doc("080001", "2", **H)], FIRST, "1.0 AMENDED WL01",
         drift=["WL01/K/1 OPEN H"])
verdicts("v-live-change-rejected", [doc("080000"), doc("080001", "2", **B), doc("080001", "2", **OTHER)],
         FIRST, "1.0 REJECTED QW01", "2.0 AMENDED", why="the old one stays in force, with its T")
verdicts("v-live-delete", [doc("080000"), doc("080001", "3"), doc("080001")], FIRST, "1.0 CANCELLED",
         "2.0 DUPLICATE DP01 <1.0", why="an appType 3 has its own H, the same content here")
verdicts("v-live-delete-stale", [doc("080000"), m605(1, "080000")], FIRST, "1.0 STALE DP02 <0.0")
verdicts("v-live-refused", [doc("080000"), m604(1, "800", "081000"), doc("090000", "2", **B)], FIRST,
         "2.0 REFUSED DP07 <0.0", drift=["DP07/K/1 OPEN H"])
verdicts("v-live-not-refused-799", [doc("080000"), m604(1, "799", "081000"), doc("090000", "2", **OTHER)],
         FIRST, "2.0 AMENDED")
verdicts("v-live-dup-after-800", [doc("080000"), m604(1, "800", "081000"), doc("090000", "2")], FIRST,
         "2.0 DUPLICATE DP01 <0.0")
verdicts("v-live-stale-after-800", [doc("080000"), m604(1, "800", "081000"), doc("070000", "2", **OTHER)],
         FIRST, "2.0 STALE DP02 <0.0")
verdicts("v-live-conflict-after-800", [doc("080000"), m604(1, "800", "081000"), doc("090000", **OTHER)],
         FIRST, "2.0 CONFLICT DP03 <0.0", drift=[DP03])
# CHANGED
CH = [doc("080000"), doc("090000", "2", **OTHER)]
CHR = (FIRST, "1.0 AMENDED")
verdicts("v-changed-dup", CH + [doc("070000", **OTHER)], *CHR, "2.0 DUPLICATE DP01 <1.0")
verdicts("v-changed-stale", CH + [doc("090000")], *CHR, "2.0 STALE DP02 <1.0")
verdicts("v-changed-conflict", CH + [doc("090001")], *CHR, "2.0 CONFLICT DP03 <1.0", drift=[DP03])
verdicts("v-changed-rejected", CH + [doc("090001", **B)], *CHR, "2.0 REJECTED QW01")
verdicts("v-changed-rejected-stale", CH + [doc("090000", **B)], *CHR, "2.0 STALE DP02 <1.0")
verdicts("v-changed-change", CH + [doc("090001", "2")], *CHR, "2.0 AMENDED")
verdicts("v-changed-delete", CH + [m605(1, "090001")], *CHR, "2.0 CANCELLED")
# CANCELLED
CA = [doc("080000"), m605(1, "090000")]
CAR = (FIRST, "1.0 CANCELLED")
verdicts("v-cancelled-dup", CA + [doc("090000")], *CAR, "2.0 DUPLICATE DP01 <1.0",
         why="firstSeen of a tombstone is the document that made it")
verdicts("v-cancelled-stale", CA + [doc("090000", **OTHER)], *CAR, "2.0 STALE DP02 <1.0")
verdicts("v-cancelled-new", CA + [doc("090001"), doc("090001")], *CAR, "2.0 ACCEPTED",
         "3.0 DUPLICATE DP01 <2.0")
verdicts("v-cancelled-new-held", CA + [doc("090001", **H)], *CAR, "2.0 HELD WL01",
         drift=["WL01/K/1 OPEN H"])
verdicts("v-cancelled-new-rejected", CA + [doc("090001", **B)], *CAR, "2.0 REJECTED QW01",
         drift=["QW01/K/1 OPEN B"])
verdicts("v-cancelled-change-stale", CA + [doc("090000", "2")], *CAR, "2.0 STALE DP02 <1.0")
verdicts("v-cancelled-change", CA + [doc("090001", "2", **OTHER)], *CAR, "2.0 REFUSED <1.0",
         why="REFUSED without a code")
verdicts("v-cancelled-delete-stale", CA + [m605(1, "090000")], *CAR, "2.0 STALE DP02 <1.0")
verdicts("v-cancelled-delete", CA + [m605(1, "090001")], *CAR, "2.0 DUPLICATE DP01 <1.0")
verdicts("v-unseen-cancel-then-new", [m605(1, "090000"), doc("080000"), doc("090001")],
         "0.0 CANCELLED ORIGINAL_UNSEEN", "1.0 STALE DP02 <0.0", "2.0 ACCEPTED")
# REJECTED
RE = [doc("080000", **B)]
RER = ("0.0 REJECTED QW01",)
Q = "QW01/K/1 OPEN B"
QX = "QW01/K/1 WITHDRAWN B"
verdicts("v-rejected-dup", RE + [doc("090000", **B)], *RER, "1.0 DUPLICATE DP01 <0.0", drift=[Q])
verdicts("v-rejected-stale", RE + [doc("080000")], *RER, "1.0 STALE DP02 <0.0", drift=[Q])
verdicts("v-rejected-new", RE + [doc("080001")], *RER, "1.0 ACCEPTED", drift=[Q, QX])
verdicts("v-rejected-new-held", RE + [doc("080001", **H)], *RER, "1.0 HELD WL01",
         drift=[Q, QX, "WL01/K/1 OPEN H"])
verdicts("v-rejected-again", RE + [doc("080001", netWeight="12")], *RER, "1.0 REJECTED QW01", drift=[Q],
         why="the rule holds for the old and the new version: it stays open")
verdicts("v-rejected-change", RE + [doc("080001", "2")], *RER, "1.0 AMENDED", drift=[Q, QX])
verdicts("v-rejected-change-dup", RE + [doc("080001", "2", **B)], *RER, "1.0 DUPLICATE DP01 <0.0",
         drift=[Q])
verdicts("v-rejected-delete", RE + [m605(1, "080001")], *RER, "1.0 CANCELLED", drift=[Q, QX])
verdicts("v-rejected-delete-stale", RE + [m605(1, "080000")], *RER, "1.0 STALE DP02 <0.0", drift=[Q])

# Status
ST = [doc("080000")]
verdicts("s-100-at-t", ST + [m604(1, "100", "080000"), doc("080000"), doc("080000", **OTHER), doc("080001")],
         FIRST, "2.0 DUPLICATE DP01 <0.0", "3.0 STALE DP02 <0.0", "4.0 DUPLICATE DP01 <0.0",
         why="T, H and origin stay")
verdicts("s-100-anew", ST + [m604(1, "100", "080000"), doc("080001", **OTHER)], FIRST, "2.0 ACCEPTED")
verdicts("s-100-before-t", ST + [m604(1, "100", "075959"), doc("080001", **OTHER)], FIRST,
         "2.0 CONFLICT DP03 <0.0", drift=[DP03])
verdicts("s-negative", ST + [m604(1, "-301014", "080000"), doc("080001", **OTHER)], FIRST, "2.0 ACCEPTED")
verdicts("s-before-manifest", [m604(1, "100", "081000"), doc("080000"), doc("090000", **OTHER)],
         "1.0 ACCEPTED", "2.0 ACCEPTED", why="kept and tested when a version comes into force")
verdicts("s-latest", ST + [m604(1, "800", "082000"), m604(1, "300", "081000"), doc("090000", "2", **OTHER)],
         FIRST, "3.0 REFUSED DP07 <0.0", drift=["DP07/K/1 OPEN H"])
verdicts("s-latest-lower", ST + [m604(1, "800", "081000"), m604(1, "300", "082000"), doc("090000", "2", **OTHER)],
         FIRST, "3.0 AMENDED", drift=["DP07/K/1 OPEN H"],
         why="not refused, but a status >= 800 stands before the change")
verdicts("s-ends-with-cancel", ST + [m604(1, "300", "081000"), m605(1, "082000"), doc("083000"), m604(
    1, "300", "083100"), doc("084000", "2", **OTHER)], FIRST, "2.0 CANCELLED", "3.0 ACCEPTED", "5.0 AMENDED")
verdicts("s-dp07-changed", CH + [m604(1, "800", "085959")], *CHR, drift=["DP07/K/1 OPEN H"],
         why="released before the change that is in force")
verdicts("s-dp07-changed-edge", CH + [m604(1, "800", "090000")], *CHR)
verdicts("s-dp07-not-live", ST + [m604(1, "800", "075959")], FIRST)
verdicts("s-reject-withdraws", [doc("080000", **H), m604(1, "100", "081000")], "0.0 HELD WL01",
         drift=["WL01/K/1 OPEN H"],
         why="it is now the REJECTED one on an account without a live version")
verdicts("s-unknown-agent-622", [{
    "messageType": "CEB622", "guid": "G" * 36, "copNo": "ICOP-1", "preNo": "P" * 18,
    "returnStatus": "100", "returnTime": t("081000") + "000", "returnInfo": "x"}, m621(1)],
    "1.0 ACCEPTED", why="without agentCode it addresses nothing")
verdicts("s-622", [m621(1), {
    "messageType": "CEB622", "guid": "G" * 36, "agentCode": "AGEN0001", "copNo": "ICOP-1",
    "preNo": "P" * 18, "returnStatus": "100", "returnTime": t("081000") + "000", "returnInfo": "x"},
    m621(1, "082000", packNo="2")], "0.0 ACCEPTED", "2.0 ACCEPTED")
verdicts("s-after-cancel-reuse", ST + [m605(1, "081000"), m604(1, "100", "080500"), doc("090000")], FIRST,
         "1.0 CANCELLED", "3.0 ACCEPTED")

# Expiry: W >= max(appTime, W when accepted) + 1 d
SHORT = CONFIG.replace("window: 400d", "window: 24h")
verdicts("e-before", ST + [clock("1015075959"), doc("080000")], FIRST, "2.0 DUPLICATE DP01 <0.0",
         config=SHORT)
verdicts("e-at", ST + [clock("1015080000"), doc("080000")], FIRST, "2.0 ACCEPTED", config=SHORT)
verdicts("e-by-w", [clock("120000")] + ST + [clock("1015115959"), doc("080000"), clock(
    "1015120000"), doc("080000")], "1.0 ACCEPTED", "3.0 DUPLICATE DP01 <1.0", "5.0 ACCEPTED", config=SHORT,
    why="W when it was accepted")
verdicts("e-change-unseen", ST + [clock("1015080000"), doc("1015080000", "2")], FIRST,
         "2.0 AMENDED ORIGINAL_UNSEEN", config=SHORT)
verdicts("e-occurrences", [doc("080000", **H), clock("1015080000"), doc("1015080000", **H)],
         "0.0 HELD WL01", "2.0 HELD WL01", drift=["WL01/K/1 OPEN H", "WL01/K/1 OPEN H"], config=SHORT,
         why="nothing goes out, occurrences start again at 1")
verdicts("e-tombstone", CA + [clock("1015090000"), doc("085000", **OTHER)], *CAR, "3.0 ACCEPTED",
         config=SHORT)
verdicts("e-dp04-expired", [m603(1), clock("1015080000"), m603(2, "1015080000", logisticsNo="WB1")],
         FIRST, "2.0 ACCEPTED", config=SHORT)

# Identity and significant content
def same(name, change, dup=True, base_kw=None):
    docs = [m603(1, **(base_kw or {})), m603(1, **{**(base_kw or {}), **change})]
    verdicts("c-" + name, docs, FIRST, "1.0 DUPLICATE DP01 <0.0" if dup else "1.0 CONFLICT DP03 <0.0",
             drift=[] if dup else [DP03])


same("guid", {"guid": "X" * 36})
same("app-status", {"appStatus": "1"})
same("pre-no", {"preNo": "P" * 18})
same("invt-no", {"invtNo": "INV1"})
same("note", {"note": "hello"})
same("item-note", {"items": [item(note="hello")]})
same("empty-is-absent", {"billNo": ""})
same("trimmed", {"agentName": " 报关行 "})
same("number-value", {"grossWeight": "10.00000", "freight": "0.0"})
same("number-leading-zero", {"grossWeight": "0010"})
same("bill-no", {"billNo": "B-1"}, False)
same("agent-name", {"agentName": "报关"}, False)
same("ie-date", {"ieDate": "20251015"}, False)
same("gnum", {"items": [item(gnum="2")]}, False)
same("item-order", {"items": [item(2), item(1)]}, False, {"items": [item(1), item(2)]})
same("item-bar-code", {"items": [item(barCode="123")]}, False)
same("item-qty2", {"items": [item(qty2="1")]}, False)
same("loct", {"loctNo": "Y1"}, False)
same("total-package", {"totalPackageNo": "P1"}, False)
same("customs-code", {"customsCode": "5166"}, False)
verdicts("c-direction", [m603(1, copNo="X"), m621(1, copNo="X")], FIRST, "1.0 ACCEPTED")
verdicts("c-import-key", [m621(1, copNo=None), m621(1, copNo=None), m621(1, copNo="C")], FIRST,
         "1.0 DUPLICATE DP01 <0.0", "2.0 ACCEPTED", drift=["DP04/waybill/CARR0001/IWB1/1 OPEN H"])
verdicts("c-xml-json", [xml([m603(1), m603(2)]), m603(2)], FIRST, "0.1 ACCEPTED", "1.0 DUPLICATE DP01 <0.1")
verdicts("c-json-order", [m603(1), dict(reversed(list(m603(1).items())))], FIRST, "1.0 DUPLICATE DP01 <0.0")
