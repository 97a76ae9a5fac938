"""Requests that no well-behaved client makes, byte by byte: plant_rude.py WEB-PORT

Each has the status that must come, or `closed` when the connection may be ended without an answer. What came otherwise
is printed.
"""

import json
import os
import socket
import sys

from peer import result
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PORT = int(sys.argv[1])
HOST = f"Host: 127.0.0.1:{PORT}\r\n"
wrong: list = []
count = 0


def status(data: bytes, ends: bool = False) -> str:
    """The status of the answer; `closed` when the connection ends without one, `silent` when nothing happens."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as client:
        answer = b""
        try:
            client.sendall(data)
            if ends:
                client.shutdown(socket.SHUT_WR)
            while b"\r\n" not in answer:
                part = client.recv(4096)
                if not part:
                    return "closed"
                answer += part
        except TimeoutError:
            return "silent"
        except ConnectionError:
            # The server may stop reading what it refuses; its answer may be lost then.
            return answer.split(b" ")[1].decode() if b" " in answer else "closed"
        return answer.split(b" ")[1].decode()


def expect(what: str, found: str, *possible: str) -> None:
    global count
    count += 1
    if found not in possible:
        wrong.append(f"{what}: {found} and not {' or '.join(possible)}")


def ask(method: str, path: str, body: bytes | str = b"", kind: str = "application/json") -> str:
    body = body.encode() if isinstance(body, str) else body
    head = f"{method} {path} HTTP/1.1\r\n{HOST}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return status(head.encode() + body)


# Paths, methods and queries.
for method, path, code in [
    ("GET", "/nothing", "404"), ("GET", "/api/sensors/moon/dust", "404"), ("GET", "/api/sensors/moon/dust/history", "404"),
    ("GET", "/api/sensors/mining/crusher_1_motor_power/spectrum", "422"), ("GET", "/api/sensors/%00/x", "400"),
    ("GET", "/api/sensors/%zz", "400"), ("GET", "/page/../../../../etc/passwd", "400"),
    ("GET", "/page/%2e%2e/%2e%2e/etc/passwd", "400"), ("GET", "/" + "a" * 9000, "404"),
    ("GET", "/api/sensors?limit=99999999999999999999", "400"), ("GET", "/api/sensors?offset=-1", "400"),
    ("GET", "/api/sensors?limit=1&limit=x", "200"), ("GET", "/api/modbus/map?format=xml", "400"),
    ("DELETE", "/api/sensors", "405"), ("PUT", "/api/faults", "405"), ("PATCH", "/health", "405"), ("TRACE", "/", "405"),
    ("OPTIONS", "/api/faults", "405"), ("BREW", "/api/faults", "400"), ("GET", "/ws", "426"), ("POST", "/ws", "426"),
    ("DELETE", "/api/faults/999999", "404"), ("DELETE", "/api/faults/x", "400"),
    ("DELETE", "/api/faults/99999999999999999999999", "400"), ("POST", "/api/scenarios/none/run", "404"),
    ("POST", "/api/scenarios/bearing_failure/stop", "404"), ("DELETE", "/api/replays/none", "404"),
    ("POST", "/api/protocols/bacnet/start", "404"), ("GET", "/api/protocols/opcua/start", "405"),
]:
    expect(f"{method} {path[:60]}", ask(method, path), code)

# Bodies of faults.
PUMP = '{"sensor":"mining/pump_1_flow",'
for body, code in [
    ("", "400"), ("{", "400"), ("null", "400"), ("[]", "400"), ("{}", "400"), (b"\xff\xfe", "400"), ("[" * 60_000, "400"),
    (PUMP + '"kind":5}', "400"), (PUMP + '"kind":"stuck","duration_s":"long"}', "400"), (PUMP + '"kind":"none"}', "422"),
    (PUMP + '"kind":"fixed"}', "422"), (PUMP + '"kind":"fixed","value":1e999}', "400"),
    (PUMP + '"kind":"fixed","value":1e308}', "422"), (PUMP + '"kind":"stuck","duration_s":-1}', "422"),
    (PUMP + '"kind":"stuck","duration_s":1e300}', "422"), (PUMP + '"kind":"bearing_wear"}', "404"),
    ('{"sensor":"moon/dust","kind":"stuck"}', "404"), ('{"sensor":"' + "a" * 60_000 + '","kind":"stuck"}', "404"),
    ("x" * (64 * 1024 + 1), "413"), ("x" * (1 << 22), "413"),
]:
    expect(f"POST /api/faults {body[:50]!r}", ask("POST", "/api/faults", body), code)
expect("a recording of 17 MiB", ask("POST", "/api/replays?name=x", "x" * (17 << 20), "text/csv"), "413")
expect("a recording of noise", ask("POST", "/api/replays?name=x", os.urandom(5000), "text/csv"), "400", "422")

# Requests that are no HTTP, or only half of it.
POST = f"POST /api/faults HTTP/1.1\r\n{HOST}"
for what, text, possible in [
    ("a huge length", POST + "Content-Length: 99999999999\r\n\r\n{", ["413"]),
    ("a negative length", POST + "Content-Length: -5\r\n\r\n", ["400"]),
    ("two lengths", POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}", ["400"]),
    ("length and chunks", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["400"]),
    ("a chunk without end", POST + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", ["400"]),
    ("chunks that add up", POST + "Transfer-Encoding: chunked\r\n\r\n" + ("FFFF\r\n" + "a" * 65535 + "\r\n") * 3, ["413"]),
    ("no host", "GET /health HTTP/1.1\r\n\r\n", ["400"]),
    ("a foreign host", "GET /health HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n", ["403"]),
    ("many headers", "GET /health HTTP/1.1\r\n" + HOST + "X: y\r\n" * 20_000 + "\r\n", ["400", "431", "closed"]),
    ("a long header", "GET /health HTTP/1.1\r\n" + HOST + "X: " + "y" * 200_000 + "\r\n\r\n", ["400", "431", "closed"]),
    ("noise", "\x01\x02\x03 noise\r\n\r\n", ["400"]),
]:
    expect(what, status(text.encode()), *possible)
expect("half a body", status((POST + "Content-Length: 100\r\n\r\n{").encode(), ends=True), "400", "closed")
expect("half a head", status(b"GET /health HT", ends=True), "400", "closed")
expect("random bytes", status(os.urandom(4000)), "400", "closed")
expect("a TLS hello", status(bytes.fromhex("16030100a5010000a10303") + os.urandom(160)), "400", "closed")

# Many who begin and do not end, while one asks.
halves = [socket.create_connection(("127.0.0.1", PORT), timeout=10) for _ in range(500)]
for half in halves:
    half.sendall((POST + "Content-Length: 10\r\n\r\n{").encode())
expect("GET /health beside 500 halves", ask("GET", "/health"), "200")
for half in halves:
    half.close()

# Ten thousand subscriptions: in one message, and one by one.
with connect(f"ws://127.0.0.1:{PORT}/ws") as client:

    def answer(kind: str) -> dict:
        while True:
            message = json.loads(client.recv(timeout=15))
            if message["type"] == kind:
                return message

    client.send(json.dumps({"type": "subscribe", "sensors": [f"moon/{n}" for n in range(10_000)]}))
    refusal = answer("error")
    expect("ten thousand unknown sensors", f"{refusal['status']} {len(refusal['sensors'])}", "404 20")
    try:
        for _ in range(10_000):
            client.send('{"type":"subscribe","sensors":["mining/pump_1_flow"]}')
        found = str(list(answer("sensor_data")["sensors"]))
    except ConnectionClosed:
        # Who asks faster than it is answered is let go.
        found = "closed"
    expect("ten thousand subscriptions of one sensor", found, "['mining/pump_1_flow']", "closed")
for what, message in [("a message of 1 MiB", "x" * (1 << 20)), ("a binary message", b"\x00" * 100)]:
    with connect(f"ws://127.0.0.1:{PORT}/ws") as client:
        try:
            client.send(message)
            expect(what, str(json.loads(client.recv(timeout=15))["status"]), "400")
        except ConnectionClosed as error:
            expect(what, str(error.rcvd.code if error.rcvd else 1006), "1009", "1002", "1006")
expect("GET /health afterwards", ask("GET", "/health"), "200")
result(wrong=wrong, count=count)
