#!/usr/bin/env python3
"""gen -> replay --keep-log -> report: every number of every day's report is counted again from the
replay's own files, by a program that shares nothing with it; CSV and JSON say the same; a day that
is not there, a folder that is no log or cannot be written are refused.

    tests/cases/report.py [--binary build/driftgate]
"""
import argparse
import collections
import csv
import datetime
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ZONE = datetime.timezone(datetime.timedelta(hours=8))  # of gen's config: Asia/Shanghai
DECISIONS = ("OPEN", "CLOSED_AUTO", "EXCEPTION", "OVERDUE", "EXPIRED", "CANCELLED",
             "CLOSED_MANUAL", "REFERRED")
HOSTILE = "<img src=x>&\"'"  # 15 characters, a turnNo that nobody declared


def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines()]


def local(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(ZONE)


def day_of(text):
    return local(text).strftime("%Y-%m-%d")


def when(alert):
    return alert.get("decidedAt", alert["eventTime"])


def waits(closure):
    return closure["decision"] in ("EXCEPTION", "OVERDUE")


def closed(closure):
    return closure and closure["decision"] in ("CLOSED_AUTO", "CLOSED_MANUAL")


class Counted:
    """One day, out of drift.ndjson and closures.ndjson."""

    def __init__(self, day, closures, alerts, cleared):
        self.entry, self.since, self.reopened = {}, {}, {}
        for x in closures:
            if day_of(x["evaluatedAt"]) > day:
                continue
            t, before = x["turnNo"], self.entry.get(x["turnNo"])
            if closed(before) and not closed(x):
                self.reopened[t] = x["evaluatedAt"]
            if not waits(x):
                self.since.pop(t, None)
            else:
                self.since.setdefault(t, x["evaluatedAt"])
            self.entry[t] = x
        self.today = {t: x for t, x in self.entry.items() if day_of(x["evaluatedAt"]) == day}
        self.alert, self.raised, self.withdrawn = {}, {}, {}
        for x in alerts:
            if day_of(when(x)) > day:
                continue
            i = x["alertId"]
            self.alert[i] = {**self.alert.get(i, {}), **x}
            if x["state"] == "OPEN":
                self.raised.setdefault(i, when(x))
            else:
                self.withdrawn[i] = when(x)
        self.new = {i: a for i, a in self.alert.items() if day_of(self.raised[i]) == day}
        self.gone = [i for i, t in self.withdrawn.items() if day_of(t) == day]
        self.open = [i for i, a in self.alert.items()
                     if a["state"] == "OPEN" and cleared.get(i) != "CLEARED"]
        self.asks = [i for i in self.open if self.alert[i]["level"] == "H" and i not in cleared
                     and self.alert[i]["account"]["kind"] != "transit"]
        self.day = day
        self.lines = {"closures": sum(day_of(x["evaluatedAt"]) == day for x in closures),
                      "alerts": sum(day_of(when(x)) == day for x in alerts)}

    def parties(self):
        n = collections.Counter()
        for a in self.new.values():
            kind, key = a["account"]["kind"], a["account"]["key"]
            if a["keys"].get("ebcCode"):
                n["Seller", a["keys"]["ebcCode"]] += 1
            elif kind in ("order", "waybill"):
                n["Platform" if kind == "order" else "Carrier", key.split("/")[0]] += 1
        return n

    def reasons(self):
        all_, new = collections.Counter(), collections.Counter()
        for t in self.since:
            for r in self.entry[t]["reasons"]:
                all_[r] += 1
                new[r] += t in self.today
        return {r: (new[r], n) for r, n in all_.items()}

    def rules(self):
        out = collections.defaultdict(lambda: [0, 0, 0])
        for k, ids in enumerate((self.new, self.gone, self.open)):
            for i in ids:
                out[self.alert[i]["rule"]][k] += 1
        return dict(out)

    def largest(self, rule):
        mine = [a for a in self.new.values() if a["rule"] == rule]
        mine.sort(key=lambda a: ("observed" not in a, -float(a.get("observed", 0)), a["alertId"]))
        return [(a["alertId"], a.get("observed"), a.get("threshold")) for a in mine[:10]]

    def waiting(self):
        both = [(self.since[t], 0, t) for t in self.since]
        both += [(self.raised[i], 1, i) for i in self.asks]
        return [x[2] for x in sorted(both)]

    def hours(self):
        n = collections.Counter()
        for x in self.today.values():
            n[local(x["evaluatedAt"]).hour, x["decision"]] += 1
        return n


def check_json(r, c, same):
    d = c.day
    same(f"{d} lines", c.lines, r["lines"])
    n = collections.Counter(x["decision"] for x in c.today.values())
    same(f"{d} decisions", {k: n[k] for k in DECISIONS}, r["decisions"])
    same(f"{d} reopened", sum(day_of(t) == d for t in c.reopened.values()), r["reopened"])
    same(f"{d} alerts", {"raised": len(c.new), "withdrawn": len(c.gone), "open": len(c.open)},
         r["alerts"])
    same(f"{d} waits", {"entries": len(c.since), "alerts": len(c.asks)}, r["waits"])
    same(f"{d} entries", sorted(c.today), [x["turnNo"] for x in r["entries"]])
    for x in r["entries"]:
        t = c.today[x["turnNo"]]
        for k in ("decision", "revision", "originCustoms", "destCustoms", "vehicleNo",
                  "evaluatedAt", "closedAt"):
            same(f"{d} {x['turnNo']} {k}", t.get(k), x.get(k))
        same(f"{d} {x['turnNo']} reasons", t.get("reasons", []), x.get("reasons", []))
        same(f"{d} {x['turnNo']} since", c.since.get(x["turnNo"]), x.get("waitingSince"))
    same(f"{d} reasons", c.reasons(),
         {x["reason"]: (x["today"], x["waiting"]) for x in r["reasons"]})
    same(f"{d} rules", c.rules(),
         {x["rule"]: [x["raised"], x["withdrawn"], x["open"]] for x in r["rules"]})
    for rule in {x["rule"] for x in r["cases"]} | {a["rule"] for a in c.new.values()}:
        same(f"{d} cases {rule}", c.largest(rule),
             [(x["alertId"], x.get("observed"), x.get("threshold")) for x in r["cases"]
              if x["rule"] == rule])
    same(f"{d} parties", c.parties(), {(x["role"], x["party"]): x["alerts"] for x in r["parties"]})
    most = [x["alerts"] for x in r["parties"]]
    same(f"{d} most first", sorted(most, reverse=True), most)
    same(f"{d} waiting", c.waiting(), [x.get("alertId", x["key"]) for x in r["waiting"]])
    same(f"{d} hours", {k: n for k, n in c.hours().items() if n},
         {(x["hour"], k): x[k] for x in r["hours"] for k in DECISIONS if x[k]})


def as_csv(value):
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]*Z", value):
        return local(value).strftime("%Y-%m-%d %H:%M:%S")
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in tuple("=+-@\t\r") else text


