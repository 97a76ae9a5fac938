"""What the Sparkplug B peers share: their own folder of packages, and Tahu's client."""

import os
import sys
import threading
import time

folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(sys.executable))), "sparkplug")
sys.path.insert(0, folder)


def milliseconds() -> int:
    return int(time.time() * 1000)


def wait(event: threading.Event, what: str, seconds: float = 30) -> None:
    if not event.wait(seconds):
        from peer import fail

        fail(f"{what} did not come in {seconds} s")
