#!/usr/bin/env python3
"""gen -> replay --keep-log -> explain: what it says of each entry, alert and manifest must be what
went out: the same decisions, reasons, alerts and verdicts; a key that is not there is refused.

    tests/cases/explain.py [--binary build/driftgate]
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EACH = 40  # of entries, alerts and manifests


def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines()]


def spread(keys):
    keys = sorted(keys)
    return keys[:: max(1, len(keys) // EACH)]


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--binary", default=str(ROOT / "build/driftgate"))
    binary = args.parse_args().binary
    wrong = []
    counted = collections.Counter()

    def explain(*what, code=0, text=False):
        r = subprocess.run([binary, "explain", "--from", f"{tmp}/log", *what,
                            *([] if text else ["--json"])], capture_output=True, text=True)
        if r.returncode != code:
            wrong.append(f"{what}: exit {r.returncode}, want {code}: {r.stderr.strip()}")
            return {}
        counted[what[0]] += 1
        return r.stderr if code else r.stdout if text else json.loads(r.stdout)

    def same(what, want, got):
        if want != got:
            wrong.append(f"{what}: went out {want}, explained {got}")

    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([binary, "gen", "--manifests", "3000", "--seed", "3", "--plant", "ALL=1",
                        "--out", f"{tmp}/g"], check=True, capture_output=True)
        g, out = pathlib.Path(tmp, "g"), pathlib.Path(tmp, "out")
        until = lines(g / "truth.ndjson")[0]["until"]
        subprocess.run([binary, "replay", "-c", g / "config.yaml", "--out", out, "--keep-log",
                        f"{tmp}/log", "--until", until, g / "messages.ndjson"], check=True,
                       capture_output=True)
        closures, alerts = collections.defaultdict(list), {}
        for x in lines(out / "closures.ndjson"):
            closures[x["turnNo"]].append(x)
        for x in lines(out / "drift.ndjson"):
            alerts[x["alertId"]] = x  # the latest line counts
        receipts = collections.defaultdict(list)
        for x in lines(out / "receipts.ndjson"):
            if "copNo" in x:
                receipts[x["agentCode"], x["copNo"]].append(x)

        planted = [t for t, c in closures.items() if any(x.get("reasons") for x in c)]
        for turn in sorted(set(planted) | set(spread(closures))):
            e = explain("--entry", turn)
            last = closures[turn][-1]
            same(f"{turn} closures", closures[turn], e.get("decisions"))
            if "conditions" not in e:  # dropped long ago
                continue
            if "reasons" in last:
                same(f"{turn} reasons", last["reasons"], [r["reason"] for r in e["reasons"]])
            bad = sorted(r for c in e["conditions"] for r in c["reasons"])
            same(f"{turn} conditions", [r["reason"] for r in e["reasons"]], bad)
            told = {a["alertId"] for a in e["alerts"] if a["state"] == "OPEN"}
            same(f"{turn} alerts", set(), set(last["alerts"]) - told)
        for i in sorted(alerts):
            e = explain("--alert", i)
            same(i, [alerts[i]], e.get("alerts"))
        for agent, cop in spread(k for k in receipts):
            e = explain("--manifest", f"{agent}/{cop}")
            same(f"{agent}/{cop}",
                 sorted((x["origin"], x["verdict"], x.get("codes")) for x in receipts[agent, cop]),
                 sorted((x["origin"], x["verdict"], x.get("codes")) for x in e.get("facts", [])
                        if "verdict" in x))
        for zh in ([], ["--lang", "zh"]):
            page = explain("--entry", planted[0], *zh, text=True)
            for reason in closures[planted[0]][-1].get("reasons", []):
                same(f"text {reason}", True, reason in page)
        near = explain("--entry", planted[0] + "9", code=1)
        same("nearest", True, planted[0] in str(near))
        explain("--manifest", "NOBODY/NOTHING", code=1)
        explain("--manifest", "NOBODY", code=64)
        explain("--alert", "ZZ01/x/1", code=64)
        log = pathlib.Path(tmp, "log", "postings-00000.log")
        log.write_bytes(log.read_bytes()[:-5])
        explain("--entry", planted[0], code=65)

    for x in wrong[:20]:
        print(x)
    print(f"explain: {dict(counted)}, {len(wrong)} wrong")
    if min(counted[x] for x in ("--entry", "--alert", "--manifest")) < 10:
        print("too few were compared")
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
