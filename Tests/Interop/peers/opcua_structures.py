"""asyncua's own coding of structures that a server defines: their definitions and values as bytes in hexadecimal.

Prints `types` (data type, name, supertype, definition as ExtensionObject) and `values` (name, bytes of the
ExtensionObject, fields as text).
"""

import asyncio
import logging

from asyncua import Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.ua.ua_binary import extensionobject_to_binary

from peer import result


def text(value) -> object:
    """Fields as the test writes them too: nothing for an absent field, text for everything that is no container."""
    if isinstance(value, ua.UaUnion):
        names = [name for name in type(value).__dict__ if isinstance(type(value).__dict__[name], property)]
        return {} if value.Encoding == 0 else {names[value.Encoding - 1]: text(value.Value)}
    if hasattr(value, "__dataclass_fields__") and hasattr(value, "data_type"):
        fields = {name: getattr(value, name) for name in value.__dataclass_fields__ if name != "Encoding"}
        return {name: text(field) for name, field in fields.items() if field is not None}
    if isinstance(value, list):
        return [text(item) for item in value]
    if isinstance(value, ua.Variant):
        return text(value.Value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "name"):
        return value.name
    return str(value)


async def main() -> None:
    logging.disable(logging.ERROR)
    server = Server()
    await server.init()
    idx = await server.register_namespace("urn:peer:structures")
    kind = ua.VariantType
    mode = await new_enum(server, idx, "Mode", ["Off", "Idle", "Running"])
    inner, _ = await new_struct(
        server, idx, "Inner",
        [new_struct_field("Mode", mode), new_struct_field("Level", kind.Double),
         new_struct_field("Samples", kind.Int16, array=True)])
    plain, _ = await new_struct(
        server, idx, "Plain",
        [new_struct_field("Flag", kind.Boolean), new_struct_field("Text", kind.String),
         new_struct_field("Bytes", kind.ByteString), new_struct_field("Inner", inner),
         new_struct_field("Inners", inner, array=True), new_struct_field("Modes", mode, array=True),
         new_struct_field("Any", kind.Variant), new_struct_field("Long", kind.UInt64),
         new_struct_field("Texts", kind.String, array=True)])
    optional, _ = await new_struct(
        server, idx, "Optional",
        [new_struct_field("First", kind.Int32, optional=True), new_struct_field("Always", kind.Float),
         new_struct_field("Second", inner, optional=True),
         new_struct_field("Third", kind.String, array=True, optional=True)])
    union, _ = await new_struct(
        server, idx, "Choice",
        [new_struct_field("Number", kind.Int32), new_struct_field("Text", kind.String),
         new_struct_field("Inner", inner)], is_union=True)
    await server.load_data_type_definitions()

    first = ua.Inner(Mode=ua.Mode.Running, Level=2.5, Samples=[1, -2, 3])
    second = ua.Inner(Mode=ua.Mode.Off, Level=-0.25, Samples=[])
    number, words, within, nothing = ua.Choice(), ua.Choice(), ua.Choice(), ua.Choice()
    number.Number = -7
    words.Text = "Öl"
    within.Inner = first
    values = [
        first,
        ua.Plain(
            Flag=True, Text="Zähler", Bytes=b"\x00\xff", Inner=first, Inners=[second, first],
            Modes=[ua.Mode.Idle, ua.Mode.Off], Any=ua.Variant(3.5, kind.Double), Long=2**64 - 1,
            Texts=["a", "b"]),
        ua.Optional(First=None, Always=1.5, Second=None, Third=None),
        ua.Optional(First=9, Always=1.5, Second=second, Third=None),
        ua.Optional(First=None, Always=-1.5, Second=first, Third=["x", "y"]),
        number, words, within, nothing,
    ]
    types = []
    for node, supertype in [(mode, 29), (inner, 22), (plain, 22), (optional, 22), (union, 12756)]:
        definition = await node.read_data_type_definition()
        types.append({
            "id": node.nodeid.to_string(), "name": (await node.read_browse_name()).Name, "supertype": f"i={supertype}",
            "definition": extensionobject_to_binary(definition).hex()})
    result(
        types=types,
        values=[{"name": type(value).__name__, "bytes": extensionobject_to_binary(value).hex(), "fields": text(value)}
                for value in values])


asyncio.run(main())
