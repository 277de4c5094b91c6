#!/usr/bin/env python3
"""How much faster is driftgate than Kafka Streams at the core of its job? Same broker, topic, run.

    bench/bench_streams.py [--quick] [--manifests N] [--rounds R] [--build build/release]
                           [--set path=value]...

A real broker on the same cores holds N full-field JSON manifests. Each round runs a Kafka Streams
program over them (bench/peers/streams/StreamsPeer.java: repeats, receipts, orders and waybills;
exactly once, two threads, RocksDB; no rules, no validation, no closing) until all is committed,
then `driftgate run`, which does all of its job, from nothing until every posting is folded and
committed. Each manifest must have its one ACCEPTED receipt from both. The peer is measured from
its first record on, over all and over the second half of its work, when its virtual machine has
compiled most of what it runs; the better one counts. driftgate's time has its start in it.
Goal, not a floor: 10 times by wall clock (median of the rounds). CPU is user + system of the
process / of the broker. A small N is short for both: the peer is still warming up, and driftgate's
start is a good part of its time.
Needs a JDK 17 (Debian: openjdk-17-jdk-headless; the -jre- package has no compiler) besides what
bench_kafka.py needs, and maven the first time, for 96 MB of jars (tests/e2e/fetch-kafka.sh).
Exit 1: a result is wrong; 69: something is missing.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import bench_kafka
from bench_kafka import ROOT, Measured, cpu_of, e2e, out_of

GOAL = 10
PEER = ROOT / "bench" / "peers" / "streams"
STALL = 600


class Missing(Exception):
    """Something that the bench needs is not on this machine."""


def jars():
    """Folder of the peer's jars, or None."""
    r = subprocess.run([ROOT / "tests/e2e/fetch-kafka.sh", "streams"], stdout=subprocess.PIPE, check=False)
    return r.stdout.decode().strip() if r.returncode == 0 else None


def build_peer():
    """Class path of the peer."""
    for tool in ("java", "javac"):
        if not shutil.which(tool):
            raise Missing(f"{tool} is missing: apt install openjdk-17-jdk-headless")
    libs = jars()
    if not libs:
        raise Missing("the jars of Kafka Streams are missing and could not be fetched")
    classes = ROOT / "build" / "streams-peer"
    out_of("javac", "-cp", f"{libs}/*", "-d", classes, PEER / "StreamsPeer.java")
    return f"{classes}:{libs}/*"


class Mark:
    """The peer's clock at a line of its log, and the CPU that it and the broker had used."""

    def __init__(self, b, p, name):
        self.at = float(p.wait_for(rf"^{name} ([\d.]+)$", STALL).group(1))
        self.ours = cpu_of(p.p.pid)
        self.broker = cpu_of(b.broker_pid)

    def until(self, end, manifests):
        return Measured(manifests, end.at - self.at, end.ours - self.ours, end.broker - self.broker)


def streams(b, r, path):
    """One run of the peer: over all, and its second half."""
    receipts = f"streams{r}.receipts"
    out_of(b.side, "topic", b.address, receipts, bench_kafka.PARTITIONS)
    p = e2e.Process(["java", "-cp", path, "StreamsPeer", b.address, "bench.in", receipts,
                     b.o.manifests, b.lab.dir / f"streams{r}"], b.lab.dir / f"streams{r}.log")
    b.lab.processes.append(p)
    begin, half, end = (Mark(b, p, name) for name in ("begin", "half", "end"))
    code = p.ends(90)
    e2e.need(code == 0, f"the peer ended with {code}: {p.tail()}")
    count = out_of(b.side, "count", b.address, receipts, b.o.manifests)
    e2e.need(count.splitlines()[0] == b.want, f"receipts: {count!r}, manifests: {b.want!r}")
    return begin.until(end, b.o.manifests), half.until(end, b.o.manifests / 2)


def measure(lab, o, path):
    """Ratios by wall clock, by CPU of both processes, by CPU of driftgate and the peer alone."""
    lab.broker.start()
    b = bench_kafka.Bench(lab, o)
    wall, both, alone = [], [], []
    print(f"{o.manifests} manifests, {b.per} a message, {bench_kafka.PARTITIONS} partitions, load "
          f"average {os.getloadavg()[0]:.1f}\n{'':34} {'manifests':>12}    {'process':>8}   "
          f"{'broker':>9}   {'both':>9}")
    for r in range(o.rounds):
        peer = streams(b, r, path)
        print(peer[0].row("Kafka Streams, part of the job"))
        print(peer[1].row("  its second half"), flush=True)
        ours = b.driftgate(r)
        print(ours.row("driftgate, all of it"), flush=True)
        wall.append(ours.per_s / max(x.per_s for x in peer))
        both.append(min(x.ours + x.broker for x in peer) / (ours.ours + ours.broker))
        alone.append(min(x.ours for x in peer) / ours.ours)
    return [statistics.median(x) for x in (wall, both, alone)]


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
        wall, both, alone = measure(lab, o, build_peer())
    except Missing as e:
        print(f"bench_streams: {e}", file=sys.stderr)
        return 69
    except e2e.Failed as e:
        print(f"bench_streams: {e}", file=sys.stderr)
        return 1
    finally:
        lab.close()
    print(f"{'driftgate / Kafka Streams, wall clock':52} {wall:10.2f} x   goal {GOAL}  "
          f"{'met' if wall >= GOAL else 'NOT MET'}")
    print(f"{'Kafka Streams / driftgate, CPU of process and broker':52} {both:10.2f} x")
    print(f"{'Kafka Streams / driftgate, CPU of the process':52} {alone:10.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
