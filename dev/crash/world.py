"""The world of a crash run: plants, broker and sink outside, the connector between them, on loopback."""

import json
import os
import sqlite3
import sys
import time
from array import array
from collections.abc import Iterator

from programs import Program, free_port, get, metrics
from rules import Changes, Messages, Polls, Row

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = "main.plant.crash"
TOPICS = 20
FIRST_TIME = 1_700_000_000_000_000
PLANT_INTERVAL_MS = 100
# What may come again after a kill: the receive maximum of the connector's MQTT sessions, and the messages that our
# OPC UA server keeps for Republish.
MQTT_WINDOW = 4096
RETRANSMISSION_MESSAGES = 64


class World:
    def __init__(self, binaries: str, folder: str, rate: float, mqtt_only: bool) -> None:
        self.folder, self.mqtt_only = folder, mqtt_only
        self.tags = 0 if mqtt_only else max(20, int(rate * 0.3 * PLANT_INTERVAL_MS / 1000))
        self.counters = 0 if mqtt_only else max(10, int(rate * 0.2 * PLANT_INTERVAL_MS / 1000))
        message_rate = rate * (1 if mqtt_only else 0.65)
        (self.mqtt, self.opcua, self.modbus, self.grpc, self.http, self.web, self.metrics_port,
         plant_web) = (free_port() for _ in range(8))

        def path(name: str) -> str:
            return os.path.join(folder, name)

        with open(path("mosquitto.conf"), "w", encoding="utf-8") as file:
            file.write(f"listener {self.mqtt} 127.0.0.1\nallow_anonymous true\nuser {os.environ.get('USER', 'root')}\n"
                       f"max_queued_messages 0\npersistence true\npersistence_location {folder}/\n")
        self.broker = Program("mosquitto", [mosquitto(), "-c", path("mosquitto.conf")], folder)
        self.publisher = Program("publisher", [
            sys.executable, os.path.join(HERE, "mqtt_publisher.py"), "--port", str(self.mqtt),
            "--rate", str(message_rate), "--topics", str(TOPICS), "--first-time", str(FIRST_TIME),
            "--file", path("acknowledged"), "--qos", *(["1", "2"] if mqtt_only else ["1"]), "--window",
            # mosquitto breaks with a publisher that has more than 20 messages of QoS 2 under way.
            "18" if mqtt_only else "20000"], folder)
        self.plant = Program("plant", [
            f"{binaries}/ot-simulator", "run", "--protocols", "opcua", "--opcua-port", str(self.opcua), "--web-port",
            str(plant_web), "--tags", str(self.tags), "--interval-ms", str(PLANT_INTERVAL_MS), "--truth",
            path("truth")], folder)
        self.device = Program("device", [
            sys.executable, os.path.join(HERE, "modbus_counters.py"), "--port", str(self.modbus), "--counters",
            str(self.counters)], folder)
        self.sink = Program("sink", [
            f"{binaries}/zerobus-local", "serve", "--grpc-port", str(self.grpc), "--http-port", str(self.http),
            "--data", path("tables")], folder)
        self.connector = Program("penstock", [
            f"{binaries}/penstock", "run", "--config", path("penstock.yaml"), "--state", path("state"),
            "--web-port", str(self.web), "--metrics-port", str(self.metrics_port)], folder)
        with open(path("penstock.yaml"), "w", encoding="utf-8") as file:
            file.write(self.configuration())

    def configuration(self) -> str:
        retry = "reconnect: {initial_delay_ms: 100, max_delay_ms: 500}"
        sources = f"""sources:
  - name: messages
    endpoint: mqtt://127.0.0.1:{self.mqtt}
    qos: {2 if self.mqtt_only else 1}
    topics: ["crash/#"]
    {retry}
"""
        if not self.mqtt_only:
            sources += f"""  - name: changes
    endpoint: opc.tcp://127.0.0.1:{self.opcua}/ot-simulator/server/
    publishing_interval_ms: 100
    sampling_interval_ms: 0
    queue_size: 1000
    {retry}
  - name: polls
    endpoint: modbus://127.0.0.1:{self.modbus}
    unit_id: 1
    poll_interval_ms: {PLANT_INTERVAL_MS}
    {retry}
    registers:
      - {{name: counter, address: 0, type: input, data_type: uint32, count: {2 * self.counters}}}
"""
        catalog, schema, table = TABLE.split(".")
        return sources + f"""zerobus:
  workspace_host: http://127.0.0.1:{self.http}
  zerobus_endpoint: http://127.0.0.1:{self.grpc}
  auth: {{client_id: crash, client_secret: crash}}
  default_target: {{catalog: {catalog}, schema: {schema}, table: {table}}}
  retry: {{initial_delay_ms: 100, max_delay_ms: 1000}}
"""

    # What the connector says.

    def report(self, timeout: float = 0.3) -> str:
        """Its metrics, empty when it does not answer."""
        try:
            return get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout)
        except OSError:
            return ""

    def durable(self, timeout: float = 0.3) -> tuple[dict[str, int], dict[str, int]]:
        """By source: records that are safe in the journal, and messages that the other side sent again."""
        text = self.report(timeout)
        durable, again = (
            {source: int(value) for source, value in metrics(text, name).items()}
            for name in ("connector_events_durable_total", "connector_messages_redelivered_total"))
        return durable, again

    def start(self) -> None:
        """Everything runs and every source delivers when this returns; only the publisher is not started."""
        self.broker.start().listens(self.mqtt)
        self.sink.start().listens(self.http)
        if not self.mqtt_only:
            self.plant.start().listens(self.opcua, 60)
            self.device.start().listens(self.modbus)
        self.connector.start()

    def wait_until_running(self, limit: float = 60) -> None:
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and self.connector.runs:
            try:
                sources = json.loads(get(f"http://127.0.0.1:{self.web}/api/status"))["sources"]
                if sources and all(source["status"] == "running" for source in sources):
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError("not every source runs\n" + self.connector.tail())

    def is_drained(self, before: str) -> tuple[bool, str]:
        """Whether no message came since the last look and nothing waits for the sink."""
        text = self.report(2)
        came = metrics(text, "connector_events_ingested_total").get("messages", -1)
        past = metrics(before, "connector_events_ingested_total").get("messages", -2)
        waiting = sum(metrics(text, "connector_queue_depth").values())
        return bool(text) and came == past and waiting == 0, text

    def end(self) -> None:
        for program in (self.connector, self.publisher, self.plant, self.device, self.broker, self.sink):
            program.kill()

    # What is known after the end.

    def rows(self) -> Iterator[Row]:
        """The table in the order in which its rows came."""
        database = sqlite3.connect(f"file:{self.folder}/tables/tables.sqlite?mode=ro", uri=True)
        cursor = database.execute(
            f'SELECT source_name, topic_or_path, event_time, ingest_time, value_num, status, metadata '
            f'FROM "{TABLE}" ORDER BY rowid')
        for source, address, event_time, ingest_time, value, status, metadata in cursor:
            known = json.loads(metadata)
            if source == "changes":
                address = known["node_id"].removeprefix("ns=2;s=")
            yield Row(source, address, event_time, ingest_time, value, status, known["record_id"])
        database.close()

    def evidence(self) -> dict[str, Messages | Changes | Polls]:
        with open(os.path.join(self.folder, "acknowledged"), "rb") as file:
            known: dict[str, Messages | Changes | Polls] = {
                "messages": Messages(file.read(), TOPICS, FIRST_TIME, MQTT_WINDOW)}
        if not self.mqtt_only:
            known["changes"] = self.truth()
            known["polls"] = self.connections()
        return known

    def truth(self) -> Changes:
        changes = Changes(window=RETRANSMISSION_MESSAGES * self.tags)
        tick = None
        with open(os.path.join(self.folder, "truth"), encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    break
                entry = json.loads(line)
                if entry["tick"] != tick:
                    tick = entry["tick"]
                    changes.times.append(entry["timestamp"])
                changes.values.setdefault(entry["path"], array("d")).append(float(entry["value"]))
        # The last tick may have been cut off in the middle.
        whole = min(len(values) for values in changes.values.values())
        changes.times = changes.times[:whole]
        return changes

    def connections(self) -> Polls:
        polls = Polls()
        with open(self.device.log, encoding="utf-8") as file:
            for line in file:
                if line.startswith("{") and line.endswith("\n"):
                    entry = json.loads(line)
                    polls.connections.append((entry["connected"], entry["next"]))
        return polls


def mosquitto() -> str:
    for folder in os.environ.get("PATH", "").split(":") + ["/usr/local/sbin", "/usr/sbin"]:
        if os.access(f"{folder}/mosquitto", os.X_OK):
            return f"{folder}/mosquitto"
    raise RuntimeError("mosquitto is missing: install it with dev/bootstrap")
