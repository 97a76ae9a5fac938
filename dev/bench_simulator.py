"""The runs and the table of dev/bench-simulator: does the simulated plant keep time?

A value is on time when it reaches the client within a second of its tick: the source timestamp of a sensor's value, or
for peers the value itself, which is the moment its tick was due. Of a span of whole ticks every tick of every tag must
come; what does not is not on time. CPU is that of the server's process over the span.

The figures go to a file: {"name": "opcua on time", "value": 100.0, "unit": "%", "peer": o6's, "asyncua": asyncua's} …
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

from bench_simulator_large import large
from bench_simulator_mqtt import mqtt
from figures import keep
from opcua_programs import HERE, Running, free_port, last_json

PEER = os.path.join(HERE, "peers/opcua_counting.py")


def text(file: str) -> str:
    with open(file, encoding="utf-8", errors="replace") as log:
        return log.read()


def pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core)] + command


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
        return answer.read()


class Simulator(Running):
    """ot-simulator on one core, once it says that it is healthy."""

    def __init__(self, arguments, tags: int, protocol: str, log: str) -> None:
        self.port, self.web, began = free_port(), free_port(), time.monotonic()
        ports = {kind: str(self.port if kind == protocol else free_port()) for kind in ("opcua", "mqtt", "modbus")}
        super().__init__(pinned(arguments.server_core, [
            f"{arguments.bin}/ot-simulator", "run", "--tags", str(tags), "--protocols", protocol,
            "--opcua-port", ports["opcua"], "--mqtt-port", ports["mqtt"], "--modbus-port", ports["modbus"],
            "--web-port", str(self.web)]), log)
        while True:
            try:
                get(self.web, "/health")
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 120:
                    self.__exit__()
                    sys.exit("bench-simulator: the simulator does not start: " + text(log)[-500:])
                time.sleep(0.02)
        self.start = time.monotonic() - began


def nodes(port: int, file: str, tags: int) -> str:
    """The NodeIds of all sensors, page by page, in a file."""
    with open(file, "w", encoding="utf-8") as lines:
        for offset in range(0, tags, 10_000):
            page = json.loads(get(port, f"/api/opcua/nodes?offset={offset}&limit=10000"))["nodes"]
            lines.writelines("ns=2;" + node["node_id"].split(";", 1)[1] + "\n" for node in page)
    return file


def reason(said: str) -> str:
    """The line of a program's output that says why it ended."""
    lines = said.strip().splitlines() or ["no figures"]
    return next((line for line in lines if "rror" in line), lines[-1]).rsplit("top level: ", 1)[-1][:120]


def measure(arguments, server: Running, port: int, folder: str, which: list[str], path: str) -> dict:
    """Lets our client count, on the other core; the server's CPU is that of the span."""
    log = f"{folder}/client.log"
    command = [arguments.bench, "timely", "--endpoint", f"opc.tcp://127.0.0.1:{port}{path}", "--seconds",
               str(arguments.seconds), "--publishing-ms", str(arguments.publishing_ms), *which]
    used = 0.0
    with Running(pinned(arguments.client_core, command), log) as client:
        deadline = time.monotonic() + arguments.seconds + 400
        begin = None
        while client.process.poll() is None and time.monotonic() < deadline:
            found = last_json(text(log))
            if "measuring" in found and begin is None:
                begin = server.cpu()
            if "measured" in found and not used:
                used = server.cpu() - (begin or 0.0)
            time.sleep(0.02)
    found = last_json(text(log))
    if "expected" not in found:
        return {"error": reason(text(log))}
    return found | {"server_cpu": used, "resident": server.memory(), "peak_resident": server.memory("VmHWM")}


def ours(arguments, folder: str) -> dict:
    with Simulator(arguments, arguments.tags, "opcua", f"{folder}/server.log") as plant:
        ids = nodes(plant.web, f"{folder}/ids", arguments.tags)
        found = measure(arguments, plant, plant.port, folder, ["--ids", ids], "/ot-simulator/server/")
        left_out = json.loads(get(plant.web, "/health"))["ticks_left_out"]
        return found | {"tags": arguments.tags, "start": plant.start, "left_out": left_out}


