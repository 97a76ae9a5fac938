"""A service that ends every stream after a while, as the real one does: no gap, no alarm, no row twice (dev/rotation)."""

import argparse
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from crash_run import Run
from ending import carry_out, folder_for
from programs import get, metrics
from rules import Report
from world import World

PROGRESS_SECONDS = 60
# What the first start says of the key that it makes. Sources have their own troubles on a busy machine.
EXPECTED = re.compile(r"a new data key|\bsource=")
ALARM = re.compile(r"\b(warning|error|critical)\b")


def live(run: Run, arguments: argparse.Namespace) -> float:
    """Runs under load; the most records that waited for the sink at once."""
    world = run.world
    run.started()
    world.start()
    world.wait_until_running()
    world.publisher.start()
    time.sleep(5)
    began, said, most = time.monotonic(), time.monotonic(), 0.0
    while time.monotonic() - began < run.seconds:
        run.look()
        most = max(most, sum(metrics(world.report(2), "connector_queue_depth").values()))
        if time.monotonic() - said >= PROGRESS_SECONDS:
            said = time.monotonic()
            count = json.loads(get(f"http://127.0.0.1:{world.http}/streams"))["count"]
            print(f"{said - began:6.0f} s: {count} streams, at most {most:.0f} records waited", flush=True)
        time.sleep(0.1)
    return most


def alarms(world: World) -> list[str]:
    """What the connector said of its target so far."""
    with open(world.connector.log, encoding="utf-8") as log:
        lines = [line.strip() for line in log]
    errors = metrics(world.report(2), "connector_errors_total", "error_type").get("target", 0)
    return [f"alarm: {line}" for line in lines if ALARM.search(line) and not EXPECTED.search(line)] + (
        [f"{errors:.0f} errors of the target were counted"] if errors else [])


def faults(run: Run, arguments: argparse.Namespace, most: float, streams: dict, report: Report) -> list[str]:
    """What is not as it should be, in sentences."""
    found = list(report.texts)
    ended = [stream["end"] for stream in streams["streams"] if stream.get("end") is not None]
    wanted = int(run.seconds / (arguments.close_after + arguments.close_grace)) - 1
    if streams["count"] < wanted:
        found.append(f"only {streams['count']} streams, {wanted} at least were to be")
    if bad := sorted({end for end in ended if end != "OK"}):
        found.append(f"streams ended with {', '.join(bad)}")
    again = report.counts["sent again (same record_id)"]
    if again:
        found.append(f"{again} rows were sent again")
    # A rotation may cost a moment, never a pause that anybody sees.
    if most > arguments.gap * arguments.rate:
        found.append(f"{most:.0f} records waited at once, more than {arguments.gap:g} s of them")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev/rotation", description=__doc__)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=5000, help="values per second of all sources together")
    parser.add_argument("--close-after", type=int, default=30, help="seconds that a stream lasts")
    parser.add_argument("--close-grace", type=int, default=5, help="seconds that it is given to end")
    parser.add_argument("--gap", type=float, default=2, help="seconds of values that may wait at once")
    parser.add_argument("--folder", help="keep everything here, instead of a folder that is removed")
    arguments = parser.parse_args()
    arguments.kills, arguments.broker_restarts, arguments.steady_sink, arguments.seed = 0, 0, True, 0
    folder = folder_for(arguments, "rotation")
    print(f"{arguments.minutes:g} minutes, a stream lasts {arguments.close_after} s, {arguments.rate:g} values/s, "
          f"in {folder}", flush=True)
    world = World(arguments.bin, folder, arguments.rate, mqtt_only=False)
    world.sink.command += ["--close-after", str(arguments.close_after), "--close-grace", str(arguments.close_grace)]
    run = Run(world, arguments)

    def body() -> bool:
        most = live(run, arguments)
        streams = json.loads(get(f"http://127.0.0.1:{world.http}/streams"))
        alarmed = alarms(world)
        run.drain()
        report, _ = run.judge()
        wrong = faults(run, arguments, most, streams, report) + alarmed
        print(f"{streams['count']} streams, {report.counts['rows']} rows, at most {most:.0f} records waited at once")
        for text in wrong:
            print("  VIOLATED", text)
        print("NOT GOOD" if wrong else "no gap, no alarm, nothing lost, nothing twice", flush=True)
        return not wrong

    carry_out(world, folder, arguments, body)


if __name__ == "__main__":
    main()
