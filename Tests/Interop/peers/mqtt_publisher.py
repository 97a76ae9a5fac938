"""paho publishes numbered JSON messages, QoS 0 and 1, and waits until the broker has taken them all."""

import argparse
import json
import time

import paho.mqtt.client as mqtt

from peer import fail, result

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--topic", default="plant/line1/{stream}/value")
parser.add_argument("--count", type=int, default=500, help="messages per QoS")
parser.add_argument("--first", type=int, default=0)
parser.add_argument("--qos", type=int, nargs="+", default=[0, 1])
parser.add_argument("--start", type=int, default=1_700_000_000_000_000, help="time of message 0, in microseconds")
parser.add_argument("--client", default="peer-publisher", help="client id; publishers at the same time need their own")
parser.add_argument("--pause", type=float, default=0, help="seconds between two messages")
arguments = parser.parse_args()

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=arguments.client, protocol=mqtt.MQTTv5)
client.max_queued_messages_set(0)
client.connect("127.0.0.1", arguments.port, keepalive=60)
client.loop_start()
pending = []
for number in range(arguments.first, arguments.first + arguments.count):
    for qos in arguments.qos:
        body = {"value": number / 4, "timestamp": arguments.start + number * 1_000, "number": number}
        pending.append(client.publish(arguments.topic.format(stream=f"qos{qos}"), json.dumps(body), qos=qos))
    if arguments.pause:
        time.sleep(arguments.pause)
deadline = time.monotonic() + 60
for message in pending:
    message.wait_for_publish(timeout=max(0.1, deadline - time.monotonic()))
    if not message.is_published():
        fail("the broker did not take all messages within 60 s")
client.disconnect()
client.loop_stop()
result(published=len(pending))
