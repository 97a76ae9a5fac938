"""Hears what a host application says of itself, until the test stops it (SIGTERM)."""

import argparse
import json
import signal
import threading

from sparkplug_peer import wait

import paho.mqtt.client as mqtt

from peer import ready, result

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--host-id", required=True)
parser.add_argument("--count", type=int, required=True)
arguments = parser.parse_args()

stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
states = []


def on_message(_, __, message) -> None:
    states.append(json.loads(message.payload))
    if len(states) >= arguments.count:
        stopped.set()


client = mqtt.Client("state-listener")
subscribed = threading.Event()
client.on_message = on_message
client.on_subscribe = lambda *_: subscribed.set()
client.connect("127.0.0.1", arguments.port, 60)
client.loop_start()
client.subscribe(f"spBv1.0/STATE/{arguments.host_id}", 1)
wait(subscribed, "the subscription")
ready()
stopped.wait()
result(states=states)
