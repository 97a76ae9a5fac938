"""The runs and the table of dev/bench-zerobus: our Zerobus client beside the official SDK.

Both clients hold their rows encoded, get the same orders in turns (every round, every kind of message, who begins
changes), and send to the same sink, which checks their offsets and counts their rows. A figure is the median over the
rounds; a ratio is the median of the rounds' ratios. CPU is the client process's own, from the first send to the last
acknowledgement. Nothing is judged by time: the run fails only when rows are missing or a program does.

The figures go to a file too, for the table of `dev/bench`:
    {"bench": "zerobus", "measured": "2026-11-21T16:00:00+00:00", "rounds": 5, "cores": 2,
     "figures": [{"name": "zerobus cpu 55 B batch 100", "value": 0.1, "unit": "CPU-s per million rows", "peer": 0.2}, …]}
A name is `zerobus cpu|rate|sink cpu SIZE B batch ROWS`, or `zerobus local rate SIZE B batch ROWS` (this project's
zerobus-local as the server); the unit of rates is rows/s; `peer` is the official SDK's figure of the same run.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile

from opcua_programs import HERE, Running, free_port

# Bytes beyond 55, rows of a message, rows of a run.
KINDS = [(0, 1, 200_000), (0, 100, 1_000_000), (0, 1_000, 1_000_000),
         (951, 1, 100_000), (951, 100, 200_000), (951, 1_000, 200_000)]
SIZES = {0: 55, 951: 1_007}
CLIENTS = ("penstock", "official SDK")


class Worker:
    """A program that answers every line with a line of JSON."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()

    def line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench-zerobus: {self.name} ended with {self.process.wait()}")
        return line

    def answer(self) -> dict:
        while not (line := self.line()).startswith("{"):
            pass
        return json.loads(line)

    def carry_out(self, table: str, kind: tuple[int, int, int]) -> dict:
        padding, batch, rows = kind
        self.process.stdin.write(f"{table} {rows} {padding} {batch}\n")
        self.process.stdin.flush()
        found = self.answer()
        million = found["rows"] / 1e6
        return found | dict(rate=found["rows"] / found["seconds"], each=found["cpu"] / million)


def clients(arguments, port: int, workspace: list[str]) -> list[Worker]:
    endpoint = ["--endpoint", f"http://127.0.0.1:{port}"] + workspace
    return [Worker(CLIENTS[0], [arguments.bench] + endpoint),
            Worker(CLIENTS[1], [sys.executable, os.path.join(HERE, "peers/zerobus_sdk.py")] + endpoint)]


def in_turns(workers: list[Worker], kinds, rounds: int, after) -> dict:
    """Every client's runs of every kind; one more round goes first and does not count."""
    seen = {(worker.name, kind): [] for worker in workers for kind in kinds}
    for number in range(rounds + 1):
        for kind in kinds:
            for worker in workers if number % 2 == 0 else reversed(workers):
                found = after(worker.carry_out(f"main.plant.{worker.name.split()[0]}", kind), worker.name)
                if number > 0:
                    seen[worker.name, kind].append(found)
        if sys.stderr.isatty():
            print(f"\rround {number} of {rounds}", end="\r", file=sys.stderr, flush=True)
    return seen


def median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def ratio(ours: list[dict], theirs: list[dict], key: str) -> float:
    return statistics.median(our[key] / their[key] for our, their in zip(ours, theirs))


def against_sink(arguments) -> list[dict]:
    figures = []
    with Worker("sink", [arguments.sink]) as sink:

        def checked(found: dict, name: str) -> dict:
            counted = sink.answer()
            if counted["error"] or (counted["rows"], counted["bytes"]) != (found["rows"], found["bytes"]):
                sys.exit(f"bench-zerobus: {name} sent {found}, the sink saw {counted}")
            return found | dict(sink=counted["cpu"] / found["rows"] * 1e6)

        ours, theirs = clients(arguments, int(sink.line()), [])
        with ours, theirs:
            seen = in_turns([ours, theirs], KINDS, arguments.rounds, checked)
    print(f"{'':24}{'rows/s':>34}{'CPU-s per million rows':>32}{'sink':>9}")
    print(f"{'':24}{'penstock':>12}{'SDK':>12}{'ratio':>10}{'penstock':>12}{'SDK':>10}{'ratio':>10}{'CPU-s':>9}")
    for kind in KINDS:
        padding, batch, _ = kind
        our, their = (seen[name, kind] for name in CLIENTS)
        print(f"{f'{SIZES[padding]} B, batches of {batch}':24}{median(our, 'rate'):12.0f}{median(their, 'rate'):12.0f}"
              f"{ratio(our, their, 'rate'):10.2f}{median(our, 'each'):12.3f}{median(their, 'each'):10.3f}"
              f"{ratio(our, their, 'each'):10.2f}{median(our, 'sink'):9.3f}")
        of = f"{SIZES[padding]} B batch {batch}"
        figures += [
            dict(name=f"zerobus cpu {of}", value=median(our, "each"), unit="CPU-s per million rows",
                 peer=median(their, "each")),
            dict(name=f"zerobus rate {of}", value=median(our, "rate"), unit="rows/s", peer=median(their, "rate")),
            dict(name=f"zerobus sink cpu {of}", value=median(our, "sink"), unit="CPU-s per million rows",
                 peer=median(their, "sink")),
        ]
    return figures


def against_local(arguments) -> list[dict]:
    """For information: the rate of zerobus-local, which writes every row to its tables."""
    kinds = [(0, 100, 200_000), (0, 1_000, 200_000)]
    grpc, http = free_port(), free_port()
    figures = []
    print("\nzerobus-local as the server, which decodes and stores every row", flush=True)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        server = Running([arguments.local, "serve", "--grpc-port", str(grpc), "--http-port", str(http),
                          "--data", folder])
        with server.listens(grpc).listens(http):
            ours, theirs = clients(arguments, grpc, ["--workspace", f"http://127.0.0.1:{http}"])
            with ours, theirs:
                before = server.cpu()
                seen = in_turns([ours, theirs], kinds, arguments.rounds, lambda found, _: found)
                used = server.cpu() - before
    for kind in kinds:
        padding, batch, _ = kind
        our, their = (median(seen[name, kind], "rate") for name in CLIENTS)
        print(f"{f'{SIZES[padding]} B, batches of {batch}':24}{our:12.0f}{their:12.0f} rows/s")
        figures.append(dict(name=f"zerobus local rate {SIZES[padding]} B batch {batch}", value=our, unit="rows/s",
                            peer=their))
    rows = 2 * (arguments.rounds + 1) * sum(rows for _, _, rows in kinds)
    print(f"its own CPU: {used / rows * 1e6:.2f} s per million rows")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program zerobus-bench")
    parser.add_argument("--sink", required=True, help="the program of Benchmarks/Zerobus/Sink")
    parser.add_argument("--local", help="the program zerobus-local; without it that part is left out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--result", help="file for the figures")
    arguments = parser.parse_args()
    print(f"{arguments.rounds} rounds in turns, loopback, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
          flush=True)
    figures = against_sink(arguments)
    if arguments.local:
        figures += against_local(arguments)
    if arguments.result:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        with open(arguments.result, "w", encoding="utf-8") as file:
            json.dump(dict(bench="zerobus", measured=now, rounds=arguments.rounds, cores=os.cpu_count(),
                           figures=figures), file, indent=1)


main()
