"""Stops and starts each protocol of a simulator again and again while readers read all of them.

plant_switches.py … PATH… prints of each protocol: how often its connections were closed and new ones refused, what the
readers of the others noticed, and which files the simulator had open before and afterwards. At last it asks the
simulator to end while everybody is connected.
"""

import argparse
import os
import signal
import socket
import threading
import time

from peer import fail, result
from plant_readers import Plant, is_refused, readers, until

parser = argparse.ArgumentParser()
for port in ("opcua", "mqtt", "modbus", "web"):
    parser.add_argument(f"--{port}", type=int, required=True)
parser.add_argument("--payload", choices=("json", "kepware", "sparkplug"), default="json")
parser.add_argument("--process", type=int, required=True)
parser.add_argument("--times", type=int, default=20)
parser.add_argument("--protocols", default="opcua,mqtt,modbus")
parser.add_argument("paths", nargs="+")
arguments = parser.parse_args()

plant = Plant(arguments.web)
ports = {"opcua": arguments.opcua, "mqtt": arguments.mqtt, "modbus": arguments.modbus}
found = readers(plant, arguments.paths, **ports, payload=arguments.payload)


def about() -> str:
    return str({name: (reader.latest, reader.trouble) for name, reader in found.items()})


def open_files() -> list[str]:
    folder = f"/proc/{arguments.process}/fd"
    files = []
    for number in os.listdir(folder):
        try:
            files.append(os.readlink(f"{folder}/{number}").split(":")[0])
        except FileNotFoundError:
            pass
    return sorted(files)


def settled() -> list[str]:
    """What is open when everybody is connected and nothing else is under way."""
    now = plant.now()
    until("everybody reads", lambda: all(r.latest > now for r in found.values()), about=about)
    files = open_files()
    deadline = time.monotonic() + 10
    # Ends of connections that were closed are let go a moment later.
    while time.monotonic() < deadline:
        time.sleep(0.3)
        again = open_files()
        if again == files:
            break
        files = again
    return files


def ask(protocol: str, order: str) -> None:
    status, answer = plant.ask("POST", f"/api/protocols/{protocol}/{order}")
    state = {"start": "running", "stop": "stopped"}[order]
    if status != 200 or answer["protocol"]["state"] != state:
        fail(f"{order} {protocol}: {status} {answer}")


def is_closed(connection: socket.socket) -> bool:
    """Whether the other end closes, perhaps after a last word."""
    connection.settimeout(5)
    try:
        while connection.recv(4096):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def switch(protocol: str) -> dict:
    """Many times off and on."""
    port, reader = ports[protocol], found[protocol]
    others = {name: r for name, r in found.items() if name != protocol}
    lost_before, began = len(reader.losses), plant.now()
    noticed = {name: len(r.losses) for name, r in others.items()}
    refused = closed = 0
    for number in range(arguments.times):
        idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(3)]
        ask(protocol, "stop")
        refused += is_refused(port)
        closed += all(is_closed(connection) for connection in idle)
        for connection in idle:
            connection.close()
        ask(protocol, "start")
        if is_refused(port):
            fail(f"{protocol} is not there after a start")
        # Sometimes somebody is in the middle of a session, mostly in the middle of its beginning.
        if number % 5 == 0:
            now = plant.now()
            until(f"{protocol} is read again", lambda: reader.latest > now, about=about)
    # Orders from several sides at the same time: each is obeyed or refused with a sentence.
    orders = [
        threading.Thread(target=plant.ask, args=("POST", f"/api/protocols/{protocol}/{order}"))
        for order in ("stop", "start") * 8
    ]
    for order in orders:
        order.start()
    for order in orders:
        order.join()
    ask(protocol, "start")
    now = plant.now()
    until("everybody reads", lambda: all(r.latest > now for r in found.values()), about=about)
    return dict(
        refused=refused, closed=closed, lost=len(reader.losses) - lost_before, began=began, ended=now,
        noticed={name: r.losses[noticed[name]:] for name, r in others.items()})


def taken(protocol: str) -> dict:
    """Another program has the port when the protocol is to be started."""
    ask(protocol, "stop")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", ports[protocol]))
        other.listen()
        status, answer = plant.ask("POST", f"/api/protocols/{protocol}/start")
        health = plant.ask("GET", "/health")[1]["status"]
    ask(protocol, "start")
    now = plant.now()
    until("everybody reads", lambda: all(r.latest > now for r in found.values()), about=about)
    return dict(status=status, detail=answer.get("detail"), health=health, later=plant.ask("GET", "/health")[1]["status"])


def ended() -> bool:
    try:
        with open(f"/proc/{arguments.process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


until("everybody reads", lambda: all(r.has_all() for r in found.values()), about=about)
wanted = arguments.protocols.split(",")
# The first stop and start make what is made once.
for protocol in wanted:
    ask(protocol, "stop")
    ask(protocol, "start")
before = settled()
switched = {protocol: switch(protocol) for protocol in wanted}
occupied = {protocol: taken(protocol) for protocol in wanted}
after = settled()
ticks = {
    name: sorted(set().union(*(samples.keys() for samples in reader.samples.values())))
    for name, reader in found.items()
}
half = socket.create_connection(("127.0.0.1", arguments.web))
half.sendall(b"POST /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
began = time.monotonic()
os.kill(arguments.process, signal.SIGTERM)
until("the simulator ends", ended, seconds=30)
seconds = time.monotonic() - began
result(before=before, after=after, switched=switched, occupied=occupied, ticks=ticks, seconds=seconds)
