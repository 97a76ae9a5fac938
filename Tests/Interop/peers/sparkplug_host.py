"""A host of Tahu's protobuf on the simulator's broker: asks every edge node for births and reads what it sends."""

import argparse
import threading

from sparkplug_peer import wait

import paho.mqtt.client as mqtt
from mqtt_spb_wrapper.spb_protobuf import sparkplug_b as tahu
from mqtt_spb_wrapper.spb_protobuf.sparkplug_b_pb2 import Payload

from peer import result

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--sensors", type=int, required=True)
parser.add_argument("--values", type=int, required=True)
arguments = parser.parse_args()

asked = set()
sequences = {}
gaps = 0
born = {}
aliases = {}
values = []
enough = threading.Event()


def value(metric):
    field = metric.WhichOneof("value")
    number = getattr(metric, field) if field else None
    return number - 2**64 if field == "long_value" and number >= 2**63 else number


def on_message(client, _, message) -> None:
    global gaps
    _, group, kind, node, *device = message.topic.split("/")
    if kind not in ("NBIRTH", "DBIRTH", "NDATA", "DDATA"):
        return
    payload = Payload()
    payload.ParseFromString(message.payload)
    if node not in asked:
        asked.add(node)
        request = Payload()
        tahu.addMetric(request, "Node Control/Rebirth", None, tahu.MetricDataType.Boolean, True)
        client.publish(f"spBv1.0/{group}/NCMD/{node}", request.SerializeToString())
    if kind == "NBIRTH":
        sequences[node] = payload.seq
    elif node in sequences:
        sequences[node] = (sequences[node] + 1) % 256
        if sequences[node] != payload.seq:
            gaps += 1
            sequences[node] = payload.seq
    for metric in payload.metrics:
        if kind == "DBIRTH":
            path = f"{node}/{metric.name}"
            aliases[(node, metric.alias)] = path
            units = [p.string_value for k, p in zip(metric.properties.keys, metric.properties.values) if k == "engUnit"]
            born[path] = {"unit": units[0] if units else None, "type": metric.datatype, "device": device[0]}
        elif kind == "DDATA" and (node, metric.alias) in aliases:
            values.append([aliases[(node, metric.alias)], metric.timestamp, value(metric)])
    if len(born) >= arguments.sensors and len(values) >= arguments.values:
        enough.set()


client = mqtt.Client("tahu-host")
client.on_message = on_message
client.connect("127.0.0.1", arguments.port, 60)
client.loop_start()
client.subscribe("spBv1.0/#", 0)
wait(enough, "births and values of every sensor")
client.loop_stop()
result(gaps=gaps, born=born, values=values[: arguments.values])
