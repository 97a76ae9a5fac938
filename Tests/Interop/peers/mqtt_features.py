"""paho on a broker, one feature of MQTT 5.0 at a time; what was seen is printed as JSON."""

import argparse
import queue
import socket
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from peer import fail, result


class Person:
    """One connected client that keeps what it gets."""

    def __init__(self, client_id, connect=None, clean=True, will=None, transport="tcp", ca=None, manual=False):
        self.lock = threading.Condition()
        self.messages = []
        self.acknowledged = {}
        self.connack = None
        self.subscribed = 0
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5, transport=transport,
            manual_ack=manual)
        if transport == "websockets":
            self.client.ws_set_options(path="/mqtt")
        if ca:
            self.client.tls_set(ca_certs=ca)
        if arguments.username:
            self.client.username_pw_set(arguments.username, arguments.password)
        if will:
            topic, payload, properties = will
            self.client.will_set(topic, payload, qos=1, properties=properties)
        self.client.on_connect = self.on_connect
        self.client.on_message = self.on_message
        self.client.on_publish = self.on_publish
        self.client.on_subscribe = self.on_subscribe
        self.client.connect(arguments.host, arguments.port, keepalive=20, clean_start=clean, properties=connect)
        self.client.loop_start()
        self.wait("CONNACK", lambda: self.connack is not None)
        if self.connack[0] != "Success":
            fail(f"refused: {self.connack[0]}")

    def on_connect(self, client, userdata, flags, reason, properties):
        self.note(lambda: setattr(self, "connack", (str(reason), flags.session_present, properties)))

    def on_message(self, client, userdata, message):
        self.note(lambda: self.messages.append(message))

    def on_publish(self, client, userdata, mid, reason, properties):
        self.note(lambda: self.acknowledged.__setitem__(mid, reason.value))

    def on_subscribe(self, client, userdata, mid, reasons, properties):
        self.note(lambda: setattr(self, "subscribed", self.subscribed + 1))

    def note(self, change):
        with self.lock:
            change()
            self.lock.notify_all()

    def wait(self, what, condition):
        with self.lock:
            if not self.lock.wait_for(condition, timeout=30):
                fail(f"not within 30 s: {what}")

    def subscribe(self, topic, qos=1):
        before = self.subscribed
        self.client.subscribe(topic, options=SubscribeOptions(qos=qos))
        self.wait("SUBACK", lambda: self.subscribed > before)

    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        sent = self.client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        self.wait("PUBACK", lambda: sent.mid in self.acknowledged)
        return self.acknowledged[sent.mid]

    def texts(self):
        with self.lock:
            return [message.payload.decode() for message in self.messages]

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self):
        """The link dies without a word."""
        self.client._reconnect_on_failure = False
        self.client.socket().shutdown(socket.SHUT_RDWR)
        self.client.loop_stop()


def properties(kind, **values):
    made = Properties(kind)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def echo(transport, ca):
    person = Person("echo", transport=transport, ca=ca)
    person.subscribe("echo/#")
    payloads = ["one", "x" * 200_000, "three"]
    for payload in payloads:
        person.publish("echo/a", payload)
    person.wait("the echo", lambda: len(person.messages) == 3)
    person.leave()
    return dict(same=person.texts() == payloads)


def wss():
    return echo("websockets", arguments.ca)


def ws():
    return echo("websockets", None)


def tls():
    return echo("tcp", arguments.ca)


def shared():
    people = [Person(f"member-{index}") for index in range(3)]
    for person in people:
        person.subscribe("$share/group/line/+")
    sender = Person("sender")
    for index in range(30):
        sender.publish(f"line/{index % 4}", str(index))
    deadline = time.time() + 30
    while sum(len(person.texts()) for person in people) < 30 and time.time() < deadline:
        time.sleep(0.02)
    counts = [len(person.texts()) for person in people]
    everything = sorted(int(text) for person in people for text in person.texts())
    for person in people + [sender]:
        person.leave()
    return dict(counts=counts, once=everything == list(range(30)))


def share_lost():
    """A member of a group goes for good with messages that it did not acknowledge."""
    leaver = Person("leaver", manual=True)
    leaver.subscribe("$share/group/line/+")
    sender = Person("sender")
    for index in range(10):
        sender.publish("line/1", str(index))
    leaver.wait("the messages", lambda: len(leaver.messages) == 10)
    stayer = Person("stayer")
    stayer.subscribe("$share/group/line/+")
    leaver.leave()
    stayer.wait("what the other had", lambda: len(stayer.messages) == 10)
    for person in (stayer, sender):
        person.leave()
    return dict(texts=stayer.texts(), repeated=any(message.dup for message in stayer.messages))


def alias():
    """Numbers for topics in both directions."""
    receiver = Person("receiver", connect=properties(PacketTypes.CONNECT, TopicAliasMaximum=5))
    receiver.subscribe("plant/#")
    sender = Person("sender")
    offered = getattr(sender.connack[2], "TopicAliasMaximum", 0)
    for topic in ["plant/line/temperature", "", ""]:
        sender.publish(topic, topic or "again", properties=properties(PacketTypes.PUBLISH, TopicAlias=1))
    receiver.wait("the messages", lambda: len(receiver.messages) == 3)
    known = {}
    topics = []
    numbers = []
    for message in receiver.messages:
        number = getattr(message.properties, "TopicAlias", None)
        numbers.append(number)
        if number is not None and message.topic:
            known[number] = message.topic
        topics.append(message.topic or known.get(number))
    for person in (receiver, sender):
        person.leave()
    return dict(offered=offered, topics=topics, numbers=numbers, texts=receiver.texts())


