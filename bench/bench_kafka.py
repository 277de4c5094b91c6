#!/usr/bin/env python3
"""Kafka to Kafka, exactly once, against a bare copy loop on the same topic in the same run.

    bench/bench_kafka.py [--quick] [--manifests N] [--rounds R] [--build build/release]
                         [--set path=value]...

A real broker on the same cores holds N full-field JSON manifests (packed as platforms pack them,
lz4). Each round runs the copy loop over them (one 250-byte record out for each in, exactly once,
lz4), then `driftgate run` from nothing until every posting is folded and committed; every receipt
is counted, and none may be missing, double or not ACCEPTED. Floor: 0.25 of the copy loop (median).
What it writes (postings, follow-ups, receipts) is what the broker's segments hold of it: compressed
batches and transaction markers; at most 250 bytes a manifest.
CPU is user + system of our process / of the broker; on a shared machine trust it, and the ratio of
the CPU figures, more than the wall clock. Needs BUILD/driftgate, BUILD/bench/kafka_side and
BUILD/bench/copy_loop (make BUILD/bench/...). Exit 1: below the floor (not with --quick), or wrong.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import lab as e2e  # noqa: E402

FLOOR = 0.25
WRITTEN_MOST = 250
PARTITIONS = 4
TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """user + system seconds of a live process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def out_of(*cmd, seconds=900):
    r = subprocess.run([str(c) for c in cmd], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=seconds, check=False)
    e2e.need(r.returncode == 0, f"{cmd[0]} {cmd[1]}: exit {r.returncode}: "
             + (r.stdout + r.stderr).decode("utf-8", "replace").strip()[-400:])
    return r.stdout.decode()


class Measured:
    def __init__(self, manifests, seconds, ours, broker):
        self.per_s = manifests / seconds
        self.ours = ours / manifests * 1e6
        self.broker = broker / manifests * 1e6

    def row(self, name):
        return (f"{name:34} {self.per_s:12,.0f}/s {self.ours:8.2f} us {self.broker:8.2f} us "
                f"{self.ours + self.broker:8.2f} us")


class Bench:
    def __init__(self, lab, o):
        self.lab = lab
        self.o = o
        self.side = o.build / "bench" / "kafka_side"
        self.copy = o.build / "bench" / "copy_loop"
        self.broker_pid = int((lab.broker.dir / "pid").read_text())
        self.address = lab.broker.address
        self.traffic = out_of(self.side, "config", o.manifests)
        out_of(self.side, "topic", self.address, "bench.in", PARTITIONS)
        out = out_of(self.side, "load", self.address, "bench.in", o.manifests).splitlines()
        self.want = out[0]
        self.per = round(o.manifests / int(out[1].split()[1]))

    def copy_loop(self, r):
        out_of(self.side, "topic", self.address, f"bench.copy{r}", PARTITIONS)
        broker = cpu_of(self.broker_pid)
        before = os.times()
        text = out_of(self.copy, "-b", self.address, "-i", "bench.in", "-o", f"bench.copy{r}", "-t",
                      2, "-p", self.per, seconds=None)
        after = os.times()
        n, seconds = re.search(r"copy_loop (\d+) manifests ([\d.]+) seconds", text).groups()
        ours = (after.children_user - before.children_user
                + after.children_system - before.children_system)
        return Measured(int(n), float(seconds), ours, cpu_of(self.broker_pid) - broker)

    def site(self, r):
        """Configuration of round r: all outputs of its own, the loaded topic as its input."""
        folder = self.lab.dir / f"round{r}"
        folder.mkdir()
        config = folder / "driftgate.yaml"
        outputs = "\n".join(f"  {t}: bench{r}.{t}" for t in e2e.OUTPUTS)
        config.write_text(f"""kafka:
  brokers: {self.address}
  group: bench{r}
input:
  topics:
    - {{name: bench.in, accepts: [manifest]}}
output:
{outputs}
state:
  dir: {folder}/state
http:
  listen: 127.0.0.1:0
""" + self.traffic)
        self.lab.call("topics", "create", "--dev", "-c", config)
        return config

    def written(self, r):
        """Bytes a manifest in the segments of round r's outputs, by topic."""
        data = self.lab.broker.dir / "data"
        return {t: sum(f.stat().st_size for f in data.glob(f"bench{r}.{t}-*/*.log"))
                / self.o.manifests for t in e2e.OUTPUTS}

    def driftgate(self, r):
        config = self.site(r)
        args = ["run", "-c", config]
        for s in self.o.set:
            args += ["--set", s]
        broker = cpu_of(self.broker_pid)
        start = time.monotonic()
        p = self.lab.spawn(args, config.parent / "run.log")
        try:
            text = out_of(self.side, "wait", config, "bench.in", seconds=None)
        except e2e.Failed:
            print(p.tail(), file=sys.stderr)
            raise
        late = int(re.search(r"folded (\d+) ms ago", text).group(1)) / 1000
        seconds = time.monotonic() - start - late
        m = Measured(self.o.manifests, seconds, cpu_of(p.p.pid), cpu_of(self.broker_pid) - broker)
        p.stop(60)
        m.written = self.written(r)
        got = out_of(self.side, "count", self.address, f"bench{r}.receipts", self.o.manifests)
        e2e.need(got.splitlines()[0] == self.want, f"receipts: {got!r}, manifests: {self.want!r}")
        return m


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
    o.manifests = o.manifests or (50000 if o.quick else 1000000)
    o.rounds = o.rounds or (1 if o.quick else 3)
    for name in ("driftgate", "bench/kafka_side", "bench/copy_loop"):
        if not (o.build / name).exists():
            print(f"bench_kafka: {o.build / name} is missing: make it first", file=sys.stderr)
            return 69
    lab = e2e.Lab(o.build / "driftgate")
    copies, ours = [], []
    try:
        lab.broker.start()
        b = Bench(lab, o)
        print(f"{o.manifests} manifests, {b.per} a message, {PARTITIONS} partitions, load average "
              f"{os.getloadavg()[0]:.1f}\n{'':34} {'manifests':>12}    {'process':>8}   "
              f"{'broker':>9}   {'both':>9}")
        for r in range(o.rounds):
            copies.append(b.copy_loop(r))
            print(copies[-1].row("copy loop"), flush=True)
            ours.append(b.driftgate(r))
            print(ours[-1].row("driftgate, until all is folded"), flush=True)
    except e2e.Failed as e:
        print(f"bench_kafka: {e}", file=sys.stderr)
        return 1
    finally:
        lab.close()
    written = ours[-1].written
    total = sum(written.values())
    print("written, bytes a manifest: " + ", ".join(f"{t} {n:.0f}" for t, n in written.items() if n >= 0.5))
    print(f"{'written to Kafka a manifest':52} {total:10.0f} B   at most {WRITTEN_MOST}  "
          f"{'met' if total <= WRITTEN_MOST else 'NOT MET'}")
    ratio = statistics.median(x.per_s / c.per_s for x, c in zip(ours, copies))
    by_cpu = statistics.median((c.ours + c.broker) / (x.ours + x.broker)
                               for x, c in zip(ours, copies))
    print(f"{'driftgate / copy loop, wall clock':52} {ratio:10.2f} x   floor {FLOOR:.2f}  "
          f"{'met' if ratio >= FLOOR else 'NOT MET'}")
    print(f"{'copy loop / driftgate, CPU of process and broker':52} {by_cpu:10.2f} x")
    return 0 if (ratio >= FLOOR and total <= WRITTEN_MOST) or o.quick else 1


if __name__ == "__main__":
    sys.exit(main())
