"""The soak of dev/soak-opcua: counts what must have come, and says whether it did."""

import argparse
import json
import os
import sys
import tempfile
import time
import urllib.request

from opcua_programs import HERE, Running, certificates, free_port, last_json

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


def server(arguments, port: int, folder: str) -> Running:
    log = f"{folder}/server.log"
    if not arguments.peer:
        command = [arguments.bench, "serve", "--tags", str(arguments.tags), "--port", str(port)]
        command += ["--folder", folder] if arguments.secured else []
    else:
        command = [sys.executable, os.path.join(HERE, "peers/opcua_counting.py"), arguments.peer, "server",
                   "--port", str(port), "--tags", str(arguments.tags)]
    # A peer in Python takes minutes to make so many items; it listens before or after that.
    running = Running(command, log).listens(port, limit=900 if arguments.peer else 120)
    while "tick" not in last_json(text(log)) and running.process.poll() is None:
        time.sleep(0.5)
    return running


def text(file: str) -> str:
    with open(file, encoding="utf-8", errors="replace") as log:
        return log.read()


def verdict(name: str, received: int, expected: int, found: dict, resident: float, limit: float) -> bool:
    share = abs(received - expected) / max(expected, 1)
    good = share <= 0.001 and resident <= limit and not any(found.values())
    print(f"{name}: received {received}, expected {expected} ({share:.4%} apart), "
          + ", ".join(f"{key} {value}" for key, value in found.items())
          + f", peak resident {resident:.1f} MiB: {'good' if good else 'NOT GOOD'}", flush=True)
    return good


def through_library(arguments, folder: str) -> bool:
    port, log = free_port(), f"{folder}/client.log"
    with server(arguments, port, folder) as plant:
        form = "ns=1;s=bench/tag_#" if arguments.peer == "o6" else "ns=2;s=bench/tag_#"
        command = [arguments.bench, "subscribe", "--endpoint", f"opc.tcp://127.0.0.1:{port}/", "--tags",
                   str(arguments.tags), "--seconds", str(arguments.seconds), "--id", form]
        command += ["--token-ms", str(arguments.token_lifetime)] if arguments.token_lifetime else []
        command += ["--folder", folder] if arguments.secured else []
        with Running(command, log) as client:
            while client.process.poll() is None:
                time.sleep(1)
        print(f"server: {last_json(text(f'{folder}/server.log'))}, peak resident {plant.memory('VmHWM'):.1f} MiB")
    found = last_json(text(log))
    if "values" not in found:
        sys.exit("the client gave no figures: " + text(log)[-500:])
    print(json.dumps(found))
    expected = found["ticks"] * arguments.tags
    # A peer in Python gives its items their tick one by one, for seconds: the span begins and ends inside of one.
    if arguments.peer and abs(found["values"] - expected) < arguments.tags:
        print(f"the span began or ended inside of a tick: {found['values'] - expected:+} values")
        expected = found["values"]
    counted = {key: found[key] for key in ("gaps", "repeats", "sequence_gaps", "lost", "bad")}
    return verdict("client", found["values"], expected, counted, found["peak"], 150)


def get(url: str):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def through_penstock(arguments, folder: str) -> bool:
    port, grpc, http, web = (free_port() for _ in range(4))
    with open(f"{folder}/penstock.yaml", "w", encoding="utf-8") as file:
        file.write(f"""sources:
  - name: plant
    endpoint: opc.tcp://127.0.0.1:{port}/
    publishing_interval_ms: 1000
    variable_limit: {arguments.tags}
zerobus:
  workspace_host: http://127.0.0.1:{http}
  zerobus_endpoint: http://127.0.0.1:{grpc}
  auth:
    client_id: soak
    client_secret: soak
  default_target:
    catalog: main
    schema: plant
    table: soak
""")
    count = f"http://127.0.0.1:{http}/tables/main.plant.soak/count"
    tables = Running([f"{arguments.bin}/zerobus-local", "serve", "--grpc-port", str(grpc), "--http-port", str(http),
                      "--data", f"{folder}/tables"], f"{folder}/tables.log").listens(http)
    with tables, server(arguments, port, folder) as plant:
        with Running([f"{arguments.bin}/penstock", "run", "--config", f"{folder}/penstock.yaml", "--state",
                      f"{folder}/state", "--web-port", str(web), "--metrics-port", str(free_port())],
                     f"{folder}/penstock.log") as connector:
            def rows() -> int:
                try:
                    return get(count)["count"]
                except OSError:
                    return 0
            deadline = time.monotonic() + 180
            while rows() < 2 * arguments.tags:
                if time.monotonic() > deadline or connector.process.poll() is not None:
                    sys.exit("no rows: " + text(f"{folder}/penstock.log")[-1500:])
                time.sleep(1)
            # Between two publishings, where all of one tick has come and none of the next.
            began, before, cpu = time.monotonic(), rows(), connector.cpu()
            tick = last_json(text(f"{folder}/server.log")).get("tick", 0)
            while time.monotonic() - began < arguments.seconds:
                time.sleep(min(30, arguments.seconds))
                print(f"after {time.monotonic() - began:.0f} s: {rows() - before} rows, "
                      f"resident {connector.memory():.1f} MiB, server {plant.memory():.1f} MiB", flush=True)
            ticks = last_json(text(f"{folder}/server.log")).get("tick", 0) - tick
            received, span = rows() - before, time.monotonic() - began
            used = (connector.cpu() - cpu) / max(received, 1) * 1e6
            print(f"connector {used:.2f} µs CPU per row, {received / span:.0f} rows/s, {ticks} ticks; peak resident "
                  f"{connector.memory('VmHWM'):.1f} MiB, anonymous {connector.memory('RssAnon'):.1f} MiB")
            # The row count is taken at any moment of a second: one tick more or less says nothing.
            wanted = ticks * arguments.tags
            missing = max(0, abs(received - wanted) - arguments.tags)
            return verdict("connector", wanted - missing, wanted, {}, connector.memory("VmHWM"), 150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--bin", default="")
    parser.add_argument("--tags", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--peer", choices=["o6", "asyncua"], help="its server instead of ours; o6 ends after ten minutes")
    parser.add_argument("--secured", action="store_true", help="Basic256Sha256, SignAndEncrypt")
    parser.add_argument("--token-lifetime", type=int, metavar="MS", help="life of the channel's token")
    parser.add_argument("--through", choices=["library", "penstock"], default="library")
    arguments = parser.parse_args()
    if arguments.secured and (arguments.peer or arguments.through == "penstock"):
        parser.error("--secured is for our own ends")
    with tempfile.TemporaryDirectory(prefix="penstock-soak-") as folder:
        if arguments.secured:
            certificates(folder)
        run = through_penstock if arguments.through == "penstock" else through_library
        sys.exit(0 if run(arguments, folder) else 1)


main()
