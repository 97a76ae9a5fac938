"""The runs and tables of dev/bench-opcua."""

import argparse
import os
import subprocess
import sys
import time

from opcua_programs import HERE, Running, certificates, free_port, last_json

PEER = os.path.join(HERE, "peers/opcua_counting.py")


def serve(arguments, tags: int, interval: int, port: int, secured: bool) -> list[str]:
    return [arguments.bench, "serve", "--tags", str(tags), "--port", str(port), "--interval-ms", str(interval)] + (
        ["--folder", arguments.folder] if secured else [])


def client(arguments, kind: str, tags: int, interval: int, port: int, secured: bool, form: str = "ns=2;s=bench/tag_#"):
    common = ["--endpoint", f"opc.tcp://127.0.0.1:{port}/", "--tags", str(tags), "--interval-ms", str(interval),
              "--seconds", str(arguments.seconds)] + (["--folder", arguments.folder] if secured else [])
    if kind == "penstock":
        return [arguments.bench, "subscribe", "--id", form] + common
    native = ["--native", f"{arguments.folder}/native.so"] if kind == "open62541" else []
    return [sys.executable, PEER, kind, "client"] + common + native


def run(arguments, command: list[str], server: Running) -> dict:
    """Runs a client to its end; the server's CPU is that of the span which the client measures."""
    log = f"{arguments.folder}/client.log"
    before, used = None, 0.0
    with Running(command, log) as watched:
        deadline = time.monotonic() + 300
        lives = True
        while lives and time.monotonic() < deadline:
            # What it has written is looked at once more when it has ended.
            lives = watched.process.poll() is None
            found = last_json(text(log))
            if "measuring" in found and before is None:
                before = server.cpu()
            if "values" in found:
                used = server.cpu() - (before or 0.0)
                break
            time.sleep(0.01)
    found = last_json(text(log))
    if not found.get("values"):
        return dict(error=(text(log).strip().splitlines() or ["no values"])[-1])
    found["server_cpu"] = used
    return found


def text(file: str) -> str:
    with open(file, encoding="utf-8", errors="replace") as log:
        return log.read()


def clients(arguments) -> None:
    print("\nclients of the same server (penstock's)")
    print(f"{'':34}{'offered/s':>11}{'values/s':>10}{'CPU µs/value':>14}{'values/s a core':>17}{'server CPU %':>14}")
    rows = [
        ("penstock", 10_000, 100), ("penstock", 100_000, 1000), ("penstock", 100_000, 200),
        ("open62541", 10_000, 100), ("open62541", 100_000, 1000), ("o6", 10_000, 100), ("o6", 10_000, 200),
        ("asyncua", 1_000, 100), ("asyncua", 2_000, 100),
    ]
    for secured in (False, True):
        for kind, tags, interval in rows:
            port = free_port()
            with Running(serve(arguments, tags, interval, port, secured)).listens(port) as server:
                found = run(arguments, client(arguments, kind, tags, interval, port, secured), server)
            name = f"{kind}, {'SignAndEncrypt' if secured else 'plain'}, {tags} items"
            offered = tags * 1000 // interval
            if "error" in found:
                print(f"{name:34}{offered:11}  {found['error'][:80]}", flush=True)
                continue
            each = found["cpu"] / found["values"]
            span = found["seconds"]
            print(f"{name:34}{offered:11}{found['values'] / span:10.0f}{each * 1e6:14.3f}{1 / each:17.0f}"
                  f"{found['server_cpu'] / span * 100:14.1f}", flush=True)


def servers(arguments) -> None:
    print("\nservers for the same client (penstock's); its CPU beside theirs")
    print(f"{'':34}{'offered/s':>11}{'values/s':>10}{'server µs/value':>17}{'client µs/value':>17}")
    rows = [
        ("penstock", 10_000, 100), ("penstock", 10_000, 1000), ("o6", 10_000, 1000), ("o6", 2_000, 100),
        ("asyncua", 2_000, 1000), ("asyncua", 2_000, 500),
    ]
    for kind, tags, interval in rows:
        port = free_port()
        own = kind == "penstock"
        command = serve(arguments, tags, interval, port, False) if own else [
            sys.executable, PEER, kind, "server", "--port", str(port), "--tags", str(tags),
            "--interval-ms", str(interval)]
        form = "ns=1;s=bench/tag_#" if kind == "o6" else "ns=2;s=bench/tag_#"
        with Running(command).listens(port) as server:
            found = run(arguments, client(arguments, "penstock", tags, interval, port, False, form), server)
        name = f"{kind}, {tags} items"
        offered = tags * 1000 // interval
        if "error" in found:
            print(f"{name:34}{offered:11}  {found['error'][:80]}", flush=True)
            continue
        values, span = found["values"], found["seconds"]
        print(f"{name:34}{offered:11}{values / span:10.0f}{found['server_cpu'] / values * 1e6:17.3f}"
              f"{found['us_per_value']:17.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True, help="the program opcua-bench")
    parser.add_argument("--folder", required=True, help="certificates, and room for logs")
    parser.add_argument("--seconds", type=float, default=5, help="measured time of each row")
    arguments = parser.parse_args()
    certificates(arguments.folder)
    print(f"one run, loopback, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {arguments.seconds:.0f} s a row")
    clients(arguments)
    servers(arguments)
    print("\nsecure channel, Basic256Sha256 SignAndEncrypt, beside bare AES-256-CBC and HMAC-SHA256 of swift-crypto")
    for size in (8_192, 65_000):
        subprocess.run([arguments.bench, "secure", "--bytes", str(size), "--rounds", "2000"], check=True)
    print("one value in a message alone, ns of CPU")
    for part in ("decode", "encode"):
        subprocess.run([arguments.bench, part, "--rounds", "300"], check=True)


main()
