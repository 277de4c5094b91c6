#!/usr/bin/env python3
"""What a stranger types wrong: exit code and words of the binary, one row a mistake.

    tests/cases/cli.py [--binary build/driftgate]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FULL = "> /dev/full"  # as the last word: standard output is a full disk
UNWRITTEN = "driftgate: standard output could not be written\n"

# arguments (DIR: an empty folder), exit code, what stderr must say, what it must not
ROWS = [
    # a full disk behind standard output is said by every command
    (["version", FULL], 74, UNWRITTEN, None),
    (["--help", FULL], 74, UNWRITTEN, None),
    (["help", "exit-codes", FULL], 74, UNWRITTEN, None),
    (["run", "--help", FULL], 74, UNWRITTEN, None),
    (["config", "show", FULL], 74, UNWRITTEN, None),
    (["config", "check", "/dev/null", FULL], 74, UNWRITTEN, None),
    (["rules", "list", FULL], 74, UNWRITTEN, None),
    (["decode", "/dev/null", FULL], 74, UNWRITTEN, None),
    # words
    (["--hlep"], 64, 'unknown option "--hlep" (did you mean "--help"?)', None),
    (["--verison"], 64, '(did you mean "--version"?)', None),
    (["-x"], 64, 'unknown option "-x"\n', None),
    (["state", "inof"], 64, 'unknown command "inof" (did you mean "info"?)', None),
    (["state", "info", "x"], 64, 'takes no argument, got "x"', "say info"),
    (["state"], 64, "usage: driftgate state info|verify", None),
    (["topics", "crate"], 64, 'unknown command "crate" (did you mean "create"?)', None),
    (["topics", "check", "x"], 64, 'takes no argument, got "x"', "say create"),
    (["config", "show", "x.yaml"], 64, "config show: takes no FILE, got \"x.yaml\"; use -c FILE",
     None),
    (["explain", "--entry", "1", "--from", "DIR", "x"], 64, 'takes no argument, got "x"',
     "say one of"),
    # options that exclude each other
    (["gen", "-n", "1", "--topic", "t", "--by-group"], 64, "--topic", None),
    (["gen", "-n", "1", "--format", "xml"], 64, '"xml" is none of json, ceb, mixed', None),
    # --set names a section
    (["config", "show", "--set", "txn=1"], 78, '"txn" is a section', "did you mean"),
    (["config", "show", "--set", "kafka=x"], 78, 'such as "kafka.brokers"', "did you mean"),
    # what run would refuse is found by config check: all properties, and brokers that are none
    (["config", "check", "/dev/null", "--set", "kafka.properties.nosuch=1", "--set",
      "kafka.properties.security.protocol=zzz"], 78, 'error: kafka.properties.nosuch: No such', None),
    (["config", "check", "/dev/null", "--set", "kafka.properties.nosuch=1", "--set",
      "kafka.properties.security.protocol=zzz"], 78, 'Invalid value "zzz"', None),
    (["config", "check", "/dev/null", "--set", "kafka.brokers=:::"], 78, "is no list of", None),
    (["config", "check", "/dev/null", "--set", "kafka.brokers=a:b"], 78, "is no list of", None),
    (["config", "check", "/dev/null", "--set", "kafka.brokers=a:9092,:1"], 78, "is no list", None),
    (["config", "check", "/dev/null", "--set", "kafka.brokers=a,b:1,[::1]:9092,SSL://c:2"], 0, "",
     "error"),
    # folders where files are wanted
    (["rules", "check", "DIR"], 66, "Is a directory", "built in"),
    (["rules", "check", "--json", "DIR"], 66, "Is a directory", "built in"),
    (["config", "check", "DIR"], 66, "Is a directory", None),
    (["replay", "--out", "DIR/out", "DIR"], 66, "is a folder", None),
    (["bench", "compare", "DIR", "DIR"], 66, "is a folder", None),
    (["bench", "report", "DIR"], 66, "is a folder", None),
]


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--binary", default=str(ROOT / "build/driftgate"))
    binary = args.parse_args().binary
    wrong = 0
    with tempfile.TemporaryDirectory() as tmp:
        for words, code, want, never in ROWS:
            words = [w.replace("DIR", tmp) for w in words]
            full = words[-1] == FULL
            with open("/dev/full" if full else "/dev/null", "w", encoding="utf-8") as out:
                r = subprocess.run([binary, *(words[:-1] if full else words)], stdout=out,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                   timeout=60, check=False)
            if (r.returncode != code or want not in r.stderr or (never and never in r.stderr)):
                wrong += 1
                print(f"cli: {' '.join(words)}: exit {r.returncode}, want {code} and {want!r}"
                      f"{f' without {never!r}' if never else ''}:\n{r.stderr}", end="")
    print(f"cli: {len(ROWS) - wrong} mistakes met the right words, {wrong} did not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
