"""The soak through the connector: every value of the counting plant must lie in the table service, once.

The plant's value is the number of its tick. A tag whose rows are as many as the span from its lowest to its highest
value has no gap and nothing twice; that is asked of all tags when the connector has ended.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

from opcua_programs import Running, free_port, last_json

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

GAPS = """SELECT COUNT(*) AS tags, SUM(n) AS row_count, SUM(high - low + 1) AS span, SUM(n <> high - low + 1) AS gapped,
MIN(low) AS first, MAX(high) AS last FROM (SELECT topic_or_path, COUNT(*) AS n, MIN(value_num) AS low,
MAX(value_num) AS high FROM main.plant.soak WHERE status_code = 0 GROUP BY topic_or_path)"""


def get(url: str):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def text(file: str) -> str:
    with open(file, encoding="utf-8", errors="replace") as log:
        return log.read()


class Road:
    """Plant, connector and table service, joined; ends with the scope."""

    def __init__(self, folder: str, binaries: str, plant: list[str], port: int, tags: int, interval: int = 1000,
                 command: tuple[str, ...] = ()) -> None:
        self.folder, self.binaries = folder, binaries
        grpc, self.http, self.web, self.metrics = (free_port() for _ in range(4))
        with open(f"{folder}/penstock.yaml", "w", encoding="utf-8") as file:
            file.write(f"""sources:
  - name: plant
    endpoint: opc.tcp://127.0.0.1:{port}/
    publishing_interval_ms: {interval}
    sampling_interval_ms: 0
    variable_limit: {tags}
zerobus:
  workspace_host: http://127.0.0.1:{self.http}
  zerobus_endpoint: http://127.0.0.1:{grpc}
  auth:
    client_id: soak
    client_secret: soak
  default_target:
    catalog: main
    schema: plant
    table: soak
