"""Drives the official Zerobus SDK as Benchmarks/Zerobus drives our client: the same rows, the same orders.

    zerobus_sdk.py --endpoint URL [--workspace URL]

Every line of standard input is an order, `TABLE ROWS PADDING BATCH`: open a stream into the table, send so many rows
(55 bytes and the padding) in batches, wait until all are acknowledged, close. Each is answered by one line of JSON:
rows, bytes (of the rows), seconds and cpu (of this process) from the first send to the last acknowledgement.
Without a workspace any token will do.
"""

import argparse
import json
import os
import sys
import time

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
os.environ.setdefault("RUST_LOG", "error")

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: E402
from zerobus.sdk.shared import HeadersProvider, StreamConfigurationOptions, TableProperties  # noqa: E402
from zerobus.sdk.sync import ZerobusSdk  # noqa: E402

Field = descriptor_pb2.FieldDescriptorProto


def row_type():
    file = descriptor_pb2.FileDescriptorProto(name="row.proto", syntax="proto2")
    message = file.message_type.add(name="Row")
    fields = [("tag", Field.TYPE_STRING), ("event_time", Field.TYPE_INT64), ("value", Field.TYPE_DOUBLE),
              ("quality", Field.TYPE_INT32), ("unit", Field.TYPE_STRING)]
    for number, (name, kind) in enumerate(fields, 1):
        message.field.add(name=name, number=number, type=kind, label=Field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Row"))


Row = row_type()


def encoded(count: int, padding: int) -> list[bytes]:
    return [
        Row(tag=f"plant1/line3/pump{index % 200:04}/flow" + "x" * padding,
            event_time=1_760_000_000_000_000 + index * 1000, value=20 + (index % 997) * 0.01, quality=192,
            unit="m3/h").SerializeToString()
        for index in range(count)
    ]


class AnyToken(HeadersProvider):
    def __init__(self, table: str) -> None:
        super().__init__()
        self.table = table

    def get_headers(self):
        return [("authorization", "Bearer bench"), ("x-databricks-zerobus-table-name", self.table)]


def open_stream(sdk, table: str, has_workspace: bool):
    properties, options = TableProperties(table, Row.DESCRIPTOR), StreamConfigurationOptions()
    if has_workspace:
        return sdk.create_stream("bench", "bench", properties, options)
    return sdk.create_stream(table_properties=properties, options=options, headers_provider=AnyToken(table))


def send(stream, rows: list[bytes], batch: int) -> dict:
    cpu, began = time.process_time(), time.perf_counter()
    if batch == 1:
        for row in rows:
            stream.ingest_record_offset(row)
    else:
        for start in range(0, len(rows), batch):
            stream.ingest_records_offset(rows[start:start + batch])
    stream.flush()
    return dict(rows=len(rows), seconds=time.perf_counter() - began, cpu=time.process_time() - cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--workspace")
    arguments = parser.parse_args()
    sdk = ZerobusSdk(arguments.endpoint, arguments.workspace or "http://127.0.0.1:1")
    made: dict[int, list[bytes]] = {}
    for line in sys.stdin:
        table, count, padding, batch = line.split()
        rows = made.get(int(padding), [])
        if len(rows) < int(count):
            rows = made[int(padding)] = encoded(int(count), int(padding))
        rows = rows[:int(count)]
        stream = open_stream(sdk, table, arguments.workspace is not None)
        found = send(stream, rows, int(batch))
        stream.close()
        print(json.dumps(found | dict(bytes=sum(map(len, rows)))), flush=True)


main()
