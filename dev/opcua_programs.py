"""What the OPC UA benchmark and the soak share: starting programs, reading what they say and what they use."""

import json
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A program in the background; killed with the scope."""

    def __init__(self, command: list[str], log: str = os.devnull) -> None:
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        self.peak = 0.0

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu(self) -> float:
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def memory(self, name: str = "VmRSS") -> float:
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith(name + ":")), 0.0)

    def listens(self, port: int, limit: float = 120) -> "Running":
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            time.sleep(0.2)
        self.__exit__()
        sys.exit(f"no server on port {port}: {self.process.args}")


def certificates(folder: str) -> None:
    """A key and a certificate for a server and for clients: server.der, server.pem, client.der, client.pem … The name
    that open62541 has by itself is the last."""
    for name, uri in (("server", "urn:penstock:bench:server"), ("client", "urn:client"),
                      ("open62541", "urn:open62541.unconfigured.application")):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}/O=bench",
             "-keyout", f"{folder}/{name}.pem", "-outform", "der", "-out", f"{folder}/{name}.der",
             "-addext", f"subjectAltName=URI:{uri},IP:127.0.0.1",
             "-addext", "keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyCertSign",
             "-addext", "extendedKeyUsage=serverAuth,clientAuth"], check=True, stderr=subprocess.DEVNULL)


def last_json(text: str) -> dict:
    """The last whole line of JSON that a program printed; empty when there is none."""
    for line in reversed(text.splitlines(keepends=True)):
        if line.startswith("{") and line.endswith("\n"):
            return json.loads(line)
    return {}
