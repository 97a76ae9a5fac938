"""python-zeroconf browsing on loopback: one line for each service of a name that comes or goes."""

import argparse
import asyncio
import sys

from zeroconf import IPVersion, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from peer import ready, stop_asked

TYPES = ["_opcua-tcp._tcp.local.", "_mqtt._tcp.local.", "_modbus._tcp.local.", "_http._tcp.local."]


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True, help="the instance; others on this machine are passed over")
    arguments = parser.parse_args()
    stopped = stop_asked()
    tasks = set()
    async with AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only) as mdns:

        async def resolve(kind: str, name: str) -> None:
            info = AsyncServiceInfo(kind, name)
            if not await info.async_request(mdns.zeroconf, 10_000):
                print(f"unresolved {name}", flush=True)
                return
            # A record without anything is one empty key.
            text = ",".join(sorted(f"{key}={value}" for key, value in info.decoded_properties.items() if key))
            addresses = ",".join(info.parsed_addresses())
            print(f"added {kind} {info.port} [{text}] {addresses} {info.server}", flush=True)

        def changed(zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
            if not name.startswith(arguments.name + "."):
                return
            if state_change is ServiceStateChange.Removed:
                print(f"removed {service_type}", flush=True)
            elif state_change is ServiceStateChange.Added:
                task = asyncio.ensure_future(resolve(service_type, name))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        browser = AsyncServiceBrowser(mdns.zeroconf, TYPES, handlers=[changed])
        ready()
        await stopped.wait()
        await browser.async_cancel()


sys.exit(asyncio.run(main()))
