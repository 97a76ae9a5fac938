"""The large plant of dev/bench-simulator: start, memory, ticks, and what the page and its routes answer."""

import asyncio
import json
import time
import urllib.error
import urllib.request

import asyncua
import websockets

ROUTES = [
    "/", "/health", "/api/industries", "/api/sensors", "/api/sensors?limit=100", "/api/sensors?offset={end}&limit=100",
    "/api/sensors?search=crusher_1_motor_power&limit=100", "/api/sensors/mining/crusher_1_motor_power",
    "/api/opcua/nodes?limit=100", "/api/modbus/map?limit=100", "/api/machines?limit=100", "/api/td?limit=100",
    "/api/sensors/mining/crusher_1_vibration_x/spectrum",
]


def large(arguments, folder: str, simulator) -> list[dict]:
    tags = arguments.large
    figures = []
    for protocols in ("none", "opcua", "mqtt", "modbus", "all"):
        with simulator(arguments, tags, protocols, f"{folder}/{protocols}.log") as plant:
            each, left_out = ticks(plant)
            print(f"{tags} tags, {protocols}: start {plant.start:.1f} s, resident {plant.memory():.0f} MiB "
                  f"(peak {plant.memory('VmHWM'):.0f}), CPU a tick {each * 1e3:.0f} ms, {left_out} of ten left out", flush=True)
            of = {"tags": tags, "protocols": protocols}
            figures += [
                {"name": f"large start, {protocols}", "value": round(plant.start, 2), "unit": "s"} | of,
                {"name": f"large resident, {protocols}", "value": round(plant.memory(), 1), "unit": "MiB"} | of,
                {"name": f"large CPU a tick, {protocols}", "value": round(each * 1e3, 1), "unit": "ms"} | of,
            ]
            if protocols == "none":
                routes(plant, tags)
                asyncio.run(live(plant, tags))
            if protocols == "opcua":
                asyncio.run(browse(plant))
    return figures


def ticks(plant) -> tuple[float, int]:
    """CPU seconds of a tick that is shown, over ten seconds, and how many were left out."""
    def seen() -> tuple[int, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{plant.web}/health", timeout=60) as answer:
            health = json.load(answer)
            return health["tick"], health["ticks_left_out"]

    # The first seconds still belong to the start.
    time.sleep(3)
    before, used = seen(), plant.cpu()
    time.sleep(10)
    after, used = seen(), plant.cpu() - used
    left_out = after[1] - before[1]
    return used / max(1, after[0] - before[0] - left_out), left_out


def routes(plant, tags: int) -> None:
    print(f"{'route':64}{'status':>7}{'bytes':>12}{'ms':>9}")
    for route in ROUTES:
        path = route.format(end=tags - 100)
        best, size, status = float("inf"), 0, 0
        for _ in range(3):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{plant.web}{path}", timeout=120) as answer:
                    size, status = len(answer.read()), answer.status
            except urllib.error.HTTPError as refused:
                size, status = len(refused.read()), refused.code
            best = min(best, time.monotonic() - began)
        print(f"{path:64}{status:7}{size:12}{best * 1e3:9.1f}", flush=True)


async def live(plant, tags: int) -> None:
    """Ten clients with a thousand sensors each: what a message of one is, and what all cost."""
    def paths() -> list[str]:
        with urllib.request.urlopen(
                f"http://127.0.0.1:{plant.web}/api/sensors?offset={tags - 1000}&limit=1000", timeout=120) as answer:
            return [sensor["path"] for sensor in json.load(answer)["sensors"]]

    wanted = json.dumps({"type": "subscribe", "sensors": paths()})
    sizes: list[int] = []

    async def client() -> None:
        async with websockets.connect(f"ws://127.0.0.1:{plant.web}/ws", max_size=None) as socket:
            await socket.send(wanted)
            async for message in socket:
                sizes.append(len(message))

    used, began = plant.cpu(), time.monotonic()
    _, waiting = await asyncio.wait([asyncio.create_task(client()) for _ in range(10)], timeout=10)
    for task in waiting:
        task.cancel()
    each = (plant.cpu() - used) / (time.monotonic() - began)
    print(f"/ws, ten clients with 1000 sensors each: {len(sizes)} messages in 10 s, the largest {max(sizes, default=0)} "
          f"bytes, {each:.1%} of a core with the plant's ticks", flush=True)


async def browse(plant) -> None:
    """asyncua asks for ten children at a time, and for all, of the folder with all industries."""
    client = asyncua.Client(f"opc.tcp://127.0.0.1:{plant.port}/ot-simulator/server/", timeout=60)
    # A plant of a million sensors has thousands of industries.
    client.max_chunkcount, client.max_messagesize = 0, 0
    async with client:
        parameters = asyncua.ua.BrowseParameters()
        parameters.View.Timestamp = asyncua.ua.get_win_epoch()
        description = asyncua.ua.BrowseDescription()
        description.NodeId, description.ResultMask = asyncua.ua.NodeId(85), asyncua.ua.BrowseResultMask.All
        description.IncludeSubtypes = True
        description.ReferenceTypeId = asyncua.ua.NodeId(asyncua.ua.ObjectIds.HierarchicalReferences)
        parameters.NodesToBrowse = [description]
        parameters.RequestedMaxReferencesPerNode = 10
        began = time.monotonic()
        (result,) = await client.uaclient.browse(parameters)
        names, calls = [reference.BrowseName.Name for reference in result.References], 1
        while result.ContinuationPoint:
            further = asyncua.ua.BrowseNextParameters()
            further.ContinuationPoints, further.ReleaseContinuationPoints = [result.ContinuationPoint], False
            (result,) = await client.uaclient.browse_next(further)
            names += [reference.BrowseName.Name for reference in result.References]
            calls += 1
        parts = time.monotonic() - began
        began = time.monotonic()
        whole = [(await child.read_browse_name()).Name for child in (await client.nodes.objects.get_children())[:5]]
        print(f"browse of Objects by asyncua, ten at a time: {len(names)} children, {len(set(names))} different, in {calls} "
              f"calls and {parts:.1f} s; at once in {time.monotonic() - began:.1f} s, beginning with {', '.join(whole)}",
              flush=True)
