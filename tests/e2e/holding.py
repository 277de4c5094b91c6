"""holding.py: the tests of who holds closing back: W must wait, say for whom, and go on."""
import json
import signal
import subprocess
import time

from books import Books, Truth
from lab import Failed, need, wait_until

SETTINGS = ("watermark.warn=1s",)


class Holding:
    """Part of the suite in run.py."""

    def w_stands(self, process, seconds):
        before = process.watermark()
        time.sleep(seconds)
        need(process.watermark() == before, f"W went on: {before} to {process.watermark()}")

    def w_moves(self, process, seconds=30):
        before = process.watermark()
        wait_until("W to move", seconds, lambda: process.watermark() > before, 0.2)

    def held_back(self, site, text):
        """What `state info` says holds closing back."""
        lines = [json.loads(x) for x in
                 self.lab.call("state", "info", "--json", "-c", site.config).splitlines() if x[:1] == "{"]
        held = [x["holds_back"] for x in lines if "holds_back" in x]
        need(len(held) == 1 and held[0] and text in held[0], f"state info: {held}, not {text!r}")
        return lines

    def test_090_open_transaction_and_added_partition(self):
        site = self.site("t090")
        truth = self.produce(site, 2000)
        p = self.ready(site.run(*SETTINGS))
        self.settle(p)
        topic = site.topic("transit")
        foreign = subprocess.Popen(
            ["kcat", "-P", "-b", self.lab.broker.address, "-t", topic, "-p", "0", "-X", "transactional.id=foreign",
             "-X", "transaction.timeout.ms=60000", "-X", "linger.ms=0"], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.lab.calls.add(foreign)
        try:
            # kcat sends a line when more than its own buffer comes behind it.
            foreign.stdin.write(b'{"messageType":"X"}\n' + b"x" * 200000)
            foreign.stdin.flush()
            p.wait_for(r"WARN +watermark closing is held back .*" + topic + r"\[0\].*transaction open", 40)
            self.held_back(site, "a producer has left a transaction open")
            self.w_stands(p, 2)
            foreign.stdin.close()  # it commits: a message that nobody understands, a reject
            need(foreign.wait(20) == 0, "kcat did not commit")
        finally:
            foreign.kill()
            self.lab.calls.discard(foreign)
        p.wait_for(r"W moves again; " + topic, 30)
        self.w_moves(p)
        # A partition that comes later is read, and waited for.
        self.add_partition(site.topic("manifests"))
        self.settle(p)
        p.stop()
        need("summary:" in p.text() and "held back" in p.text(), "no summary that names it")
        told = Truth([truth])
        told.facts += [{"kind": "reject", "plant": "-", "code": c, "field": f} for c, f in
                       (("FIELD_RANGE", "messageType"), ("FORMAT_UNKNOWN", ""), ("FORMAT_UNKNOWN", ""))]
        Books(self.lab, site).check(told)
        self.note = "W waited for a foreign transaction, said so, and went on"

    def add_partition(self, topic):
        n = self.lab.broker.add_partition(topic)
        r = subprocess.run(["kcat", "-P", "-b", self.lab.broker.address, "-t", topic, "-p", str(n - 1)],
                           input=b"not a document\n", check=False, capture_output=True)
        need(r.returncode == 0, f"kcat: {r.stderr[-200:]}")
        read = lambda: any(m.header("__connect.errors.partition") == str(n - 1)  # noqa: E731
                           for m in self.lab.read(topic.rsplit(".", 1)[0] + ".rejects"))
        wait_until("the reject from the partition that was added", 60, read, 1)

    def test_095_owner_that_stands_still(self):
        site = self.site("t095")
        truth = self.produce(site, 2000)
        a = self.ready(site.run(*SETTINGS, "ledger.own=0-1", instance="a"))
        b = self.ready(site.run(*SETTINGS, "ledger.own=2-3", instance="b", log=site.dir / "b.log"))
        self.settle(a)
        b.p.send_signal(signal.SIGSTOP)
        try:
            more = self.produce(site, 2000)
            a.wait_for(r"WARN +watermark closing is held back .*\[[0-9]+\]: group", 60)
            a.wait_for(r"closing is held back .*is the process that owns it at work|have not come further", 60)
            self.held_back(site, site.name + ".")
            self.w_stands(a, 2)
        finally:
            b.p.send_signal(signal.SIGCONT)
        self.settle(a, 90)
        if not b.alive():
            raise Failed(f"b ended with {b.p.returncode}: {b.tail()}")
        a.stop()
        b.stop()
        Books(self.lab, site).check(Truth([truth, more]))
        self.note = "a stopped owner held W back, was named, and went on"
