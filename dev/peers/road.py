"""The connector's road as one would write it with other libraries: asyncua subscribes, the official SDK sends.

Without a journal, without reconnecting: what it costs to carry a value at all. Runs until it is stopped.
"""

import argparse
import asyncio
import os
import signal
import time
from datetime import timezone

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

from asyncua import Client, ua
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from zerobus.sdk.shared import StreamConfigurationOptions, TableProperties
from zerobus.sdk.sync import ZerobusSdk

COLUMNS = [
    ("event_time", "INT64"), ("ingest_time", "INT64"), ("source_name", "STRING"), ("endpoint", "STRING"),
    ("protocol_type", "STRING"), ("topic_or_path", "STRING"), ("value", "STRING"), ("value_type", "STRING"),
    ("value_num", "DOUBLE"), ("status_code", "INT32"), ("status", "STRING"),
]


def row_class():
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="road.proto", package="road", syntax="proto2")
    message = file.message_type.add(name="Row")
    for number, (name, kind) in enumerate(COLUMNS, start=1):
        message.field.add(name=name, number=number, type=getattr(kinds, "TYPE_" + kind), label=kinds.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("road.Row"))


class Sender:
    """Makes a row of each value, and sends what has gathered in batches."""

    def __init__(self, stream, row, endpoint: str) -> None:
        self.stream, self.row, self.endpoint = stream, row, endpoint
        self.waiting: list[bytes] = []

    def datachange_notification(self, node, value, data) -> None:
        seen = data.monitored_item.Value
        time_of_source = seen.SourceTimestamp
        if time_of_source.tzinfo is None:
            time_of_source = time_of_source.replace(tzinfo=timezone.utc)
        self.waiting.append(
            self.row(
                event_time=int(time_of_source.timestamp() * 1e6), ingest_time=time.time_ns() // 1000,
                source_name="plant", endpoint=self.endpoint, protocol_type="opcua",
                topic_or_path=str(node.nodeid.Identifier), value=str(value), value_type=seen.Value.VariantType.name,
                value_num=float(value), status_code=seen.StatusCode.value, status=seen.StatusCode.name,
            ).SerializeToString()
        )

    def send(self) -> None:
        batch, self.waiting = self.waiting, []
        for first in range(0, len(batch), 1000):
            self.stream.ingest_records_offset(batch[first : first + 1000])


async def variables(node, found: list) -> list:
    for child in await node.get_children():
        if child.nodeid.NamespaceIndex == 0:
            continue
        if await child.read_node_class() == ua.NodeClass.Variable:
            found.append(child)
        else:
            await variables(child, found)
    return found


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--zerobus", required=True)
    parser.add_argument("--workspace", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--interval-ms", type=int, required=True)
    arguments = parser.parse_args()

    row = row_class()
    stream = ZerobusSdk(arguments.zerobus, arguments.workspace).create_stream(
        "bench", "bench", TableProperties(arguments.table, row.DESCRIPTOR), StreamConfigurationOptions()
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sender = Sender(stream, row, arguments.endpoint)
    async with Client(arguments.endpoint) as client:
        nodes = await variables(client.nodes.objects, [])
        subscription = await client.create_subscription(arguments.interval_ms, sender)
        for first in range(0, len(nodes), 500):
            await subscription.subscribe_data_change(nodes[first : first + 500], queuesize=10, sampling_interval=0)
        while not stop.is_set():
            sender.send()
            await asyncio.sleep(0.1)
    stream.flush()
    stream.close()


asyncio.run(main())
