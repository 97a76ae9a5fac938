"""The rules of a crash run, as pure functions of what was sent, what the connector reported and what the table holds.

1. Every message that the broker acknowledged to the publisher is in the table.
2. Whatever a source had made durable, by the connector's last report before it was killed, is in the table.
3. Records of one journal segment are all there, and first come in their order.
4. A subscription misses no change from its first row to its last, over all kills: what was not acknowledged is
   published again, and what changed meanwhile waits in the server's queue.
5. A poll's answers are there without a hole from the first of each run to its last; a device that counts its answers
   shows it. What was not polled while the connector was dead was never a sample. An answer that came too late is a row
   of bad quality, and only beside such a row may one be missing.
6. Rows of one tag first come in order.
7. Duplicates are of two kinds, each counted: sent again (same record_id, same content), and delivered again by the
   protocol (another record_id, same source, address, event_time and value; at most one window per kill). An answer of
   a poll cannot come again.
"""

import zlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    source: str
    address: str
    event_time: int
    ingest_time: int
    value: float | None
    status: str
    record_id: str


@dataclass
class Messages:
    """What was published: number n to topic n modulo `topics`, with a time of its own."""

    acknowledged: bytes
    topics: int
    first_time: int
    window: int


@dataclass
class Changes:
    """What an OPC UA server showed: a value per tick and path."""

    times: list[int] = field(default_factory=list)
    values: dict[str, array] = field(default_factory=dict)
    window: int = 0


@dataclass
class Polls:
    """For each connection of a poller its time, and what each counter would have shown it next."""

    connections: list[tuple[int, list[int]]] = field(default_factory=list)


@dataclass
class Evidence:
    """What is known from outside. Runs are told apart by the time of a row's receipt."""

    starts: list[int]
    # One per run: how many records of each source were durable by the last report before the end.
    durable: list[dict[str, int]]
    sources: dict[str, Messages | Changes | Polls]
    # Times at which links broke without a kill: each may bring one more window again.
    broken_links: int = 0


class Report:
    """What was found; the first violations in words, all of them by count."""

    TEXTS_MAX = 40

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self.texts: list[str] = []
        self.figures: dict[str, object] = {}

    def violated(self, rule: str, text: str, count: int = 1) -> None:
        self.violations[rule] += count
        if len(self.texts) < self.TEXTS_MAX:
            self.texts.append(f"{rule}: {text}")

    @property
    def good(self) -> bool:
        return not self.violations


