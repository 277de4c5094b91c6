"""Imports under transit (CEB711, CEB621), many facts, the lines' shape and order, rule files."""
import json

from judge.base import (CONFIG, arrival, case, clock, decl, gate, item, item621, journey, lock, m507,
                        m603, m604, m605, m607, m621, merged, plain, resolved, seal_decl, t, target)


def origins(*n):
    return [f"replay/0/{i}/0" for i in n]


def m711(bill="B-1", waybills=("IWB1", "IWB2"), at="081000", **kw):
    return merged({"messageType": "CEB711", "guid": "00000000-AAAA-4BBB-8CCC-DDDDDDDDD711",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "customsCode": "5165",
                   "copNo": "D1", "operatorCode": "OPER0001", "operatorName": "监管场", "ieFlag": "I",
                   "trafMode": "5", "trafNo": "CZ1", "voyageNo": "CZ1", "billNo": bill,
                   "logisticsCode": "CARR0001", "logisticsName": "快递一",
                   "waybills": [{"gnum": str(i + 1), "logisticsNo": w}
                                for i, w in enumerate(waybills)]}, kw)


def imported(**kw):
    return plain(**{"m1": m621(1, billNo="B-1"), "m2": m621(2, billNo="B-1"), "wb": m711(),
                    "decl": seal_decl(ieFlag="I", grossWeight="4"), **kw})


DONE = "1 CLOSED_AUTO @140000 c130000"
QW05 = "QW05/transit/T1/1 OPEN H"
case("i-clean", imported(), until="140000", closures=[DONE])
case("i-no-weight-judged", imported(decl=seal_decl(ieFlag="I", grossWeight="9000")), until="140000",
     closures=[DONE], why="711 has no weight: no QW03, no 607 half of X21")
case("i-waybill-missing", imported(wb=m711(waybills=["IWB1"])), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[QW05])
case("i-no-711", imported(wb=clock("081000")), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[QW05])
case("i-711-older", imported(after={"wb": [m711(waybills=["IWB1"], at="080900")]}), until="140000",
     closures=[DONE], why="one part a logisticsCode; the newest counts")
case("i-711-newer", imported(after={"wb": [m711(waybills=["IWB1"], at="081100")]}), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[QW05])
case("i-711-removed", imported(after={"wb": [m711(at="081100", appType="3")]}), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[QW05])
case("i-held", imported(m1=m621(1, billNo="B-1", items=[item621(gname="leopard")])), until="140000",
     closures=["1 EXCEPTION X24 @081000"], drift=["WL01/manifest/I/AGEN0001/ICOP-1/1 OPEN H"])
case("i-bill-disagrees", imported(m1=m621(1, billNo="B-9")), until="140000",
     closures=["1 EXCEPTION X29 @081000"])

# A waybill named by two 607s belongs to the newer; a tie: the smaller billNo
W2 = dict(m1=m603(1), m2=m603(2))
case("w-tie-smaller", plain(after={"wb": [m607("B-0", ["WB1"], weight="10")]}, **W2), until="140000",
     closures=["1 EXCEPTION X18,X20 @140000"], drift=[QW05])
case("w-tie-larger", plain(after={"wb": [m607("B-2", ["WB1"], weight="10")]}, **W2), until="140000",
     closures=[DONE])
case("w-older", plain(after={"wb": [m607("B-2", ["WB1"], at="080959", weight="10")]}, **W2), until="140000",
     closures=[DONE])
case("w-given-back", plain(after={"wb": [m607("B-2", ["WB1"], at="081100", weight="10"), m607(
    "B-2", ["WB1"], at="081200", weight="10", appType="3")]}, **W2), until="140000", closures=[DONE])

# At most 1,024 facts, POSITION counted but not kept
def many(n):
    return (b"\n".join(json.dumps(lock("LOW_BATTERY", f"{10 + i // 3600:02d}{i // 60 % 60:02d}{i % 60:02d}",
                                       turnNo="T1")).encode() for i in range(n)),)


case("f-1024", [seal_decl(validTime=t("1020200000")), many(1023)], until="1016000000")
case("f-1025", [seal_decl(validTime=t("1020200000")), many(1024)], until="1016000000",
     closures=["1 EXCEPTION X29 @101702"])
case("f-exactly-x29", [seal_decl(validTime=t("1020200000")), target("INSPECT", "082100"), many(1024)],
     until="1016000000", closures=["1 EXCEPTION X25 @082000", "2 EXCEPTION X29 @101701"])
