"""An edge node of Eclipse Tahu's Python client that does everything once: every type, messages that overtake each
other, a gap, births on request, the death of another session, its own death, and a return."""

import argparse
import socket
import threading
import time

from sparkplug_peer import milliseconds, wait

import paho.mqtt.client as mqtt
from mqtt_spb_wrapper.spb_protobuf import sparkplug_b as tahu
from mqtt_spb_wrapper.spb_protobuf.sparkplug_b import MetricDataType as Type
from mqtt_spb_wrapper.spb_protobuf.sparkplug_b_pb2 import Payload

from peer import result

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
arguments = parser.parse_args()

NAMESPACE = "spBv1.0/tahu"
TIMES = iter(range(1_700_000_000_000, 1_700_000_100_000, 1000))
asked = threading.Event()
requests = 0


def death(session: int) -> Payload:
    payload = Payload()
    payload.timestamp = milliseconds()
    tahu.addMetric(payload, "bdSeq", None, Type.Int64, session)
    return payload


def on_message(_, __, message) -> None:
    global requests
    payload = Payload()
    payload.ParseFromString(message.payload)
    if any(metric.name == "Node Control/Rebirth" and metric.boolean_value for metric in payload.metrics):
        requests += 1
        asked.set()


def connect(session: int) -> mqtt.Client:
    client = mqtt.Client(f"tahu-{session}")
    client.will_set(f"{NAMESPACE}/NDEATH/edge", death(session).SerializeToString(), qos=1)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.on_message = on_message
    client.connect("127.0.0.1", arguments.port, 60)
    client.loop_start()
    wait(connected, "the connection")
    client.subscribe(f"{NAMESPACE}/NCMD/edge", 1)
    return client


def send(client: mqtt.Client, kind: str, payload: Payload, device: str = "") -> None:
    client.publish(f"{NAMESPACE}/{kind}/edge" + device, payload.SerializeToString()).wait_for_publish(10)


def births(client: mqtt.Client, session: int) -> None:
    payload = tahu.getNodeBirthPayload()
    # The client's own helper numbers a birth one higher than its death.
    for metric in payload.metrics:
        if metric.name == "bdSeq":
            metric.long_value = session
    tahu.addMetric(payload, "Node Control/Rebirth", None, Type.Boolean, False)
    tahu.addMetric(payload, "ratio", 1, Type.Double, 0.5).properties.keys.append("engUnit")
    value = payload.metrics[-1].properties.values.add()
    value.type = Type.String
    value.string_value = "%"
    send(client, "NBIRTH", payload)

    payload = tahu.getDeviceBirthPayload()
    numbers = [
        ("int8", Type.Int8, -8), ("int16", Type.Int16, -16), ("int32", Type.Int32, -32), ("int64", Type.Int64, -64),
        ("uint8", Type.UInt8, 200), ("uint16", Type.UInt16, 60_000), ("uint32", Type.UInt32, 4_000_000_000),
        ("uint64", Type.UInt64, 2**64 - 1), ("float", Type.Float, 1.5), ("double", Type.Double, -2.25),
        ("boolean", Type.Boolean, True), ("string", Type.String, "text"), ("text", Type.Text, "long text"),
        ("time", Type.DateTime, 1_700_000_000_123), ("uuid", Type.UUID, "7a3f"), ("bytes", Type.Bytes, b"\x01\x02"),
        ("file", Type.File, b"\x03"),
    ]
    for alias, (name, kind, value) in enumerate(numbers, start=10):
        tahu.addMetric(payload, name, alias, kind, value)
    tahu.addNullMetric(payload, "null", 40, Type.Int32)
    tahu.addMetric(payload, "count", 41, Type.Int32, 0)
    table = tahu.initDatasetMetric(payload, "table", 42, ["name", "speed"], [Type.String, Type.Double])
    for name, speed in [("a", 1.5), ("b", 2.5)]:
        row = table.rows.add()
        row.elements.add().string_value = name
        row.elements.add().double_value = speed
    template = tahu.initTemplateMetric(payload, "motor", 43, "Motor")
    tahu.addMetric(template, "on", None, Type.Boolean, True)
    tahu.addMetric(template, "speed", None, Type.Int32, 1500)
    parameter = template.parameters.add()
    parameter.name = "poles"
    parameter.type = Type.Int32
    parameter.int_value = 4
    send(client, "DBIRTH", payload, "/device")


def count(value: int, quality: int | None = None, historical: bool = False) -> Payload:
    payload = tahu.getDdataPayload()
    metric = payload.metrics.add()
    metric.alias = 41
    metric.timestamp = next(TIMES)
    metric.int_value = value
    metric.is_historical = historical
    if quality is not None:
        metric.properties.keys.append("Quality")
        property = metric.properties.values.add()
        property.type = Type.Int32
        property.int_value = quality
    return payload


client = connect(7)
births(client, 7)
send(client, "DDATA", count(1), "/device")
send(client, "DDATA", count(2, quality=64), "/device")
send(client, "DDATA", count(3, quality=0), "/device")
send(client, "DDATA", count(4, historical=True), "/device")

# Two messages overtake a third.
late, early, next_one = count(5), count(6), count(7)
for payload in (early, next_one, late):
    send(client, "DDATA", payload, "/device")

# One is lost: the host asks for births.
lost, found = count(8), count(9)
send(client, "DDATA", found, "/device")
wait(asked, "the request for births")
births(client, 7)
send(client, "DDATA", count(10), "/device")

# The death of a session that is over means nothing.
send(client, "NDEATH", death(6))
send(client, "DDATA", count(11), "/device")

# The device dies and comes back; then the node does.
payload = tahu.getDeviceBirthPayload()
send(client, "DDEATH", payload, "/device")
births(client, 7)
# Two connections have no order between them: the broker is to read all of the first and publish its will.
time.sleep(0.5)
client._sock.shutdown(socket.SHUT_RDWR)
client.loop_stop()
time.sleep(0.5)
client = connect(8)
births(client, 8)
send(client, "DDATA", count(12), "/device")
client.disconnect()
client.loop_stop()
result(requests=requests)
