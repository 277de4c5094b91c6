#!/usr/bin/env python3
"""The order of arrival does not matter (CLOSING.md section 5), on the cases of the judge.

    tests/cases/judge_order.py [--rounds N] [--seed S] [--binary build/driftgate]

Every case about entries, without decisions of officers, is run once as it stands and N times in a random
order with one message repeated, all behind a message that sets W, so that every cause is the same. The
last decision, reasons and closedAt of each entry and the open alerts must be those of the first run;
runs in which a manifest got another verdict are left out. Exit 1 when something differs.
"""
import argparse
import importlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from judge import base  # noqa: E402

MODULES = ("closing", "entry", "officers", "imports", "corners")
START = "1016000000"
END = "1110000000"
TIMES = ("appTime", "operateTime", "eventTime", "arrivalTime", "orderTime")


def fits(case):
    for m in case["messages"]:
        if not isinstance(m, dict) or m["messageType"] in ("DECISION", "ALERT_RESOLVED"):
            return False
        if m["messageType"] != "POSITION" and any(m.get(k, "") > base.t(START) for k in TIMES):
            return False
    return True


def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines()]


def run(binary, case, messages):
    """messages: (number, document). What came out, in words that no order changes."""
    with tempfile.TemporaryDirectory(prefix="driftgate-order-") as tmp:
        top = pathlib.Path(tmp)
        (top / "config.yaml").write_text(case["config"])
        for name, text in case["files"].items():
            (top / name).write_text(text)
        files = []
        for i, (_, m) in enumerate([(-1, base.clock(START))] + messages):
            files.append(top / f"{i:03d}.msg")
            files[-1].write_bytes(base.to_bytes(m))
        subprocess.run([str(binary), "replay", "-c", str(top / "config.yaml"), "--out",
                        str(top / "out"), "--until", base.t(END)] + [str(f) for f in files],
                       capture_output=True, timeout=120, check=True)
        last = {d["turnNo"]: (d["decision"], d.get("reasons"), d.get("closedAt"))
                for d in lines(top / "out" / "closures.ndjson")}
        alerts = {d["alertId"].rsplit("/", 1)[0]: (d["state"], d["level"])
                  for d in lines(top / "out" / "drift.ndjson")}
        verdicts = sorted((messages[int(d["origin"].split("/")[2]) - 1][0], d["verdict"])
                          for d in lines(top / "out" / "receipts.ndjson"))
        return ([v for v in verdicts if v[1] != "DUPLICATE"], last,
                {k: v for k, v in alerts.items() if v[0] == "OPEN"})


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--binary", type=pathlib.Path, default=HERE.parent.parent / "build/driftgate")
    a = ap.parse_args()
    for name in MODULES:
        importlib.import_module(f"judge.{name}")
    rng = random.Random(a.seed)
    passed = failed = other = 0
    for case in filter(fits, base.CASES):
        messages = [(i, m) for i, m in enumerate(case["messages"]) if m["messageType"] != "POSITION"]
        want = run(a.binary, case, messages)
        for _ in range(a.rounds):
            order = rng.sample(messages, len(messages)) if messages else []
            order += [rng.choice(order)] if order else []
            got = run(a.binary, case, order)
            if got[0] != want[0]:
                other += 1
            elif got == want:
                passed += 1
            else:
                failed += 1
                print(f"FAIL {case['name']} in order {[i for i, _ in order]}\n"
                      f"    {got[1:]}\n    {want[1:]}")
    print(f"{passed} passed, {failed} failed")
    print(f"left out, because a manifest got another verdict: {other}")
    return 1 if failed or passed < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
