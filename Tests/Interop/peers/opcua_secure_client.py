"""asyncua's client: every policy, mode and identity on one server; says for each what came of it.

For each combination it connects, reads the variable and waits for two notifications of it.
"""

import argparse
import asyncio
import logging

from asyncua import Client, ua
from asyncua.crypto import security_policies as policies

from peer import result

POLICIES = {
    "Basic128Rsa15": policies.SecurityPolicyBasic128Rsa15,
    "Basic256": policies.SecurityPolicyBasic256,
    "Basic256Sha256": policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256_Sha256_RsaPss": policies.SecurityPolicyAes256Sha256RsaPss,
}


class Changes:
    def __init__(self) -> None:
        self.queue = asyncio.Queue()

    def datachange_notification(self, node, value, data) -> None:
        self.queue.put_nowait(value)


async def one(endpoint: str, folder: str, policy: str, mode: str, identity: str) -> str:
    client = Client(endpoint, timeout=10)
    client.application_uri = "urn:client"
    try:
        if policy != "None":
            await client.set_security(
                POLICIES[policy], f"{folder}/client.der", f"{folder}/client.pem",
                server_certificate=f"{folder}/server.der", mode=getattr(ua.MessageSecurityMode, mode),
            )
        if identity in ("user", "wrong"):
            client.set_user("operator")
            client.set_password("geheim" if identity == "user" else "falsch")
        if identity == "certificate":
            await client.load_client_certificate(f"{folder}/user.der")
            await client.load_private_key(f"{folder}/user.pem")
        async with client:
            node = client.get_node("ns=2;s=count")
            await node.read_value()
            changes = Changes()
            subscription = await client.create_subscription(50, changes)
            await subscription.subscribe_data_change(node)
            for _ in range(2):
                await asyncio.wait_for(changes.queue.get(), 5)
        return "ok"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


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
