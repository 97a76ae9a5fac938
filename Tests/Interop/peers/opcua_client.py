"""asyncua's client: browses a server, reads every variable with its properties, and subscribes to all of them."""

import argparse
import asyncio
import time

from asyncua import Client, ua

from peer import fail, microseconds, result


async def variables(node, namespace: int, found: dict, seen: set) -> None:
    """Every variable of the namespace below a node, by the text of its string identifier."""
    for child in await node.get_children():
        if child.nodeid in seen or child.nodeid.NamespaceIndex != namespace:
            continue
        seen.add(child.nodeid)
        if await child.read_node_class() == ua.NodeClass.Variable:
            found[child.nodeid.Identifier] = child
        else:
            await variables(child, namespace, found, seen)


async def describe(node) -> dict:
    value = await node.read_data_value()
    properties = {(await p.read_browse_name()).Name: await p.read_value() for p in await node.get_properties()}
    span, unit = properties.get("EURange"), properties.get("EngineeringUnits")
    return dict(
        value=value.Value.Value,
        type=value.Value.VariantType.name,
        status=value.StatusCode.name,
        source_time=microseconds(value.SourceTimestamp),
        server_time=microseconds(value.ServerTimestamp),
        name=(await node.read_browse_name()).Name,
        unit=unit.DisplayName.Text if unit else None,
        low=span.Low if span else None,
        high=span.High if span else None,
    )


class Collector:
    def __init__(self) -> None:
        self.changes: dict[str, list] = {}
        self.lost: str | None = None

    def datachange_notification(self, node, value, data) -> None:
        seen = data.monitored_item.Value
        self.changes.setdefault(node.nodeid.Identifier, []).append(
            [microseconds(seen.SourceTimestamp), value, seen.StatusCode.name]
        )

    def status_change_notification(self, status) -> None:
        self.lost = str(status)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--changes", type=int, default=3, help="data changes to wait for, per measurement")
    parser.add_argument("--limit", type=float, default=40, help="seconds")
    arguments = parser.parse_args()

    async with Client(arguments.endpoint, timeout=10) as client:
        endpoints = await client.get_endpoints()
        namespace = await client.get_namespace_index(arguments.namespace)
        state = await client.nodes.server_state.read_value()
        found: dict = {}
        await variables(client.nodes.objects, namespace, found, set())
        if not found:
            fail("no variables found by browsing")
        # One service call for all of them, as a client with many tags does.
        values = await client.read_values(list(found.values()))
        sensors = {name: await describe(node) for name, node in found.items()}

        unknown = client.get_node(ua.NodeId("no/such/sensor", namespace))
        try:
            await unknown.read_value()
            refused = None
        except ua.UaStatusCodeError as error:
            refused = type(error).__name__

        collector = Collector()
        subscription = await client.create_subscription(200, collector)
        handles = await subscription.subscribe_data_change(list(found.values()), queuesize=10, sampling_interval=0)
        bad = [str(handle) for handle in handles if not isinstance(handle, int)]
        deadline = time.monotonic() + arguments.limit
        # Measurements change at every tick, counters and states seldom.
        least = {name: arguments.changes if sensors[name]["type"] == "Double" else 1 for name in found}
        while any(len(collector.changes.get(name, [])) < least[name] for name in found):
            if time.monotonic() > deadline or collector.lost:
                fail(f"too few data changes: {({n: len(c) for n, c in collector.changes.items()})} {collector.lost}")
            await asyncio.sleep(0.05)
        await subscription.unsubscribe([handle for handle in handles if isinstance(handle, int)])
        await subscription.delete()

    result(
        namespace=namespace,
        state=int(state),
        policies=[endpoint.SecurityPolicyUri.rsplit("#")[-1] for endpoint in endpoints],
        read=len(values),
        sensors=sensors,
        refused=refused,
        bad_items=bad,
        changes=collector.changes,
    )


asyncio.run(main())
