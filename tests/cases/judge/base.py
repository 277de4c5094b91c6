"""Base documents and the small language in which the cases of this folder are written.

A case names its messages and what must come out, in short lines:
  closures  "REV DECISION[*] [REASONS] @EVALUATED [cCLOSED]"   (* = reopened)
  drift     "ALERTID STATE LEVEL"
  receipts  "OFFSET.INDEX VERDICT [CODES] [<FIRSTSEEN]"
  rejects   "OFFSET[.INDEX] CODE [FIELD]"
Times are local, hhmmss on DAY, or MMDDhhmmss. A line may be a pair (text, {field: value}) to compare
whole fields as well. Receipts are compared only where a case gives them, the other three always.
"""
import copy
import datetime
import json

DAY = "20251014"
CASES = []
CONFIG = """kafka: {brokers: "localhost:9092", group: judge}
customs: {timezone: Asia/Shanghai}
dedup: {window: 400d}
rates:
  - {currency: "840", from: 2025-01-01, cny: "7.00000"}
  - {currency: "840", from: 2025-10-14, cny: "7.20000"}
  - {currency: "300", from: 2025-10-15, cny: "8.00000"}
controlled_hs: ["3824"]
parties: {suspended: ["BADFIRM001", "GHOST*"]}
watch: {words: ["LEOPARD", "象牙"], hs: ["9705"]}
closure: {settle: 10m, grace: 24h, require_release: false}
"""
CEB = "http://www.chinaport.gov.cn/ceb"


def t(hms="080000", day=0):
    """hhmmss on DAY + day, or MMDDhhmmss, or a full time."""
    if len(hms) == 14:
        return hms
    if len(hms) == 10:
        return DAY[:4] + hms
    d = datetime.datetime.strptime(DAY, "%Y%m%d") + datetime.timedelta(days=day)
    return d.strftime("%Y%m%d") + hms


def merged(doc, kw):
    out = copy.deepcopy(doc)
    for k, v in kw.items():
        if v is None:
            out.pop(k, None)
        else:
            out[k] = v
    return out


def item(n=1, **kw):
    return merged({"gnum": str(n), "itemNo": f"SKU{n}", "itemName": "茶具", "gcode": "6911101900",
                   "gname": "瓷器茶具", "gmodel": "白瓷|六件", "barCode": "无", "country": "116",
                   "currency": "142", "qty": "2", "qty1": "2", "unit": "011", "unit1": "011",
                   "price": "50", "totalPrice": "100"}, kw)


def m603(n=1, at="080000", **kw):
    return merged({"messageType": "CEB603", "guid": f"{n:08d}-AAAA-4BBB-8CCC-DDDDDDDDDDDD",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "customsCode": "5165",
                   "ebpCode": "PLAT0001", "ebpName": "南风平台", "orderNo": f"ORD-{n}",
                   "logisticsCode": "CARR0001", "logisticsName": "快递一", "logisticsNo": f"WB{n}",
                   "copNo": f"COP-{n}", "ieFlag": "E", "portCode": "5301", "ieDate": DAY,
                   "statisticsFlag": "A", "agentCode": "AGEN0001", "agentName": "报关行",
                   "ebcCode": "SELL0001", "ebcName": "卖家", "ownerCode": "MAKE0001",
                   "ownerName": "工厂", "tradeMode": "9610", "trafMode": "4", "country": "116",
                   "POD": "116", "freight": "0", "fCurrency": "142", "fFlag": "3",
                   "insuredFee": "0", "iCurrency": "142", "iFlag": "3", "wrapType": "2",
                   "packNo": "1", "grossWeight": "10", "netWeight": "9", "items": [item()]}, kw)


def item621(n=1, **kw):
    return merged({"gnum": str(n), "itemNo": f"IM{n}", "itemName": "奶粉", "gcode": "1901101000",
                   "gname": "婴儿奶粉", "gmodel": "900g|罐", "barCode": "无", "country": "609",
                   "currency": "142", "qty": "2", "unit": "122", "qty1": "1.8", "unit1": "011",
                   "price": "150", "totalPrice": "300"}, kw)


