"""lab.py: what the end-to-end tests share: a broker, processes, topics, and a reader of outputs.

Everything listens on 127.0.0.1 and lives below one temporary folder; Lab.close() ends every process by its
pid and removes the folder.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BROKER_PROPS = """group.min.session.timeout.ms=1000
offsets.retention.minutes=10080
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
"""
INPUTS = ["manifests", "logistics", "transit", "customs"]
OUTPUTS = ["receipts", "drift", "closures", "rejects", "postings"]


class Failed(Exception):
    """A test found what must not be."""


def need(condition, text):
    if not condition:
        raise Failed(text)


def wait_until(what, seconds, look, every=0.05):
    """Calls look() until it gives something true."""
    end = time.monotonic() + seconds
    while True:
        got = look()
        if got:
            return got
        need(time.monotonic() < end, f"waited {seconds} s in vain for {what}")
        time.sleep(every)


def prepares_commit(text, txn_id):
    """Is a record of the transaction log in it that says so? Its key ends with the id, its value begins with
    version (2 bytes, 1), producer id (8), epoch (2), timeout (4), status (1; 2: PrepareCommit)."""
    at = text.find(txn_id)
    while at >= 0:
        value = text.find(b"\x00\x01", at)
        if value >= 0 and text[value + 16:value + 17] == b"\x02":
            return True
        at = text.find(txn_id, at + 1)
    return False


class Broker:
    def __init__(self, folder):
        self.dir = folder
        self.env = dict(os.environ, HEAP=os.environ.get("HEAP", "768m"),
                        DRIFTGATE_KAFKA_PROPS=BROKER_PROPS)

    def _do(self, verb):
        r = subprocess.run(["sh", str(HERE / "broker.sh"), verb, str(self.dir)], env=self.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        need(r.returncode == 0, f"broker.sh {verb}: {r.stderr.decode()[-500:]}")

    def start(self):
        self._do("start")

    def restart(self):
        self._do("restart")

    def kill(self):
        self._do("kill")

    def kill_in_commit(self, txn_id, seconds):
        """Kills it when a commit of a transactional id that begins so is decided and its ends (a marker in each
        partition) are still to be written. Gives whether there was one."""
        path = self.dir / "data" / "__transaction_state-0" / "00000000000000000000.log"
        pid = int((self.dir / "pid").read_text())
        end = time.monotonic() + seconds
        text = b""
        with open(path, "rb") as f:
            f.seek(0, os.SEEK_END)
            while time.monotonic() < end:
                text = text[-300:] + f.read()
                if prepares_commit(text, txn_id.encode()):
                    os.kill(pid, signal.SIGKILL)
                    self.kill()
                    return True
                time.sleep(0.0002)
        return False

    def _tool(self, name, *args):
        libs = subprocess.run([str(HERE / "fetch-kafka.sh")], capture_output=True, text=True, check=True)
        r = subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-cp", libs.stdout.strip() + "/*",
                            "org.apache.kafka.tools." + name, "--bootstrap-server", self.address, *args],
                           capture_output=True, text=True, check=False)
        need(r.returncode == 0, f"{name} {' '.join(args)}: {r.stdout[-300:]}{r.stderr[-300:]}")
        return r.stdout

    def add_partition(self, topic):
        """Gives how many the topic has then."""
        have = re.search(r"PartitionCount:\s*(\d+)", self._tool("TopicCommand", "--topic", topic, "--describe"))
        need(have, f"no such topic: {topic}")
        n = int(have.group(1)) + 1
        self._tool("TopicCommand", "--topic", topic, "--alter", "--partitions", str(n))
        return n

    def rights(self, resource, *operations):
        """Everybody may do these to `resource` (as AclCommand says it) from now on, and nothing else;
        without operations: all again."""
        if not operations:
            self._tool("AclCommand", "--remove", "--force", *resource)
            return
        ops = [x for o in operations for x in ("--operation", o)]
        self._tool("AclCommand", "--add", "--allow-principal", "User:ANONYMOUS", *ops, *resource)

    @property
    def address(self):
        return "127.0.0.1:" + (self.dir / "port").read_text().strip()


class Process:
    """One `driftgate run` (or any command), its stderr in a file."""

    def __init__(self, cmd, log):
        self.log = log
        self.cmd = cmd
        with open(log, "ab") as f:
            self.offset = f.tell()
            self.p = subprocess.Popen([str(x) for x in cmd], stdin=subprocess.DEVNULL, stdout=f,
                                      stderr=f, start_new_session=True)

    def text(self):
        with open(self.log, "rb") as f:
            f.seek(self.offset)
            return f.read().decode("utf-8", "replace")

    def wait_for(self, pattern, seconds):
        def look():
            found = re.search(pattern, self.text(), re.M)
            if not found and self.p.poll() is not None:
                raise Failed(f"ended with {self.p.returncode} before it said /{pattern}/: "
                             + self.tail())
            return found
        return wait_until(f"/{pattern}/ of {' '.join(map(str, self.cmd[1:4]))}", seconds, look)

    def tail(self, n=6):
        return " | ".join(self.text().strip().splitlines()[-n:])

    def alive(self):
        return self.p.poll() is None

    def kill(self):
        if self.alive():
            self.p.kill()
        self.p.wait()

    def ends(self, seconds):
        try:
            return self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"did not end within {seconds} s: {self.tail()}") from None

    def stop(self, seconds=15, code=0):
        """SIGTERM; gives how long it took."""
        need(self.alive(), f"had ended already with {self.p.returncode}: {self.tail()}")
        began = time.monotonic()
        self.p.send_signal(signal.SIGTERM)
        got = self.ends(seconds)
        need(got == code, f"SIGTERM: exit {got}, not {code}: {self.tail()}")
        return time.monotonic() - began

    def watermark(self):
        """Of the last status line; "" when there is none yet."""
        found = re.findall(r"watermark=(\S+)", self.text())
        return found[-1] if found and found[-1] != "none" else ""


class Lab:
    def __init__(self, binary):
        self.binary = binary
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="driftgate-e2e-"))
        self.broker = Broker(self.dir / "broker")
        self.processes = []
        self.calls = set()  # under way, in other threads too

    def close(self, keep=False):
        """Ends what runs; gives the folder when it is kept."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for p in self.processes:
            p.kill()
        for p in list(self.calls):
            p.kill()
        if (self.broker.dir / "pid").exists():
            self.broker.kill()
        if keep:
            return self.dir
        shutil.rmtree(self.dir, ignore_errors=True)
        return None

    def spawn(self, args, log):
        p = Process([self.binary] + list(args), log)
        self.processes.append(p)
        return p

    def call(self, *args, code=0):
        """Runs to the end; gives its output, stdout and stderr as one."""
        p = subprocess.Popen([str(self.binary)] + [str(a) for a in args], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.calls.add(p)
        try:
            text = p.communicate(timeout=120)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            raise Failed(f"driftgate {args[0]} did not end within 120 s") from None
        finally:
            p.kill()
            p.wait()
            self.calls.discard(p)
        need(p.returncode == code, f"driftgate {args[0]}: exit {p.returncode}, not {code}: "
             + text.strip()[-600:])
        return text

    def read(self, topic):
        """All committed messages of a topic, in order within each partition."""
        r = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-b", self.broker.address, "-t", topic, "-o", "beginning",
             "-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=50",
             "-f", r"%p %o %K %S\n%k%s%h\x1e\n"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=120, check=False)
        need(r.returncode == 0, f"kcat {topic}: {r.stderr.decode()[-300:]}")
        return list(messages_of(r.stdout))


