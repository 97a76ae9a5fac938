"""The checker finds what it must find, and nothing else: small worlds with one planted mistake each."""

import unittest
from array import array

import rules
from rules import Changes, Evidence, Messages, Polls, Row, check, planted
from schedule import broker, kills, sink

STARTS = [1_000, 2_000]


def evidence(**changed) -> Evidence:
    changes = Changes(times=[100, 200, 300, 400], values={"pump": array("d", [1, 2, 2, 3])}, window=10)
    return Evidence(
        starts=STARTS, durable=changed.pop("durable", [{"mqtt": 2, "modbus": 2, "opcua": 1}, {"mqtt": 2}]),
        sources={
            "mqtt": Messages(bytes([1] * 4), topics=2, first_time=0, window=4),
            "opcua": changes,
            "modbus": Polls([(1_010, [1]), (2_010, [4])]),
        }, **changed)


def table() -> list[Row]:
    """Two runs: four messages, three changes, two answers in each run."""
    def message(number: int, at: int, record: str) -> Row:
        return Row("mqtt", f"crash/{number % 2:03d}", number * 1000, at, float(number), "Good", record)

    def change(tick: int, value: float, at: int, record: str) -> Row:
        return Row("opcua", "pump", tick, at, value, "Good", record)

    def answer(number: int, at: int, record: str) -> Row:
        return Row("modbus", "1/input/0", at, at, float(number), "Good", record)

    return [
        message(0, 1_100, "a-0"), change(100, 1, 1_110, "a-1"), answer(1, 1_120, "a-2"), message(1, 1_130, "a-3"),
        answer(2, 1_140, "a-4"), change(200, 2, 2_100, "b-0"), message(2, 2_110, "b-1"), answer(4, 2_120, "b-2"),
        message(3, 2_130, "b-3"), answer(5, 2_140, "b-4"), change(400, 3, 2_150, "b-5"),
    ]


class CheckerTests(unittest.TestCase):
    def found(self, rows: list[Row], **changed) -> dict[str, int]:
        return dict(check(rows, evidence(**changed)).violations)

    def test_a_good_table_is_good(self) -> None:
        report = check(table(), evidence())
        self.assertEqual(report.texts, [])
        self.assertEqual(report.figures["mqtt messages"], 4)
        self.assertEqual(report.figures["opcua changes between first and last row"], 1)

    def test_planted_mistakes_are_found_in_every_source(self) -> None:
        for source in ("mqtt", "opcua", "modbus"):
            for kind in rules.PLANTED:
                with self.subTest(source=source, kind=kind):
                    report = check(planted(table(), kind, source, 1), evidence())
                    self.assertFalse(report.good)
                    wanted = rules.PLANTED[kind]
                    if wanted:
                        self.assertIn(wanted, report.violations)

    def without(self, *records: str) -> list[Row]:
        return [row for row in table() if row.record_id not in records]

    def renamed(self, *records: str) -> list[Row]:
        """Without these, and with the others named as if these had never been."""
        numbers = {"a": -1, "b": -1}
        rows = []
        for row in self.without(*records):
            segment = row.record_id[0]
            numbers[segment] += 1
            rows.append(row._replace(record_id=f"{segment}-{numbers[segment]}"))
        return rows

    def test_each_rule_finds_a_loss_by_itself(self) -> None:
        # The journal's own names show no hole: only what the sources tell does.
        self.assertEqual(self.found(self.renamed("b-1"), durable=[{}, {}]), {"loss": 1})
        self.assertEqual(self.found(self.renamed("b-0"), durable=[{}, {}]), {"loss": 1})
        self.assertEqual(self.found(self.renamed("b-2"), durable=[{}, {}]), {"loss": 1})
        # The last answers of a run: only what the connector had reported.
        self.assertEqual(self.found(self.without("a-4"), durable=[{}, {}]), {})
        self.assertEqual(self.found(self.without("a-4")), {"loss": 1})

    def test_a_swap_within_a_tag_is_found_without_names(self) -> None:
        rows = table()
        for one, other in ((0, 6), (1, 5)):
            swapped = rows.copy()
            swapped[one], swapped[other] = (
                rows[other]._replace(record_id=rows[one].record_id, ingest_time=rows[one].ingest_time),
                rows[one]._replace(record_id=rows[other].record_id, ingest_time=rows[other].ingest_time))
            self.assertIn("order", self.found(swapped))

    def test_allowed_duplicates_are_counted_by_kind(self) -> None:
        rows = table()
        again = rows + [rows[0], rows[0]._replace(record_id="b-6", ingest_time=2_200)]
        report = check(again, evidence())
        self.assertEqual(report.texts, [])
        self.assertEqual(report.counts["sent again (same record_id)"], 1)
        self.assertEqual(report.counts["mqtt redelivered (another record_id)"], 1)

    def test_other_duplicates_are_found(self) -> None:
        rows = table()
        answer, message = rows[4], rows[0]
        self.assertEqual(self.found(rows + [answer._replace(record_id="a-5")]), {"duplicate": 1})
        self.assertEqual(self.found(rows + [message._replace(value=2.0)]), {"duplicate": 1})
        self.assertEqual(self.found(rows + [message._replace(record_id="b-6", event_time=7)]), {"value": 1})
        many = [message._replace(record_id=f"b-{index}", ingest_time=2_200) for index in range(6, 11)]
        self.assertEqual(self.found(rows + many), {"duplicate": 2})

    def test_a_poll_misses_only_what_a_bad_row_tells(self) -> None:
        rows = [row._replace(value=row.value + 1) if row.record_id == "b-4" else row for row in table()]
        self.assertEqual(self.found(rows), {"loss": 1})
        bad = Row("modbus", "1/input/0", 2_130, 2_130, None, "Timeout", "b-4")
        late = rows[:9] + [bad] + [row._replace(record_id=f"b-{5 + index}") for index, row in enumerate(rows[9:])]
        report = check(late, evidence())
        self.assertEqual(report.texts, [])
        self.assertEqual(report.counts["modbus answers that came too late"], 1)


class ScheduleTests(unittest.TestCase):
    def test_kills_are_as_many_as_wanted_and_the_same_again(self) -> None:
        for count in (1, 8, 200):
            found = kills(5, count, 1800)
            self.assertEqual(sum(2 if kill.again else 1 for kill in found), count)
            self.assertEqual(found, kills(5, count, 1800))
            self.assertTrue(all(0 <= kill.at <= 1800 and (kill.again or 0.05) >= 0.05 for kill in found))

    def test_the_sink_fails_in_every_way_and_ends_up(self) -> None:
        for seed in range(50):
            events = sink(seed, 1800)
            self.assertEqual({event.what for event in events}, {"start", "stop", "kill", "freeze", "thaw"})
            self.assertEqual([event.at for event in events], sorted(event.at for event in events))
            state = "up"
            for event in events:
                self.assertIn((state, event.what), {
                    ("up", "stop"), ("up", "kill"), ("up", "freeze"), ("down", "start"), ("frozen", "thaw")})
                state = {"start": "up", "thaw": "up", "freeze": "frozen"}.get(event.what, "down")
            self.assertEqual(state, "up")

    def test_the_broker_is_restarted_as_often_as_wanted(self) -> None:
        self.assertEqual(len(broker(1, 20, 300)), 20)


if __name__ == "__main__":
    unittest.main()