POSITION = {"messageType": "POSITION", "eSealId": "LK1", "turnNo": "T1", "lon": "113.9", "lat": "22.5"}
case("f-positions", [seal_decl(validTime=t("1020200000")), (b"\n".join(json.dumps(merged(POSITION, {
    "eventTime": t(f"{9 + i // 3600:02d}{i // 60 % 60:02d}{i % 60:02d}")})).encode()
    for i in range(1500)),)], until="1016000000")

# Rule files: effective dates, thresholds, disabled rules
def rule(text):
    return {"rules.yaml": "rules:\n" + text}


FILES = CONFIG + "rules: {files: [rules.yaml]}\n"


def b2b(total, at):
    return m603(1, at, tradeMode="9710", items=[item(qty="1", price=total, totalPrice=total)])


SPANS = rule("""  - {code: RG02, level: B, cap_cny: "5000", effective_to: 2025-10-14, legal_basis: "old"}
  - {code: RG02, level: H, cap_cny: "7000", effective_from: 2025-10-14, effective_to: 2025-10-16,
     legal_basis: "new"}
""")
K = "/manifest/E/AGEN0001/COP-1/1 OPEN "
case("d-before", [b2b("6000", "1013235959")], config=FILES, files=SPANS, receipts=["0.0 REJECTED RG02"],
     drift=[("RG02" + K + "B", {"legalBasis": "old", "threshold": "5000.00000", "observed": "6000.00000",
                                "unit": "CNY"})])
case("d-first-day", [b2b("6000", "000000")], config=FILES, files=SPANS, receipts=["0.0 ACCEPTED"])
case("d-in", [b2b("7001", "1015235959")], config=FILES, files=SPANS, receipts=["0.0 HELD RG02"],
     drift=[("RG02" + K + "H", {"legalBasis": "new", "threshold": "7000.00000"})])
case("d-after", [b2b("9000", "1016000000")], config=FILES, files=SPANS, receipts=["0.0 ACCEPTED"])
case("d-disabled", [m603(1, netWeight="99")], config=FILES, files=rule(
    '  - {code: QW01, level: B, legal_basis: "x", enabled: false}\n'), receipts=["0.0 ACCEPTED"])
case("d-others-stay", [m603(1, netWeight="99")], config=FILES, files=SPANS, receipts=["0.0 REJECTED QW01"],
     drift=["QW01" + K + "B"])
case("d-transit-rule", [m for m in plain(**{"in": gate("IN", "130000", vehicleNo="粤B2")})], until="140000",
     config=FILES, files=rule('  - {code: SL07, level: B, legal_basis: "x", enabled: false}\n'),
     closures=["1 EXCEPTION X10 @091500"])

# Shapes
def keys_are(kind, order, optional=()):
    def check(out):
        bad = []
        for line in (out / f"{kind}.ndjson").read_text().splitlines():
            d = json.loads(line)
            want = [k for k in order if k in d or k not in optional]
            if list(d) != want:
                bad.append(f"{kind}: keys {list(d)}, want {want}")
        return bad
    return check


ALERT = ["v", "alertId", "state", "rule", "name", "level", "account", "observed", "threshold", "unit",
         "window", "keys", "evidence", "legalBasis", "ruleSet", "eventTime", "decidedAt"]
CLOSURE = ["v", "turnNo", "revision", "decision", "reopened", "reasons", "evidence", "originCustoms",
           "destCustoms", "profile", "vehicleNo", "bills", "packNo", "grossWeight", "closedAt",
           "evaluatedAt", "alerts", "sources", "ruleSet"]
RECEIPT = ["verdict", "messageType", "agentCode", "copNo", "ebpCode", "orderNo", "logisticsNo", "codes",
           "firstSeen", "eventTime", "origin"]
VL = [b2b("4600", "080000") | {"copNo": f"C{i}", "logisticsNo": f"W{i}", "orderNo": f"O{i}"} for i in range(10)]
case("o-alert-keys", VL, until="1016000000", drift=["VL01/party/SELL0001/116-20251014/1 OPEN H"],
     check=keys_are("drift", ALERT, ("unit",)))
case("o-alert-keys-dp05", [m603(1, orderNo="O"), m603(2, orderNo="O", ebcCode="S2")],
     drift=["DP05/order/PLAT0001/O/1 OPEN H"], check=keys_are(
         "drift", ALERT, ("observed", "threshold", "unit", "window")))
case("o-closure-keys", journey(), until="140000", closures=["1 CLOSED_AUTO @140000 c131000"],
     check=keys_are("closures", CLOSURE, ("reasons",)))
