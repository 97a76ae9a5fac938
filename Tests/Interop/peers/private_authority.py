"""Writes an authority of its own and a server certificate for this machine: ca.pem, server.pem, server.key.

usage: private_authority.py FOLDER
"""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from peer import result

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, issuer, key, signer, extensions):
    builder = (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def write(file: str, data: bytes) -> None:
    (folder / file).write_bytes(data)


authority_key = ec.generate_private_key(ec.SECP256R1())
authority = certificate(
    "Peer authority", "Peer authority", authority_key, authority_key,
    [(x509.BasicConstraints(ca=True, path_length=None), True)],
)
server_key = ec.generate_private_key(ec.SECP256R1())
server = certificate(
    "localhost", "Peer authority", server_key, authority_key,
    [
        (
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            False,
        ),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ],
)
folder.mkdir(parents=True, exist_ok=True)
write("ca.pem", authority.public_bytes(serialization.Encoding.PEM))
write("server.pem", server.public_bytes(serialization.Encoding.PEM))
write(
    "server.key",
    server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ),
)
result(folder=str(folder))