def m621(n=1, at="080000", **kw):
    return merged({"messageType": "CEB621", "guid": f"{n:08d}-AAAA-4BBB-8CCC-DDDDDDDDDDDD",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "orderNo": f"IORD-{n}",
                   "ebpCode": "PLAT0001", "ebpName": "南风平台", "ebcCode": "SELL0001",
                   "ebcName": "卖家", "logisticsNo": f"IWB{n}", "logisticsCode": "CARR0001",
                   "logisticsName": "快递一", "copNo": f"ICOP-{n}", "assureCode": "AGEN0001",
                   "ieFlag": "I", "declTime": DAY, "customsCode": "5165", "portCode": "5301",
                   "buyerIdType": "1", "buyerIdNumber": "440101198001010011", "buyerName": "王五",
                   "buyerTelephone": "13900000000", "consigneeAddress": "广州市1号",
                   "agentCode": "AGEN0001", "agentName": "报关行", "tradeMode": "9610",
                   "trafMode": "5", "trafNo": "CZ1", "voyageNo": "CZ1", "country": "609",
                   "freight": "0", "insuredFee": "0", "currency": "142", "packNo": "1",
                   "grossWeight": "2", "netWeight": "1.8", "items": [item621()]}, kw)


def m605(n=1, at="083000", **kw):
    return merged({"messageType": "CEB605", "guid": f"{n:08d}-AAAA-4BBB-8CCC-DDDDDDDDDD05",
                   "appType": "3", "appTime": t(at), "appStatus": "2", "customsCode": "5165",
                   "copNo": f"COP-{n}", "reason": "退单", "agentCode": "AGEN0001",
                   "agentName": "报关行", "ebcCode": "SELL0001", "ebcName": "卖家"}, kw)


def m604(n=1, status="800", at="083000", **kw):
    return merged({"messageType": "CEB604", "guid": f"{n:08d}-AAAA-4BBB-8CCC-DDDDDDDDDD04",
                   "agentCode": "AGEN0001", "copNo": f"COP-{n}", "preNo": "P00000000000000001",
                   "invtNo": "I1", "ebcCode": "SELL0001", "ebpCode": "PLAT0001",
                   "orderNo": f"ORD-{n}", "statisticsFlag": "A", "returnStatus": status,
                   "returnTime": t(at) + "000", "returnInfo": "回执"}, kw)


def m607(bill="B-1", waybills=("WB1", "WB2"), at="081000", weight="20", **kw):
    rows = [w if isinstance(w, dict) else {"gnum": str(i + 1), "logisticsNo": w}
            for i, w in enumerate(waybills)]
    return merged({"messageType": "CEB607", "guid": "00000000-AAAA-4BBB-8CCC-DDDDDDDDDD07",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "customsCode": "5165",
                   "copNo": "L-" + bill, "agentCode": "AGEN0001", "agentName": "报关行",
                   "trafMode": "4", "trafName": "粤B11111", "voyageNo": "V1", "billNo": bill,
                   "grossWeight": weight, "logisticsCode": "CARR0001", "logisticsName": "快递一",
                   "msgCount": "1", "msgSeqNo": "1", "waybills": rows}, kw)


def m507(bill="B-1", at="130000", **kw):
    return merged({"messageType": "CEB507", "guid": "00000000-AAAA-4BBB-8CCC-DDDDDDDDD507",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "customsCode": "5301",
                   "copNo": "A-" + bill, "operatorCode": "OPER0001", "operatorName": "监管场",
                   "ieFlag": "E", "trafMode": "4", "domesticTrafNo": "粤B11111",
                   "logisticsCode": "CARR0001", "logisticsName": "快递一", "msgCount": "1",
                   "msgSeqNo": "1", "billNo": bill, "waybills": []}, kw)


def m509(waybills=("WB1",), at="120000", bill="B-1", **kw):
    return merged({"messageType": "CEB509", "guid": "00000000-AAAA-4BBB-8CCC-DDDDDDDDD509",
                   "appType": "1", "appTime": t(at), "appStatus": "2", "customsCode": "5301",
                   "copNo": "D-" + bill, "logisticsCode": "CARR0001", "logisticsName": "快递一",
                   "trafMode": "4", "billNo": bill, "leaveTime": t(at), "msgCount": "1",
                   "msgSeqNo": "1",
                   "waybills": [{"gnum": "1", "logisticsNo": w} for w in waybills]}, kw)


def decl(at="082000", **kw):
    return merged({"messageType": "TRANSIT_DECLARED", "turnNo": "T1", "appTime": t(at),
                   "ieFlag": "E", "originCustoms": "5165", "destCustoms": "5301",
                   "destLoctNo": "Y9", "validTime": t("200000"), "eSealFlag": "Y",
                   "vehicleNo": "粤B11111", "packNo": "2", "grossWeight": "20",
                   "bills": [{"billNo": "B-1"}],
                   "containers": [{"contaNo": "CN1", "sealNo": "LK1"}]}, kw)


def seal_decl(at="082000", **kw):
    return decl(at, **{"eSealFlag": "N", "containers": [{"contaNo": "CN1"}], **kw})


def lock(event, at, lock_no="LK1", **kw):
    return merged({"messageType": "LOCK", "eSealId": lock_no, "event": event,
                   "eventTime": t(at)}, kw)


