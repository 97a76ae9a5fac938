"""Messages to oneself through a broker with a client library of one's choice, at every QoS."""

import argparse
import asyncio

from peer import fail, result

COUNT = 200


async def with_gmqtt(arguments) -> list:
    import gmqtt
    from gmqtt.mqtt.constants import MQTTv50, MQTTv311

    got: list = []
    client = gmqtt.Client("peer-gmqtt", clean_session=True)
    subscribed = asyncio.Event()

    def on_message(client, topic, payload, qos, properties):
        got.append((topic, payload.decode(), qos))
        return 0

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    await client.connect(
        arguments.host, arguments.port, version=MQTTv50 if arguments.version == "5" else MQTTv311, keepalive=20)
    client.subscribe("peer/#", qos=2)
    await asyncio.wait_for(subscribed.wait(), 20)
    for index in range(COUNT):
        client.publish(f"peer/{index % 3}", str(index), qos=index % 3)
        # It has no more identifiers than the broker's receive maximum.
        while index - len(got) > 8:
            await asyncio.sleep(0.002)
    await enough(got)
    await client.disconnect()
    return got


async def with_aiomqtt(arguments) -> list:
    import aiomqtt

    got: list = []
    version = aiomqtt.ProtocolVersion.V5 if arguments.version == "5" else aiomqtt.ProtocolVersion.V311
    async with aiomqtt.Client(
        arguments.host, arguments.port, identifier="peer-aiomqtt", protocol=version, keepalive=20
    ) as client:
        await client.subscribe("peer/#", qos=2)

        async def read() -> None:
            async for message in client.messages:
                got.append((message.topic.value, message.payload.decode(), message.qos))

        reading = asyncio.create_task(read())
        for index in range(COUNT):
            await client.publish(f"peer/{index % 3}", str(index), qos=index % 3)
        await enough(got)
        reading.cancel()
    return got


async def enough(got: list) -> None:
    for _ in range(1500):
        if len(got) >= COUNT:
            return
        await asyncio.sleep(0.02)
    fail(f"{len(got)} of {COUNT} messages came back")


async def main(arguments) -> dict:
    library = dict(gmqtt=with_gmqtt, aiomqtt=with_aiomqtt)[arguments.library]
    got = await library(arguments)
    return dict(
        count=len(got),
        ordered=all(
            [text for topic, text, _ in got if topic == f"peer/{qos}"] == [str(i) for i in range(COUNT) if i % 3 == qos]
            for qos in range(3)),
        qos=all(topic == f"peer/{qos}" for topic, _, qos in got),
    )


parser = argparse.ArgumentParser()
parser.add_argument("library", choices=["gmqtt", "aiomqtt"])
parser.add_argument("--version", choices=["3.1.1", "5"], required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, required=True)
arguments = parser.parse_args()
result(**asyncio.run(main(arguments)))