class Segments:
    """Rule 3 and the first kind of duplicates: records by name."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.contents: dict[str, array] = {}
        self.gaps: set[tuple[str, int]] = set()

    def isRepeated(self, row: Row) -> bool:
        segment, _, digits = row.record_id.partition("-")
        index = int(digits)
        content = zlib.crc32(repr(row).encode()) or 1
        known = self.contents.setdefault(segment, array("L"))
        if index < len(known):
            if known[index] == 0:
                known[index] = content
                self.gaps.discard((segment, index))
                self.report.violated("order", f"record {row.record_id} of {row.source} comes after later ones")
                return False
            if known[index] != content:
                self.report.violated("duplicate", f"two different rows have the record_id {row.record_id}: {row}")
            return True
        for missing in range(len(known), index):
            known.append(0)
            self.gaps.add((segment, missing))
        known.append(content)
        return False

    def finish(self) -> None:
        for segment, index in sorted(self.gaps):
            self.report.violated("loss", f"record {segment}-{index} is missing, later ones of the segment are there")
        self.report.figures["segments"] = len(self.contents)


class MessageRule:
    def __init__(self, name: str, sent: Messages, report: Report) -> None:
        self.name, self.sent, self.report = name, sent, report
        self.seen = bytearray(len(sent.acknowledged))
        self.last: dict[str, int] = {}
        self.redelivered: Counter[int] = Counter()

    def take(self, row: Row, run: int) -> None:
        number = int(row.value) if row.value is not None else -1
        topic = f"crash/{number % self.sent.topics:03d}"
        if (
            not 0 <= number < len(self.seen) or row.address != topic
            or row.event_time != self.sent.first_time + number * 1000
        ):
            self.report.violated("value", f"{self.name}: no such message: {row}")
        elif self.seen[number]:
            self.redelivered[run] += 1
        else:
            self.seen[number] = 1
            if number < self.last.get(topic, -1):
                self.report.violated("order", f"{self.name}: {number} comes after {self.last[topic]} in {topic}")
            self.last[topic] = max(number, self.last.get(topic, -1))

    def finish(self) -> None:
        missing = [number for number, taken in enumerate(self.sent.acknowledged) if taken and not self.seen[number]]
        if missing:
            self.report.violated(
                "loss", f"{self.name}: {len(missing)} acknowledged messages are missing: {ranges(missing)}",
                len(missing))
        self.report.figures[f"{self.name} messages"] = sum(self.seen)
        self.report.figures[f"{self.name} acknowledged to the publisher"] = sum(self.sent.acknowledged)


class ChangeRule:
    def __init__(self, name: str, served: Changes, report: Report) -> None:
        self.name, self.served, self.report = name, served, report
        self.ticks = {time: index for index, time in enumerate(served.times)}
        self.seen = {path: bytearray(len(served.times)) for path in served.values}
        self.last: dict[str, int] = {}
        self.redelivered: Counter[int] = Counter()

    def take(self, row: Row, run: int) -> None:
        tick = self.ticks.get(row.event_time)
        values = self.served.values.get(row.address)
        if tick is None or values is None or values[tick] != row.value:
            self.report.violated("value", f"{self.name}: never served: {row}")
            return
        seen = self.seen[row.address]
        if seen[tick]:
            self.redelivered[run] += 1
            return
        seen[tick] = 1
        if tick < self.last.get(row.address, -1):
            self.report.violated("order", f"{self.name}: {row.address} of {row.event_time} comes after a later one")
        self.last[row.address] = max(tick, self.last.get(row.address, -1))

    def finish(self) -> None:
        changes = 0
        for path, seen in self.seen.items():
            first, last = seen.find(1), seen.rfind(1)
            if first < 0:
                self.report.violated("loss", f"{self.name}: {path} has no row")
                continue
            values = self.served.values[path]
            for tick in range(first + 1, last):
                if values[tick] == values[tick - 1]:
                    continue
                changes += 1
                if not seen[tick]:
                    time = self.served.times[tick]
                    self.report.violated("loss", f"{self.name}: the change of {path} at {time} is missing")
        self.report.figures[f"{self.name} changes between first and last row"] = changes


class PollRule:
    def __init__(self, name: str, polls: Polls, starts: list[int], report: Report) -> None:
        self.name, self.report = name, report
        self.first: dict[int, list[int]] = {}
        for time, following in polls.connections:
            self.first.setdefault(bisect_right(starts, time) - 1, following)
        # By counter and run: the last number, and whether a row of bad quality came since.
        self.state: dict[tuple[str, int], tuple[int, bool]] = {}
        self.newest: dict[str, int] = {}
        self.gaps: set[tuple[str, int, int]] = set()
        self.answers = 0

    def take(self, row: Row, run: int) -> None:
        number = int(row.value) if row.value is not None else -1
        following = self.first.get(run)
        if following is None:
            self.report.violated("value", f"{self.name}: a row of a run that polled nothing: {row}")
            return
        start = following[int(row.address.rsplit("/", 1)[1]) // 2]
        last, interrupted = self.state.get((row.address, run), (start - 1, False))
        where = f"{self.name}: {row.address} of run {run}"
        if (row.address, run, number) in self.gaps:
            self.gaps.discard((row.address, run, number))
            self.report.violated("order", f"{where}: {number} comes after {last}")
        elif number <= last:
            self.report.violated("duplicate", f"{where} has {number} once more: {row}")
        else:
            if run < self.newest.get(row.address, run):
                self.report.violated("order", f"{where}: {number} comes after a later run")
            skipped = range(last + 1, number)
            if interrupted:
                self.report.counts[f"{self.name} answers that came too late"] += len(skipped)
            else:
                self.gaps.update((row.address, run, missing) for missing in skipped)
        self.answers += 1
        self.newest[row.address] = max(run, self.newest.get(row.address, run))
        self.state[row.address, run] = (max(number, last), False)

    def interrupted(self, row: Row, run: int) -> None:
        if (row.address, run) in self.state:
            self.state[row.address, run] = (self.state[row.address, run][0], True)

    def finish(self) -> None:
        for address, run, number in sorted(self.gaps):
            self.report.violated("loss", f"{self.name}: {address} of run {run} misses {number}")
        self.report.figures[f"{self.name} answers"] = self.answers


def check(rows: Iterable[Row], evidence: Evidence) -> Report:
    """Compares the rows of the table, in the order in which they came, with the evidence."""
    report = Report()
    segments = Segments(report)
    rules: dict[str, MessageRule | ChangeRule | PollRule] = {}
    for name, known in evidence.sources.items():
        if isinstance(known, Messages):
            rules[name] = MessageRule(name, known, report)
        elif isinstance(known, Changes):
            rules[name] = ChangeRule(name, known, report)
        else:
            rules[name] = PollRule(name, known, evidence.starts, report)
    distinct: list[Counter[str]] = [Counter() for _ in evidence.starts]
    for row in rows:
        report.counts["rows"] += 1
        if segments.isRepeated(row):
            report.counts["sent again (same record_id)"] += 1
            continue
        run = bisect_right(evidence.starts, row.ingest_time) - 1
        rule = rules.get(row.source)
        if run < 0 or rule is None:
            report.violated("value", f"a row of no run or source: {row}")
            continue
        distinct[run][row.source] += 1
        if row.status == "Good":
            rule.take(row, run)
        else:
            report.counts[f"{row.source} rows {row.status}"] += 1
            if isinstance(rule, PollRule):
                rule.interrupted(row, run)
    segments.finish()
    for rule in rules.values():
        rule.finish()
    check_durable(distinct, evidence, report)
    check_windows(rules, evidence, report)
    return report


def check_durable(distinct: list[Counter[str]], evidence: Evidence, report: Report) -> None:
    """Rule 2. A run's records become durable in order, so that their number says which they are."""
    total: Counter[str] = Counter()
    for run, reported in enumerate(evidence.durable):
        for source, count in reported.items():
            total[source] += count
            if distinct[run][source] < count:
                report.violated(
                    "loss", f"run {run} had reported {count} durable records of {source}, "
                    f"{distinct[run][source]} are in the table", count - distinct[run][source])
    report.figures["reported durable"] = dict(total)


