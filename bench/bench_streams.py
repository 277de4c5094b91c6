#!/usr/bin/env python3
"""driftgate against Kafka Streams at the core of its job, same broker, same topic, same run.

    bench/bench_streams.py [--quick] [--manifests N] [--rounds R] [--build build/release]
                           [--set path=value]...

A real broker on the same cores holds N full-field JSON manifests. Each round runs a Kafka Streams
program over them (bench/peers/streams/StreamsPeer.java: repeats, receipts, orders and waybills;
exactly once, two threads, RocksDB; no rules, no validation, no closing), then `driftgate run`, which
does all of its job. Each manifest must have its one ACCEPTED receipt from both. The peer is measured
over all and over the second half, when its virtual machine has compiled what it runs, and the better
one counts; driftgate is measured over all. Goal, not a floor: 10 times by wall clock (median of the
rounds). Needs maven and a JDK 17 (Debian: maven openjdk-17-jdk-headless) besides what bench_kafka.py
needs; fetches 96 MB of jars once. Exit 1: a result is wrong.
"""
import argparse
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

import bench_kafka
from bench_kafka import ROOT, Measured, cpu_of, e2e, out_of

GOAL = 10
PEER = ROOT / "bench" / "peers" / "streams"


def build_peer():
    """Class path of the peer."""
    for tool in ("java", "javac", "mvn"):
        e2e.need(shutil.which(tool), f"{tool} is missing: apt install maven openjdk-17-jdk-headless")
    r = subprocess.run([PEER / "fetch.sh"], stdout=subprocess.PIPE, check=False)
    e2e.need(r.returncode == 0, "the jars of Kafka Streams cannot be fetched")
    libs = r.stdout.decode().splitlines()[-1]
    classes = ROOT / "build" / "streams-peer"
    out_of("javac", "-cp", f"{libs}/*", "-d", classes, PEER / "StreamsPeer.java")
    return f"{classes}:{libs}/*"


def streams(b, r, path):
    """One run of the peer: over all, and its second half (of which the broker's CPU is not known)."""
    receipts = f"streams{r}.receipts"
    out_of(b.side, "topic", b.address, receipts, bench_kafka.PARTITIONS)
    broker = cpu_of(b.broker_pid)
    text = out_of("java", "-cp", path, "StreamsPeer", b.address, "bench.in", receipts, b.o.manifests,
                  b.lab.dir / f"streams{r}", seconds=None)
    broker = cpu_of(b.broker_pid) - broker
    got = re.search(r"streams \d+ manifests ([\d.]+) seconds ([\d.]+) cpu; "
                    r"second half ([\d.]+) seconds ([\d.]+) cpu", text)
    e2e.need(got, f"the peer said: {text!r}")
    seconds, cpu, half_seconds, half_cpu = (float(x) for x in got.groups())
    count = out_of(b.side, "count", b.address, receipts, b.o.manifests)
    e2e.need(count.splitlines()[0] == b.want, f"receipts: {count!r}, manifests: {b.want!r}")
    half = b.o.manifests / 2
    return Measured(b.o.manifests, seconds, cpu, broker), Measured(half, half_seconds, half_cpu, 0)


def measure(lab, o):
    path = build_peer()
    lab.broker.start()
    b = bench_kafka.Bench(lab, o)
    by_wall, by_cpu = [], []
    print(f"{o.manifests} manifests, {b.per} a message, {bench_kafka.PARTITIONS} partitions\n"
          f"{'':34} {'manifests':>12}    {'process':>8}   {'broker':>9}   {'both':>9}")
    for r in range(o.rounds):
        whole, half = streams(b, r, path)
        print(whole.row("Kafka Streams, part of the job"))
        print(f"{'  its second half':34} {half.per_s:12,.0f}/s {half.ours:8.2f} us", flush=True)
        ours = b.driftgate(r)
        print(ours.row("driftgate, all of it"), flush=True)
        by_wall.append(ours.per_s / max(whole.per_s, half.per_s))
        by_cpu.append(min(whole.ours, half.ours) / ours.ours)
    return statistics.median(by_wall), statistics.median(by_cpu)


def main():
    a = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--quick", action="store_true")
    a.add_argument("--manifests", type=int)
    a.add_argument("--rounds", type=int)
    a.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    a.add_argument("--set", action="append", default=[])
    o = a.parse_args()
    o.build = o.build.resolve()
    o.manifests = o.manifests or (20000 if o.quick else 1000000)
    o.rounds = o.rounds or (1 if o.quick else 3)
    for name in ("driftgate", "bench/kafka_side"):
        if not (o.build / name).exists():
            print(f"bench_streams: {o.build / name} is missing: make it first", file=sys.stderr)
            return 69
    lab = e2e.Lab(o.build / "driftgate")
    try:
        ratio, by_cpu = measure(lab, o)
    except e2e.Failed as e:
        print(f"bench_streams: {e}", file=sys.stderr)
        return 1
    finally:
        lab.close()
    print(f"{'driftgate / Kafka Streams, wall clock':52} {ratio:10.2f} x   goal {GOAL}  "
          f"{'met' if ratio >= GOAL else 'NOT MET'}")
    print(f"{'Kafka Streams / driftgate, CPU of the process':52} {by_cpu:10.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
