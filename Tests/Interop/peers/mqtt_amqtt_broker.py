"""The broker of amqtt, which speaks 3.1.1 only, until it is asked to stop."""

import argparse
import asyncio
import logging

from amqtt.broker import Broker

from peer import ready, stop_asked


async def main(port: int) -> None:
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        })
    await broker.start()
    ready()
    await stop_asked().wait()
    await broker.shutdown()


logging.basicConfig(level=logging.ERROR)
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
asyncio.run(main(parser.parse_args().port))
