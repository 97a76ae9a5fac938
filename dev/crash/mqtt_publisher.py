"""Publishes numbered messages at a steady rate and notes which of them the broker has acknowledged.

Speaks MQTT 3.1.1 itself, since a client library costs more than the broker and the connector together. Sends what was
not acknowledged again after a broken connection, in order and with the same packet ids (3.1.1, 4.4). Ends on SIGTERM,
once everything is acknowledged: the file then has one byte per number, 1 where the broker took the responsibility.
"""

import argparse
import json
import select
import signal
import socket
import sys
import time
from collections import deque


class Publisher:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.port, self.topics, self.levels = arguments.port, arguments.topics, arguments.qos
        self.first_time, self.window = arguments.first_time, arguments.window
        self.socket: socket.socket | None = None
        self.received = b""
        self.next = 0
        # Packet id -> number and form, in the order of sending; those that wait for the last part of QoS 2.
        self.waiting: dict[int, tuple[int, bytes]] = {}
        self.released: dict[int, None] = {}
        self.free = deque(range(1, 65_536))
        self.acknowledged = bytearray()
        self.reconnections = 0

    def connect(self) -> None:
        while True:
            try:
                link = socket.create_connection(("127.0.0.1", self.port), timeout=10)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                name = b"crash-publisher"
                body = b"\x00\x04MQTT\x04\x00\x00\x00" + len(name).to_bytes(2, "big") + name
                link.sendall(b"\x10" + bytes([len(body)]) + body)
                answer = b""
                while len(answer) < 4:
                    part = link.recv(4 - len(answer))
                    if not part:
                        raise OSError("closed")
                    answer += part
                if answer[0] != 0x20 or answer[3] != 0:
                    sys.exit(f"the broker refuses: {answer!r}")
                self.socket, self.received = link, b""
                again = b"".join(bytes([form[0] | 8]) + form[1:] for _, form in self.waiting.values())
                again += b"".join(b"\x62\x02" + packet.to_bytes(2, "big") for packet in self.released)
                link.sendall(again)
                return
            except OSError:
                time.sleep(0.05)

    def reconnect(self) -> None:
        if self.socket:
            self.socket.close()
        self.reconnections += 1
        self.connect()

    def publish(self, upto: int) -> None:
        """Sends the numbers up to one, as far as the window goes."""
        out = []
        while self.next < upto and len(self.waiting) + len(self.released) < self.window:
            number = self.next
            self.next += 1
            self.acknowledged.append(0)
            index = number % self.topics
            qos = self.levels[index % len(self.levels)]
            packet = self.free.popleft()
            payload = b'{"value":%d,"timestamp":%d}' % (number, self.first_time + number * 1000)
            body = b"\x00\x09crash/%03d" % index + packet.to_bytes(2, "big") + payload
            form = bytes([0x30 | qos << 1, len(body)]) + body
            self.waiting[packet] = (number, form)
            out.append(form)
        if out:
            self.socket.sendall(b"".join(out))

    def take(self, seconds: float) -> None:
        """Reads acknowledgements for so long."""
        deadline = time.monotonic() + seconds
        while True:
            rest = deadline - time.monotonic()
            ready, _, _ = select.select([self.socket], [], [], max(0, rest))
            if not ready:
                return
            part = self.socket.recv(65_536)
            if not part:
                raise OSError("closed")
            data = self.received + part
            answers = []
            for start in range(0, len(data) - 3, 4):
                kind, packet = data[start] >> 4, int.from_bytes(data[start + 2 : start + 4], "big")
                if kind in (4, 5) and packet in self.waiting:
                    # PUBACK and PUBREC: from here on the message is the broker's.
                    self.acknowledged[self.waiting.pop(packet)[0]] = 1
                    if kind == 4:
                        self.free.append(packet)
                    else:
                        self.released[packet] = None
                if kind == 5:
                    answers.append(b"\x62\x02" + packet.to_bytes(2, "big"))
                elif kind == 7 and packet in self.released:
                    del self.released[packet]
                    self.free.append(packet)
            self.received = data[len(data) // 4 * 4 :]
            if answers:
                self.socket.sendall(b"".join(answers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="messages per second")
    parser.add_argument("--topics", type=int, default=20)
    parser.add_argument("--qos", type=int, nargs="+", default=[1], help="of the topics in turn")
    parser.add_argument("--first-time", type=int, default=1_700_000_000_000_000)
    parser.add_argument("--window", type=int, default=20_000, help="messages under way at most")
    parser.add_argument("--file", required=True, help="where the acknowledged numbers go")
    arguments = parser.parse_args()
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
    publisher = Publisher(arguments)
    publisher.connect()
    began = time.monotonic()
    limit = None
    while True:
        if stopped and limit is None:
            limit = time.monotonic() + 60
        if limit and (not publisher.waiting and not publisher.released or time.monotonic() > limit):
            break
        try:
            if not stopped:
                publisher.publish(int((time.monotonic() - began) * arguments.rate))
            # A small window is filled again as soon as it has room.
            publisher.take(0.01 if len(publisher.waiting) < arguments.window // 2 else 0.0005)
        except OSError:
            publisher.reconnect()
    with open(arguments.file, "wb") as file:
        file.write(publisher.acknowledged)
    print(json.dumps(dict(
        published=publisher.next, acknowledged=sum(publisher.acknowledged), reconnections=publisher.reconnections)))


main()