class Message:
    __slots__ = ("partition", "offset", "key", "value", "headers")

    def header(self, name):
        found = re.search(rb"(?:^|,)" + re.escape(name.encode()) + rb"=([^,]*)", self.headers)
        return found.group(1).decode("utf-8", "replace") if found else None


def messages_of(text):
    at = 0
    while at < len(text):
        end = text.index(b"\n", at)
        partition, offset, key, value = (int(x) for x in text[at:end].split())
        m = Message()
        m.partition, m.offset = partition, offset
        at = end + 1
        m.key = text[at:at + max(key, 0)]
        at += max(key, 0)
        m.value = text[at:at + max(value, 0)]
        at += max(value, 0)
        end = text.index(b"\x1e\n", at)
        m.headers = text[at:end]
        at = end + 2
        yield m


class Site:
    """The topics, the configuration and the state of one test."""

    def __init__(self, lab, name, traffic_config):
        self.lab = lab
        self.name = name
        self.dir = lab.dir / name
        self.dir.mkdir()
        self.config = self.dir / "driftgate.yaml"
        self.traffic_config = traffic_config
        self.log = self.dir / "run.log"
        self.state = self.dir / "state"
        self.tags = set()  # of the traffic that is in it

    def topic(self, which):
        return f"{self.name}.{which}"

    def write_config(self, brokers=None, settle="1s", partitions=4, extra=""):
        accepts = {"manifests": "manifest"}
        inputs = "\n".join(f"    - {{name: {self.topic(t)}, accepts: [{accepts.get(t, t)}]}}"
                           for t in INPUTS)
        outputs = "\n".join(f"  {t}: {self.topic(t)}" for t in OUTPUTS)
        self.config.write_text(f"""kafka:
  brokers: {brokers or self.lab.broker.address}
  group: {self.name}
  properties:
    session.timeout.ms: 2000
    heartbeat.interval.ms: 500
input:
  topics:
{inputs}
output:
{outputs}
ledger:
  partitions: {partitions}
txn:
  interval: 100ms
watermark:
  interval: 500ms
state:
  dir: {self.state}
  snapshot.interval: 3s
http:
  listen: 127.0.0.1:0
""" + self.traffic_config.replace("settle: 10m", f"settle: {settle}") + extra)

    def create_topics(self):
        return self.lab.call("topics", "create", "--dev", "-c", self.config)

    def run(self, *settings, instance="a", log=None):
        args = ["run", "-v", "-c", self.config, "--set", f"kafka.instance={instance}"]
        for s in settings:
            args += ["--set", s]
        return self.lab.spawn(args, log or self.log)

    def drop_state(self):
        shutil.rmtree(self.state, ignore_errors=True)