case("o-receipt-keys", [m603(1), m603(1, items=[item(gname="leopard")]), m605(1), m621(1, copNo=None)],
     drift=["DP03/manifest/E/AGEN0001/COP-1/1 OPEN H", "DP03/manifest/E/AGEN0001/COP-1/1 WITHDRAWN H"],
     check=keys_are("receipts", RECEIPT, ("codes", "firstSeen", "copNo", "ebpCode", "orderNo", "logisticsNo")))


def sorted_steps(out):
    """One step: sorted by (kind, key, rule); the ids of this case begin so."""
    ids = [json.loads(x)["alertId"] for x in (out / "drift.ndjson").read_text().splitlines()]
    want = ["QW01/manifest/E/AGEN0001/COP-2/1", "RG01/manifest/E/AGEN0001/COP-2/1",
            "WL01/manifest/E/AGEN0001/COP-3/1", "DP05/order/PLAT0001/O/1", "DP04/waybill/CARR0001/WB1/1"]
    return [] if ids == want else [f"drift: order {ids}"]


BUNDLE = [m603(4, logisticsNo="WB1"), m603(3, orderNo="O", items=[item(gname="leopard")]), m603(
    2, netWeight="99", tradeMode="0110"), m603(1, orderNo="O", ebcCode="S2")]
case("o-order-in-a-step", [BUNDLE], drift=[
    "QW01/manifest/E/AGEN0001/COP-2/1 OPEN B", "RG01/manifest/E/AGEN0001/COP-2/1 OPEN B",
    "WL01/manifest/E/AGEN0001/COP-3/1 OPEN H", "DP05/order/PLAT0001/O/1 OPEN H",
    "DP04/waybill/CARR0001/WB1/1 OPEN H"], check=sorted_steps,
    receipts=["0.0 ACCEPTED", "0.1 HELD WL01", "0.2 REJECTED QW01,RG01", "0.3 ACCEPTED"])


def one_step_of_closures(out):
    turns = [json.loads(x)["turnNo"] for x in (out / "closures.ndjson").read_text().splitlines()]
    return [] if turns == ["T1", "T10", "T2"] else [f"closures: order {turns}"]


case("o-closures-in-a-step", [clock("080000"), [seal_decl(turnNo=x, bills=[{"billNo": "B-" + x}]) for x in (
    "T2", "T10", "T1")]], until="1019082001", closures=[
        "1 EXPIRED X03,X05 @1019082001", "T10: 1 EXPIRED X03,X05 @1019082001",
        "T2: 1 EXPIRED X03,X05 @1019082001"], check=one_step_of_closures)


# Rejects: the byte, the value, the headers
def reject_is(message, start, code, text):
    raw = json.dumps(message, ensure_ascii=False).encode() if not isinstance(message, bytes) else message

    def check(out):
        import base64
        d = json.loads((out / "rejects.ndjson").read_text())
        bad = []
        at = int(d["driftgate-error-byte"])
        if not raw[at:].startswith(start):
            bad.append(f"byte {at}: {raw[at:at + 30]!r}, want {start!r}")
        if text is not None and base64.b64decode(d["value"]).strip(b" ,\n") != text:
            bad.append(f"value {base64.b64decode(d['value'])[:60]!r}")
        for k, v in (("__connect.errors.topic", "replay"), ("__connect.errors.partition", "0"),
                     ("__connect.errors.connector.name", "driftgate"),
                     ("__connect.errors.exception.class.name", code)):
            if d.get(k) != v:
                bad.append(f"{k}: {d.get(k)}")
        if d["__connect.errors.stage"] not in ("FRAME", "DECODE", "VALIDATE"):
            bad.append("stage")
        for k in ("__connect.errors.task.id", "__connect.errors.exception.message", "driftgate-retryable"):
            if k not in d:
                bad.append(k + " is absent")
        return bad
    return check


X = m603(2, grossWeight="1x")
case("b-byte-value", [X], rejects=["0.0 FIELD_FORMAT grossWeight"], check=reject_is(
    X, b'1x', "FIELD_FORMAT", json.dumps(X, ensure_ascii=False).encode()), receipts=[])
ARRAY = b"[" + json.dumps(m603(1)).encode() + b" , " + json.dumps(X).encode() + b"]"
case("b-byte-in-array", [ARRAY], rejects=["0.1 FIELD_FORMAT grossWeight"], check=reject_is(
    ARRAY, b'1x', "FIELD_FORMAT", json.dumps(X).encode()))
