"""The table of dev/bench: what the connector must reach, what it reached, and a peer in the same run.

A row is measured here, or its figure is that of the last run of its own bench or soak, which leaves it in a file of
the cache; the table says which and when. A row that nothing has measured says so.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime

from bench_connector import cost, latency, start
from bench_road import roads
from opcua_programs import HERE, Running, free_port, last_json
from soak_connector import counting, idle


class Row:
    def __init__(self, what: str, reach: str, reached: str, peer: str = "", source: str = "this run") -> None:
        self.cells = [what, reach, reached, peer, source]


def unmeasured(what: str, reach: str, how: str) -> Row:
    return Row(what, reach, "not measured", source=how)


def kept(arguments, name: str) -> tuple[dict[str, dict], str]:
    """Figures by name that a bench of its own left, and when."""
    file = os.path.join(arguments.cache, name + ".json")
    try:
        with open(file, encoding="utf-8") as content:
            found = json.load(content)
        when = datetime.fromtimestamp(os.path.getmtime(file)).strftime("%Y-%m-%d %H:%M")
        return {figure["name"]: figure for figure in found["figures"]}, when
    except (OSError, ValueError, KeyError):
        return {}, ""


def from_file(arguments, what: str, reach: str, script: str, file: str, name: str, form: str = "{:.3f}") -> Row:
    figures, when = kept(arguments, file)
    if name not in figures:
        return unmeasured(what, reach, script)
    figure = figures[name]
    if "measured" in figure:
        # A file may hold figures of several runs.
        when = datetime.fromisoformat(figure["measured"]).astimezone().strftime("%Y-%m-%d %H:%M")
    peer = figure.get("peer")
    return Row(what, reach, f"{form.format(figure['value'])} {figure.get('unit', '')}",
               "" if peer is None else form.format(peer), f"{script}, {when}")


def road_rows(arguments) -> list[Row]:
    found = roads(arguments.bin, arguments)
    ours, peer = found["penstock"], found["asyncua + official SDK"]
    return [Row("CPU a value, OPC UA → journal → acknowledged", "≤ 1.0 µs",
                f"{ours['us']:.2f} µs at {ours['rate']:.0f}/s", f"{peer['us']:.2f} µs at {peer['rate']:.0f}/s")]


def memory_rows(arguments, folder: str) -> list[Row]:
    quiet = idle(arguments.bin, f"{folder}/idle")
    return [
        Row("memory idle, private", "≤ 10 MiB", f"{quiet['private']} MiB"),
        Row("memory idle, resident", "≤ 45 MiB", f"{quiet['resident']} MiB"),
        from_file(arguments, "memory with 100,000 tags at 1 Hz, resident", "≤ 150 MiB", "dev/soak-connector", "soak",
                  "resident", "{:.1f}"),
        from_file(arguments, "memory in an outage of an hour, growth", "flat", "dev/outage --hour", "outage", "growth",
                  "{:.1f}"),
        from_file(arguments, "the same in a real outage, whole connector", "flat", "dev/outage", "outage",
                  "real growth", "{:.1f}"),
    ]


def connector_rows(arguments, folder: str) -> list[Row]:
    late = latency(arguments, folder)
    each, rate = cost(arguments, folder)
    return [
        Row("the same at 50,000 values/s", "≤ 1.0 µs", f"{each:.2f} µs at {rate:.0f}/s", "cannot"),
        Row("latency beyond the publishing interval, 10,000 values/s, p99", "≤ 50 ms",
            f"{late['p99']:.0f} ms (p50 {late['p50']:.0f})"),
        Row("start with 10,000 tags to the first record", "≤ 2 s", f"{start(arguments, folder):.2f} s"),
    ]


def client(arguments, port: int, command: list[str]) -> float | None:
    """CPU µs a value of an OPC UA client of our server."""
    done = subprocess.run(
        command + ["--endpoint", f"opc.tcp://127.0.0.1:{port}/", "--tags", "10000", "--interval-ms", "100",
                   "--seconds", "5"], capture_output=True, text=True, timeout=120)
    found = last_json(done.stdout)
    return found["cpu"] / found["values"] * 1e6 if found.get("values") else None


def opcua_rows(arguments, folder: str) -> list[Row]:
    native = f"{folder}/native.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", native,
                    os.path.join(HERE, "peers/open62541_counting.c")], check=True)
    port = free_port()
    with Running(counting(arguments.bench, 10_000, port, 100)).listens(port):
        ours = client(arguments, port, [arguments.bench, "subscribe"])
        peer = client(arguments, port, [sys.executable, os.path.join(HERE, "peers/opcua_counting.py"), "open62541",
                                        "client", "--native", native])
    done = subprocess.run([arguments.bench, "secure"], capture_output=True, text=True, timeout=120, check=True)
    secure = last_json(done.stdout)

    def shown(value: float | None) -> str:
        return "not measured" if value is None else f"{value:.3f} µs"

    return [
        Row("OPC UA notifications, client CPU a value", "≤ 0.5 µs", shown(ours), f"{shown(peer)} (open62541)"),
        Row("OPC UA secure channel beside bare AES and HMAC", "≥ 0.90", f"seal {secure['seal_ratio']}, "
            f"open {secure['open_ratio']}"),
    ]


def other_rows(arguments) -> list[Row]:
    return [
        from_file(arguments, "MQTT intake, CPU a message, QoS 0", "below mosquitto_sub", "dev/bench-mqtt", "mqtt",
                  "mqtt cpu qos 0"),
        from_file(arguments, "MQTT intake, CPU a message, QoS 1", "below mosquitto_sub", "dev/bench-mqtt", "mqtt",
                  "mqtt cpu qos 1"),
        from_file(arguments, "Modbus lock-step, registers/s beside libmodbus", "≥ 1.0", "dev/bench-modbus", "modbus",
                  "penstock client, lock-step beside libmodbus client", "{:.2f}"),
        from_file(arguments, "Modbus pipelined over 5 ms, beside libmodbus", "≥ 5", "dev/bench-modbus", "modbus",
                  "far libmodbus, penstock max_in_flight 8 beside far libmodbus, libmodbus client", "{:.2f}"),
        from_file(arguments, "Zerobus client, CPU a row, batches of 100", "< official SDK", "dev/bench-zerobus",
                  "zerobus", "zerobus cpu 55 B batch 100"),
        from_file(arguments, "Zerobus client, rows/s, batches of 100", "≥ official SDK", "dev/bench-zerobus",
                  "zerobus", "zerobus rate 55 B batch 100", "{:.0f}"),
        from_file(arguments, "journal append, share of the disk's rate", "≥ 0.80", "dev/bench-journal", "journal",
                  "journal append share", "{:.2f}"),
        from_file(arguments, "start with a journal of 1 GiB", "", "dev/bench-journal", "journal",
                  "journal recovery 1024 MiB sealed, start", "{:.2f}"),
        from_file(arguments, "ot-simulator on one core, 100,000 tags at 1 Hz, values on time", "≥ 99.9 %",
                  "dev/bench-simulator", "simulator", "opcua on time"),
        from_file(arguments, "kill -9, 200 times: acknowledged samples lost", "0", "dev/crash-test", "crash", "lost",
                  "{:.0f}"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--bench", required=True, help="the program opcua-bench")
    parser.add_argument("--cache", required=True, help="folder of the figures of other benches")
    parser.add_argument("--tags", type=int, default=1_000, help="sensors of the plant of the road")
    parser.add_argument("--interval-ms", type=int, default=200, help="between two values of a sensor")
    parser.add_argument("--seconds", type=float, default=20, help="measured time of each road")
    arguments = parser.parse_args()
    print(f"one run, loopback, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        rows = road_rows(arguments) + connector_rows(arguments, folder) + memory_rows(arguments, folder)
        rows += opcua_rows(arguments, folder) + other_rows(arguments)
    table = [["what", "reach", "reached", "peer", "from"]] + [row.cells for row in rows]
    widths = [max(len(cells[column]) for cells in table) for column in range(5)]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())


main()
