import Glibc
import SimulatorPlant
import TestKit
import Testing

@testable import SimulatorWeb

/// A client of the simulator's WebSocket that does not read.
@Suite struct SlowClientTests {
    /// It is told how much it missed, gets what is of now after that, and nobody else suffers.
    @Test func aSlowClientIsToldWhatItMissed() async throws {
        try await withSimulatorRoutes(sensors: LiveSession.sensorsMax, liveInterval: .milliseconds(1)) { http, plant in
            let client = try SlowClient(port: http.port)
            let paths = plant.sensors.map { "\"\($0.path)\"" }.joined(separator: ",")
            client.send(#"{"type":"subscribe","sensors":[\#(paths)]}"#)
            var messages: [String] = []
            try await eventually("the client is told") {
                // Long enough for the buffers of the system and the queue behind them to fill.
                try await Task.sleep(for: .milliseconds(500))
                messages += try client.messages()
                return messages.contains { $0.hasPrefix(#"{"type":"missed""#) } ? () : nil
            }
            let notice = try #require(messages.firstIndex { $0.hasPrefix(#"{"type":"missed""#) })
            #expect(try JSONValue.parse(messages[notice])["count"].integer ?? 0 > 0)
            // Values may come before the answer to the subscription.
            let (values, answers) = messages[..<notice].reduce(into: (0, 0)) { sum, message in
                if message.hasPrefix(#"{"type":"sensor_data""#) { sum.0 += 1 } else { sum.1 += 1 }
            }
            #expect(values > 0 && answers == 1)
            try await eventually("values come again") {
                messages = try client.messages()
                return messages.last?.hasPrefix(#"{"type":"sensor_data""#) == true ? () : nil
            }
            let health = try await http.get("/health").status
            #expect(health == 200)
        }
    }
}

/// A WebSocket over a bare socket with little room, read only when it is asked to.
private final class SlowClient: Sendable {
    private let descriptor: Int32
    private let waiting = Waiting()

    private final class Waiting: @unchecked Sendable { var bytes: [UInt8] = [] }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var room: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestKitError("no connection to port \(port)") }
        write(
            Array(
                ("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8))
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            var byte: UInt8 = 0
            guard recv(descriptor, &byte, 1, 0) == 1 else { throw TestKitError("the handshake ended: \(head)") }
            head.append(Character(Unicode.Scalar(byte)))
        }
        guard head.hasPrefix("HTTP/1.1 101") else { throw TestKitError(head) }
    }

    deinit { close(descriptor) }

    /// A text frame, masked with zeros (RFC 6455, 5.2).
    func send(_ text: String) {
        let payload = Array(text.utf8)
        let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        write([0x81, 0xFF] + length + [0, 0, 0, 0] + payload)
    }

    private func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The messages that have come, up to 32 MiB of them.
    func messages() throws -> [String] {
        var part = [UInt8](repeating: 0, count: 1 << 16)
        var read = 0
        while read < 32 << 20 {
            let count = recv(descriptor, &part, part.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { break }
            read += count
            waiting.bytes += part[..<count]
        }
        var messages: [String] = []
        var start = 0
        while let (payload, end) = frame(at: start) {
            messages.append(String(decoding: waiting.bytes[payload], as: UTF8.self))
            start = end
        }
        waiting.bytes.removeFirst(start)
        return messages
    }

    /// The frame that begins at a place, when all of it is there.
    private func frame(at start: Int) -> (payload: Range<Int>, end: Int)? {
        let bytes = waiting.bytes
        guard bytes.count >= start + 2 else { return nil }
        let short = Int(bytes[start + 1] & 0x7F)
        let extra = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= start + 2 + extra else { return nil }
        let length = extra == 0 ? short : bytes[(start + 2)..<(start + 2 + extra)].reduce(0) { $0 << 8 | Int($1) }
        let body = start + 2 + extra
        return bytes.count >= body + length ? (body..<body + length, body + length) : nil
    }
}
