"""Programs of a crash run: started, signalled and ended by process id; none outlives this one."""

import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.request

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
# Loopback only: no proxy of the environment stands in between.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ENVIRONMENT = {
    name: value for name, value in os.environ.items()
    if not name.startswith(("PENSTOCK_", "CONNECTOR_", "DBX_")) and not name.lower().endswith("_proxy")
} | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str, timeout: float = 1) -> str:
    with OPENER.open(url, timeout=timeout) as answer:
        return answer.read().decode()


class Program:
    """A program that may be ended and started again; all its runs write to one log."""

    def __init__(self, name: str, command: list[str], folder: str) -> None:
        self.name, self.command = name, command
        self.log = os.path.join(folder, name + ".log")
        self.process: subprocess.Popen | None = None
        self.frozen = False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> "Program":
        with open(self.log, "ab") as log:
            # With this process each of them dies, however it ends.
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        return self

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.frozen = False

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def freeze(self, frozen: bool) -> None:
        if self.runs and self.frozen != frozen:
            self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)
            self.frozen = frozen

    def stop(self, limit: float = 20) -> int:
        """SIGTERM, and SIGKILL when it does not obey; the exit code."""
        if not self.process:
            return 0
        self.freeze(False)
        if self.runs:
            self.process.terminate()
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def listens(self, port: int, limit: float = 30) -> "Program":
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and self.runs:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not listen on port {port}\n{self.tail()}")

    def memory(self, name: str = "VmRSS") -> float:
        """MiB of the process, 0 when it is gone."""
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
                return next((int(line.split()[1]) / 1024 for line in status if line.startswith(name + ":")), 0.0)
        except OSError:
            return 0.0

    def cpu(self) -> float:
        """CPU seconds of the process."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tail(self, lines: int = 20) -> str:
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return f"--- the end of {self.log}:\n" + "".join(log.readlines()[-lines:])


def metrics(text: str, name: str, label: str = "source") -> dict[str, float]:
    """The samples of a metric by one of their labels."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith(name + "{") or line.startswith(name + " "):
            labels, _, value = line[len(name):].rpartition(" ")
            _, _, rest = labels.partition(f'{label}="')
            key = rest.partition('"')[0]
            found[key] = found.get(key, 0) + float(value)
    return found
