#!/usr/bin/env python3
"""Receipts as CEB604 and CEB622 against the same receipts as JSON.

    tests/cases/receipts_ceb.py [--manifests N] [--binary build/driftgate]

Made traffic with every kind of trouble goes through `replay` twice: receipts.format json and ceb (in
Chinese). Every JSON receipt must have exactly one InventoryReturn that says the same; the messages
must be valid against the official schemas (xmllint, when ../shared/ceb/xsd or DRIFTGATE_SHARED is
there), come out byte by byte again, and read back as customs documents without a reject.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NS = "{http://www.chinaport.gov.cn/ceb}"
STATUS = {"ACCEPTED": {"120"}, "HELD": {"300"}, "REJECTED": {"100"}, "CANCELLED": {"399"},
          "AMENDED": {"120", "300"}, "STALE": {"-301014"}, "CONFLICT": {"-621004"},
          "DUPLICATE": {"-621004", "-623009"}, "REFUSED": {"-621012", "-623005"}}
passed = failed = 0


def check(what, good, why=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAILED: {what}: {why}")


def run(*command):
    p = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if p.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {p.returncode}\n{p.stderr}")
    return p.stderr


def returns_of(folder):
    """(message type, fields) of every InventoryReturn, in order."""
    out = []
    for path in sorted(folder.glob("receipts-*.xml")):
        root = ET.parse(path).getroot()
        kind = root.tag.removeprefix(NS).removesuffix("Message")
        found = [{e.tag.removeprefix(NS): e.text or "" for e in r} for r in root]
        check(f"{path.name}: 1 to 100 receipts", 1 <= len(found) <= 100, len(found))
        check(f"{path.name}: one recipient", len({f.get("ebpCode") for f in found} - {"-", None}) <= 1)
        out += [(kind, f) for f in found]
    return out


def compare(receipts, returns):
    by_origin = collections.defaultdict(list)
    for kind, f in returns:
        by_origin[re.search(r"; origin=([^;]+)", f["returnInfo"]).group(1)].append((kind, f))
    wrong = []
    for r in receipts:
        found = by_origin.pop(r["origin"], [])
        if len(found) != 1:
            wrong.append(f"{r['origin']}: {len(found)} of them")
            continue
        kind, f = found[0]
        says = f["returnInfo"].split(";")[0].split(" ")
        if kind != ("CEB604" if r["messageType"] in ("CEB603", "CEB605") else "CEB622"):
            wrong.append(f"{r['origin']}: {kind} for {r['messageType']}")
        if says[0] != r["verdict"] or says[1:] != ([",".join(r["codes"])] if "codes" in r else []):
            wrong.append(f"{r['origin']}: {says} for {r}")
        if f["returnStatus"] not in STATUS[r["verdict"]]:
            wrong.append(f"{r['origin']}: {f['returnStatus']} for {r['verdict']}")
        if f["copNo"] != r.get("copNo", "-") or f["agentCode"] != r["agentCode"]:
            wrong.append(f"{r['origin']}: {f} for {r}")
        if ("firstSeen" in r) != (f"; firstSeen={r.get('firstSeen')};" in f["returnInfo"]):
            wrong.append(f"{r['origin']}: {f['returnInfo']} for {r}")
    wrong += [f"{o}: no such receipt" for o in by_origin]
    check("each receipt once, saying the same", not wrong, "; ".join(wrong[:5]))
    guids = collections.Counter(f["guid"] for _, f in returns)
    check("each receipt has its own guid", guids and max(guids.values()) == 1)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--manifests", default="1500")
    a.add_argument("--binary", default=ROOT / "build" / "driftgate")
    o = a.parse_args()
    shared = pathlib.Path(os.environ.get("DRIFTGATE_SHARED", ROOT.parent / "shared"))
    with tempfile.TemporaryDirectory() as folder:
        d = pathlib.Path(folder)
        run(o.binary, "gen", "--manifests", o.manifests, "--seed", 3, "--plant", "ALL=3", "--out", d / "in")
        base = [o.binary, "replay", "-c", d / "in" / "config.yaml", d / "in" / "messages.ndjson"]
        ceb = ["--set", "receipts.format=ceb", "--set", "lang=zh", "--lang", "zh"]
        run(*base, "--out", d / "json")
        says = run(*base, *ceb, "--out", d / "ceb")
        check("the summary is in Chinese", "回执：" in says, says)
        run(*base, *ceb, "--out", d / "again", "--set", "ledger.partitions=7")
        files = sorted(p.name for p in (d / "ceb").iterdir())
        check("the same again", files == sorted(p.name for p in (d / "again").iterdir()) and all(
            (d / "ceb" / f).read_bytes() == (d / "again" / f).read_bytes() for f in files))
        check("no receipts.ndjson", "receipts.ndjson" not in files)
        receipts = [json.loads(line) for line in (d / "json" / "receipts.ndjson").read_text().split("\n") if line]
        returns = returns_of(d / "ceb")
        check("receipts of both directions", {"CEB604", "CEB622"} == {k for k, _ in returns})
        seen = {r["verdict"] for r in receipts}
        check("every verdict", len(seen) == 9, seen)
        compare(receipts, returns)
        check("rejects are the same", (d / "json" / "rejects.ndjson").read_bytes()
              == (d / "ceb" / "rejects.ndjson").read_bytes())
        # ruleSet differs by name and legalBasis by language; nothing else may.
        for name in ("drift.ndjson", "closures.ndjson"):
            def told(where):
                lines = [json.loads(x) for x in (d / where / name).read_text().split("\n") if x]
                return [{k: v for k, v in x.items() if k not in ("ruleSet", "name", "legalBasis")} for x in lines]
            check(f"{name} decides the same", told("json") == told("ceb"))

        xml = sorted((d / "ceb").glob("receipts-*.xml"))
        back = run(o.binary, "replay", "--out", d / "back", *xml)
        check("they read back without a reject", (d / "back" / "rejects.ndjson").read_bytes() == b"", back)
        check("all of them", f" {len(returns)} documents, 0 rejects" in back, back)
        lint = shutil.which("xmllint")
        for part, kind in (("export", "CEB604"), ("import", "CEB622")):
            schema = shared / "ceb" / "xsd" / f"ceb-{part}-202205.xsd"
            of_kind = [p for p in xml if kind + "Message" in p.read_text()[:200]]
            if lint and schema.exists() and of_kind:
                p = subprocess.run([lint, "--nonet", "--noout", "--schema", schema, *of_kind],
                                   capture_output=True, text=True)
                check(f"{len(of_kind)} {kind} valid against {schema.name}", p.returncode == 0, p.stderr[-500:])
            else:
                print(f"no xmllint or no {schema}: {kind} not validated")
        run(*base, "--out", d / "ceb")
        check("JSON again removes the messages", not list((d / "ceb").glob("receipts-*.xml")))
    print(f"receipts_ceb: {passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
