"""open62541's client, through o6: every policy, mode and identity on one server; says for each what came of it.

For each combination it connects, reads the variable and waits for two notifications of it. o6 ends itself after ten
minutes.
"""

import argparse
import asyncio
import logging

from peer import result

import o6

NODE = "ns=2;s=count"


async def one(endpoint: str, folder: str, policy: str, mode: str, identity: str) -> str:
    client = None
    try:
        secured = policy != "None"
        client = o6.Client(
            endpoint, applicationUri="urn:client", allowNonePolicyPassword=True,
            certificate=f"{folder}/client.der", privateKey=f"{folder}/client.pem", trustList=[f"{folder}/server.der"],
            securityMode={"None": 1, "Sign": 2, "SignAndEncrypt": 3}[mode],
            securityPolicy=f"http://opcfoundation.org/UA/SecurityPolicy#{policy}",
            username="operator" if identity in ("user", "wrong") else None,
            password={"user": "geheim", "wrong": "falsch"}.get(identity),
        )
        if identity == "certificate":
            certificate = open(f"{folder}/user.der", "rb").read()
            client.config.setAuthenticationCert(certificate, open(f"{folder}/user.pem", "rb").read())
        await asyncio.wait_for(client.connect(), 15)
        await asyncio.wait_for(client.read(NODE), 5)
        values = asyncio.Queue()
        subscription = await client.createSubscription(publishingInterval=50)
        await client.monitor(NODE, lambda *_: values.put_nowait(1), 50.0, subscription=subscription)
        for _ in range(2):
            await asyncio.wait_for(values.get(), 5)
        return "ok"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if client is not None:
            await client.disconnect()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--folder", required=True, help="client, server and user as .der and .pem")
    parser.add_argument("cases", nargs="+", help="policy/mode/identity")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    outcomes = {}
    for case in arguments.cases:
        outcomes[case] = await one(arguments.endpoint, arguments.folder, *case.split("/"))
    result(outcomes=outcomes)


if __name__ == "__main__":
    asyncio.run(main())
