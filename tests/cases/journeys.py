#!/usr/bin/env python3
"""Cases derived sentence by sentence from CLOSING.md and RULES.md, run against `driftgate replay`.

    tests/cases/journeys.py [-k NAME] [-v] [--binary build/driftgate]

Each case is a journey of one entry (or a pair of manifests), changed in one place, and what must
come out: the last closure as `DECISION reasons`, the verdicts, or the alerts still open.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

from journeys_closing import closing_cases
from journeys_decode import decode_cases
from journeys_trip import CASES, DAY, M1, M2, TURN, case, man, waybills

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONFIG = """customs: {timezone: Asia/Shanghai}
dedup: {window: 400d}
rates:
  - {currency: "502", from: 2025-01-01, cny: "7.10000"}
  - {currency: "502", from: 2025-09-20, cny: "7.15000"}
controlled_hs: ["2844"]
parties: {suspended: ["BAD0001", "SH*"]}
watch: {words: ["KNOCKOFF"], hs: ["9304"]}
closure: {settle: 10m, grace: 24h, require_release: %s}
"""


def verdict_cases():
    """RULES.md section 1: every account, every appType, same and other content, before/at/after T."""
    new = lambda t, typ, **kw: man(1, t, typ, **kw)
    gone = lambda t: new(t, 3)
    start = {
        "nothing": [],
        "LIVE": [new("100000", 1)],
        "CHANGED": [new("093000", 1, grossWeight="8"), new("100000", 2)],
        "CANCELLED": [new("093000", 1), gone("100000")],
        "REJECTED": [new("100000", 1, ebpCode="BAD0001")],
    }
    # account: {a: (same content: before at after, other content: before at after)}
    dup, stale, conf = "DUPLICATE DP01", "STALE DP02", "CONFLICT DP03"
    table = {
        "nothing": {1: (["ACCEPTED"] * 3,) * 2, 2: (["AMENDED ORIGINAL_UNSEEN"] * 3,) * 2},
        "LIVE": {1: ([dup] * 3, [conf] * 3), 2: ([dup] * 3, [stale, stale, "AMENDED"])},
        "CHANGED": {1: ([dup] * 3, [stale, stale, conf]), 2: ([dup] * 3, [stale, stale,
              "AMENDED"])},
        "REJECTED": {1: ([dup] * 3, [stale, stale, "ACCEPTED"]),
                     2: ([dup] * 3, [stale, stale, "AMENDED"])},
    }
    for account, rows in table.items():
        first = f" <{len(start[account]) - 1}"
        for typ, (same, other) in rows.items():
            for content, wants in (("same", same), ("other", other)):
                for t, w in zip(("095959", "100000", "100001"), wants):
                    kw = {"ebpCode": "BAD0001"} if account == "REJECTED" and content == "same" else {}
                    m = new(t, typ, note="other guid",
                    **(kw if content == "same" else {"grossWeight": "4"}))
                    w += first if w.split()[0] in ("DUPLICATE", "STALE", "CONFLICT") else ""
                    case(f"verdict {account} a={typ} {content} {t}", start[account] + [m],
                    verdicts=[w])
        cancel = {"nothing": ["CANCELLED ORIGINAL_UNSEEN"] * 3,
              "LIVE": [stale + first] * 2 + ["CANCELLED"],
                  "CHANGED": [stale + first] * 2 + ["CANCELLED"],
                  "REJECTED": [stale + first] * 2 + ["CANCELLED"]}
        for t, w in zip(("095959", "100000", "100001"), cancel[account]):
            case(f"verdict {account} a=3 {t}", start[account] + [gone(t)], verdicts=[w])
        bad = new("100001", 1, ebpCode="BAD0001", grossWeight="5")
        case(f"verdict {account} a=1 B hit", start[account] + [bad], verdicts=["REJECTED ID01"])
    c = start["CANCELLED"]
    for typ, t, w in ((1, "095959", dup + " <1"), (1, "100000", dup + " <1"), (1, "100001",
          "ACCEPTED"),
                      (2, "100000", stale + " <1"), (2, "100001", "REFUSED <1"),
                      (3, "100000", stale + " <1"), (3, "100001", dup + " <1")):
        m = new(t, typ) if typ < 3 else gone(t)
        case(f"verdict CANCELLED a={typ} {t}", [man(1, "093000"), dict(
            messageType="CEB605", guid="0000000c-4444-4000-8000-000000000001", appType=3,
            appTime=DAY + "100000", appStatus=2, customsCode="2225", copNo="CN-1",
            ebpCode="PF00001", ebpName="p", agentCode="AG00001", agentName="a", ebcCode="EC00001",
            ebcName="e", reason="x", orderNo="OR-1", logisticsCode="LG00001", logisticsName="l",
            logisticsNo="WB00001", invtNo="222520250000000001")] + [m], verdicts=[w])
    case("verdict CANCELLED a=1 other at T", c + [new("100000", 1, grossWeight="4")],
          verdicts=[stale + " <1"])
    hold = dict(item={"gname": "KnockOff"})
    case("verdict held", [man(1, **hold)], verdicts=["HELD WL01"], alerts=["WL01 H OPEN"])
    case("verdict change with H", [M1, man(1, "091001", 2, **hold)], verdicts=["AMENDED WL01"])
    case("verdict rejected change keeps the old", [M1, man(1, "091001", 2, ebpCode="BAD0001"), M1],
         verdicts=["REJECTED ID01", dup + " <0"], alerts=[])
    case("verdict alert goes with its version", [man(1, **hold), man(1, "091001", 2)],
         verdicts=["AMENDED"], alerts=["WL01 H WITHDRAWN"])
    case("verdict conflict, cancelled", [M1, man(1, grossWeight="9"), man(1, "091001", 2,
          grossWeight="8"),
                                         man(1, "091002", 3)], alerts=["DP03 H WITHDRAWN"])
    case("verdict conflict stays with a change", [M1, man(1, grossWeight="9"),
                                                  man(1, "091001", 2, grossWeight="8")],
                                                  alerts=["DP03 H OPEN"])


def rule_cases():
    def rule(name, docs, *alerts, until=DAY + "170000"):
        case("rule " + name, docs if isinstance(docs, list) else [docs], until, alerts=list(alerts))
    b2b = dict(tradeMode="9710")
    usd = lambda total: dict(currency="502", price=total, totalPrice=total, qty="1")
    cny = lambda total: dict(price=total, totalPrice=total, qty="1")
    rule("RATE_MISSING", man(1, item=dict(currency="999")), "RATE_MISSING H OPEN")
    rule("RG01", man(1, tradeMode="9611"), "RG01 B OPEN")
    for m in ("9610", "9710", "9810"):
        rule(f"RG01 {m}", man(1, tradeMode=m))
    rule("RG02 at 5000", man(1, item=cny("5000"), **b2b))
    rule("RG02 above", man(1, item=cny("5000.00001"), **b2b), "RG02 B OPEN")
    rule("RG02 other mode", man(1, item=cny("9000")))
    # 700 x 7.1 = 4970; x 7.15 = 5005
    rule("rate the day before", man(1, "20250919235959", item=usd("700"), **b2b),
          until="20250925000000")
    rule("rate of the day", man(1, "20250920000000", item=usd("700"), **b2b), "RG02 B OPEN",
          until="20250925000000")
    rule("RG03 hs", man(1, item=dict(gcode="2844100000"), **b2b), "RG03 B OPEN")
    rule("RG03 licence", man(1, licenseNo="L1", **b2b), "RG03 B OPEN")
    rule("RG03 other mode", man(1, licenseNo="L1"))
    rule("RG05", man(1, tradeMode="1210"), "RG05 B OPEN")
    full = dict(tradeMode="1210", emsNo="E1", iacCode="IA1", iacName="i")
    rule("RG05 full", man(1, item=dict(itemRecordNo="R1"), **full))
    rule("RG05 no record", man(1, **full), "RG05 B OPEN")
    vl = lambda total: dict(qty="1", price="1", totalPrice=total)
    rule("VL05 at 0.01", man(1, item=vl("1.01")))
    rule("VL05 above", man(1, item=vl("1.01001")), "VL05 B OPEN")
    pc = lambda price: dict(qty="1", price=price, totalPrice="1000")
    rule("VL05 at 0.5 %", man(1, item=pc("1005")))
    rule("VL05 above 0.5 %", man(1, item=pc("1005.00001")), "VL05 B OPEN")
    rule("VL05 below 0.5 %", man(1, item=pc("994.99999")), "VL05 B OPEN")
    rule("QW01 net = gross", man(1, netWeight="3"))
    rule("QW01 net > gross", man(1, netWeight="3.00001"), "QW01 B OPEN")
    rule("QW01 zero", man(1, netWeight="0"), "QW01 B OPEN")
    kg = lambda q: dict(unit1="035", qty1=q)
    rule("QW02 at 10 %", man(1, item=kg("2.75")))
    rule("QW02 above", man(1, item=kg("2.75001")), "QW02 R OPEN")
    rule("QW02 below", man(1, item=kg("2.24999")), "QW02 R OPEN")
    rule("RT09", man(1, item=dict(country="116")), "RT09 R OPEN")
    rule("ID01 prefix", man(1, ownerCode="SHX"), "ID01 B OPEN")
    rule("ID01 not a prefix", man(1, ownerCode="BAD00011"))
    rule("WL01 hs", man(1, item=dict(gcode="9304000000")), "WL01 H OPEN")
    days = lambda n, k, **kw: man(n, k, logisticsNo="WB00001", **kw)
    # 2025-09-10 + 184 d = 2026-03-13
    rule("DP04 184 d", [M1, days(2, "20260313091000")], "DP04 H OPEN", until="20260314000000")
    rule("DP04 184 d and 1 s", [M1, days(2, "20260313091001")], until="20260314000000")
    rule("DP04 amended away", [M1, days(2, "092000"), man(2, "092001", 2)], "DP04 H WITHDRAWN")
    rule("DP04 cancelled", [M1, days(2, "092000"), days(2, "092001", typ=3)], "DP04 H WITHDRAWN")
    rule("DP04 duplicate is one", [M1, M1, M1])
    same = dict(orderNo="OR-1")
    rule("DP05", [M1, man(2, ebcCode="EC00002", **same)], "DP05 H OPEN")
    # + 90 d = 2025-12-09
    rule("DP05 90 d", [M1, man(2, "20251209091000", ebcCode="EC00002", **same)], "DP05 H OPEN",
          until="20251210000000")
    rule("DP05 90 d and 1 s", [M1, man(2, "20251209091001", ebcCode="EC00002", **same)],
          until="20251210000000")
    o = lambda n, total, **kw: man(n, item=cny(total), **b2b, **same, **kw)
    rule("VL02 at 5000", [o(1, "2500"), o(2, "2500")])
    rule("VL02 above", [o(1, "2500"), o(2, "2500.00001")], "VL02 H OPEN")
    rule("VL02 amended down", [o(1, "2500"), o(2, "2500.00001"), o(2, "2500", t="091001", typ=2)],
         "VL02 H WITHDRAWN")
    rule("VL02 duplicate not added", [o(1, "4000"), o(1, "4000")])
    day = lambda k, lo, v="4500": [man(i + 1, item=cny(v if i < k else "4499.99999"), **b2b)
                                   for i in range(k + lo)]
    judged = "20250912000000"
    rule("VL01 not yet", day(10, 0), until="20250911235959")
    rule("VL01", day(10, 0), "VL01 H OPEN", until=judged)
    rule("VL01 nine", day(9, 0), until=judged)
    rule("VL01 at 5000", day(10, 0, "5000"), "VL01 H OPEN", until=judged)
    rule("VL01 60 %", day(12, 8), "VL01 H OPEN", until=judged)
    rule("VL01 below 60 %", day(12, 9), until=judged)
    pair = lambda g: [M1, M2, waybills(grossWeight=g)]
    rule("QW03 at 5 kg", pair("11"))
    rule("QW03 above", pair("11.00001"), "QW03 H OPEN")
    st = lambda s, t: dict(messageType="CEB604", guid="0000000a-4444-4000-8000-000000000004",
                           customsCode="2225", ebpCode="PF00001", agentCode="AG00001",
                           copNo="CN-1", returnStatus=s, returnTime=DAY + t + "000",
                           returnInfo="x", statisticsFlag="A", invtNo="222520250000000001",
                           preNo="222520250000000001",
                           ebcCode="EC00001", orderNo="OR-1", logisticsCode="LG00001")
    rule("RT07 edge", [M1, st(800, "120000")], until="20250924115959")
    rule("RT07", [M1, st(800, "120000")], "RT07 H OPEN", until="20250924120000")
    rule("RT07 899", [M1, st(800, "120000"), st(899, "130000")], until="20250925120000")
    case("status refuses a change", [M1, st(800, "120000"), man(1, "130000", 2, grossWeight="4")],
         verdicts=["REFUSED DP07 <0"], alerts=["DP07 H OPEN"])
    case("status 799 does not", [M1, st(799, "120000"), man(1, "130000", 2, grossWeight="4")],
         verdicts=["AMENDED"], alerts=[])
    case("status before its manifest", [st(100, "120000"), M1, man(1, "130000", 1,
          grossWeight="4")],
         verdicts=["ACCEPTED", "ACCEPTED"])
    case("status 100 older than T", [M1, st(100, "090959"), M1], verdicts=["DUPLICATE DP01 <0"])


def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines() if x.strip()]


def ledger_of(tmp):
    alerts = {}
    for a in lines(tmp / "drift.ndjson"):
        alerts[a["alertId"]] = a
    return alerts


def judge(binary, name, messages, until, release, want):
    out = []
    with tempfile.TemporaryDirectory(prefix="driftgate-judge-") as d:
        tmp = pathlib.Path(d)
        (tmp / "c.yaml").write_text(CONFIG % ("true" if release else "false"))
        files = []
        for i, m in enumerate(messages):
            files.append(tmp / f"{i:03}.json")
            files[-1].write_bytes(
                m if isinstance(m, bytes) else json.dumps(m, ensure_ascii=False).encode())
        run = subprocess.run([binary, "replay", "-c", tmp / "c.yaml", "--out", tmp, "--until",
              until]
                             + files, capture_output=True, timeout=120, check=False)
        if run.returncode:
            return [f"exit {run.returncode}: {run.stderr.decode()[-300:]}"]
        rejects = lines(tmp / "rejects.ndjson")
        if "decoded" in want:
            got = " ".join([f"{len(lines(tmp / 'receipts.ndjson'))} receipts"] + [
                ":".join(r.get("driftgate-" + k, "-")
                         for k in ("error-code", "error-field", "document-index"))
                for r in rejects])
            return [] if got == want["decoded"] else [f"want {want['decoded']}, got {got}"]
        if len(rejects) != want.get("rejects", 0):
            out += [f"rejected: {r.get('driftgate-error-code')} {r.get('driftgate-error-field')} "
                    f"offset {r.get('__connect.errors.offset')}" for r in rejects]
            out.append(f"want {want.get('rejects', 0)} rejects")
        closures = [c for c in lines(tmp / "closures.ndjson") if c["turnNo"] == TURN]
        got = {}
        if "last" in want:
            got["last"] = " ".join([closures[-1]["decision"]] + closures[-1].get("reasons", [])
                                   ) if closures else None
        if "reopened" in want:
            got["reopened"] = bool(closures) and closures[-1]["reopened"]
        alerts = ledger_of(tmp)
        live = {a["alertId"] for a in alerts.values() if a["state"] == "OPEN"}
        if "open" in want:
            # other open alerts of the same journey are not this case's
            got["open"] = [w for w in want["open"] if w.split()[0] in live
                           and alerts[w.split()[0]]["level"] == w.split()[1]]
        if "alerts" in want:
            got["alerts"] = sorted(f"{a['alertId'].split('/')[0]} {a['level']} {a['state']}"
                                   for a in alerts.values())
        if "verdicts" in want:
            got["verdicts"] = [" ".join([r["verdict"]] + r.get("codes", []) + (
                ["<" + r["firstSeen"].split("/")[2]] if "firstSeen" in r else []))
                for r in lines(tmp / "receipts.ndjson")][-len(want["verdicts"]):]
        for k, v in got.items():
            if v != want[k]:
                out.append(f"{k}: want {want[k]}, got {v}")
                if k == "last":
                    out.append("all: " + "; ".join(" ".join([c["decision"], *c.get("reasons", [])])
                                                   for c in closures))
                    out.append(f"open: {sorted(live)}")
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("-k", default="", help="only cases whose name contains this")
    ap.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "driftgate")
    a = ap.parse_args()
    closing_cases()
    verdict_cases()
    rule_cases()
    decode_cases()
    failed = ran = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [(c[0], pool.submit(judge, a.binary.resolve(), *c)) for c in CASES if a.k in c[0]]
        for name, run in runs:
            ran += 1
            if run.result():
                failed += 1
                print(f"FAIL {name}\n" + "".join(f"    {d}\n" for d in run.result()), end="")
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
