"""The runs and the table of dev/bench-mqtt: MQTT intake and the fan-out of a broker.

Intake: mosquitto as the broker, one publisher of ours that is never the subject, one subscriber at a time, in turns;
every round who begins changes. CPU is all that the subscriber's process used from its start to its end; the rate is
from the publisher's start to the subscriber's end. Full speed is as fast as broker and publisher go; the slow stream
has a message every 50 µs, so that a read holds one or a few. A figure is the median of the rounds.

The figures go to a file too, for the table of `dev/bench`:
    {"bench": "mqtt", "measured": "…", "rounds": 3, "cores": 2,
     "figures": [{"name": "mqtt cpu qos 0", "value": 1.1, "unit": "µs", "peer": 2.2, "paho": 33.3}, …]}
A name is `mqtt cpu|rate qos 0|1[ at 20000/s]`, with mosquitto_sub as the peer, or `mqtt fan-out cpu|rate`, our broker
with mosquitto as the peer.
"""

import argparse
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from opcua_programs import HERE, TICKS_PER_SECOND, free_port

CLIENTS = ("penstock", "mosquitto_sub", "paho")
# QoS, messages of a run, messages a second (0: no limit).
STREAMS = [(0, 600_000, 0), (0, 100_000, 20_000), (1, 200_000, 0), (1, 100_000, 20_000)]
SUBSCRIBERS, FANNED = 20, 60_000


class Mosquitto:
    """Debian's broker, without limits that would drop what is counted."""

    def __init__(self, folder: str) -> None:
        self.port = free_port()
        self.log = f"{folder}/mosquitto.log"
        file = f"{folder}/mosquitto.conf"
        with open(file, "w", encoding="utf-8") as settings:
            settings.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\nmax_queued_messages 0\n"
                           "max_inflight_messages 0\nset_tcp_nodelay true\n"
                           f"log_dest file {self.log}\nlog_type subscribe\nlog_type information\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([program, "-c", file])
        self.wait("running")

    def __enter__(self) -> "Mosquitto":
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def lines(self, part: str) -> int:
        try:
            with open(self.log, encoding="utf-8") as log:
                return sum(part in line for line in log)
        except FileNotFoundError:
            return 0

    def wait(self, part: str, count: int = 1) -> None:
        deadline = time.monotonic() + 30
        while self.lines(part) < count:
            if time.monotonic() > deadline or self.process.poll() is not None:
                sys.exit(f"bench-mqtt: mosquitto did not say '{part}'")
            time.sleep(0.01)

    def cpu(self) -> float:
        return process_cpu(self.process.pid)


def process_cpu(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def subscriber(name: str, arguments, port: int, qos: int, count: int, folder: str) -> list[str]:
    if name == "penstock":
        return [arguments.bench, "receive", str(port), str(count), str(qos), folder]
    if name == "paho":
        return [sys.executable, os.path.join(HERE, "peers/mqtt_counting.py"), str(port), str(count), str(qos)]
    return ["mosquitto_sub", "-V", "mqttv5", "-p", str(port), "-q", str(qos), "-t", "bench/#", "-C", str(count)]


def intake(name: str, arguments, broker: Mosquitto, stream: tuple[int, int, int]) -> dict:
    qos, count, rate = stream
    before = broker.lines("bench/#")
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        process = subprocess.Popen(subscriber(name, arguments, broker.port, qos, count, folder),
                                   stdout=subprocess.DEVNULL)
        broker.wait("bench/#", before + 1)
        start = time.monotonic()
        sender = subprocess.Popen([arguments.bench, "publish", str(broker.port), str(count), str(qos), str(rate)])
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = status
        if sender.wait() or status:
            sys.exit(f"bench-mqtt: {name} or its publisher failed ({status})")
    return dict(cpu=(used.ru_utime + used.ru_stime) / count * 1e6, rate=count / seconds)


def intakes(arguments, folder: str) -> list[dict]:
    seen = {(name, stream): [] for name in CLIENTS for stream in STREAMS}
    with Mosquitto(folder) as broker:
        for number in range(arguments.rounds):
            for stream in STREAMS:
                for name in CLIENTS if number % 2 == 0 else reversed(CLIENTS):
                    seen[name, stream].append(intake(name, arguments, broker, stream))
    figures = []
    print(f"{'':22}" + "".join(f"{name:>24}" for name in CLIENTS))
    for stream in STREAMS:
        qos, _, rate = stream
        of = f"qos {qos}" + (f" at {rate}/s" if rate else "")
        found = {name: {key: statistics.median(run[key] for run in seen[name, stream]) for key in ("cpu", "rate")}
                 for name in CLIENTS}
        print(f"{of:22}" + "".join(f"{found[name]['cpu']:10.2f} µs {found[name]['rate']:8.0f}/s" for name in CLIENTS))
        for key, unit in (("cpu", "µs"), ("rate", "messages/s")):
            figures.append(dict(name=f"mqtt {key} {of}", value=found["penstock"][key], unit=unit,
                                peer=found["mosquitto_sub"][key], paho=found["paho"][key]))
    return figures


def fan_out(arguments, port: int, pid: int) -> dict:
    watched = subprocess.Popen([arguments.bench, "count", str(port), str(SUBSCRIBERS), str(FANNED)],
                               stdout=subprocess.PIPE, text=True)
    watched.stdout.readline()
    before, start = process_cpu(pid), time.monotonic()
    subprocess.run([arguments.bench, "publish", str(port), str(FANNED), "0", "0"], check=True)
    if watched.wait():
        sys.exit("bench-mqtt: the subscribers failed")
    seconds, used = time.monotonic() - start, process_cpu(pid) - before
    return dict(cpu=used / (FANNED * SUBSCRIBERS) * 1e6, rate=FANNED * SUBSCRIBERS / seconds)


def fan_outs(arguments, folder: str) -> list[dict]:
    runs: dict[str, list[dict]] = {"penstock": [], "mosquitto": []}
    own = subprocess.Popen([arguments.bench, "broker"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(own.stdout.readline())
        with Mosquitto(folder) as mosquitto:
            places = {"penstock": (port, own.pid), "mosquitto": (mosquitto.port, mosquitto.process.pid)}
            for number in range(arguments.rounds):
                for name in runs if number % 2 == 0 else reversed(runs):
                    runs[name].append(fan_out(arguments, *places[name]))
    finally:
        own.terminate()
        own.wait()
    figures = []
    for key, unit in (("cpu", "µs"), ("rate", "deliveries/s")):
        ours, theirs = (statistics.median(run[key] for run in runs[name]) for name in runs)
        print(f"fan-out to {SUBSCRIBERS}, broker's {key}: penstock {ours:.3f}, mosquitto {theirs:.3f} {unit}")
        figures.append(dict(name=f"mqtt fan-out {key}", value=ours, unit=unit, peer=theirs))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program mqtt-bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--result", help="file for the figures")
    arguments = parser.parse_args()
    print(f"{arguments.rounds} rounds in turns, loopback, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
          flush=True)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        figures = intakes(arguments, folder)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        figures += fan_outs(arguments, folder)
    if arguments.result:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        with open(arguments.result, "w", encoding="utf-8") as file:
            json.dump(dict(bench="mqtt", measured=now, rounds=arguments.rounds, cores=os.cpu_count(),
                           figures=figures), file, indent=1)


main()
