"""Programs of others that read the simulated plant, one for each protocol, each on a thread of its own.

A reader connects again whenever it loses its connection, and keeps what it saw: of every sensor, at every moment in
microseconds of UTC, value and quality in the protocol's own words. The payloads of Kepware and Sparkplug B tell
milliseconds, so their moments end in 000.
"""

import asyncio
import json
import logging
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt
import websockets.sync.client
from asyncua import Client, ua
from pymodbus.client import ModbusTcpClient

from peer import fail, microseconds

# Lost connections are what these readers are there for.
logging.disable(logging.CRITICAL)
SPARKPLUG = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(sys.executable))), "sparkplug")


class Plant:
    """The simulator's REST interface."""

    def __init__(self, web: int) -> None:
        self.web = web

    def ask(self, method: str, path: str, body=None) -> tuple[int, dict]:
        data = b"" if body is None and method == "POST" else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web}{path}", data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def now(self) -> int:
        """The moment of the latest tick."""
        return self.ask("GET", "/health")[1]["timestamp"]

    def registers(self) -> list:
        return self.ask("GET", "/api/modbus/map")[1]["registers"]


class Reader(threading.Thread):
    """Reads until it is told to stop, through as many sessions as that takes."""

    name = ""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(daemon=True)
        self.paths = paths
        self.samples: dict[str, dict[int, list]] = {path: {} for path in paths}
        self.latest = 0
        # Since the present session gave its first values; empty again when it is lost.
        self.session_start = 0
        self.losses: list[str] = []
        # The last thing that went wrong, for messages.
        self.trouble = ""
        self.stopping = False

    def saw(self, path: str, moment: int, value, quality, *more) -> None:
        if path in self.samples:
            self.samples[path][moment] = [value, quality, *more]
            self.latest = max(self.latest, moment)
            self.session_start = self.session_start or moment

    def run(self) -> None:
        while not self.stopping:
            try:
                self.session()
            except Exception as error:  # Whatever a library raises when its connection is gone or refused.
                self.trouble = f"{type(error).__name__}: {error}"
                if self.session_start:
                    self.losses.append(self.trouble)
                    self.session_start = 0
                time.sleep(0.02)

    def session(self) -> None:
        raise NotImplementedError

    def has_all(self) -> bool:
        return all(self.samples.values())

    def listed(self) -> dict:
        return {path: [[moment, *sample] for moment, sample in sorted(s.items())] for path, s in self.samples.items()}


class OPCUAReader(Reader):
    """asyncua's subscription, with a notification for each new source time."""

    name = "opcua"

    def __init__(self, paths: list[str], port: int) -> None:
        super().__init__(paths)
        self.port = port

    def session(self) -> None:
        asyncio.run(self.subscribed())

    async def subscribed(self) -> None:
        async with Client(f"opc.tcp://127.0.0.1:{self.port}/ot-simulator/server/", timeout=5) as client:
            lost = asyncio.Event()

            async def on_loss(_) -> None:
                lost.set()

            client.connection_lost_callback = on_loss
            subscription = await client.create_subscription(100, self)
            each = ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValueTimestamp)
            nodes = [client.get_node(ua.NodeId(path, 2)) for path in self.paths]
            handles = await subscription._subscribe(nodes, mfilter=each, queuesize=1000)
            bad = [str(handle) for handle in handles if not isinstance(handle, int)]
            if bad:
                raise ConnectionError(f"monitored items refused: {bad}")
            while not self.stopping:
                if lost.is_set() or client.uaclient.protocol is None or client.uaclient.protocol.is_closed:
                    raise ConnectionError("the OPC UA connection is gone")
                await asyncio.sleep(0.02)

    def datachange_notification(self, node, value, data) -> None:
        seen = data.monitored_item.Value
        self.saw(node.nodeid.Identifier, microseconds(seen.SourceTimestamp), value, seen.StatusCode.name)

    def status_change_notification(self, status) -> None:
        self.losses.append(f"subscription: {status}")


class MQTTReader(Reader):
    """paho's client on the simulator's broker, or on the one that it publishes to."""

    name = "mqtt"

    def __init__(self, paths: list[str], port: int, payload: str, places: dict[str, str]) -> None:
        super().__init__(paths)
        self.port = port
        # Of each sensor as Kepware and Sparkplug name it: the path.
        self.places = places
        self.take = {"json": self.json, "kepware": self.kepware, "sparkplug": self.sparkplug}[payload]
        self.topic = {"json": "sensors/+/+/value", "kepware": "iotgateway/#", "sparkplug": "spBv1.0/#"}[payload]
        self.asked: set[str] = set()
        self.aliases: dict[tuple, str] = {}
        self.qualities: dict[str, int] = {}

    def session(self) -> None:
        gone: list[str] = []
        self.asked.clear()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"reader-{os.getpid()}")
        client.on_disconnect = lambda *_: gone.append("the MQTT connection is gone")
        client.on_message = lambda client, _, message: self.take(client, message)
        client.connect("127.0.0.1", self.port, 60)
        try:
            client.subscribe(self.topic, 1)
            while not self.stopping:
                code = client.loop(0.1)
                if gone or code != mqtt.MQTT_ERR_SUCCESS:
                    raise ConnectionError(f"{gone} {code}")
        finally:
            client.disconnect()

    def json(self, _, message) -> None:
        body = json.loads(message.payload)
        path = message.topic.removeprefix("sensors/").removesuffix("/value")
        self.saw(path, body["timestamp"], body["value"], body["quality"])

    def kepware(self, _, message) -> None:
        for value in json.loads(message.payload)["values"]:
            self.saw(self.places.get(value["id"], ""), value["t"] * 1000, value["v"], value["q"])

    def sparkplug(self, client, message) -> None:
        if SPARKPLUG not in sys.path:
            # Behind the others: the paho beside Tahu's protobuf is an older one.
            sys.path.append(SPARKPLUG)
        from mqtt_spb_wrapper.spb_protobuf import sparkplug_b as tahu
        from mqtt_spb_wrapper.spb_protobuf.sparkplug_b_pb2 import Payload

        _, group, kind, node, *_ = message.topic.split("/")
        if kind not in ("NBIRTH", "DBIRTH", "NDATA", "DDATA"):
            return
        if node not in self.asked:
            self.asked.add(node)
            request = Payload()
            tahu.addMetric(request, "Node Control/Rebirth", None, tahu.MetricDataType.Boolean, True)
            client.publish(f"spBv1.0/{group}/NCMD/{node}", request.SerializeToString())
        payload = Payload()
        payload.ParseFromString(message.payload)
        for metric in payload.metrics:
            if kind == "DBIRTH":
                self.aliases[(node, metric.alias)] = f"{node}/{metric.name}"
            path = self.aliases.get((node, metric.alias))
            if not kind.startswith("D") or path is None:
                continue
            for key, value in zip(metric.properties.keys, metric.properties.values):
                if key == "Quality":
                    self.qualities[path] = value.int_value
            field = metric.WhichOneof("value")
            value = None if field is None or metric.is_null else getattr(metric, field)
            self.saw(path, metric.timestamp * 1000, value, self.qualities.get(path))


