"""A headless Chromium, driven over its debugging pipe (no library needed): pages are loaded from
files, what they say on the console is caught, pictures are taken."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find():
    """Path of a Chromium, None when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory()
        down, up = os.pipe(), os.pipe()
        os.set_inheritable(down[0], True)
        os.set_inheritable(up[1], True)

        def pipes():  # Chromium reads from 3 and writes to 4
            os.dup2(down[0], 13)
            os.dup2(up[1], 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        self.process = subprocess.Popen(
            [find(), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}", "--hide-scrollbars", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(down[0])
        os.close(up[1])
        self.out, self.into = down[1], up[0]
        self.rest, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _read(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.into, 1 << 20)
            if not more:
                raise EOFError("the browser ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            x = self._read(60)
            if x.get("id") == self.number:
                if "error" in x:
                    raise RuntimeError(f"{method}: {x['error']}")
                return x["result"]
            self.events.append(x)

    def open(self, url, width, height=900, dark=False, media=""):
        """Loads a page; returns everything it complained about or asked the network for."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events = []
        self.call("Page.navigate", url=url)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._read(60))
        self.js("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        bad = []
        for e in self.events:
            p = e.get("params", {})
            if e.get("method") == "Log.entryAdded":
                bad.append(p["entry"]["text"])
            elif e.get("method") == "Runtime.consoleAPICalled":
                bad.append(str(p["args"]))
            elif e.get("method") == "Runtime.exceptionThrown":
                bad.append(p["exceptionDetails"]["text"])
            elif e.get("method") == "Network.requestWillBeSent":
                if not p["request"]["url"].startswith(("file:", "data:")):
                    bad.append("asks for " + p["request"]["url"])
        return bad

    def js(self, expression):
        x = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                      awaitPromise=True)
        if "exceptionDetails" in x:
            raise RuntimeError(x["exceptionDetails"])
        return x["result"].get("value")

    def picture(self, path, whole=True):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF")["data"]))

    def close(self):
        try:
            self.call("Browser.close")
        except (EOFError, OSError, RuntimeError, TimeoutError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.profile.cleanup()
