"""books.py: are the outputs of a run what its input asks for? Judged from what Kafka holds, from both sides:
the input topics (every manifest document gives one receipt or one reject) and the truth of the generator."""
import collections
import json
import re
import xml.etree.ElementTree as ET

from lab import INPUTS, need

MANIFESTS = ("CEB603", "CEB605", "CEB621", "CEB623")
# Plants whose outcome hangs on when `run` looks, which traffic made up beforehand cannot foretell: an
# officer's decision answers a revision, and revisions depend on when W moved; a change of a manifest
# races with its release, which comes by another topic (REFUSED or not), and it counts as made when the
# broker took it, after every seal of last week (X23).
BY_THE_CLOCK = ("RELEASED", "REFERRED", "X23", "REFUSED")


CEB = "{http://www.chinaport.gov.cn/ceb}"


def returns_of(m):
    """The receipts of a CEB604 or CEB622, as the JSON ones would say it."""
    root = ET.fromstring(m.value)
    export = root.tag == CEB + "CEB604Message"
    need(export or root.tag == CEB + "CEB622Message", f"receipts: root {root.tag}")
    need(1 <= len(root) <= 100, f"receipts: {len(root)} in one message")
    for e in root:
        f = {x.tag.removeprefix(CEB): x.text or "" for x in e}
        says, origin = f["returnInfo"].split("; ")[:2]
        verdict, *codes = re.split("[ ,]", says)
        r = {"verdict": verdict, "messageType": "CEB603" if export else "CEB621", "agentCode": f["agentCode"],
             "copNo": f["copNo"], "origin": origin.removeprefix("origin=")}
        if codes:
            r["codes"] = codes
        yield m, r


def lines_of(messages):
    for m in messages:
        if m.value.startswith(b"<"):
            yield from returns_of(m)
            continue
        for line in m.value.split(b"\n"):
            if line:
                yield m, json.loads(line)


def some(items, n=4):
    items = sorted(map(str, items))
    return ", ".join(items[:n]) + (f" and {len(items) - n} more" if len(items) > n else "")


class Truth:
    """The sum of the truth files of several runs of the generator."""

    def __init__(self, files):
        self.totals = collections.Counter()
        self.verdicts = collections.Counter()
        self.facts = []
        for f in files:
            rows = [json.loads(x) for x in f.read_text().splitlines() if x.strip()]
            self.verdicts.update(rows[0].pop("verdicts"))
            self.totals.update({k: v for k, v in rows[0].items() if k != "until"})
            self.facts += rows[1:]

    def foretold(self):
        """Names of the plants that a run must find whatever the timing."""
        late = {t["plant"] for t in self.of("receipt") if t["verdict"] == "REFUSED"}
        return sorted({t["plant"] for t in self.facts} - late - set(BY_THE_CLOCK))

    def of(self, kind):
        return [t for t in self.facts if t["kind"] == kind]


