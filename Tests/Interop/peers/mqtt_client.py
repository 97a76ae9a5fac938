"""paho's client on a broker: collects what is published, checks retained messages, and sends to itself."""

import argparse
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.packettypes import PacketTypes

from peer import fail, result

VERSIONS = {"3.1.1": mqtt.MQTTv311, "5": mqtt.MQTTv5}


class Collector:
    def __init__(self, version: str, host: str, port: int, client_id: str) -> None:
        self.version = VERSIONS[version]
        self.lock = threading.Condition()
        self.messages: list = []
        self.subscribed = 0
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=self.version)
        self.client.on_connect = self.on_connect
        self.client.on_message = self.on_message
        self.client.on_subscribe = self.on_subscribe
        self.reason = None
        self.client.connect(host, port, keepalive=20)
        self.client.loop_start()

    def on_connect(self, client, userdata, flags, reason, properties) -> None:
        with self.lock:
            self.reason = str(reason)
            self.lock.notify_all()

    def on_subscribe(self, client, userdata, mid, reasons, properties) -> None:
        with self.lock:
            if any(reason.is_failure for reason in reasons):
                self.reason = f"subscription refused: {reasons}"
            self.subscribed += 1
            self.lock.notify_all()

    def on_message(self, client, userdata, message) -> None:
        with self.lock:
            self.messages.append((message.topic, message.payload, message.qos, message.retain, message.properties))
            self.lock.notify_all()

    def wait(self, what: str, condition) -> None:
        with self.lock:
            if not self.lock.wait_for(condition, timeout=30):
                fail(f"not within 30 s: {what}; {self.reason}, {len(self.messages)} messages")

    def subscribe(self, topics: list) -> None:
        self.wait("connected", lambda: self.reason is not None)
        if self.reason != "Success":
            fail(f"CONNECT: {self.reason}")
        before = self.subscribed
        self.client.subscribe(topics)
        self.wait("subscribed", lambda: self.subscribed > before)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def plant(arguments) -> dict:
    """Values of the simulated plant, and its retained descriptions."""
    collector = Collector(arguments.version, arguments.host, arguments.port, "peer-plant")
    collector.subscribe([("sensors/+/+/value", 1), ("sensors/+/+/metadata", 0)])

    def values():
        return [m for m in collector.messages if m[0].endswith("/value")]

    def described():
        return {m[0]: m for m in collector.messages if m[0].endswith("/metadata")}

    collector.wait("values", lambda: len(values()) >= arguments.count and len(described()) >= arguments.sensors)
    collector.close()
    return dict(
        values=[[topic, payload.decode()] for topic, payload, _, _, _ in values()],
        qos=sorted({m[2] for m in values()}),
        metadata={topic: message[1].decode() for topic, message in described().items()},
        retained=all(message[3] for message in described().values()),
    )


def echo(arguments) -> dict:
    """Messages to oneself: order per QoS, payloads as they were, wildcards, retained messages set and cleared."""
    receiver = Collector(arguments.version, arguments.host, arguments.port, "peer-receiver")
    receiver.subscribe([("peer/echo/#", 1)])
    sender = Collector(arguments.version, arguments.host, arguments.port, "peer-sender")
    sender.wait("connected", lambda: sender.reason is not None)
    payloads = [bytes([index % 256]) * (index % 5) + f" {index}".encode() for index in range(arguments.count)]
    properties = None
    if sender.version == mqtt.MQTTv5:
        properties = Properties(PacketTypes.PUBLISH)
        properties.UserProperty = [("unit", "kW")]
        properties.ContentType = "text/plain"
    pending = []
    for index, payload in enumerate(payloads):
        pending.append(sender.client.publish(f"peer/echo/{index % 2}", payload, qos=index % 2, properties=properties))
    large = bytes(range(256)) * 400
    pending.append(sender.client.publish("peer/echo/large", large, qos=1))
    for message in pending:
        message.wait_for_publish(timeout=30)
    receiver.wait("echo", lambda: len(receiver.messages) >= len(payloads) + 1)

    sender.client.publish("peer/kept", b"kept", qos=1, retain=True).wait_for_publish(timeout=30)
    late = Collector(arguments.version, arguments.host, arguments.port, "peer-late")
    late.subscribe([("peer/kept", 1)])
    late.wait("the retained message", lambda: late.messages)
    kept = [late.messages[0][1].decode(), bool(late.messages[0][3])]
    sender.client.publish("peer/kept", b"", qos=1, retain=True).wait_for_publish(timeout=30)
    after = Collector(arguments.version, arguments.host, arguments.port, "peer-after")
    after.subscribe([("peer/kept", 1), ("peer/echo/#", 0)])
    sender.client.publish("peer/echo/marker", b"marker", qos=1).wait_for_publish(timeout=30)
    after.wait("the marker", lambda: after.messages)

    seen = {0: [], 1: []}
    user = set()
    for topic, payload, qos, _, message_properties in receiver.messages:
        if topic in ("peer/echo/0", "peer/echo/1"):
            seen[qos].append(payload)
            for pair in getattr(message_properties, "UserProperty", []):
                user.add(tuple(pair))
    answer = dict(
        order0=seen[0] == payloads[0::2],
        order1=seen[1] == payloads[1::2],
        large=any(topic == "peer/echo/large" and payload == large for topic, payload, *_ in receiver.messages),
        kept=kept,
        cleared=[topic for topic, *_ in after.messages] == ["peer/echo/marker"],
        properties=sorted(user),
    )
    for client in (receiver, sender, late, after):
        client.close()
    return answer


parser = argparse.ArgumentParser()
parser.add_argument("job", choices=["plant", "echo"])
parser.add_argument("--version", choices=list(VERSIONS), required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--count", type=int, default=100, help="messages")
parser.add_argument("--sensors", type=int, default=1, help="descriptions to wait for")
arguments = parser.parse_args()
result(**(plant(arguments) if arguments.job == "plant" else echo(arguments)))