def check_files(folder, r, same):
    stem = f"report-{r['day']}"
    for sheet in ("entries", "reasons", "rules", "cases", "parties", "waiting", "hours", "lag"):
        raw = (folder / f"{stem}-{sheet}.csv").read_bytes()
        same(f"{sheet} mark", b"\xef\xbb\xbf", raw[:3])
        rows = list(csv.DictReader(io.StringIO(raw[3:].decode(), newline="")))
        want = [{k: as_csv(x.get(k)) for k in (rows[0] if rows else ())} for x in r[sheet]]
        same(f"{r['day']} {sheet}.csv", want, rows)
    same(f"{r['day']} json", r, json.loads((folder / f"{stem}.json").read_text()))
    html = (folder / f"{stem}.html").read_text()
    tiles = [int(x) for x in re.findall(r"<li[^>]*>.*?<b>(\d+)</b>", html)]
    same(f"{r['day']} tiles",
         [r["decisions"]["CLOSED_AUTO"], r["decisions"]["EXCEPTION"], r["decisions"]["OVERDUE"],
          r["reopened"], r["alerts"]["raised"], len(r["waiting"])], tiles)
    same(f"{r['day']} hostile", False, "<img" in html or "<script" in html)


def make(binary, tmp):
    """The log of a replay, with an answered alert and a hostile number put into the traffic."""
    def run(*args):
        subprocess.run([binary, *args], check=True, capture_output=True)

    g, out = tmp / "g", tmp / "out"
    run("gen", "--manifests", "3000", "--seed", "3", "--plant", "ALL=2", "--out", g)
    until = lines(g / "truth.ndjson")[0]["until"]
    run("replay", "-c", g / "config.yaml", "--out", out, "--until", until, g / "messages.ndjson")
    asked = [x for x in lines(out / "drift.ndjson")
             if x["level"] == "H" and x["account"]["kind"] == "order"][:2]
    more = [{"messageType": "ALERT_RESOLVED", "alertId": x["alertId"], "account": x["account"],
             "resolution": how, "resolvedTime": "20250902080000"}
            for x, how in zip(asked, ("CLEARED", "CONFIRMED"))]
    more.append({"messageType": "ARRIVAL", "turnNo": HOSTILE, "customsCode": "3701",
                 "arrivalTime": "20250901120000"})
    with (g / "messages.ndjson").open("a") as f:
        f.write("".join(json.dumps(x) + "\n" for x in more))
    run("replay", "-c", g / "config.yaml", "--out", out, "--keep-log", tmp / "log", "--until",
        until, g / "messages.ndjson")
    return {x["alertId"]: x["resolution"] for x in more[:-1]}


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--binary", default=str(ROOT / "build/driftgate"))
    binary = args.parse_args().binary
    wrong, compared = [], 0

    def same(what, want, got):
        nonlocal compared
        compared += 1
        if want != got:
            wrong.append(f"{what}: counted {want}, reported {got}")

    def report(*args, code=0):
        r = subprocess.run([binary, "report", *map(str, args)], capture_output=True, text=True)
        if r.returncode != code:
            wrong.append(f"report {args}: exit {r.returncode}, want {code}: {r.stderr.strip()}")
        return r

    with tempfile.TemporaryDirectory() as folder:
        tmp = pathlib.Path(folder)
        answered = make(binary, tmp)
        log = tmp / "log"
        closures = lines(tmp / "out/closures.ndjson")
        alerts = lines(tmp / "out/drift.ndjson")
        days = sorted({day_of(x["evaluatedAt"]) for x in closures} | {day_of(when(x)) for x in alerts})
        receipts = collections.Counter()
        for day in days:
            r = json.loads(report("--from", log, "--day", day, "--json", "--out", tmp / "r").stdout)
            same("day", day, r["day"])
            same("lastDay", day == days[-1], r["lastDay"])
            # the answers came last; behind them the clock alone moves, to the last day
            check_json(r, Counted(day, closures, alerts, answered if day >= days[-2] else {}), same)
            check_files(tmp / "r", r, same)
            receipts.update(r["receipts"])
        want = collections.Counter(x["verdict"] for x in lines(tmp / "out/receipts.ndjson"))
        same("days", True, len(days) > 2)
        same("receipts", {k: n for k, n in want.items()}, {k: n for k, n in receipts.items() if n})
        last = json.loads(report("--from", log, "--json").stdout)
        same("default day", days[-1], last["day"])
        same("hostile number", True, HOSTILE in [x["key"] for x in last["waiting"]])
        zh = json.loads(report("--from", log, "--json", "--lang", "zh").stdout)
        same("zh numbers", last["decisions"], zh["decisions"])
        same("zh words", True, all(x["name"] != y["name"]
                                   for x, y in zip(last["reasons"], zh["reasons"])))
        same("says the days", True,
             all(x in report("--from", log, "--day", "2024-02-29", code=1).stderr for x in days))
        report("--from", log, "--day", "2025-02-29", code=64)
        report("--from", log, "--lang", "xx", code=64)
        report(code=64)
        report("--from", tmp / "g", code=66)
        report("--from", tmp / "nowhere", code=66)
        report("--from", log, "--out", "/proc/nowhere", code=73)
        report("--from", log, "--out", tmp / "g/messages.ndjson", code=73)
        same("help", True, report("--help").stdout.startswith("Example"))
        cut = log / "postings-00000.log"
        cut.write_bytes(cut.read_bytes()[:-5])
        report("--from", log, code=65)

    for x in wrong[:20]:
        print(x[:1500])
    print(f"report: {compared} comparisons over {len(days)} days, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