class Books:
    def __init__(self, lab, site):
        self.site = site
        self.receipts = list(lines_of(lab.read(site.topic("receipts"))))
        self.alerts = list(lines_of(lab.read(site.topic("drift"))))
        self.closures = list(lines_of(lab.read(site.topic("closures"))))
        self.rejects = lab.read(site.topic("rejects"))
        self.manifests = lab.read(site.topic("manifests"))

    # ---- every document once, seen from the input ----

    def input_documents(self):
        """(origins of manifest documents in messages that parse, positions of those that do not)"""
        origins, broken = set(), set()
        topic = self.site.topic("manifests")
        for m in self.manifests:
            where = f"{topic}/{m.partition}/{m.offset}"
            try:
                text = m.value[5:] if m.value[:1] == b"\0" else m.value  # a Confluent frame
                text = text.decode("utf-8-sig")
                docs = json.loads(text)
                docs = docs if isinstance(docs, list) else [docs]
            except ValueError:
                try:
                    docs = [json.loads(x) for x in text.splitlines() if x.strip()]
                except ValueError:
                    broken.add(where)
                    continue
            for i, d in enumerate(docs):
                if isinstance(d, dict) and (d.get("messageType") in MANIFESTS or "items" in d):
                    origins.add(f"{where}/{i}")
                else:
                    broken.add(where)
        return origins, broken

    def reject_origins(self):
        for m in self.rejects:
            index = m.header("driftgate-document-index") or "0"
            yield "/".join((m.header("__connect.errors.topic"), m.header("__connect.errors.partition"),
                            m.header("__connect.errors.offset"), index))

    def check_once(self):
        got = collections.Counter(r["origin"] for _, r in self.receipts)
        twice = [o for o, n in got.items() if n > 1]
        need(not twice, f"{len(twice)} documents have more than one receipt: {some(twice)}")
        rejected = collections.Counter(self.reject_origins())
        twice = [o for o, n in rejected.items() if n > 1]
        need(not twice, f"{len(twice)} rejects are there twice: {some(twice)}")
        want, broken = self.input_documents()
        missing = want - set(got) - set(rejected)
        need(not missing, f"{len(missing)} of {len(want)} documents of the input have neither receipt nor "
             f"reject: {some(missing)}")
        both = set(got) & set(rejected)
        need(not both, f"both receipt and reject: {some(both)}")
        extra = [o for o in got if o not in want and o.rsplit("/", 1)[0] not in broken]
        need(not extra, f"{len(extra)} receipts of documents that are not in the input: {some(extra)}")
        silent = {b for b in broken if not any(r.startswith(b + "/") for r in rejected)}
        need(not silent, f"broken messages without a reject: {some(silent)}")

    def check_identities(self):
        """One ACCEPTED or HELD an identity, unless it was taken back in between."""
        first = collections.Counter()
        ended = set()
        for _, r in self.receipts:
            key = manifest_key(r)
            if r["verdict"] in ("ACCEPTED", "HELD"):
                first[key] += 1
            elif r["verdict"] in ("CANCELLED", "REJECTED"):
                ended.add(key)
        twice = [k for k, n in first.items() if n > 1 and k not in ended]
        need(not twice, f"{len(twice)} identities were accepted twice: {some(twice)}")

    def check_streams(self):
        """Revisions count 1, 2, 3 ...; no alert line is there twice in a row."""
        revision = collections.Counter()
        for _, c in self.closures:
            revision[c["turnNo"]] += 1
            need(c["revision"] == revision[c["turnNo"]],
                 f"entry {c['turnNo']}: revision {c['revision']} where {revision[c['turnNo']]} must be")
        last = {}
        for _, a in self.alerts:
            now = (a["state"], a["level"])
            need(last.get(a["alertId"]) != now, f"alert {a['alertId']}: twice in a row {now}")
            need(a["state"] == "OPEN" or a["alertId"] in last, f"{a['alertId']} withdrawn before it opened")
            last[a["alertId"]] = now

    # ---- against the truth of the generator ----

    def differences(self, truth):
        """Texts; empty when everything that was planted was found and nothing else."""
        bad = []
        plant = {(t["kind"], t["key"]): t["plant"] for t in truth.facts if "key" in t}

        def same(what, want, got):
            for fact in (want - got):
                names = {plant[what, k] for k in fact if (what, k) in plant}
                bad.append(f"{what} of plant {','.join(names)} not found: {fact}")
            for fact in (got - want):
                bad.append(f"{what} found, not planted: {fact}")

        same("receipt",
             collections.Counter((t["verdict"], t["codes"], t["key"]) for t in truth.of("receipt")),
             collections.Counter((r["verdict"], ",".join(r.get("codes", [])), manifest_key(r))
                                 for _, r in self.receipts if r["verdict"] != "ACCEPTED" or r.get("codes")))
        verdicts = collections.Counter(r["verdict"] for _, r in self.receipts)
        if verdicts != +truth.verdicts:
            bad.append(f"verdicts {dict(verdicts)}, planted {dict(truth.verdicts)}")
        same("reject", collections.Counter((t["code"], t["field"]) for t in truth.of("reject")),
             collections.Counter((m.header("driftgate-error-code"), m.header("driftgate-error-field") or "")
                                 for m in self.rejects))
        last = {a["alertId"]: a for _, a in self.alerts}
        same("alert",
             collections.Counter((t["rule"], t["level"], t["account"], t["key"], t.get("window", ""))
                                 for t in truth.of("alert")),
             collections.Counter((a["rule"], a["level"], a["account"]["kind"], a["account"]["key"],
                                  a.get("window", "")) for a in last.values() if a["state"] == "OPEN"))
        closed = {c["turnNo"]: c for _, c in self.closures}
        same("closure",
             collections.Counter((t["key"], t["decision"], t["reasons"]) for t in truth.of("closure")),
             collections.Counter((k, c["decision"], ",".join(c.get("reasons", [])))
                                 for k, c in closed.items() if c["decision"] != "CLOSED_AUTO"))
        auto = sum(c["decision"] == "CLOSED_AUTO" for c in closed.values())
        if auto != truth.totals["closed_auto"]:
            bad.append(f"closed_auto {auto}, planted {truth.totals['closed_auto']}")
        return bad

    def check(self, truth):
        self.check_once()
        self.check_identities()
        self.check_streams()
        bad = self.differences(truth)
        (self.site.dir / "differences.txt").write_text("\n".join(bad) + "\n")
        need(not bad, f"{len(bad)} differences from the truth: " + "; ".join(bad[:6]))

    def figures(self):
        return (f"{len(self.receipts)} receipts, {len(self.rejects)} rejects, {len(self.alerts)} alert lines, "
                f"{len(self.closures)} closure lines")


def manifest_key(r):
    side = "I" if r["messageType"] in ("CEB621", "CEB623") else "E"
    return f"{side}/{r['agentCode']}/{r.get('copNo', '-')}"
