"""Start, latency and cost of the connector, measured from outside: when rows lie in the table service.

The plant is the counting one. Its source time is the same for all values of a tick.
"""

import os
import threading
import time

from opcua_programs import free_port
from soak_connector import Road, counting


def road(arguments, folder: str, name: str, tags: int, interval: int) -> Road:
    port = free_port()
    place = os.path.join(folder, name)
    os.makedirs(place)
    return Road(place, arguments.bin, counting(arguments.bench, tags, port, interval), port, tags, interval)


def start(arguments, folder: str) -> float:
    """Seconds from the start of the program to the first row of 10,000 tags at 1 Hz; the best of three."""
    def once(name: str) -> float:
        with road(arguments, folder, name, 10_000, 1000) as started:
            return started.wait_for_rows(1, 60, 0.01) - started.started
    return min(once(f"start-{turn}") for turn in range(3))


def cost(arguments, folder: str, seconds: float = 20) -> tuple[float, float]:
    """CPU µs a row with 10,000 tags at 5 Hz, and rows a second."""
    with road(arguments, folder, "cost", 10_000, 200) as measured:
        measured.wait_for_rows(50_000, 120)
        rows, cpu, began = measured.rows(), measured.connector.cpu(), time.monotonic()
        time.sleep(seconds)
        rows, cpu = measured.rows() - rows, measured.connector.cpu() - cpu
        return cpu / max(rows, 1) * 1e6, rows / (time.monotonic() - began)


def latency(arguments, folder: str, seconds: float = 30) -> dict[str, float]:
    """Percentiles of the time from a value's source time to its row in the table, beyond the publishing interval, ms:
    1,000 tags at 10 Hz, published every 100 ms and sampled as they change.

    Rows are counted every few milliseconds. Ticks come in order, so the n-th row is of the tick in which the n-th
    value lies; a row is there at the latest when the count is.
    """
    seen: list[tuple[float, int]] = []
    with road(arguments, folder, "latency", 1_000, 100) as measured:
        measured.wait_for_rows(30_000, 120)
        stop = threading.Event()

        def watch() -> None:
            while not stop.is_set():
                count = measured.rows()
                seen.append((time.time(), count))
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        time.sleep(seconds)
        stop.set()
        watcher.join()
        ticks = measured.query("SELECT event_time, COUNT(*) AS n FROM main.plant.soak WHERE value_num IS NOT NULL "
                               "GROUP BY event_time ORDER BY event_time")
    late: list[float] = []
    total, place = 0, 0
    for tick in ticks:
        first, total = total, total + int(tick["n"])
        for row in range(first + 10, total + 1, 10):
            if row <= seen[0][1]:
                continue
            while place < len(seen) and seen[place][1] < row:
                place += 1
            if place < len(seen):
                late.append((seen[place][0] - int(tick["event_time"]) / 1e6 - 0.1) * 1000)
    late.sort()
    return {"p50": late[len(late) // 2], "p99": late[len(late) * 99 // 100]} if late else {"p50": -1, "p99": -1}
