"""An edge node of pysparkplug: births with aliases, data by alias only, a new session when births are asked for.

Sends until the test stops it (SIGTERM); SIGKILL leaves its death to the broker.
"""

import argparse
import signal
import threading

from sparkplug_peer import milliseconds

import pysparkplug as psp
from pysparkplug._message import Message
from pysparkplug._payload import DData
from pysparkplug._enums import MessageType, QoS
from pysparkplug._topic import Topic

from peer import ready, result

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--first", type=int, default=0)
arguments = parser.parse_args()

stopped = threading.Event()
asked = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())


def command(_, message) -> None:
    if any(metric.name == "Node Control/Rebirth" and metric.value for metric in message.payload.metrics):
        asked.set()


def metric(name, alias, datatype, value):
    return psp.Metric(timestamp=milliseconds(), name=name, alias=alias, datatype=datatype, value=value)


node = psp.EdgeNode(
    "Plant 1", "line 4",
    [metric("Node Control/Rebirth", None, psp.DataType.BOOLEAN, False),
     metric("uptime", 1, psp.DataType.UINT32, 4_000_000_000)],
    cmd_callback=command)
device = psp.Device(
    "press",
    [metric("count", 10, psp.DataType.INT64, -1), metric("load", 11, psp.DataType.FLOAT, 0.5),
     metric("running", 12, psp.DataType.BOOLEAN, True), metric("order", 13, psp.DataType.STRING, "A-17")])
node.register(device)
node.connect("127.0.0.1", port=arguments.port)
while not node._connected:
    stopped.wait(0.01)
ready()

births = 1
number = arguments.first
while not stopped.wait(0.02):
    if asked.is_set():
        asked.clear()
        # The library gives births only when it connects.
        node.disconnect()
        node.connect("127.0.0.1", port=arguments.port)
        while not node._connected and not stopped.is_set():
            stopped.wait(0.01)
        births += 1
    values = (metric(None, 10, psp.DataType.INT64, number), metric(None, 11, psp.DataType.FLOAT, number / 4))
    topic = Topic(
        message_type=MessageType.DDATA, group_id="Plant 1", edge_node_id="line 4", device_id="press")
    data = DData(timestamp=milliseconds(), seq=node._seq, metrics=values)
    node._client.publish(
        Message(topic=topic, payload=data, qos=QoS.AT_MOST_ONCE, retain=False), include_dtypes=False)
    number += 1
node.disconnect()
result(births=births, sent=number - arguments.first)
