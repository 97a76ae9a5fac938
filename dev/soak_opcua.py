"""The soak of dev/soak-opcua: counts what must have come, and says whether it did."""

import argparse
import json
import os
import sys
import tempfile
import time

from opcua_programs import HERE, Running, certificates, free_port, last_json


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


def verdict(received: int, expected: int, found: dict, resident: float) -> bool:
    share = abs(received - expected) / max(expected, 1)
    good = share <= 0.001 and resident <= 150 and not any(found.values())
    print(f"client: received {received}, expected {expected} ({share:.4%} apart), "
          + ", ".join(f"{key} {value}" for key, value in found.items())
          + f", peak resident {resident:.1f} MiB: {'good' if good else 'NOT GOOD'}", flush=True)
    return good


def soak(arguments, folder: str) -> bool:
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
    return verdict(found["values"], expected, counted, found["peak"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--tags", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--peer", choices=["o6", "asyncua"], help="its server instead of ours; o6 ends after ten minutes")
    parser.add_argument("--secured", action="store_true", help="Basic256Sha256, SignAndEncrypt")
    parser.add_argument("--token-lifetime", type=int, metavar="MS", help="life of the channel's token")
    arguments = parser.parse_args()
    if arguments.secured and arguments.peer:
        parser.error("--secured is for our own ends")
    with tempfile.TemporaryDirectory(prefix="penstock-soak-") as folder:
        if arguments.secured:
            certificates(folder)
        sys.exit(0 if soak(arguments, folder) else 1)


main()