class ModbusReader(Reader):
    """pymodbus' client. One request holds 125 registers, so what it reads counts only when the time before is the
    time after."""

    name = "modbus"

    def __init__(self, paths: list[str], port: int, registers: list) -> None:
        super().__init__(paths)
        self.port = port
        self.entries = [entry for entry in registers if entry["path"] in self.samples]
        self.count = len(registers)
        self.faulty: dict[int, int] = {}

    def session(self) -> None:
        client = ModbusTcpClient("127.0.0.1", port=self.port, timeout=5, retries=0)
        if not client.connect():
            raise ConnectionError("refused")
        try:
            while not self.stopping:
                self.state(client)
                time.sleep(0.02)
        finally:
            client.close()

    def state(self, client) -> None:
        types = client.DATATYPE

        def read(function, first: int, count: int, most: int, part: str) -> list:
            found = []
            while len(found) < count:
                size = min(most, count - len(found))
                answer = function(first + len(found), count=size, device_id=1)
                if answer.isError():
                    raise ConnectionError(str(answer))
                found += getattr(answer, part)[:size]
            return found

        def moment() -> int:
            head = read(client.read_input_registers, 0, 7, 7, "registers")
            return client.convert_from_registers(head[:4], types.UINT64)

        before = moment()
        if before in self.faulty:
            return
        inputs = read(client.read_input_registers, 0, 10 + 2 * self.count, 125, "registers")
        holdings = read(client.read_holding_registers, 0, self.count, 125, "registers")
        bad = read(client.read_discrete_inputs, 30_000, self.count, 2000, "bits")
        bits = {
            entry["bit_address"]: (
                read(client.read_coils, entry["bit_address"], 1, 1, "bits")[0],
                read(client.read_discrete_inputs, entry["bit_address"], 1, 1, "bits")[0],
            )
            for entry in self.entries if entry["bit_address"] is not None
        }
        if moment() != before:
            return
        self.faulty[before] = inputs[6]
        for entry in self.entries:
            at, place = entry["input_address"], entry["holding_address"]
            kind = types.UINT32 if entry["input_type"] == "uint32" else types.FLOAT32
            value = client.convert_from_registers(inputs[at : at + 2], kind)
            raw = client.convert_from_registers([holdings[place]], types.INT16)
            self.saw(entry["path"], before, value, bad[place], raw, *bits.get(entry["bit_address"], []))


class SocketReader(Reader):
    """The `websockets` client on /ws, which tells the values of now every 500 ms."""

    name = "websocket"

    def __init__(self, paths: list[str], web: int) -> None:
        super().__init__(paths)
        self.web = web

    def session(self) -> None:
        with websockets.sync.client.connect(f"ws://127.0.0.1:{self.web}/ws") as client:
            client.send(json.dumps({"type": "subscribe", "sensors": self.paths}))
            while not self.stopping:
                message = json.loads(client.recv(timeout=15))
                if message["type"] == "sensor_data":
                    for path, sample in message["sensors"].items():
                        self.saw(path, message["timestamp"], sample["value"], sample["quality"])


def readers(plant: Plant, paths: list[str], opcua: int, mqtt: int, modbus: int, payload: str) -> dict[str, Reader]:
    """A reader of each protocol; they run."""
    registers = plant.registers()
    machines = {s["path"]: s["machine"] for s in plant.ask("GET", "/api/sensors")[1]["sensors"]}
    places = {}
    for path, machine in machines.items():
        industry, sensor = path.split("/")
        places[f"{industry}.{machine}.{sensor}"] = path
    found = [
        OPCUAReader(paths, opcua), MQTTReader(paths, mqtt, payload, places), ModbusReader(paths, modbus, registers),
        SocketReader(paths, plant.web),
    ]
    for reader in found:
        reader.start()
    return {reader.name: reader for reader in found}


def until(what: str, holds, seconds: float = 40, about=lambda: "") -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            fail(f"not within {seconds} s: {what} {about()}")
        time.sleep(0.01)


def is_refused(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) != 0
