"""asyncua's server with variables of many types, whose values and source times follow a fixed rule.

Variable k holds at step n the value of `value(type, n)` with the source time START + n * STEP (microseconds). The
test knows the rule too, so it can judge every row by itself. At the end the server prints the last step.
"""

import argparse
import asyncio

from asyncua import Server, ua

from peer import ready, result, stop_asked, utc

START = 1_700_000_000_000_000
STEP = 1_001

TYPES = [
    "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "String",
]


def value(kind: str, step: int):
    match kind:
        case "Boolean":
            return step % 2 == 1
        case "SByte" | "Int16" | "Int32" | "Int64":
            return step % 100 if step % 2 == 0 else -(step % 100)
        case "Float":
            return step * 0.25
        case "Double":
            return step / 7
        case "String":
            return f"step {step} – ünïcode"
        case _:
            return step % 200


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--interval", type=float, default=0.2, help="seconds between two steps")
    parser.add_argument("--first", type=int, default=1, help="the first step")
    arguments = parser.parse_args()

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/peer/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    namespace = await server.register_namespace("urn:peer:plant")
    folder = await server.nodes.objects.add_folder(ua.NodeId("plant", namespace), ua.QualifiedName("plant", namespace))
    nodes = {}
    for kind in TYPES:
        variant = ua.Variant(value(kind, arguments.first), ua.VariantType[kind])
        nodes[kind] = await folder.add_variable(
            ua.NodeId(f"plant/{kind}", namespace), ua.QualifiedName(kind, namespace), variant
        )

    async def write(step: int) -> None:
        for kind, node in nodes.items():
            variant = ua.Variant(value(kind, step), ua.VariantType[kind])
            # Every seventh value is uncertain: the connector must carry the status, not hide it.
            code = ua.StatusCodes.UncertainLastUsableValue if step % 7 == 0 else ua.StatusCodes.Good
            await node.write_value(
                ua.DataValue(variant, ua.StatusCode(code), SourceTimestamp=utc(START + step * STEP))
            )

    stop = stop_asked()
    step = arguments.first
    await write(step)
    async with server:
        ready()
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), arguments.interval)
            except TimeoutError:
                step += 1
                await write(step)
    result(last=step, types=TYPES)


asyncio.run(main())
