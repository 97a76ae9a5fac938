"""A headless Chromium, driven over its debugging protocol (CDP) by a WebSocket: open, look, press, photograph.

Everything that a page complains about (errors in the console, exceptions, files that do not load) is kept in
`complaints`.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request

from websockets.sync.client import connect

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars",
    "--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0",
]

# The middle of an element once it stands still and nothing lies over it; else false.
STEADY = """(async () => {
  const element = document.querySelector(%s);
  if (!element) return false;
  element.scrollIntoView({block: 'center', behavior: 'instant'});
  const middle = () => {
    const box = element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const before = middle();
  await new Promise(done => setTimeout(done, 60));
  const [x, y] = middle();
  const top = document.elementFromPoint(x, y);
  return x === before[0] && y === before[1] && top && element.contains(top) ? [x, y] : false;
})()"""


class Browser:
    """One browser with one page, for the time of a `with`."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise SystemExit("chromium is missing: install it with dev/bootstrap")
        self.folder = tempfile.mkdtemp(prefix="penstock-browser-")
        self.process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.complaints = []
        self.number = 0

    def __enter__(self):
        try:
            port = self.wait_for_port()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
                page = next(item for item in json.load(answer) if item["type"] == "page")
            self.socket = connect(page["webSocketDebuggerUrl"], max_size=None, open_timeout=20)
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.command(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_for_port(self):
        file = os.path.join(self.folder, "DevToolsActivePort")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"chromium ended by itself ({self.process.returncode})")
            if os.path.exists(file):
                with open(file) as lines:
                    text = lines.read().split()
                if text:
                    return int(text[0])
            time.sleep(0.05)
        raise SystemExit("chromium did not open its debugging port")

    def command(self, method, **parameters):
        """Sends a command and returns its result; what the page says meanwhile is noted."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=30))
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            texts = [str(item.get("value", item.get("description"))) for item in parameters["args"]]
            self.complaints.append(" ".join(texts))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            entry = parameters["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def run(self, script):
        """The value of a JavaScript expression; a promise is waited for."""
        result = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{script}: {result['exceptionDetails'].get('exception', {}).get('description')}")
        return result["result"].get("value")

    def wait(self, what, script, seconds=20):
        """Waits until an expression is true, and returns its value; of an element only that it is there."""
        script = f"Promise.resolve({script}).then(found => found instanceof Node ? true : found)"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.1)
        raise SystemExit(f"{what}: not within {seconds} s; the page says: {self.run('document.body.innerText')[:800]}")

    def open(self, address):
        self.command("Page.navigate", url=address)

    def press(self, selector):
        """Clicks an element with the mouse, in the middle, as a person does: what is covered or hidden is missed."""
        box = self.wait(f"{selector} can be pressed", STEADY % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def drag(self, selector, start, end):
        """Draws over an element with the mouse, between two parts of its width."""
        self.wait(f"{selector} can be drawn over", STEADY % json.dumps(selector))
        left, top, width, height = self.run(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [b.x, b.y, b.width, b.height]; })()")
        places = [left + width * part for part in (start, (start + end) / 2, end)]
        for kind, x in zip(("mousePressed", "mouseMoved", "mouseReleased"), places):
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=x, y=top + height / 2, button="left", buttons=1, clickCount=1)

    def write(self, selector, text):
        """Writes into a field after emptying it."""
        self.run(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.focus(); e.value = ''; }})()")
        self.command("Input.insertText", text=text)

    def choose(self, selector, value):
        self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.value = {json.dumps(value)};"
            " e.dispatchEvent(new Event('change', {bubbles: true})); })()")

    def size(self, width, height):
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def scheme(self, name):
        """`light` or `dark`."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def photograph(self, path):
        data = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
