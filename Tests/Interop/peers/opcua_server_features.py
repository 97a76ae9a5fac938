"""asyncua's client: uses what a server of ours offers beyond browsing, reading and subscribing."""

import argparse
import asyncio

from asyncua import Client, ua

from peer import fail, microseconds, result, utc


class Collector:
    def __init__(self) -> None:
        self.values: list = []
        self.events: list = []
        self.statuses: list = []
        self.changed = asyncio.Event()

    def datachange_notification(self, node, value, data) -> None:
        self.values.append(value)
        self.changed.set()

    def event_notification(self, event) -> None:
        self.events.append(event)
        self.changed.set()

    def status_change_notification(self, status) -> None:
        self.statuses.append(status.Status.name if hasattr(status, "Status") else str(status))
        self.changed.set()

    async def wait(self, condition, seconds: float = 20) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            fail(f"values {self.values}, events {self.events}, statuses {self.statuses}")


async def history(client, index: int) -> dict:
    node = client.get_node(f"ns={index};s=level")
    start, end = utc(1_700_000_000_000_000), utc(1_700_000_100_000_000)

    def numbers(values):
        return [[microseconds(value.SourceTimestamp), value.Value.Value] for value in values]

    forward = await node.read_raw_history(start, end, return_bounds=False)
    backward = await node.read_raw_history(end, start, return_bounds=False)
    paged = await node.read_raw_history(start, end, numvalues=3, return_bounds=False)
    return dict(forward=numbers(forward), backward=numbers(backward), paged=len(paged))


async def range_of(client, node, text: str):
    item = ua.ReadValueId()
    item.NodeId, item.AttributeId, item.IndexRange = node.nodeid, ua.AttributeIds.Value, text
    parameters = ua.ReadParameters()
    parameters.NodesToRead = [item]
    value = (await client.uaclient.read(parameters))[0]
    return value.Value.Value if value.StatusCode.is_good() else value.StatusCode.name


async def types(client, index: int) -> dict:
    await client.load_data_type_definitions()
    point = await client.get_node(f"ns={index};s=point").read_value()
    points = await client.get_node(f"ns={index};s=points").read_value()
    mode = await client.get_node(f"ns={index};s=mode").read_value()
    matrix = await client.get_node(f"ns={index};s=matrix").read_value()
    return dict(
        point=[type(point).__name__, point.x, point.y, point.label],
        points=[[p.x, p.y, p.label] for p in points],
        mode=ua.Mode(mode).name,
        matrix=matrix,
    )


async def transfer(endpoint: str, index: int) -> dict:
    first, collector = Client(endpoint, timeout=10), Collector()
    await first.connect()
    subscription = await first.create_subscription(50, collector)
    await subscription.subscribe_data_change(first.get_node(f"ns={index};s=level"))
    await collector.wait(lambda: collector.values)
    number = subscription.subscription_id
    async with Client(endpoint, timeout=10) as second:
        parameters = ua.TransferSubscriptionsParameters(SubscriptionIds=[number], SendInitialValues=True)
        answer = (await second.uaclient.session.transfer_subscriptions(parameters))[0]
        published = (await second.uaclient.session.publish([])).Parameters
        message = await second.uaclient.session.republish(number, published.NotificationMessage.SequenceNumber)
        try:
            await second.uaclient.session.republish(number, 999)
            missing = None
        except ua.UaStatusCodeError as error:
            missing = type(error).__name__
        await collector.wait(lambda: collector.statuses)
    await first.disconnect()
    return dict(
        status=answer.StatusCode.name,
        subscription=published.SubscriptionId == number,
        published=published.NotificationMessage.SequenceNumber,
        republished=message.SequenceNumber,
        missing=missing,
        told=collector.statuses[0],
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--namespace", required=True)
    arguments = parser.parse_args()
    answers: dict = {}
    async with Client(arguments.endpoint, timeout=10) as client:
        index = await client.get_namespace_index(arguments.namespace)
        answers["history"] = await history(client, index)

        machine = client.get_node(f"ns={index};s=machine")
        answers["doubled"] = await machine.call_method(f"{index}:double", 21.0)
        try:
            await machine.call_method(f"{index}:double", "x")
            answers["mistyped"] = None
        except ua.UaStatusCodeError as error:
            answers["mistyped"] = type(error).__name__

        setpoint = client.get_node(f"ns={index};s=setpoint")
        await setpoint.write_value(ua.DataValue(ua.Variant(12.5, ua.VariantType.Double)))
        answers["written"] = await setpoint.read_value()
        try:
            await client.get_node(f"ns={index};s=level").write_value(ua.DataValue(ua.Variant(1.0)))
            answers["refused"] = None
        except ua.UaStatusCodeError as error:
            answers["refused"] = type(error).__name__

        array = client.get_node(f"ns={index};s=array")
        answers["ranges"] = [await range_of(client, array, text) for text in ("1:2", "3", "9")]
        answers["types"] = await types(client, index)

        collector = Collector()
        subscription = await client.create_subscription(50, collector)
        level = client.get_node(f"ns={index};s=level")
        # Ten percent of the range from 0 to 200.
        await subscription.deadband_monitor(level, 10.0, deadbandtype=2, queuesize=10)
        await collector.wait(lambda: collector.values)
        first = collector.values[0]
        for step in (19.0, 21.0, 40.0, 42.0):
            await machine.call_method(f"{index}:set_level", first + step)
        await collector.wait(lambda: len(collector.values) >= 3)
        answers["deadband"] = [value - first for value in collector.values]

        await subscription.subscribe_events(evtypes=ua.ObjectIds.GeneralModelChangeEventType)
        await machine.call_method(f"{index}:grow")
        await collector.wait(lambda: collector.events)
        answers["changes"] = [
            [change.Affected.to_string(), int(change.Verb)] for change in collector.events[0].Changes
        ]
        answers["grown"] = await client.get_node(f"ns={index};s=grown").read_value()

        summary = await client.get_node("i=2275").read_value()
        sessions = await client.get_node("i=3707").read_value()
        answers["diagnostics"] = dict(
            sessions=summary.CurrentSessionCount,
            subscriptions=summary.CurrentSubscriptionCount,
            reads=sessions[0].ReadCount.TotalCount > 0,
        )
        await subscription.delete()
    answers["transfer"] = await transfer(arguments.endpoint, index)
    result(**answers)


asyncio.run(main())
