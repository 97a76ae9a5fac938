"""An outage of the sink under load: memory stays where it was, and everything is delivered after (dev/outage)."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import figures
from crash_run import Run
from ending import carry_out, folder_for
from programs import metrics
from rules import Report
from world import World

GROWTH_MIB_MAX = 10
PROGRESS_SECONDS = 60
DRAIN_SECONDS_MAX = 1800


def waiting(world: World) -> float:
    return sum(metrics(world.report(2), "connector_queue_depth").values())


def ingested(world: World) -> float:
    return sum(metrics(world.report(2), "connector_events_ingested_total").values())


def watch(world: World, seconds: float, what: str) -> tuple[float, float]:
    """The most resident memory of the connector in so many seconds, and what of it is its own (RssAnon)."""
    began, said, most, own = time.monotonic(), time.monotonic(), 0.0, 0.0
    while time.monotonic() - began < seconds:
        most, own = max(most, world.connector.memory()), max(own, world.connector.memory("RssAnon"))
        if not world.connector.runs:
            raise RuntimeError("the connector ended\n" + world.connector.tail())
        if time.monotonic() - said >= PROGRESS_SECONDS:
            said = time.monotonic()
            print(f"{what}, {said - began:.0f} s: {waiting(world):.0f} records wait, "
                  f"{world.connector.memory():.1f} MiB resident", flush=True)
        time.sleep(0.5)
    return most, own


def outage(run: Run, arguments: argparse.Namespace) -> list[str]:
    """Runs it; what is not good, in sentences."""
    world, faults = run.world, []
    run.started()
    world.start()
    world.wait_until_running()
    world.publisher.start()
    watch(world, arguments.warm, "warm-up")
    before, own_before = watch(world, 10, "before")
    values, began = ingested(world), time.monotonic()
    world.sink.stop()
    during, own_during = watch(world, arguments.minutes * 60, "outage")
    values, seconds = ingested(world) - values, time.monotonic() - began
    backlog, cpu = waiting(world), world.connector.cpu()
    print(f"outage of {seconds:.0f} s at {values / seconds:.0f} values/s: {backlog:.0f} records wait; resident "
          f"{before:.1f} MiB before, {during:.1f} MiB at most, growth {during - before:.1f} MiB "
          f"(own pages: {own_before:.1f} before, {own_during:.1f} at most)", flush=True)
    arguments.found = [
        {"name": "real growth", "value": round(during - before, 1), "unit": f"MiB, {seconds / 60:.1f} minutes"}]
    if values / seconds < arguments.rate:
        faults.append(f"only {values / seconds:.0f} values/s came in")
    if during - before > GROWTH_MIB_MAX:
        faults.append(f"the connector grew by {during - before:.1f} MiB")

    world.sink.start().listens(world.http)
    back, came = time.monotonic(), ingested(world)
    # Live values go on: what is left of a second of them is no backlog.
    while waiting(world) > arguments.rate:
        if time.monotonic() - back > DRAIN_SECONDS_MAX:
            raise RuntimeError(f"not drained within {DRAIN_SECONDS_MAX} s\n{world.connector.tail()}")
        time.sleep(0.2)
    took = time.monotonic() - back
    sent = backlog + ingested(world) - came
    print(f"drained in {took:.1f} s while values went on: {sent / took:.0f} records/s, "
          f"{(world.connector.cpu() - cpu) / sent * 1e6:.2f} µs CPU per record, resident "
          f"{world.connector.memory('VmHWM'):.1f} MiB at most", flush=True)
    watch(world, 10, "after")
    return faults


def tell(report: Report, faults: list[str]) -> bool:
    for name, value in sorted(report.counts.items()):
        print(f"  {name}: {value}")
    for name, value in report.figures.items():
        print(f"  {name}: {value}")
    for text in report.texts + faults:
        print("  VIOLATED", text)
    good = report.good and not faults
    print("everything delivered, order kept, memory flat" if good else "NOT GOOD", flush=True)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev/outage", description=__doc__)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=10, help="of the outage")
    parser.add_argument("--rate", type=float, default=10_000, help="values per second of all sources together")
    parser.add_argument("--warm", type=float, default=60, help="seconds before it")
    parser.add_argument("--figures", help="file for the figures")
    parser.add_argument("--folder", help="keep everything here, instead of a folder that is removed")
    arguments = parser.parse_args()
    arguments.kills, arguments.broker_restarts, arguments.steady_sink, arguments.seed = 0, 0, True, 0
    folder = folder_for(arguments, "outage")
    print(f"{arguments.minutes:g} minutes without the sink, {arguments.rate:g} values/s, in {folder}", flush=True)
    world = World(arguments.bin, folder, arguments.rate, mqtt_only=False)
    run = Run(world, arguments)

    def body() -> bool:
        faults = outage(run, arguments)
        run.drain()
        report, _ = run.judge()
        good = tell(report, faults)
        if good and arguments.figures:
            figures.keep(arguments.figures, arguments.found)
        return good

    carry_out(world, folder, arguments, body)


if __name__ == "__main__":
    main()
