"""The connector's whole road beside a peer's, one after the other, against the same simulated plant.

CPU is the process's own time (user and system) over the measured seconds, divided by the rows that the table service
has committed in them. Memory is the peak of the resident set.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer) if answer.headers.get_content_type() == "application/json" else answer.read()


class Program:
    """A started program; ends with the scope."""

    def __init__(self, folder: str, name: str, command: list[str]) -> None:
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def give_up(self, what: str) -> None:
        with open(self.log, encoding="utf-8", errors="replace") as log:
            print(f"{self.name}: {what}; the end of its output:\n" + "".join(log.readlines()[-15:]), file=sys.stderr)
        sys.exit(1)

    def wait_for(self, what: str, url: str, holds=lambda answer: True, limit: float = 60) -> None:
        deadline = time.monotonic() + limit
        while True:
            try:
                if holds(get(url)):
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                self.give_up(f"ended before {what}")
            if time.monotonic() > deadline:
                self.give_up(f"not within {limit:.0f} s: {what}")
            time.sleep(0.1)

    def cpu_seconds(self) -> float:
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def peak_mib(self) -> float:
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return 0.0


def configuration(opcua: int, grpc: int, http: int, interval: int) -> str:
    return f"""sources:
  - name: plant
    endpoint: opc.tcp://127.0.0.1:{opcua}/ot-simulator/server/
    publishing_interval_ms: {interval}
zerobus:
  workspace_host: http://127.0.0.1:{http}
  zerobus_endpoint: http://127.0.0.1:{grpc}
  auth:
    client_id: bench
    client_secret: bench
  default_target:
    catalog: main
    schema: plant
    table: connector
"""


def measure(program: Program, service: str, table: str, tags: int, seconds: float) -> dict:
    """Waits until rows flow at the plant's rate, then measures for the given seconds."""
    count = f"{service}/tables/main.plant.{table}/count"
    program.wait_for("two rows of every tag", count, lambda answer: answer["count"] >= 2 * tags, limit=120)
    rows, cpu, began = get(count)["count"], program.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    rows, cpu, passed = get(count)["count"] - rows, program.cpu_seconds() - cpu, time.monotonic() - began
    if rows <= 0:
        program.give_up("no rows while measuring")
    return dict(us=cpu / rows * 1e6, rate=rows / passed, load=cpu / passed * 100, peak=program.peak_mib())


def roads(binaries: str, arguments) -> dict[str, dict]:
    """What each road costs: CPU µs per value, values/s, CPU %, peak MiB."""
    opcua, web, grpc, http = (free_port() for _ in range(4))
    service = f"http://127.0.0.1:{http}"
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:

        def path(name: str) -> str:
            return os.path.join(folder, name)

        with open(path("penstock.yaml"), "w", encoding="utf-8") as file:
            file.write(configuration(opcua, grpc, http, arguments.interval_ms))
        tables = Program(
            folder, "zerobus-local",
            [f"{binaries}/zerobus-local", "serve", "--grpc-port", str(grpc), "--http-port", str(http),
             "--data", path("tables")],
        )
        plant = Program(
            folder, "ot-simulator",
            [f"{binaries}/ot-simulator", "run", "--protocols", "opcua", "--opcua-port", str(opcua),
             "--web-port", str(web), "--tags", str(arguments.tags), "--interval-ms", str(arguments.interval_ms)],
        )
        with tables, plant:
            tables.wait_for("answers", f"{service}/tables")
            plant.wait_for("healthy", f"http://127.0.0.1:{web}/health")
            sensors = get(f"http://127.0.0.1:{web}/api/sensors")["count"]
            commands = {
                "penstock": [
                    f"{binaries}/penstock", "run", "--config", path("penstock.yaml"), "--state", path("state"),
                    "--web-port", str(free_port()), "--metrics-port", str(free_port())],
                "asyncua + official SDK": [
                    sys.executable, os.path.join(HERE, "peers/road.py"),
                    "--endpoint", f"opc.tcp://127.0.0.1:{opcua}/ot-simulator/server/",
                    "--zerobus", f"http://127.0.0.1:{grpc}", "--workspace", service, "--table", "main.plant.peer",
                    "--interval-ms", str(arguments.interval_ms)],
            }
            found = {}
            for name, command in commands.items():
                table = "connector" if name == "penstock" else "peer"
                with Program(folder, table, command) as program:
                    found[name] = measure(program, service, table, sensors, arguments.seconds)
            return found
