"""open62541's server, through o6, with every policy and mode that it has, and the three identities.

Its variable counts up ten times a second. It admits anonymous users, the user `operator` with the password `geheim`,
and whoever proves to hold the key of the certificate --folder/user.der. o6 ends itself after ten minutes.
"""

import argparse
import asyncio
import sys

from peer import ready, result, stop_asked

import o6


class Access(o6.AccessControl):
    def __init__(self, user: bytes) -> None:
        super().__init__(anonymous=True, username=True)
        self.user = user
        self.user_token_policies.append(
            o6.ns.ns0.datatypes.UserTokenPolicy(
                policyId="certificate", tokenType=o6.ns.ns0.datatypes.UserTokenType.CERTIFICATE
            )
        )

    def activateSession(self, endpoint, remoteCertificate, session, userIdentityToken):
        name = type(userIdentityToken).__name__
        if name == "UserNameIdentityToken":
            known = userIdentityToken.userName == "operator" and bytes(userIdentityToken.password) == b"geheim"
        elif name == "X509IdentityToken":
            known = bytes(userIdentityToken.certificateData) == self.user
        else:
            known = True
        if not known:
            raise o6.StatusCodeError(0x801F_0000)  # BadUserAccessDenied
        return None


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True, help="server.der, server.pem, client.der, user.der")
    arguments = parser.parse_args()
    folder = arguments.folder
    server = o6.Server(
        arguments.port, certificate=f"{folder}/server.der", privateKey=f"{folder}/server.pem",
        trustList=[f"{folder}/client.der", f"{folder}/user.der"], applicationUri="urn:server",
        allowNonePolicyPassword=True, accessControl=Access(open(f"{folder}/user.der", "rb").read()),
    )
    stop = stop_asked()
    count = 0
    async with server:
        # o6 has no way to a namespace of one's own.
        server.addVariable("count", server.objectsNode, o6.Int32(0), nodeId=o6.NodeId("ns=1;s=count"))
        ready()
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), 0.1)
            except TimeoutError:
                count += 1
                await server.write("ns=1;s=count", o6.Int32(count))
    result(last=count)


if __name__ == "__main__":
    asyncio.run(main())