def will():
    watcher = Person("watcher")
    watcher.subscribe("status/#")
    expiry = properties(PacketTypes.CONNECT, SessionExpiryInterval=60)
    quick = Person("quick", connect=expiry, will=("status/quick", "gone", None))
    quick.vanish()
    watcher.wait("the will", lambda: len(watcher.messages) == 1)
    late = properties(PacketTypes.WILLMESSAGE, WillDelayInterval=2)
    # Back before the delay is over: no will. Gone for good: the will comes.
    Person("back", connect=expiry, will=("status/back", "gone", late)).vanish()
    back = Person("back", connect=expiry, clean=False)
    Person("slow", connect=expiry, will=("status/slow", "gone", late)).vanish()
    polite = Person("polite", will=("status/polite", "gone", None))
    polite.leave()
    watcher.wait("the delayed will", lambda: len(watcher.messages) == 2)
    for person in (back, watcher):
        person.leave()
    return dict(topics=[message.topic for message in watcher.messages], resumed=back.connack[1])


def expiry():
    def connect(seconds):
        return properties(PacketTypes.CONNECT, SessionExpiryInterval=seconds)

    first = Person("keeper", connect=connect(300))
    first.subscribe("kept/#")
    first.leave()
    sender = Person("sender")
    for index in range(3):
        sender.publish("kept/x", str(index))
    second = Person("keeper", connect=connect(1), clean=False)
    second.wait("what was kept", lambda: len(second.messages) == 3)
    second.leave()
    # The second said that one second is enough.
    present = True
    deadline = time.time() + 20
    while present and time.time() < deadline:
        time.sleep(1.5)
        again = Person("keeper", connect=connect(1), clean=False)
        present = again.connack[1]
        again.leave()
    sender.leave()
    return dict(resumed=second.connack[1], texts=second.texts(), expired=not present)


def window():
    """The receive maximum of the client: never more messages open than it takes."""
    receiver = Person("receiver", connect=properties(PacketTypes.CONNECT, ReceiveMaximum=2), manual=True)
    receiver.subscribe("flow")
    sender = Person("sender")
    for index in range(5):
        sender.publish("flow", str(index))
    seen = []
    while len(seen) < 5:
        receiver.wait("more", lambda: len(receiver.messages) > len(seen))
        time.sleep(0.3)
        with receiver.lock:
            if len(receiver.messages) - len(seen) > 2:
                fail(f"{len(receiver.messages)} messages came, {len(seen)} were acknowledged")
            fresh = receiver.messages[len(seen):]
        for message in fresh:
            receiver.client.ack(message.mid, message.qos)
            seen.append(message.payload.decode())
    for person in (receiver, sender):
        person.leave()
    return dict(texts=seen)


def user():
    receiver = Person("receiver")
    receiver.subscribe("u/#")
    sender = Person("sender")
    sent = properties(
        PacketTypes.PUBLISH, UserProperty=[("unit", "kW"), ("unit", "W"), ("ü", "€")], ContentType="text/plain",
        ResponseTopic="r/s", CorrelationData=b"\x00\x01", PayloadFormatIndicator=1, MessageExpiryInterval=60)
    sender.publish("u/a", "1", properties=sent)
    receiver.wait("the message", lambda: receiver.messages)
    got = receiver.messages[0].properties
    for person in (receiver, sender):
        person.leave()
    return dict(
        user=got.UserProperty, content=got.ContentType, response=got.ResponseTopic,
        correlation=list(got.CorrelationData), text=got.PayloadFormatIndicator, life=got.MessageExpiryInterval)


def quota():
    sender = Person("sender")
    codes = [
        sender.publish("kept/one", "1", retain=True), sender.publish("kept/two", "2", retain=True),
        sender.publish("kept/one", "3", retain=True), sender.publish("plain", "4"),
    ]
    sender.leave()
    return dict(codes=codes)


def denied():
    """What an account without rights hears: nothing published, nothing subscribed."""
    person = Person("person")
    answers = queue.Queue()
    person.client.on_subscribe = lambda client, userdata, mid, reasons, props: answers.put(
        [reason.value for reason in reasons])
    person.client.subscribe([("own/#", 1), ("#", 1)])
    reasons = answers.get(timeout=30)
    codes = [person.publish("own/a", "1"), person.publish("other", "2")]
    person.wait("its own", lambda: person.messages)
    person.leave()
    return dict(subscribed=reasons, published=codes, texts=person.texts())


JOBS = dict(
    wss=wss, ws=ws, tls=tls, shared=shared, share_lost=share_lost, alias=alias, will=will, expiry=expiry, window=window,
    user=user, quota=quota, denied=denied)

parser = argparse.ArgumentParser()
parser.add_argument("job", choices=list(JOBS))
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--ca")
parser.add_argument("--username")
parser.add_argument("--password")
arguments = parser.parse_args()
result(**JOBS[arguments.job]())
