"""asyncua's server with every policy and mode that it has, and the three identities.

Its variable counts up ten times a second. It admits anonymous users, the user `operator` with the password `geheim`,
and whoever has the certificate of --user.
"""

import argparse
import asyncio

from asyncua import Server, ua
from asyncua.server.user_managers import User, UserManager, UserRole

from peer import ready, result, stop_asked


class Users(UserManager):
    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username is not None:
            known = username == "operator" and password == "geheim"
            return User(role=UserRole.User, name=username) if known else None
        if certificate is not None:
            # The certificate of the channel comes here too, for anonymous users.
            return User(role=UserRole.User)
        return User(role=UserRole.User)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True, help="server.der, server.pem, user.der")
    arguments = parser.parse_args()

    user = open(f"{arguments.folder}/user.der", "rb").read()
    server = Server(user_manager=Users(user))
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/peer/")
    await server.set_application_uri("urn:server")
    await server.load_certificate(f"{arguments.folder}/server.der")
    await server.load_private_key(f"{arguments.folder}/server.pem")
    server.set_security_policy(list(ua.SecurityPolicyType))
    namespace = await server.register_namespace("urn:peer:plant")
    node = await server.nodes.objects.add_variable(
        ua.NodeId("count", namespace), ua.QualifiedName("count", namespace), ua.Variant(0, ua.VariantType.Int32)
    )
    stop = stop_asked()
    count = 0
    async with server:
        ready()
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), 0.1)
            except TimeoutError:
                count += 1
                await node.write_value(ua.Variant(count, ua.VariantType.Int32))
    result(last=count)


if __name__ == "__main__":
    asyncio.run(main())
