"""The official SDK sends rows to a local service, as protobuf or JSON, one by one or in batches.

The message class is made at run time, so no compiler is needed. Row i is a function of i, which the test knows too.
"""

import argparse
import base64
import json
import os

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from zerobus.sdk.shared import HeadersProvider, StreamConfigurationOptions, TableProperties
from zerobus.sdk.sync import ZerobusSdk

from peer import result

START = 1_700_000_000_000_000
FIELDS = [
    ("number", "INT64"), ("event_time", "INT64"), ("tag", "STRING"), ("value_num", "DOUBLE"), ("quality", "INT32"),
    ("running", "BOOL"), ("payload", "BYTES"),
]


def message_class():
    """proto2 with explicit presence, and a map as its nested entry type."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="peer.proto", package="peer", syntax="proto2")
    message = file.message_type.add(name="Row")
    for number, (name, kind) in enumerate(FIELDS, start=1):
        message.field.add(
            name=name, number=number, type=getattr(kinds, "TYPE_" + kind), label=kinds.LABEL_OPTIONAL
        )
    entry = message.nested_type.add(name="MetadataEntry")
    entry.options.map_entry = True
    for number, name in enumerate(["key", "value"], start=1):
        entry.field.add(name=name, number=number, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    message.field.add(
        name="metadata", number=len(FIELDS) + 1, type=kinds.TYPE_MESSAGE, label=kinds.LABEL_REPEATED,
        type_name=".peer.Row.MetadataEntry",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("peer.Row"))


def columns(index: int) -> dict:
    row = {
        "number": index,
        "event_time": START + index * 1_000,
        "tag": f"plant/pump{index % 20:03d}/flöw",
        "value_num": index / 8 - 100,
        "quality": 192 if index % 3 else 0,
        "running": index % 2 == 1,
        "payload": bytes([index % 256, 0, 255]),
        "metadata": {"unit": "m3/h", "n": str(index)},
    }
    if index % 10 == 9:
        del row["value_num"]  # absent is NULL, which 0 is not
    return row


class Fixed(HeadersProvider):
    """Headers without a token request, as an own authentication would give."""

    def __init__(self, table: str, token: str) -> None:
        super().__init__()
        self.headers = [("authorization", f"Bearer {token}"), ("x-databricks-zerobus-table-name", table)]

    def get_headers(self):
        return self.headers


parser = argparse.ArgumentParser()
parser.add_argument("--endpoint", required=True)
parser.add_argument("--workspace", required=True)
parser.add_argument("--table", required=True)
parser.add_argument("--format", choices=["protobuf", "json"], required=True)
parser.add_argument("--rows", type=int, default=10_000)
parser.add_argument("--batch", type=int, default=1, help="rows per call")
parser.add_argument("--recovery", action="store_true", help="let the SDK open the next stream when one dies")
parser.add_argument("--token", help="a ready token: skip the token request")
arguments = parser.parse_args()

rows = [columns(index) for index in range(arguments.rows)]
if arguments.format == "protobuf":
    row_class = message_class()
    properties = TableProperties(arguments.table, row_class.DESCRIPTOR)
    records = [row_class(**row).SerializeToString() for row in rows]
else:
    properties = TableProperties(arguments.table)
    for row in rows:
        row["payload"] = base64.b64encode(row["payload"]).decode()
    records = [json.dumps(row) for row in rows]

sdk = ZerobusSdk(arguments.endpoint, arguments.workspace)
options = StreamConfigurationOptions(recovery=arguments.recovery)
if arguments.token:
    headers = Fixed(arguments.table, arguments.token)
    stream = sdk.create_stream(table_properties=properties, options=options, headers_provider=headers)
else:
    stream = sdk.create_stream("test-client", "test-secret", properties, options)
offset = None
if arguments.batch == 1:
    for record in records:
        offset = stream.ingest_record_offset(record)
else:
    for first in range(0, len(records), arguments.batch):
        offset = stream.ingest_records_offset(records[first : first + arguments.batch])
stream.flush()
stream.close()
result(sent=len(records), last_offset=offset, unacknowledged=len(list(stream.get_unacked_records())))
