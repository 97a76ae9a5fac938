"""pymodbus' client on a server: reads the registers of a map, whole blocks at once, several times."""

import argparse
import json
import time
import urllib.request

from pymodbus.client import ModbusTcpClient

from peer import fail, result


def checked(answer):
    if answer.isError():
        fail(str(answer))
    return answer


def blocks(client, read, first: int, count: int, unit: int) -> list:
    """`count` registers from `first`, in requests of at most 125."""
    registers = []
    while len(registers) < count:
        size = min(125, count - len(registers))
        registers += checked(read(first + len(registers), count=size, device_id=unit)).registers
    return registers


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--map", required=True, help="URL of the register map")
    parser.add_argument("--ticks", type=int, default=3, help="different states of the plant to collect")
    arguments = parser.parse_args()

    with urllib.request.urlopen(arguments.map, timeout=10) as answer:
        register_map = json.load(answer)
    entries = [entry for entry in register_map["registers"] if entry["unit_id"] == 1]
    time_address = register_map["timestamp"]["input_address"]
    last_input = max(entry["input_address"] for entry in entries) + 1
    last_holding = max(entry["holding_address"] for entry in entries)

    client = ModbusTcpClient("127.0.0.1", port=arguments.port, timeout=5)
    if not client.connect():
        fail("no connection")
    types = client.DATATYPE
    kinds = {"float32": types.FLOAT32, "uint32": types.UINT32}

    def moment() -> int:
        registers = checked(client.read_input_registers(time_address, count=4, device_id=1)).registers
        return client.convert_from_registers(registers, types.UINT64)

    ticks: dict[int, dict] = {}
    deadline = time.monotonic() + 40
    while len(ticks) < arguments.ticks:
        if time.monotonic() > deadline:
            fail(f"only {len(ticks)} states within 40 s")
        before = moment()
        inputs = blocks(client, client.read_input_registers, 0, last_input + 1, 1)
        holding = blocks(client, client.read_holding_registers, 0, last_holding + 1, 1)
        # Several requests belong together only when the plant did not move between them.
        if moment() != before or before in ticks:
            time.sleep(0.05)
            continue
        seen = {}
        for entry in entries:
            at = entry["input_address"]
            value = client.convert_from_registers(inputs[at : at + 2], kinds[entry["input_type"]])
            raw = client.convert_from_registers([holding[entry["holding_address"]]], types.INT16)
            seen[entry["path"]] = [value, raw]
        ticks[before] = seen

    beyond = client.read_input_registers(65_000, count=100, device_id=1)
    too_many = None
    try:
        too_many = client.read_input_registers(0, count=126, device_id=1)
    except Exception as error:  # pymodbus itself refuses what the standard does not allow.
        refused = type(error).__name__
    else:
        refused = f"exception {too_many.exception_code}" if too_many.isError() else "accepted"
    client.close()
    result(
        sensors=len(entries),
        ticks=[[at, seen] for at, seen in sorted(ticks.items())],
        beyond=beyond.exception_code if beyond.isError() else 0,
        too_many=refused,
    )


main()
