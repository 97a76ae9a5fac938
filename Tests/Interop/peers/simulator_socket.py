"""The Python `websockets` client on the simulator's /ws: simulator_socket.py PORT PATH…

Collects four messages of values, then tries what is not allowed.
"""

import json
import sys

from peer import result
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

port, paths = sys.argv[1], sys.argv[2:]
address = f"ws://127.0.0.1:{port}/ws"


def receive(socket, kind):
    """The next message of a type; others are passed over."""
    while True:
        message = json.loads(socket.recv(timeout=15))
        if message["type"] == kind:
            return message


def ask(socket, **message):
    socket.send(json.dumps(message))


with connect(address) as socket:
    ask(socket, type="subscribe", sensors=paths)
    subscribed = receive(socket, "subscribed")
    assert subscribed["sensors"] == paths, subscribed
    messages = [receive(socket, "sensor_data") for _ in range(4)]

    ask(socket, type="subscribe", sensors=["moon/dust"])
    unknown = receive(socket, "error")
    socket.send("{")
    malformed = receive(socket, "error")
    ask(socket, type="unsubscribe", sensors=paths[1:], format="plain")
    left = receive(socket, "subscribed")
    # What was under way in the other format comes first.
    plain = receive(socket, "sensor_data")
    while isinstance(plain["sensors"][paths[0]], dict):
        plain = receive(socket, "sensor_data")
    ask(socket, type="unsubscribe")
    empty = receive(socket, "subscribed")

others = [connect(address) for _ in range(64)]
with connect(address) as one_more:
    too_many_clients = receive(one_more, "error")
for other in others:
    other.close()

try:
    with connect(address, origin="http://elsewhere.example"):
        foreign_origin = 101
except InvalidStatus as error:
    foreign_origin = error.response.status_code

result(
    messages=messages, unknown=unknown, malformed=malformed, plain=plain["sensors"][paths[0]],
    unsubscribed=left["sensors"] == paths[:1] and empty["sensors"] == [], too_many_clients=too_many_clients,
    foreign_origin=foreign_origin)
