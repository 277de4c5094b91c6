"""CONTRACTS.md section 1: what is refused, with code, field and index; its neighbours untouched."""
import base64
import json

from judge.base import (CEB, arrival, case, clock, decision, decl, gate, item, item621, lock, m507,
                        m509, m603, m604, m605, m607, m621, merged, seal_decl, t, target, xml)

A1 = "{0}.{1} ACCEPTED"


def js(d):
    return json.dumps(d, ensure_ascii=False).encode()


def bad(name, message, *rejects, receipts=None, **kw):
    case("j-" + name, [message] if not isinstance(message, list) else message, rejects=list(rejects),
         receipts=list(receipts or []), **kw)


def field(name, message, code, fld):
    """One refused document."""
    bad(name, message, f"0.0 {code} {fld}")


def good(name, message, n=1, **kw):
    case("k-" + name, [message], receipts=[f"0.{i} ACCEPTED" for i in range(n)], **kw)


def whole(name, raw, code):
    bad(name, raw, "0 " + code)


# The wrapping
whole("empty", b"", "FORMAT_UNKNOWN")
whole("blank", b" \n\t ", "FORMAT_UNKNOWN")
whole("bom-only", b"\xef\xbb\xbf", "FORMAT_UNKNOWN")
whole("text", b"hello", "FORMAT_UNKNOWN")
whole("number", b"12", "FORMAT_UNKNOWN")
whole("utf16", "{}".encode("utf-16"), "FORMAT_UNKNOWN")
whole("frame-short", b"\x00\x00\x00\x00", "FRAME")
whole("frame-empty", b"\x00\x00\x00\x00\x01", "FRAME")
whole("frame-xml", b"\x00\x00\x00\x00\x01" + xml([m603(1)]), "FRAME")
whole("frame-avro", b"\x00\x00\x00\x00\x01\x02\x04ab", "FRAME")
whole("json-broken", b'{"messageType": "CEB603", ', "JSON_MALFORMED")
whole("array-broken", b'[{"messageType": "CEB603", ', "JSON_MALFORMED")
whole("xml-other-root", f'<CEB603 xmlns="{CEB}"/>'.encode(), "FORMAT_UNKNOWN")
whole("xml-other-namespace", xml([m603(1)]).replace(CEB.encode(), b"http://example.com/ceb"), "FORMAT_UNKNOWN")
whole("xml-no-namespace", xml([m603(1)]).replace(f' xmlns="{CEB}"'.encode(), b""), "FORMAT_UNKNOWN")
whole("xml-doctype", xml([m603(1)]).replace(b"?><", b"?><!DOCTYPE a [<!ENTITY x \"y\">]><", 1), "XML_MALFORMED")
whole("xml-gbk", xml([m603(1)]).replace(b'"UTF-8"', b'"GBK"'), "ENCODING")
whole("xml-latin", xml([m603(1)]).replace(b'"UTF-8"', b'"ISO-8859-1"'), "ENCODING")
good("xml-utf8-lower", xml([m603(1)]).replace(b'"UTF-8"', b"'utf-8'"))
good("xml-bom", b"\xef\xbb\xbf" + xml([m603(1)]))
good("xml-blank-first", b"\n  " + xml([m603(1)]).split(b"?>", 1)[1])
good("xml-prefix", xml([m603(1)]).replace(b"<", b"<q:").replace(b"<q:/", b"</q:").replace(
    b"<q:?xml", b"<?xml").replace(b"xmlns=", b"xmlns:q="))
good("xml-order", xml([dict(reversed(list(m603(1).items())))], "CEB603"))
good("json-bom", b"\xef\xbb\xbf" + js(m603(1)))
good("json-blank", b"\n \t" + js(m603(1)) + b"\n")
good("frame", b"\x00\x00\x00\x00\x07" + js(m603(1)))
good("frame-array", b"\x00\x00\x00\x00\x07" + js([m603(1), m603(2)]), 2)
case("k-array-empty", [b"[]"], receipts=[])
good("json-escapes", js(m603(1)).replace(b'"orderNo"', b'"order\\u004eo"').replace(b"ORD-1", b"ORD\\u002d1"))
case("k-xml-cdata-twin", [xml([m603(1)]), xml([m603(1)]).replace(b"ORD-1", b"<![CDATA[ORD]]>&#45;<!-- c -->1")],
     receipts=["0.0 ACCEPTED", "1.0 DUPLICATE DP01 <0.0"])


