#!/usr/bin/env python3
"""The report's page in a real browser: both languages, light, dark and print, wide and narrow.

No console message, no request to anywhere, plots with marks whose number fits the data, nothing
wider than the window, hostile numbers shown as they are. Pictures go to build/page.

    tests/page/report.py [--binary build/driftgate]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOSTILE = "<img src=x>&\"'"
WIDTHS = (320, 400, 760, 1200)

# What sticks out of the window, by tag; what a table cuts off counts, too.
WIDER = """[...document.querySelectorAll('body *')].filter(e => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && getComputedStyle(e).clipPath === 'none' && !e.closest('thead') &&
        (r.right > innerWidth + 1 || r.left < -1);
}).map(e => e.tagName + ':' + e.textContent.slice(0, 30)).slice(0, 5)"""
# Contrast of text against what is behind it, by WCAG 2; the lowest and whose it is.
CONTRAST = """(() => {
    const lum = c => { const v = c.map(x => { x /= 255;
        return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
        return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
    const rgb = s => s.match(/[\\d.]+/g).map(Number);
    let worst = [99, ''];
    for (const e of document.querySelectorAll('h1,h2,h3,p,td,th,small,span,code,a,b')) {
        if (!e.textContent.trim()) continue;
        let at = e, back = [0, 0, 0, 0];
        while (at && (back.length > 3 && back[3] === 0)) {
            back = rgb(getComputedStyle(at).backgroundColor); at = at.parentElement; }
        const a = lum(rgb(getComputedStyle(e).color)), b = lum(back.slice(0, 3));
        const c = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (c < worst[0]) worst = [c, e.tagName + ' ' + e.textContent.slice(0, 20)];
    }
    return worst; })()"""


def make(binary, tmp):
    def run(*args):
        subprocess.run([binary, *map(str, args)], check=True, capture_output=True)

    g = tmp / "g"
    run("gen", "--manifests", "4000", "--seed", "5", "--plant", "ALL=2", "--out", g)
    until = json.loads((g / "truth.ndjson").open().readline())["until"]
    with (g / "messages.ndjson").open("a") as f:
        f.write(json.dumps({"messageType": "ARRIVAL", "turnNo": HOSTILE, "customsCode": "3701",
                            "arrivalTime": "20250901120000"}) + "\n")
    run("replay", "-c", g / "config.yaml", "--out", tmp / "out", "--keep-log", tmp / "log",
        "--until", until, g / "messages.ndjson")
    for lang in ("en", "zh"):
        for day in ("2025-09-01", "2025-09-15"):
            run("report", "--from", tmp / "log", "--day", day, "--lang", lang, "--out", tmp / lang)
    return [(lang, day, tmp / lang / f"report-{day}.html")
            for lang in ("en", "zh") for day in ("2025-09-01", "2025-09-15")]


def check_page(b, lang, day, path, same, pictures):
    name = f"{lang} {day}"
    data = json.loads(path.with_suffix(".json").read_text())
    for dark in (False, True):
        for width in WIDTHS:
            what = f"{name} {width}{' dark' if dark else ''}"
            same(f"{what} complaints", [], b.open(path.as_uri(), width, dark=dark))
            same(f"{what} width", width, b.js("document.documentElement.scrollWidth"))
            same(f"{what} sticks out", [], b.js(WIDER))
            if width in (400, 1200):
                b.picture(pictures / f"report-{lang}-{day}-{width}{'-dark' if dark else ''}.png")
        ratio, who = b.js(CONTRAST)
        same(f"{name}{' dark' if dark else ''} contrast {ratio:.1f} of {who}", True, ratio >= 4.5)
    same(f"{name} language", "zh-CN" if lang == "zh" else "en", b.js("document.documentElement.lang"))
    same(f"{name} title", True, day in b.js("document.title"))
    decisions = ("CLOSED_AUTO", "CLOSED_MANUAL", "EXCEPTION", "OVERDUE")
    bars = sum((h[k] > 0) for h in data["hours"] for k in decisions)
    bars += sum(any(h[k] for k in h if k not in ("hour", *decisions)) for h in data["hours"])
    same(f"{name} bars", bars, b.js("document.querySelectorAll('#hours rect').length"))
    same(f"{name} bars have a height", True, bars > 0 and b.js(
        "[...document.querySelectorAll('#hours rect')].every(r => "
        "r.getBoundingClientRect().height > 1 && r.getBoundingClientRect().width > 3)"))
    same(f"{name} says numbers", True, b.js(
        "[...document.querySelectorAll('svg rect:not(.track)')].every(r => "
        "r.closest('svg').getAttribute('aria-label'))"))
    for section, sheet in (("why", "reasons"), ("rules", "rules")):
        same(f"{name} {section} bars", len(data[sheet]),
             b.js(f"document.querySelectorAll('#{section} svg.bar').length"))
    same(f"{name} foreign", 0, b.js("document.querySelectorAll('img,script,iframe').length"))
    if any(x["key"] == HOSTILE for x in data["waiting"][:60]):
        same(f"{name} hostile", True, b.js("[...document.querySelectorAll('#waiting code')]"
                                           f".some(c => c.textContent === {json.dumps(HOSTILE)})"))
    same(f"{name} files", True, all(
        (path.parent / x).exists() for x in b.js(
            "[...document.querySelectorAll('.files a')].map(a => a.getAttribute('href'))")))
    b.open(path.as_uri(), 720, media="print", dark=True)
    same(f"{name} paper is white", "rgb(255, 255, 255)",
         b.js("getComputedStyle(document.body).backgroundColor"))
    b.picture(pictures / f"report-{lang}-{day}-print.png")
    b.pdf(pictures / f"report-{lang}-{day}.pdf")


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--binary", default=str(ROOT / "build/driftgate"))
    binary = args.parse_args().binary
    if not browser.find():
        print("page: no Chromium (tests/deps.sh test installs it)\n0 passed, 0 failed, 1 skipped")
        return 0
    pictures = ROOT / "build/page"
    pictures.mkdir(parents=True, exist_ok=True)
    passed, wrong = 0, []

    def same(what, want, got):
        nonlocal passed
        passed += want == got
        if want != got:
            wrong.append(f"{what}: want {want}, is {got}")

    with tempfile.TemporaryDirectory() as tmp:
        pages = make(binary, pathlib.Path(tmp))
        b = browser.Browser()
        try:
            for lang, day, path in pages:
                check_page(b, lang, day, path, same, pictures)
        finally:
            b.close()
    for x in wrong[:20]:
        print(x)
    print(f"page: {passed} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
