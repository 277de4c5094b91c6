#!/usr/bin/env python3
"""gen -> replay -> truth: everything that was planted is found, nothing else is.

    tests/cases/gen_truth.py [--manifests N] [--each N] [--seeds 1,2,3] [--format json,ceb,mixed]
                             [--shuffle MINUTES,...] [--only PLANT,...] [--keep DIR]

For every combination: `driftgate gen --plant ALL=N`, `driftgate replay` up to the time the truth
names, then receipts, rejects, final alerts and final closures are compared with truth.ndjson. Prints
recall and precision by plant. Exit 0: all 1.0.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def lines(path):
    with open(path, "rb") as f:
        return [json.loads(x) for x in f if x.strip()]


def manifest_key(receipt):
    side = "I" if receipt["messageType"] in ("CEB621", "CEB623") else "E"
    return f"{side}/{receipt['agentCode']}/{receipt.get('copNo', '-')}"


def got_receipts(out):
    return collections.Counter(
        (r["verdict"], ",".join(r.get("codes", [])), manifest_key(r))
        for r in lines(out / "receipts.ndjson") if r["verdict"] != "ACCEPTED" or r.get("codes"))


def got_alerts(out):
    """Open ones at the end: rule, level, account, key, window."""
    last = {}
    for a in lines(out / "drift.ndjson"):
        last[a["alertId"]] = a
    return collections.Counter(
        (a["rule"], a["level"], a["account"]["kind"], a["account"]["key"], a.get("window", ""))
        for a in last.values() if a["state"] == "OPEN")


def got_closures(out):
    last = {}
    for c in lines(out / "closures.ndjson"):
        last[c["turnNo"]] = c
    return last


def got_rejects(out):
    return collections.Counter(
        (r["driftgate-error-code"], r.get("driftgate-error-field", ""),
         int(r["__connect.errors.offset"]), int(r.get("driftgate-document-index", -1)))
        for r in lines(out / "rejects.ndjson"))


class Score:
    """Hits, misses and false alarms by plant or rule."""

    def __init__(self):
        self.planted = collections.Counter()
        self.found = collections.Counter()
        self.false = []

    def compare(self, what, want, got):
        """want: {fact: plant}; got: Counter of facts."""
        for fact, plant in want:
            self.planted[plant] += 1
            if got[fact] > 0:
                got[fact] -= 1
                self.found[plant] += 1
            else:
                print(f"    MISSING {what} of plant {plant}: {fact}")
        for fact, n in got.items():
            if n > 0:
                self.false.append((what, fact))
        for what_, fact in self.false[:20]:
            if what_ == what:
                print(f"    EXTRA {what}: {fact}")


def check(traffic, out, score):
    truth = lines(traffic / "truth.ndjson")
    totals, truth = truth[0], truth[1:]

    def of(kind):
        return [t for t in truth if t["kind"] == kind]

    score.compare("receipt", [((t["verdict"], t["codes"], t["key"]), t["plant"])
                              for t in of("receipt")], got_receipts(out))
    score.compare("alert", [((t["rule"], t["level"], t["account"], t["key"], t.get("window", "")),
                             t["plant"]) for t in of("alert")], got_alerts(out))
    score.compare("reject", [((t["code"], t["field"], t["message"], t.get("index", -1)), t["plant"])
                             for t in of("reject")], got_rejects(out))
    closures = got_closures(out)
    got = collections.Counter((k, c["decision"], ",".join(c.get("reasons", [])))
                              for k, c in closures.items() if c["decision"] != "CLOSED_AUTO")
    score.compare("closure", [((t["key"], t["decision"], t["reasons"]), t["plant"])
                              for t in of("closure")], got)
    bad = []
    auto = sum(c["decision"] == "CLOSED_AUTO" for c in closures.values())
    if auto != totals["closed_auto"]:
        bad.append(f"CLOSED_AUTO: want {totals['closed_auto']}, got {auto}")
    verdicts = collections.Counter(r["verdict"] for r in lines(out / "receipts.ndjson"))
    if dict(verdicts) != {k: v for k, v in totals["verdicts"].items() if v}:
        bad.append(f"verdicts: want {totals['verdicts']}, got {dict(verdicts)}")
    for b in bad:
        print("    " + b)
        score.false.append(("total", b))


def run(binary, cmd):
    r = subprocess.run([str(binary)] + [str(x) for x in cmd], capture_output=True, check=False)
    if r.returncode != 0:
        sys.exit(f"driftgate {' '.join(str(x) for x in cmd[:8])} ...: exit {r.returncode}\n"
                 + r.stderr.decode("utf-8", "replace")[-2000:])


def one(a, seed, form, shuffle, only, work):
    traffic, out = work / "traffic", work / "out"
    for d in (traffic, out):
        shutil.rmtree(d, ignore_errors=True)
    hour = (8 + 14 * (int(seed) - 1)) % 24  # also over midnight: a repeat of the next day is one
    cmd = ["gen", "--manifests", a.manifests, "--seed", seed, "--format", form, "--lines",
           "--start", f"20250901{hour:02}0000", "--shuffle", shuffle, "--out", traffic]
    for p in only or ["ALL"]:
        cmd += ["--plant", f"{p}={a.each}"]
    run(a.binary, cmd)
    until = lines(traffic / "truth.ndjson")[0]["until"]
    out.mkdir()
    run(a.binary, ["replay", "-c", traffic / "config.yaml", "--out", out, "--until", until,
                   traffic / "messages.ndjson"])
    score = Score()
    print(f"seed {seed}, {form}, shuffled by {shuffle} min"
          + (f", only {','.join(only)}" if only else ""))
    check(traffic, out, score)
    return score


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--manifests", type=int, default=2000)
    ap.add_argument("--each", type=int, default=4)
    ap.add_argument("--seeds", default="1")
    ap.add_argument("--format", default="json,ceb,mixed")
    ap.add_argument("--shuffle", default="0,45")
    ap.add_argument("--only", default="", help="these plants, alone; 'none': clean traffic")
    ap.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "driftgate")
    ap.add_argument("--keep", type=pathlib.Path, help="leave traffic and outputs there")
    a = ap.parse_args()
    if not os.access(a.binary, os.X_OK):
        print(f"{a.binary}: not built (run make)")
        return 1
    a.binary = a.binary.resolve()
    only = [p for p in a.only.split(",") if p]
    if only == ["none"]:
        only, a.each = ["DUPLICATE"], 0
    planted, found, false = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory(prefix="driftgate-truth-") as tmp:
        work = a.keep or pathlib.Path(tmp)
        work.mkdir(parents=True, exist_ok=True)
        for seed in a.seeds.split(","):
            for form in a.format.split(","):
                for shuffle in a.shuffle.split(","):
                    s = one(a, seed, form, shuffle, only, work)
                    planted += s.planted
                    found += s.found
                    false += s.false
    missed = sum(planted.values()) - sum(found.values())
    for plant in planted:
        if found[plant] != planted[plant]:
            print(f"{plant:14} {found[plant]} of {planted[plant]}")
    hits = sum(found.values())
    recall = hits / sum(planted.values()) if planted else 1.0
    precision = hits / (hits + len(false)) if hits or false else 1.0
    print(f"{len(planted)} plants, {sum(planted.values())} facts, {missed} missed, {len(false)} extra: "
          f"recall {recall:.4f}, precision {precision:.4f}")
    return 1 if missed or false else 0


if __name__ == "__main__":
    sys.exit(main())