def dxp(inner, data=None):
    data = base64.b64encode(inner) if data is None else data
    return (b'<DxpMsg xmlns="http://www.chinaport.gov.cn/dxp" ver="1.0"><TransInfo><CopMsgId>1'
            b"</CopMsgId></TransInfo><Data>" + data + b"</Data></DxpMsg>")


good("dxp", dxp(xml([m603(1), m603(2)])), 2)
whole("dxp-base64", dxp(b"", b"PD94bWw*"), "BASE64")
whole("dxp-base64-length", dxp(b"", b"PD94b"), "BASE64")
whole("dxp-not-ceb", dxp(b"hello"), "FORMAT_UNKNOWN")
bad("dxp-inner-reject", dxp(xml([m603(1, orderNo=None), m603(2)])), "0.0 FIELD_MISSING orderNo",
    receipts=["0.1 ACCEPTED"])

# Neighbours, tails
M1, M2, M3 = m603(1), m603(2), m603(3)
bad("array-middle", [[M1, m603(2, packNo="x"), M3]], "0.1 FIELD_FORMAT packNo",
    receipts=["0.0 ACCEPTED", "0.2 ACCEPTED"])
bad("array-tail", js([M1, M2])[:-40], "0.1 JSON_MALFORMED", receipts=["0.0 ACCEPTED"])
bad("array-no-end", b"[" + js(M1), "0.1 JSON_MALFORMED", receipts=["0.0 ACCEPTED"])
bad("array-syntax", b"[" + js(M1) + b", {,}, " + js(M3) + b"]", "0.1 JSON_MALFORMED",
    receipts=["0.0 ACCEPTED"])
bad("ndjson-bad-line", js(M1) + b"\n{\"messageType\": \n" + js(M3), "0.1 JSON_MALFORMED",
    receipts=["0.0 ACCEPTED", "0.2 ACCEPTED"])
bad("ndjson-file", [(js(M1) + b"\n\n{bad\n" + js(M3),)], "1 JSON_MALFORMED",
    receipts=["0.0 ACCEPTED", "2.0 ACCEPTED"])
bad("xml-middle", xml([M1, m603(2, grossWeight="-"), M3]), ("0.1 FIELD_FORMAT grossWeight", {
    "driftgate-root": xml([M1]).decode().split("?>")[1].split("<Inventory>")[0]}),
    receipts=["0.0 ACCEPTED", "0.2 ACCEPTED"])
bad("xml-tail", xml([M1, M2])[:-400], "0.1 XML_MALFORMED", receipts=["0.0 ACCEPTED"])
bad("xml-tail-between", xml([M1]).replace(b"</CEB603Message>", b""), "0.1 XML_MALFORMED",
    receipts=["0.0 ACCEPTED"])
bad("xml-after-root", xml([M1]) + b"<more/>", "0.1 XML_MALFORMED", receipts=["0.0 ACCEPTED"])
good("xml-comment-after-root", xml([M1]) + b"<!-- end -->\n")
bad("xml-wrong-end", xml([M1, M2]).replace(b"</orderNo>", b"</orderNO>"), "0 XML_MALFORMED")
bad("xml-entity", xml([M1, M2]).replace(b"ORD-2", b"&nope;"), "0.1 XML_MALFORMED", receipts=["0.0 ACCEPTED"])
bad("xml-encoding-one", xml([M1, M2, M3]).replace(b"ORD-2", b"\xff\xfe"), "0.1 ENCODING",
    receipts=["0.0 ACCEPTED", "0.2 ACCEPTED"])
bad("json-encoding-one", [b"[" + js(M1) + b"," + js(M2).replace(b"ORD-2", b"\xc3\x28") + b"," + js(M3) + b"]"],
    "0.1 ENCODING", receipts=["0.0 ACCEPTED", "0.2 ACCEPTED"])
