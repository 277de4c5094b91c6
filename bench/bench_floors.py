#!/usr/bin/env python3
"""The floors of a year that `driftgate bench` measures: how far is this machine from each?

    bench/bench_floors.py [--quick] [--manifests N] [--build build/release]

Pipeline, fold, memory, latency, and how much a second core brings: one worker of each stage on one
core against two on two. Latency is at half of the pipeline's speed, or at what the thread that
makes the manifests can keep up with, if that is less. Every round of these is compared with what
the generator made, or there is no figure. The fold and the memory are measured at N manifests
(default 1 M), not at the year's 100 M: bytes a manifest hardly depend on N, the time grows with the
misses. Exit 1: a floor is not met (not with --quick), or a result was wrong.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FEEDER = 150000  # manifests/s that one thread of the bench makes while the others work


def figures(build, cores, *args):
    """name -> figure of one `driftgate bench`, on that many cores."""
    usable = sorted(os.sched_getaffinity(0))[:cores]
    cmd = [str(build / "driftgate"), "bench", *[str(a) for a in args], "--quiet", "--out", "-"]
    r = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                       preexec_fn=lambda: os.sched_setaffinity(0, usable))
    if r.returncode:
        sys.exit(f"bench_floors: {' '.join(cmd)}: exit {r.returncode}: {r.stderr.decode()[-400:]}")
    lines = [json.loads(x) for x in r.stdout.decode().splitlines() if x.startswith("{")]
    return {x["name"]: x for x in lines}


class Table:
    def __init__(self):
        self.met = True

    def row(self, what, value, unit, floor, more, spread):
        """more: is it better when it is more?"""
        ok = value >= floor if more else value <= floor
        self.met &= ok
        figure = f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
        print(f"{what:52} {figure:>10} {unit:11} {'floor' if more else 'at most'} {floor:<9,} "
              f"{(value / floor if more else floor / value):5.2f}  "
              f"{'met' if ok else 'NOT MET'}  (spread {spread:.2f})", flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--quick", action="store_true")
    a.add_argument("--manifests", type=int)
    a.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    o = a.parse_args()
    n = o.manifests or (10000 if o.quick else 1000000)
    rounds = ["--rounds", 1 if o.quick else 3]
    few = min(n, 600000)
    t = Table()

    ledger = figures(o.build, 1, "ledger", "--manifests", n, *rounds)
    f = ledger["throughput"]
    t.row(f"fold of {n:,} manifests, one core", f["median"], "manifests/s", 2000000, True, f["spread"])
    f = ledger["state"]
    t.row("state of all kinds of accounts", f["median"], "B/manifest", 110, False, f["spread"])

    two = figures(o.build, 2, "pipeline", "--manifests", few, "--workers", 2, *rounds)["throughput"]
    t.row("pipeline, memory stream, two of each stage", two["median"], "manifests/s", 700000, True,
          two["spread"])
    one = figures(o.build, 1, "pipeline", "--manifests", few, "--workers", 1, *rounds)["throughput"]
    t.row("two workers on two cores / one on one", two["median"] / one["median"], "x", 1.8, True,
          max(one["spread"], two["spread"]))

    rate = min(int(two["median"] / 2), FEEDER)
    late = figures(o.build, 2, "latency", "--rate", rate, "--seconds", 2 if o.quick else 10,
                   "--set", "txn.interval=100ms", *rounds)["p99"]
    t.row(f"input to receipt at {rate:,}/s, p99", late["median"], "ms", 1000, False, late["spread"])
    return 0 if t.met or o.quick else 1


if __name__ == "__main__":
    sys.exit(main())
