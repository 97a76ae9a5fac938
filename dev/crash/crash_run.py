"""Kills the connector under load, many times, and proves from the sink's table that nothing is lost (dev/crash-test)."""

import argparse
import heapq
import itertools
import json
import os
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import figures
import schedule
from ending import carry_out, folder_for
from programs import metrics
from rules import PLANTED, Evidence, Report, check, planted
from world import World

PROGRESS_SECONDS = 30
# The table of dev/bench shows what the long run found, whatever shorter ones came after it.
FIGURES_KILLS_MIN = 200
DRAIN_SECONDS_MAX = 600
# Rows up to which every run also shows that the checker finds planted mistakes.
PLANTING_ROWS_MAX = 400_000


class Run:
    """Lets the schedule happen, and notes what the connector reported."""

    def __init__(self, world: World, arguments: argparse.Namespace) -> None:
        self.world, self.seconds, self.rate = world, arguments.minutes * 60, arguments.rate
        self.starts: list[int] = []
        self.durable: list[dict[str, int]] = []
        self.redelivered: list[dict[str, int]] = []
        self.counts: Counter[str] = Counter()
        self.own_ends: list[str] = []
        self.order = itertools.count()
        self.events: list[tuple[float, int, object]] = []
        for event in schedule.kills(arguments.seed, arguments.kills, self.seconds):
            self.at(event.at, event)
        if not arguments.steady_sink:
            for event in schedule.sink(arguments.seed, self.seconds):
                self.at(event.at, event)
        for event in schedule.broker(arguments.seed, arguments.broker_restarts, self.seconds):
            self.at(event.at, event)

    def at(self, time: float, event: object) -> None:
        heapq.heappush(self.events, (time, next(self.order), event))

    # The connector.

    def started(self) -> None:
        """Notes a new run; the clock is read before the process exists."""
        self.starts.append(time.time_ns() // 1000)
        self.durable.append({})
        self.redelivered.append({})

    def restart(self) -> None:
        self.started()
        self.world.connector.start()

    def look(self, timeout: float = 0.3) -> None:
        for known, last in zip(self.world.durable(timeout), (self.durable[-1], self.redelivered[-1])):
            for source, count in known.items():
                last[source] = max(count, last.get(source, 0))
        if not self.world.connector.runs:
            self.own_ends.append(f"run {len(self.starts) - 1}: exit code {self.world.connector.process.returncode}")
            self.restart()

    # Events.

    def happen(self, event: object, now: float) -> None:
        if isinstance(event, schedule.Kill):
            # As late as possible, so that what it promised last counts.
            self.look(0.2)
            self.world.connector.kill()
            self.counts["kills"] += 1
            self.restart()
            if event.again:
                self.counts["kills during recovery"] += 1
                self.at(now + event.again, schedule.Kill(now + event.again))
        elif isinstance(event, schedule.SinkEvent):
            self.counts[f"sink {event.what}"] += 1
            sink = self.world.sink
            {"stop": sink.terminate, "kill": sink.kill, "freeze": lambda: sink.freeze(True),
             "thaw": lambda: sink.freeze(False), "start": lambda: (sink.stop(), sink.start())}[event.what]()
        elif isinstance(event, schedule.BrokerRestart):
            self.counts["broker restarts"] += 1
            self.world.broker.terminate()
            self.at(now + event.away, "broker back")
        else:
            self.world.broker.stop()
            self.world.broker.start()

    def live(self) -> None:
        """The whole schedule, from the moment when everything runs."""
        self.started()
        self.world.start()
        self.world.wait_until_running()
        self.world.publisher.start()
        time.sleep(1)
        began, said = time.monotonic(), 0.0
        while True:
            now = time.monotonic() - began
            if self.events and self.events[0][0] <= now:
                self.happen(heapq.heappop(self.events)[2], now)
                continue
            if now >= self.seconds and not self.events:
                break
            self.look()
            for program in (self.world.publisher, self.world.plant, self.world.device):
                if program.process and not program.runs:
                    raise RuntimeError(f"{program.name} ended\n{program.tail()}")
            if now - said >= PROGRESS_SECONDS:
                said = now
                text = self.world.report()
                queue = sum(metrics(text, "connector_queue_depth").values())
                print(f"{now:6.0f} s: {self.counts['kills']} kills, {queue:.0f} records wait, "
                      f"{self.world.connector.memory():.0f} MiB", flush=True)
            next_at = self.events[0][0] if self.events else self.seconds
            time.sleep(max(0.0, min(0.1, next_at - (time.monotonic() - began))))
        self.seconds = time.monotonic() - began

    def drain(self) -> float:
        """Nothing new comes; everything that waits is delivered. Seconds that it took."""
        began = time.monotonic()
        if self.world.publisher.stop(90) != 0:
            raise RuntimeError("the publisher did not end well\n" + self.world.publisher.tail())
        for program in (self.world.plant, self.world.device):
            program.stop()
        before = ""
        while True:
            drained, before = self.world.is_drained(before)
            if drained:
                break
            self.look()
            if time.monotonic() - began > DRAIN_SECONDS_MAX:
                raise RuntimeError(f"not drained within {DRAIN_SECONDS_MAX} s\n{before}\n{self.world.connector.tail()}")
            time.sleep(1)
        self.look()
        if self.world.connector.stop(60) != 0:
            self.own_ends.append("the last run did not end well")
        self.world.sink.stop(60)
        self.world.broker.stop()
        return time.monotonic() - began

    def judge(self) -> tuple[Report, Evidence]:
        evidence = Evidence(
            self.starts, self.durable, self.world.evidence(), broken_links=self.counts["broker restarts"])
        report = check(self.world.rows(), evidence)
        report.figures["messages that the connector counted as redelivered"] = dict(
            sum((Counter(known) for known in self.redelivered), Counter()))
        for text in self.own_ends:
            report.violated("end", f"the connector ended by itself: {text}")
        return report, evidence


def plant_mistakes(run: Run, evidence: Evidence, report: Report) -> None:
    """The checker on the same table with one row lost, swapped or doubled in each source."""
    for source in evidence.sources:
        for kind in PLANTED:
            found = check(planted(run.world.rows(), kind, source, 1000), evidence)
            if found.good:
                report.violated("checker", f"a planted {kind} in {source} was not found")
            report.counts["planted mistakes"] += 1


def tell(run: Run, report: Report, drained: float) -> None:
    rows = report.counts["rows"]
    distinct = rows - report.counts["sent again (same record_id)"]
    print(f"{run.counts['kills']} kills in {run.seconds:.0f} s, {run.counts['kills during recovery']} of them during "
          f"recovery; drained in {drained:.0f} s; {rows} rows, {distinct / run.seconds:.0f} distinct values/s")
    for name, value in sorted((run.counts | report.counts).items()):
        print(f"  {name}: {value}")
    for name, value in report.figures.items():
        print(f"  {name}: {value}")
    for text in report.texts:
        print("  VIOLATED", text)
    print("nothing lost, order kept, duplicates of the two kinds only" if report.good
          else f"NOT GOOD: {dict(report.violations)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev/crash-test", description=__doc__)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=5000, help="values per second of all sources together")
    parser.add_argument("--seed", type=int, default=1, help="of the schedule")
    parser.add_argument("--mqtt-only", action="store_true", help="all values over MQTT, QoS 1 and 2")
    parser.add_argument("--broker-restarts", type=int, default=0, help="SIGTERM to the broker, so many times")
    parser.add_argument("--steady-sink", action="store_true", help="the sink stays up")
    parser.add_argument("--figures", help=f"file for the figures of a run of {FIGURES_KILLS_MIN} kills or more")
    parser.add_argument("--folder", help="keep everything here, instead of a folder that is removed")
    parser.add_argument("--plant", action="store_true", help="plant mistakes however large the table is")
    arguments = parser.parse_args()
    folder = folder_for(arguments, "crash")
    print(f"seed {arguments.seed}, {arguments.kills} kills in {arguments.minutes:g} minutes, "
          f"{arguments.rate:g} values/s, in {folder}", flush=True)
    world = World(arguments.bin, folder, arguments.rate, arguments.mqtt_only)
    run = Run(world, arguments)

    def body() -> bool:
        run.live()
        drained = run.drain()
        with open(os.path.join(folder, "runs.json"), "w", encoding="utf-8") as file:
            json.dump(dict(starts=run.starts, durable=run.durable, counts=run.counts, seconds=run.seconds), file)
        report, evidence = run.judge()
        if arguments.plant or report.counts["rows"] <= PLANTING_ROWS_MAX:
            plant_mistakes(run, evidence, report)
        tell(run, report, drained)
        if arguments.figures and arguments.kills >= FIGURES_KILLS_MIN:
            figures.keep(arguments.figures, [
                {"name": "lost", "value": report.violations["loss"], "unit": f"after {run.counts['kills']} kills"},
                {"name": "violations", "value": sum(report.violations.values()), "unit": "of any kind"}])
        return report.good

    carry_out(world, folder, arguments, body)


if __name__ == "__main__":
    main()