bad("json-surrogate", js(M1).replace(b"ORD-1", b"\xed\xa0\x80"), "0.0 ENCODING")
bad("json-overlong", js(M1).replace(b"ORD-1", b"\xc0\xaf"), "0.0 ENCODING")
good("json-unknown-fields", merged(M1, {"foo": True, "bar": [1, {"a": None}], "baz": {"orderNo": "x"}}))

# messageType
field("no-type", {"a": "b"}, "FIELD_MISSING", "messageType")
field("type-unknown", merged(M1, {"messageType": "MANIFEST"}), "FIELD_RANGE", "messageType")
field("type-two-digits", merged(M1, {"messageType": "CEB60"}), "FIELD_RANGE", "messageType")
field("type-four-digits", merged(M1, {"messageType": "CEB6033"}), "FIELD_RANGE", "messageType")
field("type-null", merged(M1, {"messageType": None, "items": None}), "FIELD_MISSING", "messageType")
good("type-guessed-e", merged(M1, {"messageType": None}))
good("type-guessed-i", merged(m621(1), {"messageType": None}))
case("k-type-ignored", [merged(M1, {"messageType": "CEB999"}), {"messageType": "CEB303"}], receipts=[])

# Every required element of a 603 and its items
for name in ("guid", "appType", "appTime", "appStatus", "customsCode", "ebpCode", "orderNo", "logisticsCode",
             "logisticsNo", "copNo", "ieFlag", "portCode", "ieDate", "statisticsFlag", "agentCode", "ownerCode",
             "ownerName", "tradeMode", "trafMode", "country", "POD", "freight", "fCurrency", "fFlag",
             "insuredFee", "iCurrency", "iFlag", "wrapType", "packNo", "grossWeight", "netWeight"):
    field("missing-" + name, merged(M1, {name: None}), "FIELD_MISSING", name)
    field("blank-" + name, merged(M1, {name: "  "}), "FIELD_MISSING", name)
for name in ("ebpName", "logisticsName", "agentName", "ebcCode", "ebcName"):
    field("missing-" + name, merged(M1, {name: None}), "FIELD_MISSING", name)
    good("empty-" + name, merged(M1, {name: ""}))
    good("empty-xml-" + name, xml([merged(M1, {name: ""})]))
for name in ("gnum", "itemNo", "gcode", "gname", "gmodel", "barCode", "country", "currency", "qty", "qty1",
             "unit", "unit1", "price", "totalPrice"):
    field("missing-item-" + name, merged(M1, {"items": [item(1), item(2, **{name: None})]}), "FIELD_MISSING", name)
for name in ("buyerIdType", "buyerIdNumber", "buyerName", "buyerTelephone", "consigneeAddress", "assureCode",
             "declTime", "currency", "ebcCode", "logisticsName"):
    field("missing-621-" + name, merged(m621(1), {name: None}), "FIELD_MISSING", name)
field("missing-items", merged(M1, {"items": None}), "FIELD_MISSING", "items")
field("empty-items", merged(M1, {"items": []}), "FIELD_MISSING", "items")
field("xml-no-items", xml([merged(M1, {"items": None})]), "FIELD_MISSING", "items")

# Formats
for name, value in (("appTime", "20250230080000"), ("appTime", "20251014246000"), ("appTime", "2025101408000"),
                    ("appTime", "202510140800000"), ("ieDate", "20251301"), ("grossWeight", "1e3"),
                    ("grossWeight", "+1"), ("grossWeight", ".5"), ("grossWeight", "1."), ("grossWeight", "1,5"),
                    ("grossWeight", "- 1"), ("grossWeight", "0x10"), ("packNo", "one"), ("guid", "G" * 35),
                    ("guid", "G" * 37), ("customsCode", "516"), ("customsCode", "51655"), ("country", "CHIN"),
                    ("preNo", "P" * 17)):
    field(f"format-{name}-{value}".replace(" ", "_"), merged(M1, {name: value}), "FIELD_FORMAT", name)
for name, value in (("orderNo", "x" * 61), ("copNo", "x" * 31), ("logisticsNo", "x" * 81), ("agentName", "名" * 101),
                    ("grossWeight", "123456789012345"), ("grossWeight", "1.000001"), ("grossWeight", "1.000000"),
                    ("packNo", "1234567890"), ("packNo", "1.5"), ("appType", "4"), ("appType", "0"),
                    ("POD", "12345"), ("licenseNo", "x" * 20), ("note", "x" * 1001)):
    field(f"range-{name}-{value[:12]}", merged(M1, {name: value}), "FIELD_RANGE", name)
