"""killing.py: the tests that kill: the program, the broker, one of two owners."""
import re
import time

from books import Books, Truth
from lab import need


class Killing:
    """Part of the suite in run.py."""

    def test_040_killed_again_and_again(self):
        site = self.site("t040")
        kills = 5 if self.quick else 10
        feed = self.produce_slowly(site, kills, self.documents / 2 / kills, kills * 2.0)
        p = None
        dropped = 0
        for i in range(kills):
            p = site.run()
            if i % 2:
                self.ready(p)
            time.sleep(self.random.uniform(0.2, 2.5))
            need(p.alive(), f"ended by itself with {p.p.returncode}: {p.tail()}")
            p.kill()
            if self.random.random() < 0.4:
                site.drop_state()
                dropped += 1
        p = self.ready(site.run())
        truth = Truth(feed.files())
        self.settle(p, 90)
        p.stop()
        books = Books(self.lab, site)
        books.check(truth)
        self.note = f"{kills} kills, state removed {dropped} times; {books.figures()}"

    def test_050_broker_killed(self):
        site = self.site("t050")
        kills = 1 if self.quick else 2
        feed = self.produce_slowly(site, 6, self.documents / 2 / 6, 6.0 * kills)
        p = self.ready(site.run())
        away = []
        for _ in range(kills):
            time.sleep(self.random.uniform(1.0, 3.0))
            self.lab.broker.kill()
            began = time.monotonic()
            time.sleep(self.random.uniform(0.5, 3.0))
            self.lab.broker.restart()
            away.append(time.monotonic() - began)
        truth = Truth(feed.files())
        need(p.alive(), f"ended by itself with {p.p.returncode}: {p.tail()}")
        self.settle(p, 90)
        p.stop()
        books = Books(self.lab, site)
        books.check(truth)
        self.note = (f"broker away for {', '.join(f'{a:.1f}' for a in away)} s; {books.figures()}")

    def test_055_broker_killed_in_a_commit(self):
        """Kafka acknowledges a commit before it has written its end into each partition, and one that is killed
        in between forgets some of them now and then (kafka_settle.c): whoever committed must mend that."""
        site = self.site("t055")
        ids = ["t055-a-ingest", "t055-ledger-"] + ([] if self.quick else ["driftgate-gen", "t055-ledger-", "t055-a-"])
        feed = self.produce_slowly(site, 2 + 2 * len(ids), 1000, 3.0 * len(ids))
        p = self.ready(site.run())
        kills = 0
        for txn_id in ids:
            if self.lab.broker.kill_in_commit(txn_id, 10):
                kills += 1
                self.lab.broker.restart()
        truth = Truth(feed.files())
        need(kills > 0, "no commit was seen in the broker's log")
        need(p.alive(), f"ended by itself with {p.p.returncode}: {p.tail()}")
        self.settle(p, 90)
        mended = len(re.findall(r"is committed again", p.text()))
        p.stop()
        books = Books(self.lab, site)
        books.check(truth)
        self.note = f"{kills} kills, {mended} transactions mended; {books.figures()}"

    def test_060_two_owners(self):
        site = self.site("t060")
        feed = self.produce_slowly(site, 8, self.documents / 2 / 8, 10.0)
        a = site.run("ledger.own=0-1", f"state.dir={site.dir}/state-a", instance="a", log=site.dir / "a.log")
        b = site.run("ledger.own=2-3", f"state.dir={site.dir}/state-b", instance="b", log=site.dir / "b.log")
        self.ready(a)
        self.ready(b)
        time.sleep(2)
        c = site.run("ledger.own=2-3", f"state.dir={site.dir}/state-c", instance="c", log=site.dir / "c.log")
        code = b.ends(40)
        need(code == 75, f"the replaced owner: exit {code}, not 75: {b.tail()}")
        need(re.search(r"newer owner", b.text()), "the replaced owner does not say why: " + b.tail())
        self.ready(c)
        truth = Truth(feed.files())
        self.settle(a, 90)
        a.stop()
        c.stop()
        books = Books(self.lab, site)
        books.check(truth)
        self.note = books.figures()
