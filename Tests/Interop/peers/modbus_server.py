"""pymodbus' server with values of every width and byte order at fixed addresses.

Unit 1, input registers:   0 int16 -12345 · 1 uint16 54321 · 2 int32 · 4 uint32 · 6 int64 · 10 uint64 · 14 float32 3.14
                           16 float64 · 20 the same 3.14 as CDAB · 22 as BADC · 24 as DCBA
Unit 1, holding registers: 0 a counter that rises with every read · 1 int16 40000, that is -25536
Unit 1, coils 0-9: every third is on; discrete inputs 0-9: every second is on
Unit 2 has only holding register 0, which is 222.
Everything else answers with an exception.
"""

import argparse
import asyncio
import struct

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from peer import ready, result, stop_asked


def registers(layout: str, value) -> list[int]:
    data = struct.pack(">" + layout, value)
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def swapped(words: list[int]) -> list[int]:
    """The two bytes of each register exchanged."""
    return [(word >> 8) | (word & 0xFF) << 8 for word in words]


PI = registers("f", 3.14)
INPUT = (
    registers("h", -12345) + registers("H", 54321) + registers("i", -1_234_567_890) + registers("I", 4_000_000_000)
    + registers("q", -1_234_567_890_123_456_789) + registers("Q", 12_345_678_901_234_567_890) + PI
    + registers("d", 2.718281828459045) + PI[::-1] + swapped(PI) + swapped(PI)[::-1]
)

reads = 0


async def count_reads(function, start, address, count, current, values):
    """The counter shows that a poll is a new read, not the repetition of an old answer."""
    global reads
    if function == 3 and address <= 0 < address + count:
        reads += 1
        current[0 - start] = reads % 30_000
    return None


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()

    words = DataType.REGISTERS
    first = SimDevice(
        id=1,
        simdata=(
            [SimData(0, values=[n % 3 == 0 for n in range(10)] + [False] * 6, datatype=DataType.BITS)],
            [SimData(0, values=[n % 2 == 0 for n in range(10)] + [False] * 6, datatype=DataType.BITS)],
            [SimData(0, values=[0, 40_000], datatype=words)],
            [SimData(0, values=INPUT, datatype=words)],
        ),
        action=count_reads,
    )
    nothing = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    second = SimDevice(
        id=2,
        simdata=(nothing, nothing, [SimData(0, values=[222], datatype=words)], [SimData(0, values=[0], datatype=words)]),
    )
    server = ModbusTcpServer([first, second], address=("127.0.0.1", arguments.port))
    stop = stop_asked()
    await server.serve_forever(background=True)
    ready()
    await stop.wait()
    await server.shutdown()
    result(reads=reads)


asyncio.run(main())