for name, value in (("orderNo", "x" * 60), ("copNo", "x" * 30), ("agentName", "名" * 100),
                    ("freight", "99999999999999.99999"), ("packNo", "999999999"), ("note", "x" * 1000),
                    ("POD", "1234"), ("freight", "-0"), ("logisticsNo", "x" * 32)):
    good(f"edge-{name}-{value[:12]}", merged(M1, {name: value}))
field("item-gcode", merged(M1, {"items": [item(gcode="691110190")]}), "FIELD_FORMAT", "gcode")
field("item-gnum", merged(M1, {"items": [item(gnum="100000")]}), "FIELD_RANGE", "gnum")
field("item-qty2", merged(M1, {"items": [item(qty2="many")]}), "FIELD_FORMAT", "qty2")
good("spaces", merged(M1, {"grossWeight": " 10 ", "orderNo": "\tORD-1\n"}))

# JSON types
for name, value in (("orderNo", True), ("orderNo", ["x"]), ("orderNo", {"a": 1}), ("items", "x"), ("items", {}),
                    ("items", [1]), ("packNo", False)):
    field(f"type-{name}-{json.dumps(value)}", merged(M1, {name: value}), "FIELD_FORMAT", name)
field("type-exponent", js(M1).replace(b'"grossWeight": "10"', b'"grossWeight": 1e1'), "FIELD_FORMAT", "grossWeight")
good("type-number", js(M1).replace(b'"grossWeight": "10"', b'"grossWeight": 10.0'))
good("type-number-in-text", js(M1).replace(b'"ORD-1"', b"77"))
case("k-type-number-twin", [js(M1), js(M1).replace(b'"10"', b"10").replace(b'"50"', b"50.00")],
     receipts=["0.0 ACCEPTED", "1.0 DUPLICATE DP01 <0.0"])

# Repeated, and which fault counts
field("repeated", js(M1)[:-1] + b', "orderNo": "ORD-1"}', "FIELD_REPEATED", "orderNo")
field("repeated-items", js(M1)[:-1] + b', "items": []}', "FIELD_REPEATED", "items")
field("repeated-item", js(M1).replace(b'"unit":', b'"qty": "2", "unit":'), "FIELD_REPEATED", "qty")
field("repeated-xml", xml([M1]).replace(b"<packNo>", b"<packNo>1</packNo><packNo>"), "FIELD_REPEATED", "packNo")
field("order-head-first", merged(M1, {"netWeight": "x", "items": [item(gnum=None)]}), "FIELD_FORMAT", "netWeight")
field("order-table", merged(M1, {"packNo": None, "copNo": "x" * 31, "ebpCode": ""}), "FIELD_MISSING", "ebpCode")
field("order-items", merged(M1, {"items": [item(1, totalPrice="x"), item(2, gnum=None)]}), "FIELD_FORMAT", "totalPrice")
field("order-621", merged(m621(1), {"netWeight": "x", "orderNo": None}), "FIELD_MISSING", "orderNo")
field("order-json-last", dict(list(merged(M1, {"packNo": "x"}).items()) + [("appTime", "x")]), "FIELD_FORMAT", "appTime")

# Limits
def deep(n):
    return js(M1)[:-1] + b', "x": ' + b"[" * n + b"]" * n + b"}"


good("deep-63", deep(63))
bad("deep-64", deep(64), "0.0 TOO_DEEP")
bad("too-many-documents", xml([m603(i) for i in range(1, 102)]), "0.100 TOO_MANY",
    receipts=[f"0.{i} ACCEPTED" for i in range(100)])
bad("too-many-array", [[m603(i) for i in range(1, 1003)]], "0.1000 TOO_MANY",
    receipts=[f"0.{i} ACCEPTED" for i in range(1000)])