""")
        self.tables = Running([f"{binaries}/zerobus-local", "serve", "--grpc-port", str(grpc), "--http-port",
                               str(self.http), "--data", f"{folder}/tables"], f"{folder}/tables.log").listens(self.http)
        self.plant = Running(plant, f"{folder}/server.log").listens(port)
        while "tick" not in last_json(text(f"{folder}/server.log")) and self.plant.process.poll() is None:
            time.sleep(0.2)
        self.started = time.time()
        self.connector = Running(
            [*command, f"{binaries}/penstock", "run", "--config", f"{folder}/penstock.yaml", "--state",
             f"{folder}/state", "--web-port", str(self.web), "--metrics-port", str(self.metrics)],
            f"{folder}/penstock.log")

    def __enter__(self) -> "Road":
        return self

    def __exit__(self, *_) -> None:
        for program in (self.connector, self.plant, self.tables):
            program.__exit__()

    def rows(self) -> int:
        try:
            return get(f"http://127.0.0.1:{self.http}/tables/main.plant.soak/count")["count"]
        except OSError:
            return 0

    def wait_for_rows(self, wanted: int, limit: float, pause: float = 1) -> float:
        """The time when so many rows were there."""
        deadline = time.monotonic() + limit
        while self.rows() < wanted:
            if time.monotonic() > deadline or self.connector.process.poll() is not None:
                sys.exit("no rows: " + text(f"{self.folder}/penstock.log")[-1500:])
            time.sleep(pause)
        return time.time()

    def ticks(self) -> int:
        return last_json(text(f"{self.folder}/server.log")).get("tick", 0)

    def query(self, sql: str) -> list[dict]:
        done = subprocess.run([f"{self.binaries}/zerobus-local", "query", "--data", f"{self.folder}/tables",
                               "--format", "json", sql], capture_output=True, text=True, timeout=1200)
        if done.returncode != 0:
            sys.exit("the query failed: " + done.stderr[-500:])
        return json.loads(done.stdout)


def state(road: Road, name: str) -> dict:
    connector = road.connector
    seen = {key: round(connector.memory(entry), 1)
            for key, entry in (("resident", "VmRSS"), ("anonymous", "RssAnon"), ("peak", "VmHWM"))}
    print(f"{name}: {road.rows()} rows, resident {seen['resident']} MiB, anonymous {seen['anonymous']}, "
          f"peak {seen['peak']}; server {road.plant.memory():.1f} MiB", flush=True)
    return seen


def soak(arguments, folder: str, plant: list[str], port: int, quiet: dict) -> bool:
    """Runs so many seconds, then lets the connector end and counts.
    Writes its figures to the file `--figures` names, for `dev/bench`.
    """
    with Road(folder, arguments.bin, plant, port, arguments.tags) as road:
        road.wait_for_rows(2 * arguments.tags, 180)
        memory = {"idle": quiet, "start": state(road, "start")}
        began, rows, cpu = time.monotonic(), road.rows(), road.connector.cpu()
        while (passed := time.monotonic() - began) < arguments.seconds:
            time.sleep(max(0.0, min(30, arguments.seconds - passed, 60 - passed if passed < 60 else 30)))
            seen = state(road, f"after {time.monotonic() - began:.0f} s")
            if "minute" not in memory and time.monotonic() - began >= 59:
                memory["minute"] = seen
        memory["end"] = state(road, "end")
        span, rows, cpu = time.monotonic() - began, road.rows() - rows, road.connector.cpu() - cpu
        peak = road.connector.memory("VmHWM")
        road.connector.process.terminate()
        road.connector.process.wait(120)
        found = road.query(GAPS)[0]
        lost = int(found["span"]) - int(found["row_count"])
        ticks = int(found["last"]) - int(found["first"]) + 1
        expected = ticks * arguments.tags
        figures = {
            "tags": int(found["tags"]), "seconds": round(span), "ticks": ticks, "rows": int(found["row_count"]),
            "expected": expected, "tags_with_gaps": int(found["gapped"]), "us_per_row": round(cpu / max(rows, 1) * 1e6, 3),
            "rows_per_second": round(rows / span), "memory": memory, "peak": round(peak, 1),
        }
        print(json.dumps(figures))
        if arguments.figures:
            os.makedirs(os.path.dirname(arguments.figures) or ".", exist_ok=True)
            with open(arguments.figures, "w", encoding="utf-8") as file:
                json.dump({"bench": "soak", "figures": [
                    {"name": "resident", "value": memory["end"]["resident"], "unit": "MiB"}], "all": figures}, file)
        # Tags begin one after the other, and the last tick may have come to some of them only.
        apart = abs(expected - figures["rows"]) / max(expected, 1)
        good = (figures["tags"] == arguments.tags and figures["tags_with_gaps"] == 0 and lost == 0
                and apart <= max(0.001, 2 / ticks) and memory["end"]["resident"] <= 150)
        print(f"connector: {figures['rows']} rows of {expected} ({apart:.4%} apart), {figures['tags_with_gaps']} tags with "
              f"gaps, {figures['us_per_row']} µs CPU a row, resident {memory['end']['resident']} MiB, peak {peak:.1f}: "
              f"{'good' if good else 'NOT GOOD'}", flush=True)
        return good


def idle(binaries: str, folder: str) -> dict:
    """Memory of a connector that has a source but nothing comes: resident and private, MiB."""
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/penstock.yaml", "w", encoding="utf-8") as file:
        file.write(f"sources:\n  - name: quiet\n    endpoint: opc.tcp://127.0.0.1:{free_port()}/\n")
    with Running([f"{binaries}/penstock", "run", "--config", f"{folder}/penstock.yaml", "--state", f"{folder}/state",
                  "--web-port", str(web := free_port()), "--metrics-port", str(free_port())],
                 f"{folder}/idle.log").listens(web) as connector:
        time.sleep(15)
        return {"resident": round(connector.memory(), 1), "private": round(connector.memory("RssAnon"), 1)}


def counting(bench: str, tags: int, port: int, interval: int = 1000) -> list[str]:
    return [bench, "serve", "--tags", str(tags), "--port", str(port), "--interval-ms", str(interval)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True, help="the program opcua-bench")
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--tags", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--figures", help="file for the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penstock-soak-") as folder:
        quiet = idle(arguments.bin, f"{folder}/idle")
        print(f"idle: resident {quiet['resident']} MiB, private {quiet['private']} MiB", flush=True)
        port = free_port()
        sys.exit(0 if soak(arguments, folder, counting(arguments.bench, arguments.tags, port), port, quiet) else 1)


if __name__ == "__main__":
    main()
