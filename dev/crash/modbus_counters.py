"""A Modbus TCP device whose 32-bit input registers count how often they were read.

A reader that misses no answer sees 1, 2, 3 … in each; for every connection it prints what would come next.
"""

import argparse
import asyncio
import json
import struct
import time


async def serve(reader, writer, counters: list[int]) -> None:
    print(json.dumps({"connected": time.time_ns() // 1000, "next": [count + 1 for count in counters]}), flush=True)
    try:
        while True:
            head = await reader.readexactly(7)
            transaction, _, length, unit = struct.unpack(">HHHB", head)
            request = await reader.readexactly(max(0, length - 1))
            answer = read(request, counters)
            writer.write(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


def read(request: bytes, counters: list[int]) -> bytes:
    """Function 4 on whole counters; all else is refused (Application Protocol 1.1b3, 6.4 and 7)."""
    if len(request) != 5 or request[0] != 4:
        return bytes([(request[0] if request else 0) | 0x80, 1])
    _, address, quantity = struct.unpack(">BHH", request)
    if address % 2 or quantity % 2 or not 0 < quantity <= 125 or address + quantity > 2 * len(counters):
        return bytes([request[0] | 0x80, 2])
    values = []
    for index in range(address // 2, (address + quantity) // 2):
        counters[index] += 1
        values.append(counters[index])
    return bytes([4, 2 * quantity]) + struct.pack(f">{len(values)}I", *values)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--counters", type=int, default=100)
    arguments = parser.parse_args()
    counters = [0] * arguments.counters
    server = await asyncio.start_server(lambda *ends: serve(*ends, counters), "127.0.0.1", arguments.port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