good("many-ndjson", b"\n".join(js(m603(i)) for i in range(1, 1003)), 1002)
good("items-100", merged(M1, {"items": [item(i) for i in range(1, 101)]}))
bad("items-101", merged(M1, {"items": [item(i) for i in range(1, 102)]}), "0.0 TOO_MANY")
good("items-621-99", merged(m621(1), {"items": [item621(i, price="1", totalPrice="2") for i in range(1, 100)]}))
bad("items-621-100", merged(m621(1), {"items": [item621(i, price="1", totalPrice="2") for i in range(1, 101)]}),
    "0.0 TOO_MANY")
bad("too-large", [js(M1)[:-1] + b', "x": "' + b"a" * (8 << 20) + b'"}', M2], "0 TOO_LARGE",
    receipts=["1.0 ACCEPTED"])

# Other CEB documents
field("605-cop", m605(1, copNo=None), "FIELD_MISSING", "copNo")
case("k-605-invt", [m605(1)], receipts=["0.0 CANCELLED ORIGINAL_UNSEEN"])
field("604-status", m604(1, "x"), "FIELD_FORMAT", "returnStatus")
field("604-time", m604(1, returnTime="20251014083000"), "FIELD_FORMAT", "returnTime")
field("604-agent", m604(1, agentCode=None), "FIELD_MISSING", "agentCode")
field("607-bill", m607(billNo=None), "FIELD_MISSING", "billNo")
field("607-waybills", merged(m607(), {"waybills": None}), "FIELD_MISSING", "waybills")
field("607-waybill", m607(waybills=[{"gnum": "1"}]), "FIELD_MISSING", "logisticsNo")
field("607-weight", m607(grossWeight="heavy"), "FIELD_FORMAT", "grossWeight")
field("507-none", m507(billNo=None), "FIELD_MISSING", "billNo")
field("509-leave", m509(leaveTime="x"), "FIELD_FORMAT", "leaveTime")
case("k-others", [m607(), m507(), m509(), m604(1)], receipts=[])

# Transit messages
for name in ("turnNo", "appTime", "ieFlag", "originCustoms", "destCustoms", "validTime", "eSealFlag", "vehicleNo",
             "packNo", "grossWeight", "bills", "containers"):
    field("td-" + name, merged(decl(), {name: None}), "FIELD_MISSING", name)
for name, value, code in (("profile", "OPEN", "FIELD_RANGE"), ("eSealFlag", "X", "FIELD_RANGE"),
                          ("ieFlag", "Q", "FIELD_RANGE"), ("validTime", "tomorrow", "FIELD_FORMAT"),
                          ("packNo", "two", "FIELD_FORMAT"), ("grossWeight", "1.123456", "FIELD_RANGE"),
                          ("bills", "B-1", "FIELD_FORMAT")):
    field(f"td-{name}-{value}", merged(decl(), {name: value}), code, name)
field("td-seal-no", decl(containers=[{"contaNo": "CN1"}]), "FIELD_MISSING", "sealNo")
field("td-seal-profile", seal_decl(profile="LOCK"), "FIELD_MISSING", "sealNo")
field("td-conta", decl(containers=[{"sealNo": "LK1"}]), "FIELD_MISSING", "contaNo")
field("td-bill-no", decl(bills=[{"packNo": "1"}]), "FIELD_MISSING", "billNo")
for make, names in ((gate("IN", "080000"), ("turnNo", "direction", "customsCode", "vehicleNo", "checkResult",
                                            "operateTime")),
                    (lock("SEAL", "080000"), ("eSealId", "event", "eventTime")),
                    (arrival(), ("turnNo", "customsCode", "arrivalTime")),
                    (target("LIFT", "080000"), ("turnNo", "order", "orderTime")),
                    (decision("REFER", 1, "080000"), ("turnNo", "revision", "decision", "decisionTime"))):
    for name in names:
        field(f"{make['messageType']}-{name}", merged(make, {name: None}), "FIELD_MISSING", name)
