#!/usr/bin/env python3
"""A back-test against what it replaces: the original messages replayed under the other rules.

Generated traffic is replayed by the rules of its configuration, its log kept, and replayed again by
changed ones. The rows of `driftgate backtest` over the log must be exactly the differences between
the two replays: alerts by last state and level, entries by last decision and reasons.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "build" / "driftgate"

UNTIL = ("--until", "20251010000000")

RULES = {
    "the same rules": "rules: [{code: WL01, level: H, legal_basis: other words}]",
    "an order's cap": "rules: [{code: VL02, cap_cny: 100}]",
    "a manifest's cap, lower and only held": "rules: [{code: RG02, cap_cny: 3000, level: H}]",
    "weights": "rules: [{code: QW03, enabled: false}, {code: QW04, tolerance_percent: 0, "
               "tolerance_kg: 0}]",
    "levels and switches": "rules: [{code: WL01, level: B}, {code: QW01, enabled: false}, "
                           "{code: VL05, level: R}, {code: RATE_MISSING, enabled: false}]",
    "windows": "rules: [{code: DP04, window_days: 1}, {code: DP05, window_days: 1}, "
               "{code: RT07, window_days: 1}]",
    "structuring": "rules: [{code: VL01, count_min: 1, share_percent: 1}]",
    "dates": "rules: [{code: DP05, effective_from: 2025-09-08}, {code: RG02, effective_to: "
             "2025-09-08}]",
    "orders, off": "rules: [{code: VL02, enabled: false}, {code: DP05, enabled: false}]",
    "orders, another level": "rules: [{code: VL02, level: R}, {code: DP05, level: B}]",
    "waybills, a lower level": "rules: [{code: DP04, level: R}, {code: RT07, level: R}]",
    "waybills, overdue sooner": "rules: [{code: RT07, window_days: 3, level: B}]",
    "bills, every gram": "rules: [{code: QW03, tolerance_percent: 0, tolerance_kg: 0, level: B}]",
    "entries": "rules: [{code: SL01, enabled: false}, {code: SL07, level: B}, {code: RT06, "
               "enabled: false}, {code: RT02, level: R}, {code: QW05, level: R}]",
    "manifests": "rules: [{code: DP03, enabled: false}, {code: DP07, level: R}]",
    "what is held is rejected": "rules: [{code: WL01, level: B}, {code: VL05, level: B}, "
                                "{code: QW02, level: B}]",
    "what is rejected is held": "rules: [{code: QW01, level: H}, {code: RG01, level: H}, "
                                "{code: WL01, level: R}]",
    # Apart at first, together again when the rule begins (or ends), or the other way round.
    "apart and together": "rules: [{code: VL02, effective_from: 2025-09-01}, {code: DP04, "
                          "effective_to: 2025-09-02}, {code: QW03, effective_from: 2025-09-02}, "
                          "{code: VL05, effective_to: 2025-09-02}]",
    "two spans": "rules: [{code: DP04, effective_to: 2025-09-02, window_days: 1}, {code: DP04, "
                 "effective_from: 2025-09-02}, {code: VL01, effective_from: 2025-09-03}]",
    "other words": "rules: [{code: VL02, legal_basis: other words}, {code: DP03, legal_basis: "
                   "other words}]",
    "everything off": "rules: [" + ", ".join(
        f"{{code: {code}, enabled: false}}" for code in
        "DP03 DP04 DP05 DP07 VL01 VL02 QW03 QW04 QW05 RT02 RT06 RT07 SL01 SL02 SL03 SL04 SL05 "
        "SL07 WL01 RG02 VL05 RATE_MISSING".split()) + "]",
}


def run(*args):
    done = subprocess.run([str(BINARY), *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{args}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def state_of(folder):
    """{(kind, id): what a row compares}"""
    last = {}
    for line in (folder / "drift.ndjson").open():
        a = json.loads(line)
        last["alert", a["alertId"]] = (a["state"], a["level"])
    for line in (folder / "closures.ndjson").open():
        c = json.loads(line)
        last["closure", c["turnNo"]] = (c["decision"], c["reopened"], c.get("reasons"))
    return last


def seen_in(line):
    if line is None:
        return None
    if "alertId" in line:
        return (line["state"], line["level"])
    return (line["decision"], line["reopened"], line.get("reasons"))


def compare(name, was, now, rows):
    want = {k: (was.get(k), now.get(k)) for k in was.keys() | now.keys()
            if was.get(k) != now.get(k)}
    got = {(r["kind"], r["id"]): (seen_in(r.get("was")), seen_in(r.get("now"))) for r in rows}
    wrong = 0
    for key in sorted(want.keys() | got.keys()):
        if want.get(key) != got.get(key):
            wrong += 1
            if wrong <= 10:
                print(f"{name}: {key}: replays {want.get(key)}, back-test {got.get(key)}")
    return wrong == 0, len(want)


def main():
    passed = failed = found = 0
    with tempfile.TemporaryDirectory() as tmp:
        tmp = Path(tmp)
        run("gen", "--manifests", "3000", "--plant", "ALL=2", "--out", tmp / "t")
        messages = tmp / "t" / "messages.ndjson"
        config = tmp / "t" / "config.yaml"
        run("replay", "-c", config, "--out", tmp / "was", "--keep-log", tmp / "log", *UNTIL,
            messages)
        was = state_of(tmp / "was")
        for i, (name, rules) in enumerate(RULES.items()):
            file = tmp / f"rules{i}.yaml"
            file.write_text(rules + "\n")
            other = tmp / "t" / f"other{i}.yaml"
            other.write_text(config.read_text() + "\n" + rules + "\n")
            run("replay", "-c", other, "--out", tmp / f"now{i}", *UNTIL, messages)
            text = run("backtest", "--from", tmp / "log", "--rules", file, "--json")
            again = run("backtest", "--from", tmp / "log", "--rules", file, "--json")
            rows = [json.loads(x) for x in text.splitlines()]
            summary, rows = rows[0], rows[1:]
            good, n = compare(name, was, state_of(tmp / f"now{i}"), rows)
            if text != again:
                print(f"{name}: a second back-test says something else")
            good = (good and text == again and summary["notCovered"] == [] and
                    summary["differences"] == len(rows))
            found += n
            print(f"{'ok  ' if good else 'FAIL'} {name}: {n} differences")
            passed += good
            failed += not good
        file.write_text("rules: [{code: VL05, tolerance_cny: 1}]\n")
        rows = run("backtest", "--from", tmp / "log", "--rules", file, "--json").splitlines()
        good = json.loads(rows[0])["notCovered"] == ["VL05"]
        passed += good
        failed += not good
    if found == 0:
        failed += 1
        print("FAIL no rule made a difference: the comparison proves nothing")
    print(f"backtest: {passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
