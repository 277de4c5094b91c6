#!/usr/bin/env python3
"""A year of manifests on this machine, broker included: Kafka to Kafka, then two restarts.

    bench/bench_year.py [--manifests 99135800] [--out FILE] [--build build/release] [--set P=V]...

A real broker on the same cores holds the manifests; `driftgate run` takes them from nothing until
every posting is folded and committed, and each must have its one ACCEPTED receipt. It is stopped
(snapshots are written), gets 1,000 of them again and is started: all 1,000 must come out as
repeats, which they do only when the state is back. The same again after its state folder was
emptied: from the log alone. The time is from the start of the process until the 1,000 are folded.
--forget: for a disk that is short: the broker drops input that has been read. Then 700 B of disk a
manifest are enough.
--out: JSON lines as `driftgate bench` writes them, for its report and compare. Needs about 1,000 B of
disk a manifest where temporary files go (TMPDIR). Exit 1: a floor is missed (full size only), or a
result is wrong. MANIFESTS=1000000 make bench-year is the quick try.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import bench_kafka
from bench_kafka import e2e, out_of

YEAR = 99135800
AGAIN = 1000
DISK = 1000  # bytes a manifest: input, postings, receipts, all lz4; old accounts, two snapshots
FORGETFUL = 700
FLOOR = {"throughput": None, "year": 240, "restart_snapshot": 20, "restart_log": 120,
         "memory": 110}


def peak_rss(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) * 1024


def memory_of(pid):
    """MiB: of its own, and of files that it has mapped."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return {k: int(v) // 1024 for k, v in re.findall(r"(RssAnon|RssFile):\s+(\d+) kB", text)}


def disk_of(folder):
    return sum(f.stat().st_blocks * 512 for f in folder.rglob("*") if f.is_file())


class Year(bench_kafka.Bench):
    def __init__(self, lab, o):
        began = time.monotonic()
        print(f"loading {o.manifests} manifests", flush=True)
        super().__init__(lab, o)
        print(f"loaded in {time.monotonic() - began:.0f} s, {self.per} a message", flush=True)
        self.repeats = 0
        self.most = {}

    def until_folded(self, config):
        """Starts it, waits for everything there is; gives process and seconds."""
        args = ["run", "-c", config]
        for s in self.o.set:
            args += ["--set", s]
        start = time.monotonic()
        p = self.lab.spawn(args, config.parent / "run.log")
        more = ["forget"] if self.o.forget else []
        side = subprocess.Popen([str(self.side), "wait", str(config), "bench.in", *more],
                                stdout=subprocess.PIPE)
        while side.poll() is None and p.alive():
            time.sleep(0.2)
            self.most = {k: max(v, self.most.get(k, 0)) for k, v in memory_of(p.p.pid).items()}
        if not p.alive():
            side.kill()
        text = side.communicate()[0].decode()
        e2e.need(side.returncode == 0, f"driftgate did not fold it all: {p.tail()}")
        late = int(re.search(r"folded (\d+) ms ago", text).group(1)) / 1000
        return p, time.monotonic() - start - late

    def check(self):
        """One receipt a manifest, ACCEPTED, and one a repeat, which is not."""
        want = self.o.manifests + self.repeats
        # It ends with 1 as soon as one is not ACCEPTED: the numbers are what counts.
        r = subprocess.run([str(self.side), "count", self.address, "bench0.receipts", str(want)],
                           stdout=subprocess.PIPE, check=False)
        got = dict(re.findall(r"(manifests|accepted) (\d+)", r.stdout.decode()))
        e2e.need(int(got.get("manifests", -1)) == want
                 and int(got.get("accepted", -1)) == self.o.manifests,
                 f"receipts: {got}, wanted {want}, of them {self.o.manifests} ACCEPTED")

    def restart(self, config):
        out_of(self.side, "load", self.address, "bench.in", AGAIN)
        self.repeats += AGAIN
        p, seconds = self.until_folded(config)
        self.stop(p)
        self.check()
        return seconds

    def stop(self, p):
        began = time.monotonic()
        p.stop(600)
        return time.monotonic() - began


class Out:
    def __init__(self, o):
        self.o = o
        self.lines = []
        self.met = True

    def figure(self, name, value, unit, floor, lower=True):
        met = floor is None or (value <= floor if lower else value >= floor)
        self.met = self.met and met
        note = "" if floor is None else f"  floor {floor}  {'met' if met else 'NOT MET'}"
        print(f"{name:20} {value:14,.2f} {unit:14}{note}", flush=True)
        machine = {"cores": len(os.sched_getaffinity(0)), "kernel": "Linux " + os.uname().release}
        self.lines.append(json.dumps(
            {"schema": 1, "bench": "year", "name": name, "unit": unit,
             "better": "lower" if lower else "higher", "median": value, "min": value, "max": value,
             "spread": 1, "values": [value], "bound": None, "bound_is": "", "ratio": None,
             "at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
             "config": {"manifests": self.o.manifests, "set": self.o.set}, "machine": machine,
             "series": [], "percentiles": []}, separators=(",", ":")))

    def write(self):
        if self.o.out:
            self.o.out.write_text("".join(x + "\n" for x in self.lines))


def measure(lab, o, out):
    full = o.manifests >= YEAR
    y = Year(lab, o)
    config = y.site(0)
    p, seconds = y.until_folded(config)
    rss = peak_rss(p.p.pid)
    print(f"most at a time, MiB: {y.most}", flush=True)
    stopped = y.stop(p)
    y.check()
    out.figure("throughput", o.manifests / seconds, "manifests/s", None, lower=False)
    out.figure("year", seconds, "s", FLOOR["year"] if full else None)
    out.figure("memory", rss / o.manifests, "B/manifest", FLOOR["memory"] if full else None)
    out.figure("disk", disk_of(lab.broker.dir) / o.manifests, "B/manifest", None)
    out.figure("stop", stopped, "s", None)
    out.figure("state", disk_of(config.parent / "state") / o.manifests, "B/manifest", None)
    out.figure("restart_snapshot", y.restart(config), "s",
               FLOOR["restart_snapshot"] if full else None)
    shutil.rmtree(config.parent / "state")
    out.figure("restart_log", y.restart(config), "s", FLOOR["restart_log"] if full else None)


def main():
    a = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--manifests", type=int, default=YEAR)
    a.add_argument("--out", type=pathlib.Path)
    a.add_argument("--build", type=pathlib.Path, default=bench_kafka.ROOT / "build" / "release")
    a.add_argument("--set", action="append", default=[])
    a.add_argument("--forget", action="store_true")
    o = a.parse_args()
    o.build = o.build.resolve()
    disk = FORGETFUL if o.forget else DISK
    if o.manifests < AGAIN:
        a.error(f"--manifests: at least {AGAIN}")
    lab = e2e.Lab(o.build / "driftgate")
    free = shutil.disk_usage(lab.dir).free
    out = Out(o)
    try:
        e2e.need(free > o.manifests * disk,
                 f"{lab.dir}: {free / 2**30:.0f} GiB free, about {o.manifests * disk / 2**30:.0f} "
                 "are needed; set TMPDIR to a larger disk or take fewer manifests")
        lab.broker.start()
        measure(lab, o, out)
    except e2e.Failed as e:
        print(f"bench_year: {e}", file=sys.stderr)
        return 1
    finally:
        lab.close()
    out.write()
    return 0 if out.met else 1


if __name__ == "__main__":
    sys.exit(main())