field("gate-direction", merged(gate("IN", "080000"), {"direction": "UP"}), "FIELD_RANGE", "direction")
field("gate-check", gate("IN", "080000", checkResult="X"), "FIELD_RANGE", "checkResult")
field("gate-ocr", gate("IN", "080000", ocrConfidence="M"), "FIELD_RANGE", "ocrConfidence")
field("lock-event", lock("OPEN", "080000"), "FIELD_RANGE", "event")
field("lock-report", lock("SEAL", "080000", reportType="LATE"), "FIELD_RANGE", "reportType")
field("lock-lon", lock("SEAL", "080000", lon="180.00001", lat="1"), "FIELD_RANGE", "lon")
field("lock-lat", lock("SEAL", "080000", lon="-180", lat="-90.1"), "FIELD_RANGE", "lat")
case("k-lock-edge", [lock("SEAL", "080000", lon="180", lat="-90")], rejects=[])
field("position-nobody", merged(clock("080000"), {"vehicleNo": None}), "FIELD_MISSING", "eSealId")
field("position-lon", merged(clock("080000"), {"lon": None}), "FIELD_MISSING", "lon")
field("target-order", target("STOP", "080000"), "FIELD_RANGE", "order")
field("decision-what", decision("HOLD", 1, "080000"), "FIELD_RANGE", "decision")
field("decision-revision", decision("REFER", "one", "080000"), "FIELD_FORMAT", "revision")
RESOLVED = {"messageType": "ALERT_RESOLVED", "alertId": "WL01/manifest/E/A/B/1",
            "account": {"kind": "manifest", "key": "E/A/B"}, "resolution": "CLEARED", "resolvedTime": t("080000")}
case("k-resolved", [RESOLVED])
field("resolved-resolution", merged(RESOLVED, {"resolution": "MAYBE"}), "FIELD_RANGE", "resolution")
field("resolved-account", merged(RESOLVED, {"account": None}), "FIELD_MISSING", "account")
field("resolved-key", merged(RESOLVED, {"account": {"kind": "manifest"}}), "FIELD_MISSING", "key")
field("resolved-kind", merged(RESOLVED, {"account": {"kind": "ship", "key": "x"}}), "FIELD_RANGE", "kind")
field("resolved-id", merged(RESOLVED, {"alertId": None}), "FIELD_MISSING", "alertId")

# Oddities
bad("ndjson-first-line", b'{"a":,}\n' + js(M2), "0.0 JSON_MALFORMED", receipts=["0.1 ACCEPTED"])
bad("array-garbage", js([M1, M2]) + b" x", "0.2 JSON_MALFORMED", receipts=["0.0 ACCEPTED", "0.1 ACCEPTED"])
whole("object-garbage", js(M1) + b" x", "JSON_MALFORMED")
whole("object-comma", js(M1)[:-1] + b",}", "JSON_MALFORMED")
whole("control-character", js(M1).replace(b"ORD-1", b"a\x01b"), "JSON_MALFORMED")
field("escaped-nul", js(M1).replace(b"ORD-1", b"a\\u0000b"), "FIELD_FORMAT", "orderNo")
field("repeated-escaped", js(M1)[:-1] + b',"order\\u004eo":"x"}', "FIELD_REPEATED", "orderNo")
field("half-a-pair", js(M1).replace(b"ORD-1", b"a\\ud83d"), "FIELD_FORMAT", "orderNo")
bad("half-a-pair-neighbours", js([M1, M2]).replace(b"ORD-1", b"\\ude00"), "0.0 FIELD_FORMAT orderNo", receipts=["0.1 ACCEPTED"])
good("surrogate-pair", js(M1).replace(b"ORD-1", b"\\ud83d\\ude00"))
good("crlf", js(M1) + b"\r\n\r\n" + js(M2) + b"\r\n", 2)
bad("xml-null-reference", xml([M1, M2]).replace(b"ORD-2", b"&#0;"), "0.1 XML_MALFORMED", receipts=["0.0 ACCEPTED"])
good("xml-other-namespace-inside", xml([M1]).replace(b"<orderNo>", b'<orderNo xmlns="urn:x">Z</orderNo><orderNo>'))
field("xml-child-in-text", xml([M1]).replace(b"<orderNo>ORD", b"<orderNo><b/>ORD"), "FIELD_FORMAT", "orderNo")
good("xml-processing-instruction", xml([M1]).replace(b"ORD-1", b"<?p x?>ORD-1"))
good("leap-day", merged(M1, {"appTime": "20240229000000"}))
field("second-60", merged(M1, {"appTime": "20241231235960"}), "FIELD_FORMAT", "appTime")
field("statistics-flag", merged(M1, {"statisticsFlag": "C"}), "FIELD_RANGE", "statisticsFlag")