def gate(direction, at, **kw):
    office = {"OUT": "5165", "IN": "5301"}[direction]
    return merged({"messageType": "GATE", "turnNo": "T1", "direction": direction,
                   "customsCode": office, "vehicleNo": "粤B11111", "contaNo": "CN1",
                   "checkResult": "Y", "operateTime": t(at)}, kw)


def arrival(at="130000", **kw):
    return merged({"messageType": "ARRIVAL", "turnNo": "T1", "customsCode": "5301",
                   "arrivalTime": t(at)}, kw)


def cancel(at, **kw):
    return merged({"messageType": "TRANSIT_CANCELLED", "turnNo": "T1", "appTime": t(at)}, kw)


def target(order, at, **kw):
    return merged({"messageType": "TARGETING", "turnNo": "T1", "order": order,
                   "orderTime": t(at)}, kw)


def decision(what, revision, at, **kw):
    return merged({"messageType": "DECISION", "turnNo": "T1", "revision": str(revision),
                   "decision": what, "decisionTime": t(at)}, kw)


def resolved(alert, resolution, at):
    parts = alert.split("/")
    key = "/".join(parts[2:-1])
    if parts[0] == "VL01":
        key = "/".join(parts[2:-2])
    return {"messageType": "ALERT_RESOLVED", "alertId": alert,
            "account": {"kind": parts[1], "key": key}, "resolution": resolution,
            "resolvedTime": t(at)}


def clock(at):
    """A document that moves W and belongs to nothing."""
    return {"messageType": "POSITION", "vehicleNo": "NOBODY", "lon": "113.9", "lat": "22.5",
            "eventTime": t(at)}


def journey(drop=(), after=None, before=None, **kw):
    """A clean entry under a lock; W after each: 0800 0800 0810 0820 0900 0915 1300 1305 1310."""
    steps = [("m1", m603(1, billNo="B-1")), ("m2", m603(2, billNo="B-1")), ("wb", m607()),
             ("decl", decl()), ("seal", lock("SEAL", "090000", customsCode="5165")),
             ("out", gate("OUT", "091500")), ("in", gate("IN", "130000", loctNo="Y9")),
             ("check", lock("CHECK", "130500", customsCode="5301", loctNo="Y9")),
             ("unseal", lock("UNSEAL", "131000", customsCode="5301", loctNo="Y9"))]
    out = []
    for name, doc in steps:
        out += (before or {}).get(name, [])
        if name not in drop:
            out.append(kw.get(name, doc))
        out += (after or {}).get(name, [])
    return out


def plain(drop=(), after=None, before=None, **kw):
    """The same without a lock (profile SEAL); W after each: 0800 0800 0810 0820 0915 1300."""
    kw = {"decl": seal_decl(), **kw}
    after = dict(after or {})
    if "unseal" in after:
        after["in"] = after.pop("unseal")
    return journey(tuple(drop) + ("seal", "check", "unseal"), after, before, **kw)


def case(name, messages, why="", until=None, config=None, files=None, **expect):
    CASES.append({"name": name, "why": why, "messages": messages, "until": until and t(until),
                  "config": config or CONFIG, "files": files or {}, "expect": expect})


def xml(docs, name=None):
    """A chinaport message of these documents of one type."""
    kind = name or docs[0]["messageType"]
    shape = {"CEB603": ("Inventory", "InventoryHead", "InventoryList"),
             "CEB621": ("Inventory", "InventoryHead", "InventoryList"),
             "CEB607": ("WayBill", "WayBillHead", "WayBillList"),
             "CEB507": ("Arrival", "ArrivalHead", "ArrivalList"),
             "CEB605": ("InvtCancel", None, None), "CEB604": ("InventoryReturn", None, None)}[kind]

    def elements(d):
        return "".join(f"<{k}>{esc(v)}</{k}>" for k, v in d.items()
                       if k not in ("messageType", "items", "waybills"))

    def esc(v):
        return v.replace("&", "&amp;").replace("<", "&lt;")

    body = ""
    for d in docs:
        head = elements(d)
        if shape[1]:
            rows = d.get("items") or d.get("waybills") or []
            head = f"<{shape[1]}>{head}</{shape[1]}>" + "".join(
                f"<{shape[2]}>{elements(r)}</{shape[2]}>" for r in rows)
        body += f"<{shape[0]}>{head}</{shape[0]}>"
    return (f'<?xml version="1.0" encoding="UTF-8"?><{kind}Message xmlns="{CEB}" guid="G" '
            f'version="1.0">{body}</{kind}Message>').encode()


def to_bytes(message):
    if isinstance(message, bytes):
        return message
    return json.dumps(message, ensure_ascii=False).encode()
