#!/usr/bin/env python3
"""Runs worked cases of the contract against `driftgate replay` and compares with their `expect`.

    tests/cases/run.py [CASES...] [-k NAME] [-j JOBS] [--binary build/driftgate]

A folder of cases holds config.yaml and one folder a case; its README.md says how `expect` is read.
Without CASES: ../shared/cases, and tests/cases/own when it is there. Exit 0: all passed, or there
were none; 1: something differs.
"""
import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = ("receipts", "drift", "closures", "rejects")

# Fields that `expect` may leave to us. What is in neither list must be absent or equal on both sides.
OURS = {
    "receipts": set(),
    "drift": {"name", "legalBasis", "keys", "ruleSet", "observed", "threshold", "unit", "evidence",
              "eventTime", "decidedAt"},
    "closures": {"evidence", "alerts", "sources", "ruleSet"},
    "rejects": {"__connect.errors.task.id", "__connect.errors.stage",
                "__connect.errors.exception.message", "driftgate-error-byte",
                "driftgate-retryable", "value"},
}


def bare(text):
    """The document's bytes without what may stand around it."""
    return base64.b64decode(text).strip(b" \t\r\n,\xef\xbb\xbf")


def compare(path, want, got, ours, out):
    """Appends one line a difference. `ours`: keys that may be there without being wanted."""
    if isinstance(want, dict) and isinstance(got, dict):
        for k, v in want.items():
            if k not in got:
                out.append(f"{path}{k}: want {short(v)}, absent")
            elif k == "value":
                if bare(v) != bare(got[k]):
                    out.append(f"{path}value: want {short(bare(v))}, got {short(bare(got[k]))}")
            else:
                compare(f"{path}{k}.", v, got[k], {"observed"}, out)
        for k in got:
            if k not in want and k not in ours:
                out.append(f"{path}{k}: not wanted, got {short(got[k])}")
    elif want != got or isinstance(want, bool) != isinstance(got, bool):
        out.append(f"{path[:-1]}: want {short(want)}, got {short(got)}")


def short(v):
    s = v.decode("utf-8", "replace") if isinstance(v, bytes) else json.dumps(v, ensure_ascii=False)
    return s if len(s) <= 160 else s[:110] + " ... " + s[-45:]


def identity(kind, line):
    """What makes two lines the same line; several of one identity are compared in their order."""
    if kind == "receipts":
        return line.get("origin")
    if kind == "drift":
        return line.get("alertId")
    if kind == "closures":
        return line.get("turnNo")
    return (f"offset {line.get('__connect.errors.offset')} "
            f"index {line.get('driftgate-document-index', '-')}")


def load(path, out):
    lines = []
    if not path.exists():
        return None
    for n, text in enumerate(path.read_bytes().decode("utf-8", "surrogateescape").split("\n"), 1):
        if not text.strip():
            continue
        try:
            lines.append(json.loads(text))
        except ValueError as e:
            out.append(f"{path.name}:{n}: not JSON: {e}: {text[:200]}")
    return lines


def grouped(kind, lines):
    groups = {}
    for line in lines:
        groups.setdefault(identity(kind, line), []).append(line)
    return groups


def compare_file(kind, want_dir, got_dir, out):
    want = load(want_dir / f"{kind}.ndjson", out)
    got = load(got_dir / f"{kind}.ndjson", out)
    if want is None:
        return
    if got is None:
        out.append(f"{kind}.ndjson: was not written")
        return
    want, got = grouped(kind, want), grouped(kind, got)
    for key in list(want) + [k for k in got if k not in want]:
        w, g = want.get(key, []), got.get(key, [])
        for i in range(max(len(w), len(g))):
            where = f"{kind} {key}" + (f" #{i + 1}" if max(len(w), len(g)) > 1 else "")
            if i >= len(g):
                out.append(f"{where}: MISSING {short(w[i])}")
            elif i >= len(w):
                out.append(f"{where}: EXTRA {short(g[i])}")
            else:
                diffs = []
                compare("", w[i], g[i], OURS[kind], diffs)
                out.extend(f"{where}: {d}" for d in diffs)


def run_case(binary, config, folder):
    inputs = sorted(p for p in folder.iterdir() if re.match(r"\d", p.name) and p.is_file())
    with tempfile.TemporaryDirectory(prefix="driftgate-case-") as tmp:
        cmd = [str(binary), "replay", "-c", str(config), "--out", tmp]
        until = folder / "until"
        if until.exists():
            cmd += ["--until", until.read_text().strip()]
        cmd += [str(p) for p in inputs]
        try:
            run = subprocess.run(cmd, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return ["replay: still running after 120 s"]
        out = []
        if run.returncode != 0:
            out.append(f"replay: exit {run.returncode}: "
                       + run.stderr.decode("utf-8", "replace").strip()[-1500:])
        for kind in FILES:
            compare_file(kind, folder / "expect", pathlib.Path(tmp), out)
        return out


def case_folders(directory):
    return sorted(p for p in directory.iterdir() if (p / "expect").is_dir())


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("cases", nargs="*", type=pathlib.Path)
    ap.add_argument("-k", metavar="NAME", help="only cases whose name contains NAME")
    ap.add_argument("-j", type=int, default=2, metavar="JOBS")
    ap.add_argument("-q", action="store_true", help="names of failing cases, no differences")
    ap.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "driftgate")
    a = ap.parse_args()
    shared = pathlib.Path(os.environ.get("DRIFTGATE_SHARED", ROOT.parent / "shared"))
    folders = a.cases or [shared / "cases", ROOT / "tests" / "cases" / "own"]
    work = []
    for d in folders:
        if not d.is_dir():
            if a.cases or d.name != "own":
                print(f"skipped: {d} is not there")
            continue
        work += [(d / "config.yaml", c) for c in case_folders(d) if not a.k or a.k in c.name]
    if work and not os.access(a.binary, os.X_OK):
        print(f"{a.binary}: not built (run make)")
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, a.j)) as pool:
        runs = [(c, pool.submit(run_case, a.binary.resolve(), cfg, c)) for cfg, c in work]
        for case, run in runs:
            diffs = run.result()
            if not diffs:
                continue
            failed += 1
            print(f"FAIL {case.name}")
            if not a.q:
                why = case / "why.txt"
                if why.exists():
                    print("  why: " + why.read_text().strip().replace("\n", " ")[:300])
                print("".join(f"    {d}\n" for d in diffs[:40]), end="")
                if len(diffs) > 40:
                    print(f"    ... and {len(diffs) - 40} more")
    print(f"{len(work) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
