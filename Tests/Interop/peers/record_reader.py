"""Google's protobuf reads a batch of records with the descriptor that goes with them."""

import base64
import json
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from peer import result


def message_class(serialized: bytes):
    """The class of the records, from nothing but the descriptor that a stream is opened with."""
    file = descriptor_pb2.FileDescriptorProto(name="sent.proto", syntax="proto2")
    file.message_type.add().MergeFromString(serialized)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(file.message_type[0].name))


def batch_class():
    """`ProtoEncodedRecordBatch`: records 1, repeated bytes."""
    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="batch.proto", syntax="proto2")
    batch = file.message_type.add(name="Batch")
    batch.field.add(name="records", number=1, label=kind.LABEL_REPEATED, type=kind.TYPE_BYTES)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Batch"))


def shown(field, value):
    if field.message_type is not None:
        return dict(value)
    if field.type == field.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return value


with open(sys.argv[1], encoding="utf-8") as file:
    sent = json.load(file)
record_class = message_class(base64.b64decode(sent["descriptor"]))
batch = batch_class().FromString(base64.b64decode(sent["batch"]))
rows = []
for body in batch.records:
    record = record_class.FromString(body)
    # What the descriptor does not name is kept apart by the library; there must be none.
    again = record_class()
    again.CopyFrom(record)
    again.DiscardUnknownFields()
    row = {field.name: shown(field, value) for field, value in record.ListFields()}
    rows.append({"row": row, "unknown": record.ByteSize() - again.ByteSize()})
result(rows=rows, fields=[field.name for field in record_class.DESCRIPTOR.fields])
