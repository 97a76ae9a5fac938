"""pymodbus' client on a serial line: one sensor in both forms, the tick's time, the device's identification."""

import argparse
import json
import urllib.request

from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusIOException

from peer import fail, result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", required=True)
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--unit", type=int, required=True)
    parser.add_argument("--map", required=True, help="URL of the register map")
    parser.add_argument("--sensor", required=True)
    parser.add_argument("--silence", action="store_true", help="nobody is expected to answer")
    arguments = parser.parse_args()

    with urllib.request.urlopen(arguments.map, timeout=10) as answer:
        entries = {entry["path"]: entry for entry in json.load(answer)["registers"]}
    entry = entries[arguments.sensor]
    # Without parity, which a pseudo-terminal has not.
    client = ModbusSerialClient(arguments.device, baudrate=arguments.baud, timeout=1, retries=0)
    if not client.connect():
        fail("the line cannot be opened")
    types = client.DATATYPE

    def registers(read, first: int, count: int, unit: int = arguments.unit) -> list | None:
        try:
            answer = read(first, count=count, device_id=unit)
        except ModbusIOException:
            return None
        if answer.isError():
            fail(str(answer))
        return answer.registers

    if arguments.silence:
        result(silent=registers(client.read_input_registers, 0, 4) is None)
        return
    readings = []
    for _ in range(20):
        # Time and value in one request are of one tick.
        words = registers(client.read_input_registers, 0, entry["input_address"] + 2)
        raw = registers(client.read_holding_registers, entry["holding_address"], 1)
        again = registers(client.read_input_registers, 0, 4)
        if words is None or raw is None or again is None:
            fail("no answer")
        time = client.convert_from_registers(words[0:4], types.UINT64)
        if words[0:4] == again:
            value = client.convert_from_registers(words[-2:], types.FLOAT32)
            readings.append([time, value, client.convert_from_registers(raw, types.INT16)])
        if len({reading[0] for reading in readings}) >= 2:
            break
    others = [unit for unit in (1, arguments.unit + 1)
              if registers(client.read_input_registers, 0, 4, unit) is not None]
    identification = client.read_device_information(read_code=1, object_id=0, device_id=arguments.unit)
    client.close()
    result(
        readings=readings,
        others=others,
        identification=[identification.information[key].decode() for key in sorted(identification.information)],
    )


main()