def peer(arguments, name: str, tags: int, folder: str) -> dict:
    """The server of a peer; where it does not start or serve so many tags within two minutes, a quarter of them."""
    while tags >= 100:
        port, log, began = free_port(), f"{folder}/{name}.log", time.monotonic()
        command = [sys.executable, PEER, name, "server", "--port", str(port), "--tags", str(tags), "--times"]
        with Running(pinned(arguments.server_core, command), log) as server:
            while "tick" not in last_json(text(log)) and server.process.poll() is None:
                if time.monotonic() - began > 120:
                    break
                time.sleep(0.1)
            else:
                start = time.monotonic() - began
                form = "ns=1;s=bench/tag_#" if name == "o6" else "ns=2;s=bench/tag_#"
                found = measure(arguments, server, port, folder,
                                ["--id", form, "--tags", str(tags), "--time", "value"], "/")
                if "error" not in found:
                    return found | {"tags": tags, "start": start}
                print(f"{name} with {tags} tags: {found['error']}", flush=True)
                tags //= 4
                continue
        print(f"{name} does not start {tags} tags within two minutes", flush=True)
        tags //= 4
    return {"tags": 0, "error": "does not start"}


HEAD = ["server", "tags", "on time", "missing", "late p50", "p99", "max ms", "CPU µs/update", "core", "resident", "start"]


def row(arguments, name: str, found: dict) -> list[str]:
    if "error" in found:
        return [name, str(found.get("tags", "")), found["error"]]
    return [name, str(found["tags"]), f"{share(found):.3f} %", str(found["missing"]), str(found["p50_ms"]),
            str(found["p99_ms"]), str(found["max_ms"]), f"{each(found):.3f}",
            f"{found['server_cpu'] / arguments.seconds:.1%}", f"{found['peak_resident']:.0f} MiB",
            f"{found['start']:.1f} s"]


def share(found: dict) -> float:
    return 100 * found["on_time"] / max(1, found["expected"])


def each(found: dict) -> float:
    return found["server_cpu"] / max(1, found["values"]) * 1e6


def table(rows: list[list[str]]) -> None:
    widths = [max(len(cells[column]) for cells in rows if len(cells) == len(rows[0])) for column in range(len(rows[0]))]
    for cells in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip(), flush=True)


def opcua(arguments, folder: str) -> list[dict]:
    runs = {"ot-simulator": ours(arguments, folder)}
    for name in [] if arguments.peers == "none" else arguments.peers.split(","):
        name, _, tags = name.partition(":")
        runs[name] = peer(arguments, name, int(tags or arguments.tags), folder)
    print(f"\nOPC UA, {arguments.tags} tags at 1 Hz, published every {arguments.publishing_ms} ms, {arguments.seconds} s")
    table([HEAD] + [row(arguments, name, found) for name, found in runs.items()])
    own = runs["ot-simulator"]
    if "error" in own:
        sys.exit("bench-simulator: " + own["error"])

    def figure(name: str, unit: str, of) -> dict:
        others = {name: of(found) for name, found in runs.items() if name != "ot-simulator" and "error" not in found}
        made = {"name": name, "value": of(own), "unit": unit, "tags": arguments.tags}
        made |= {"peer": others["o6"]} if "o6" in others else {}
        return made | ({"asyncua": others["asyncua"]} if "asyncua" in others else {})

    return [
        figure("opcua on time", "%", share), figure("opcua late p99", "ms", lambda found: found["p99_ms"]),
        figure("opcua CPU an update", "µs", each), figure("opcua resident", "MiB", lambda found: found["peak_resident"]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of the program ot-simulator")
    parser.add_argument("--bench", required=True, help="the program opcua-bench")
    parser.add_argument("--result", help="file for the figures")
    parser.add_argument("--tags", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60, help="measured time of each run")
    parser.add_argument("--publishing-ms", type=int, default=500, help="publishing interval of the client")
    parser.add_argument("--peers", default="o6,asyncua",
                        help="servers beside it, each with its number of tags where that is to be less, or none")
    parser.add_argument("--mqtt-tags", type=int, default=10_000, help="0 leaves MQTT out")
    parser.add_argument("--large", type=int, nargs="?", const=1_000_000, help="only the plant of so many tags")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    arguments = parser.parse_args()
    print(f"one run, loopback, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        if arguments.large:
            figures = large(arguments, folder, Simulator)
        else:
            figures = opcua(arguments, folder) if arguments.tags else []
            figures += mqtt(arguments, folder, Simulator) if arguments.mqtt_tags else []
    if arguments.result:
        keep(arguments.result, figures)


main()
