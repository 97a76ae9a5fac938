"""asyncua's server with what real servers have beside numbers: structures, enumerations, arrays, units, loops.

Nothing changes but on SIGUSR1: then the variable `late` is added under the folder `model` and the server says so by a
GeneralModelChangeEvent; on the next SIGUSR1 it is deleted again.
"""

import argparse
import asyncio
import math
import signal
from datetime import datetime, timezone

from asyncua import Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field

from peer import ready, result, stop_asked


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--nodes", type=int, default=0, help="variables in a deep tree beside the model")
    arguments = parser.parse_args()

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/peer/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    # The namespace of the model is not the first free one: who counts on an index finds nothing.
    await server.register_namespace("urn:peer:other")
    ns = await server.register_namespace("urn:peer:model")

    mode = await new_enum(server, ns, "Mode", ["Off", "Starting", "Running"])
    point, _ = await new_struct(
        server, ns, "Point", [new_struct_field("X", ua.VariantType.Double), new_struct_field("Y", ua.VariantType.Double)]
    )
    machine, _ = await new_struct(
        server, ns, "Machine",
        [
            new_struct_field("Name", ua.VariantType.String),
            new_struct_field("Position", point),
            new_struct_field("Mode", mode),
            new_struct_field("Counts", ua.VariantType.Int32, array=True),
            new_struct_field("Comment", ua.VariantType.String, optional=True),
        ],
    )
    await server.load_data_type_definitions()

    objects = server.nodes.objects
    folder = await objects.add_folder(ua.NodeId("model", ns), ua.QualifiedName("model", ns))

    async def add(name: str, value, kind=None, datatype=None, parent=folder):
        return await parent.add_variable(
            ua.NodeId(f"model/{name}", ns), ua.QualifiedName(name, ns), ua.Variant(value, kind) if kind else value,
            datatype=datatype,
        )

    await add("mode", 2, ua.VariantType.Int32, mode.nodeid)
    whole = ua.Machine(Name="press", Position=ua.Point(X=1.5, Y=-2.0), Mode=ua.Mode.Running, Counts=[1, 2], Comment="ok")
    part = ua.Machine(Name="drill", Position=ua.Point(X=0.0, Y=0.0), Mode=ua.Mode.Off, Counts=[])
    part.Comment = None
    await add("machine", ua.Variant(whole, ua.VariantType.ExtensionObject), None, machine.nodeid)
    await add("machines", ua.Variant([whole, part], ua.VariantType.ExtensionObject), None, machine.nodeid)
    await add("vector", [1.5, 2.5], ua.VariantType.Double)
    await add("matrix", ua.Variant([[1, 2, 3], [4, 5, 6]], ua.VariantType.Int32))
    await add("nan", math.nan, ua.VariantType.Double)
    await add("infinite", -math.inf, ua.VariantType.Float)
    await add("bytes", b"\x01\x02\xff", ua.VariantType.ByteString)
    await add("text", ua.LocalizedText("Störung", "de"), ua.VariantType.LocalizedText)
    await add("old", datetime(1969, 7, 20, 20, 17, tzinfo=timezone.utc), ua.VariantType.DateTime)
    await add("name", ua.QualifiedName("q", ns), ua.VariantType.QualifiedName)
    await add("node", ua.NodeId("x", ns), ua.VariantType.NodeId)
    await add(
        "mixed", ua.Variant([ua.Variant(1, ua.VariantType.Byte), ua.Variant("b")], ua.VariantType.Variant), None,
        ua.NodeId(ua.ObjectIds.BaseDataType),
    )

    power = await add("power", 12.5, ua.VariantType.Double)
    units = ua.EUInformation(
        NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact", UnitId=4937544,
        DisplayName=ua.LocalizedText("kW"), Description=ua.LocalizedText("kilowatt"),
    )
    await power.add_property(ua.NodeId("model/power.unit", ns), ua.QualifiedName("EngineeringUnits", 0), units)
    await power.add_property(ua.NodeId("model/power.range", ns), ua.QualifiedName("EURange", 0), ua.Range(Low=0.0, High=50.0))

    state = await add("state", 1, ua.VariantType.UInt32)
    words = [ua.LocalizedText("Closed"), ua.LocalizedText("Open")]
    await state.add_property(
        ua.NodeId("model/state.words", ns), ua.QualifiedName("EnumStrings", 0),
        ua.Variant(words, ua.VariantType.LocalizedText),
    )

    # A way back up: who does not remember where it was never ends.
    await folder.add_reference(objects, ua.ObjectIds.HasComponent, forward=True, bidirectional=False)

    for first in range(0, arguments.nodes, 100):
        shelf = await objects.add_folder(ua.NodeId(f"shelf{first}", ns), ua.QualifiedName(f"shelf{first}", ns))
        for index in range(first, min(first + 100, arguments.nodes)):
            await shelf.add_variable(ua.NodeId(f"v{index}", ns), ua.QualifiedName(f"v{index}", ns), float(index))

    changes = await server.get_event_generator(ua.ObjectIds.GeneralModelChangeEventType)
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, asked.set)

    async def change() -> None:
        late = None
        while True:
            await asked.wait()
            asked.clear()
            if late is None:
                late = await add("late", 7.0, ua.VariantType.Double)
            else:
                await server.delete_nodes([late])
                late = None
            await changes.trigger(message="the model changed")

    stop = stop_asked()
    async with server:
        changing = asyncio.create_task(change())
        ready()
        await stop.wait()
        changing.cancel()
    result(namespace=ns)


asyncio.run(main())
