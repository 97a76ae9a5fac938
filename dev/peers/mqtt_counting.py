"""A client of paho that parses the JSON of so many messages and ends: mqtt_counting.py PORT COUNT QOS."""

import json
import sys

import paho.mqtt.client as mqtt

port, count, qos = (int(word) for word in sys.argv[1:4])
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="bench-paho", protocol=mqtt.MQTTv5)
seen = 0


def message(client, _, message) -> None:
    global seen
    json.loads(message.payload)["value"]
    seen += 1
    if seen == count:
        client.disconnect()


client.on_message = message
client.on_connect = lambda client, *_: client.subscribe("bench/#", qos=qos)
client.connect("127.0.0.1", port)
client.loop_forever()
