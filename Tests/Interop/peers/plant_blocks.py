"""Single requests for many values, while the plant ticks fast: plant_blocks.py … PATH…

Each answer of the Modbus server (one request of 125 input registers) and of the OPC UA server (one Read of all nodes)
is printed with its times; whether it holds values of one tick only is judged by the simulator's own log.
"""

import argparse
import asyncio

from asyncua import Client, ua
from pymodbus.client import ModbusTcpClient

from peer import fail, microseconds, result
from plant_readers import Plant

parser = argparse.ArgumentParser()
for port in ("opcua", "modbus", "web"):
    parser.add_argument(f"--{port}", type=int, required=True)
parser.add_argument("--count", type=int, default=300)
parser.add_argument("paths", nargs="+")
arguments = parser.parse_args()


def blocks() -> list:
    entries = [entry for entry in Plant(arguments.web).registers() if entry["path"] in arguments.paths]
    client = ModbusTcpClient("127.0.0.1", port=arguments.modbus, timeout=5)
    if not client.connect():
        fail("no connection")
    types = client.DATATYPE
    found = []
    for _ in range(arguments.count):
        answer = client.read_input_registers(0, count=10 + 2 * len(entries), device_id=1)
        if answer.isError():
            fail(str(answer))
        registers = answer.registers
        values = {}
        for entry in entries:
            at = entry["input_address"]
            kind = types.UINT32 if entry["input_type"] == "uint32" else types.FLOAT32
            values[entry["path"]] = client.convert_from_registers(registers[at : at + 2], kind)
        found.append([client.convert_from_registers(registers[:4], types.UINT64), values])
    client.close()
    return found


async def reads() -> list:
    found = []
    async with Client(f"opc.tcp://127.0.0.1:{arguments.opcua}/", timeout=10) as client:
        nodes = [client.get_node(ua.NodeId(path, 2)) for path in arguments.paths]
        for _ in range(arguments.count):
            answers = await client.uaclient.read_attributes([n.nodeid for n in nodes], ua.AttributeIds.Value)
            times = sorted({microseconds(answer.SourceTimestamp) for answer in answers})
            found.append([times, {path: a.Value.Value for path, a in zip(arguments.paths, answers)}])
    return found


result(blocks=blocks(), reads=asyncio.run(reads()))
