#!/usr/bin/env python3
"""Cases of a judge who distrusts us: written from CONTRACTS, RULES and CLOSING, sentence by sentence.

    tests/cases/judge_run.py [-k NAME] [-j JOBS] [--binary build/driftgate] [--keep DIR] [-v]

The cases stand in tests/cases/judge/*.py (base.py says how they are written). --keep writes inputs and
outputs of every case that ran into DIR/NAME. Exit 1 when something differs.
"""
import argparse
import concurrent.futures
import datetime
import importlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from judge import base  # noqa: E402

KINDS = ("closures", "drift", "receipts", "rejects")


def local(rfc):
    when = datetime.datetime.strptime(rfc, "%Y-%m-%dT%H:%M:%S.%fZ") + datetime.timedelta(hours=8)
    return when.strftime("%H%M%S" if when.strftime("%Y%m%d") == base.DAY else "%m%d%H%M%S")


def origin(text):
    return ".".join(text.split("/")[2:])


def brief(kind, d):
    """One output line in the words of base.py."""
    if kind == "closures":
        turn = "" if d["turnNo"] == "T1" else d["turnNo"] + ": "
        words = [f"{turn}{d['revision']}", d["decision"] + ("*" if d["reopened"] else "")]
        words += [",".join(d["reasons"])] if d.get("reasons") else []
        words += ["@" + local(d["evaluatedAt"])]
        words += ["c" + local(d["closedAt"])] if "closedAt" in d else []
        return " ".join(words)
    if kind == "drift":
        return f"{d['alertId']} {d['state']} {d['level']}"
    if kind == "receipts":
        words = [origin(d["origin"]), d["verdict"]]
        words += [",".join(d["codes"])] if d.get("codes") else []
        words += ["<" + origin(d["firstSeen"])] if "firstSeen" in d else []
        return " ".join(words)
    index = d.get("driftgate-document-index")
    words = [d["__connect.errors.offset"] + ("" if index is None else "." + index),
             d["driftgate-error-code"]]
    words += [d["driftgate-error-field"]] if "driftgate-error-field" in d else []
    return " ".join(words)


def differences(kind, want, lines):
    out = []
    got = [brief(kind, d) for d in lines]
    texts = [w if isinstance(w, str) else w[0] for w in want]
    if kind in ("receipts", "rejects"):
        order = sorted(range(len(texts)), key=lambda i: texts[i])
        want, texts = [want[i] for i in order], [texts[i] for i in order]
        order = sorted(range(len(got)), key=lambda i: got[i])
        lines, got = [lines[i] for i in order], [got[i] for i in order]
    if got != texts:
        out += [f"- {x}" for x in texts if x not in got] + [f"+ {x}" for x in got if x not in texts]
        if not out:
            out = ["other order or number: " + " | ".join(got)]
        return [f"{kind}: {x}" for x in out]
    for w, d in zip(want, lines):
        for k, v in ({} if isinstance(w, str) else w[1]).items():
            if d.get(k) != v:
                out.append(f"{kind} {w[0]}: {k}: want {json.dumps(v, ensure_ascii=False)}, "
                           f"got {json.dumps(d.get(k), ensure_ascii=False)}")
    return out


def same_bytes(cmd, files, out):
    """The bytes depend neither on ledger partitions nor on workers."""
    other = out.parent / "out16"
    cmd = [c if c != str(out) else str(other) for c in cmd]
    subprocess.run(cmd + ["--set", "ledger.partitions=16", "--set", "ingest.workers=4", "--set",
                          "ledger.workers=3"] + files, capture_output=True, timeout=120, check=False)
    return [f"{kind}: other bytes with 16 partitions and 4 workers" for kind in KINDS
            if (out / f"{kind}.ndjson").read_bytes() != (other / f"{kind}.ndjson").read_bytes()]


def run_case(binary, case, keep):
    with tempfile.TemporaryDirectory(prefix="driftgate-judge-") as tmp:
        top = pathlib.Path(tmp)
        if keep:
            top = keep / case["name"]
            shutil.rmtree(top, ignore_errors=True)
            top.mkdir(parents=True)
        (top / "config.yaml").write_text(case["config"])
        for name, text in case["files"].items():
            (top / name).write_text(text)
        files = []
        for i, m in enumerate(case["messages"]):
            ending = "ndjson" if isinstance(m, tuple) else "msg"
            files.append(top / f"{i:03d}.{ending}")
            files[-1].write_bytes(base.to_bytes(m[0] if isinstance(m, tuple) else m))
        cmd = [str(binary), "replay", "-c", str(top / "config.yaml"), "--out", str(top / "out")]
        cmd += ["--until", case["until"]] if case["until"] else []
        run = subprocess.run(cmd + [str(f) for f in files], capture_output=True, timeout=120,
                             check=False)
        if run.returncode != 0:
            return [f"exit {run.returncode}: {run.stderr.decode('utf-8', 'replace')[-800:]}"]
        out = []
        for kind in KINDS:
            want = case["expect"].get(kind, None if kind == "receipts" else [])
            text = (top / "out" / f"{kind}.ndjson").read_text()
            if want is not None:
                out += differences(kind, want, [json.loads(x) for x in text.splitlines() if x])
        check = case["expect"].get("check")
        out += check(top / "out") or [] if check else []
        return out + same_bytes(cmd, [str(f) for f in files], top / "out")


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("-k", metavar="NAME", help="only cases whose name contains NAME")
    ap.add_argument("-j", type=int, default=2, metavar="JOBS")
    ap.add_argument("--binary", type=pathlib.Path, default=HERE.parent.parent / "build/driftgate")
    ap.add_argument("--keep", type=pathlib.Path, metavar="DIR")
    a = ap.parse_args()
    for module in sorted(HERE.glob("judge/*.py")):
        if module.stem != "base":
            importlib.import_module(f"judge.{module.stem}")
    cases = [c for c in base.CASES if not a.k or a.k in c["name"]]
    assert len({c["name"] for c in cases}) == len(cases), "two cases of one name"
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, a.j)) as pool:
        runs = [(c, pool.submit(run_case, a.binary.resolve(), c, a.keep)) for c in cases]
        for c, run in runs:
            diffs = run.result()
            if diffs:
                failed += 1
                print(f"FAIL {c['name']}" + (f"   ({c['why']})" if c["why"] else ""))
                print("".join(f"    {d}\n" for d in diffs[:30]), end="")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