def check_windows(rules: dict, evidence: Evidence, report: Report) -> None:
    """Rule 7: how much may come again."""
    for name, rule in rules.items():
        if isinstance(rule, PollRule):
            continue
        window = evidence.sources[name].window
        total = sum(rule.redelivered.values())
        report.counts[f"{name} redelivered (another record_id)"] = total
        most = max(rule.redelivered.values(), default=0)
        report.figures[f"{name} redelivered after one kill, at most"] = most
        if total > window * (len(evidence.starts) - 1 + evidence.broken_links):
            report.violated("duplicate", f"{name}: {total} redelivered are more than {window} per broken link")
        for run, count in rule.redelivered.items():
            if count > window * (1 + evidence.broken_links):
                report.violated("duplicate", f"{name}: {count} redelivered in run {run}, a window is {window}")


def ranges(numbers: list[int], most: int = 10) -> str:
    """Numbers in order as ranges, the first few."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    text = ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in found[:most])
    return text + (" …" if len(found) > most else "")


def planted(rows: Iterable[Row], kind: str, source: str, skip: int) -> Iterator[Row]:
    """The same rows with one mistake after so many rows of a source: the checker must find it."""
    held: Row | None = None
    chosen: Row | None = None
    for row in rows:
        if held is not None:
            yield row
            if row.source == source and row.address == held.address and row.record_id != held.record_id:
                yield held
                held = None
            continue
        if chosen is None and row.source == source and row.status == "Good":
            skip -= 1
            if skip < 0:
                chosen = row
                if kind == "loss":
                    continue
                if kind == "disorder":
                    held = row
                    continue
                if kind == "foreign duplicate":
                    yield row
                    yield row._replace(record_id="f" * 16 + "-0", event_time=row.event_time + 1)
                    continue
        if kind == "loss" and chosen is not None and row.record_id == chosen.record_id:
            continue
        yield row
    if held is not None:
        yield held


PLANTED = {"loss": "loss", "disorder": "order", "foreign duplicate": None}
