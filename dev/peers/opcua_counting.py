"""asyncua and o6 (open62541) as ends of the OPC UA benchmark: a server whose items all count, and a client that counts.

    opcua_counting.py asyncua|o6|open62541 client --endpoint URL --tags N --seconds S [--interval-ms MS] [--folder DIR]
    opcua_counting.py asyncua|o6 server --port P --tags N [--interval-ms MS] [--times]

The client says when it begins to measure, then values, seconds, its CPU seconds and peak memory, as lines of JSON; the
server prints its ticks every second; with --times its values are the moments at which their ticks were due, in
microseconds of UTC. `open62541` is o6's own library with a callback in C (--native names it), so that no Python stands
in its way.
With a folder the channel is Basic256Sha256, SignAndEncrypt. o6 ends itself after ten minutes.
"""

import argparse
import asyncio
import ctypes
import glob
import json
import logging
import resource
import sys
import time


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def say(**members) -> None:
    members["peak"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(json.dumps(members), flush=True)


class Counter:
    def __init__(self) -> None:
        self.values = 0

    def one(self, *_) -> None:
        self.values += 1

    def datachange_notification(self, node, value, data) -> None:
        self.values += 1

    async def measure(self, arguments) -> None:
        """Once every item has shown itself twice, so many seconds."""
        deadline = time.monotonic() + 120
        while self.values < 2 * arguments.tags and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        say(measuring=True)
        values, used, began = self.values, cpu(), time.monotonic()
        await asyncio.sleep(arguments.seconds)
        say(values=self.values - values, seconds=round(time.monotonic() - began, 3), cpu=round(cpu() - used, 4))


def ids(arguments) -> list[str]:
    return [f"ns=2;s=bench/tag_{index}" for index in range(arguments.tags)]


async def asyncua_client(arguments) -> None:
    from asyncua import Client, ua
    from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

    client = Client(arguments.endpoint, timeout=60)
    client.application_uri = "urn:client"
    if arguments.folder:
        await client.set_security(
            SecurityPolicyBasic256Sha256, f"{arguments.folder}/client.der", f"{arguments.folder}/client.pem",
            server_certificate=f"{arguments.folder}/server.der", mode=ua.MessageSecurityMode.SignAndEncrypt,
        )
    counter = Counter()
    async with client:
        subscription = await client.create_subscription(arguments.interval_ms, counter)
        nodes = [client.get_node(id) for id in ids(arguments)]
        for start in range(0, len(nodes), 1000):
            await subscription.subscribe_data_change(nodes[start : start + 1000], queuesize=10, sampling_interval=0)
        await counter.measure(arguments)


async def o6_client(arguments) -> None:
    import o6

    extra = {}
    if arguments.folder:
        extra = dict(
            certificate=f"{arguments.folder}/client.der", privateKey=f"{arguments.folder}/client.pem",
            trustList=[f"{arguments.folder}/server.der"], securityMode=3,
            securityPolicy="http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256",
        )
    client = o6.Client(arguments.endpoint, applicationUri="urn:client", **extra)
    await client.connect()
    counter = Counter()
    subscription = await client.createSubscription(publishingInterval=arguments.interval_ms)
    nodes = ids(arguments)
    for start in range(0, len(nodes), 1000):
        await client.monitor(
            nodes[start : start + 1000], counter.one, 0.0, subscription=subscription, queueSize=10)
    await counter.measure(arguments)
    await client.disconnect()


def open62541_client(arguments) -> None:
    import o6

    # Its symbols, for the part in C.
    ctypes.CDLL(glob.glob(f"{o6.__path__[0]}/_o6*.so")[0], mode=ctypes.RTLD_GLOBAL)
    native = ctypes.CDLL(arguments.native)
    native.begin.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_double, ctypes.c_char_p]
    native.run.argtypes = [ctypes.c_double]
    native.run.restype = ctypes.c_long
    folder = arguments.folder.encode() if arguments.folder else None
    status = native.begin(arguments.endpoint.encode(), arguments.tags, float(arguments.interval_ms), folder)
    if status:
        sys.exit(f"open62541: 0x{status & 0xFFFFFFFF:08X}")
    seen, deadline = 0, time.monotonic() + 120
    while seen < 2 * arguments.tags and time.monotonic() < deadline:
        seen += native.run(0.2)
    say(measuring=True)
    used, began = cpu(), time.monotonic()
    values = native.run(arguments.seconds)
    say(values=values, seconds=round(time.monotonic() - began, 3), cpu=round(cpu() - used, 4))


async def count(arguments, write) -> None:
    """Gives every item the number of the tick, in time with the clock as far as the server keeps up."""
    start, tick, said = time.monotonic(), 0, 0.0
    first = time.time_ns() // 1000
    while True:
        tick += 1
        await asyncio.sleep(max(0.0, start + tick * arguments.interval_ms / 1000 - time.monotonic()))
        await write(float(first + tick * arguments.interval_ms * 1000 if arguments.times else tick))
        if time.monotonic() - said >= 1:
            said = time.monotonic()
            say(tick=tick, cpu=round(cpu(), 3))


async def asyncua_server(arguments) -> None:
    from asyncua import Server, ua

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/peer/")
    namespace = await server.register_namespace("urn:peer:bench")
    nodes = [
        await server.nodes.objects.add_variable(
            ua.NodeId(f"bench/tag_{index}", namespace), ua.QualifiedName(f"tag_{index}", namespace), 0.0)
        for index in range(arguments.tags)
    ]

    async def write(value: float) -> None:
        data = ua.DataValue(ua.Variant(value, ua.VariantType.Double))
        for index, node in enumerate(nodes):
            await server.write_attribute_value(node.nodeid, data)
            if index % 200 == 0:
                await asyncio.sleep(0)

    async with server:
        await count(arguments, write)


async def o6_server(arguments) -> None:
    import o6

    server = o6.Server(arguments.port)
    async with server:
        names = [f"ns=1;s=bench/tag_{index}" for index in range(arguments.tags)]
        for index, name in enumerate(names):
            server.addVariable(f"tag_{index}", server.objectsNode, o6.Double(0.0), nodeId=o6.NodeId(name))

        async def write(value: float) -> None:
            for start in range(0, len(names), 500):
                await server.write({name: o6.Double(value) for name in names[start : start + 500]})
                await asyncio.sleep(0)

        await count(arguments, write)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["asyncua", "o6", "open62541"])
    parser.add_argument("end", choices=["client", "server"])
    parser.add_argument("--endpoint")
    parser.add_argument("--port", type=int)
    parser.add_argument("--tags", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--interval-ms", type=int, default=1000)
    parser.add_argument("--times", action="store_true", help="values are the times of their ticks")
    parser.add_argument("--folder", help="client.der, client.pem, server.der")
    parser.add_argument("--native", help="the compiled dev/peers/open62541_counting.c")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    end = globals()[f"{arguments.library}_{arguments.end}"]
    if arguments.library == "open62541":
        end(arguments)
    else:
        asyncio.run(end(arguments))


main()
