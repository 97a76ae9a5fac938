import Foundation
import Logging
import NIOCore
import Testing

@testable import WebSupport

@Suite struct WebSocketTests {
    static func handshake(headers: String = "") -> String {
        "GET /ws?id=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n"
    }

    /// Runs a server with `handler` at /ws, opens a connection and gives the test its bytes after the handshake.
    func withClient(
        limits: WebSocketLimits = WebSocketLimits(), handler: @escaping WebRoutes.WebSocketHandler,
        _ body:
            @escaping @Sendable (
                inout FrameReader, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Void
    ) async throws {
        var routes = WebRoutes()
        routes.webSocket("/ws", limits: limits, handler: handler)
        try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: routes, logger: quiet
        ) { port in
            try await RawClient.with(port: port) { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.handshake()))
                var reader = FrameReader(iterator: inbound.makeAsyncIterator())
                let head = try await reader.head()
                #expect(head.hasPrefix("HTTP/1.1 101"))
                // The answer to the sample key of RFC 6455 section 1.3.
                #expect(head.lowercased().contains("s3pplmbitxaq9kygzzhzrbk+xoo="))
                try await body(&reader, outbound)
            }
        }
    }

    struct FrameReader {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var buffer = ByteBuffer()

        mutating func head() async throws -> String {
            while true {
                let text = String(buffer: buffer)
                if let end = text.range(of: "\r\n\r\n") {
                    let head = String(text[..<end.upperBound])
                    buffer.moveReaderIndex(forwardBy: head.utf8.count)
                    return head
                }
                guard let part = try await iterator.next(isolation: #isolation) else { return text }
                buffer.writeImmutableBuffer(part)
            }
        }

        mutating func next() async throws -> (opcode: UInt8, payload: [UInt8])? {
            while true {
                if let frame = RawFrame.readServer(&buffer) { return frame }
                guard let part = try await iterator.next(isolation: #isolation) else { return nil }
                buffer.writeImmutableBuffer(part)
            }
        }
    }

    static let echo: WebRoutes.WebSocketHandler = { socket in
        for await message in socket.messages {
            guard case .text(let text) = message else { continue }
            socket.send(text + socket.request.query.map(\.value).joined())
        }
    }

    @Test func echoPingAndClose() async throws {
        try await withClient(handler: Self.echo) { reader, outbound in
            try await outbound.write(RawFrame.client(opcode: 1, Array("hello".utf8)))
            var frame = try #require(try await reader.next())
            #expect(frame.opcode == 1 && frame.payload == Array("hello7".utf8))
            // A message in two fragments.
            try await outbound.write(RawFrame.client(opcode: 1, fin: false, Array("he".utf8)))
            try await outbound.write(RawFrame.client(opcode: 0, Array("llo".utf8)))
            frame = try #require(try await reader.next())
            #expect(frame.payload == Array("hello7".utf8))
            try await outbound.write(RawFrame.client(opcode: 9, [1, 2]))
            frame = try #require(try await reader.next())
            #expect(frame.opcode == 10 && frame.payload == [1, 2])
            try await outbound.write(RawFrame.client(opcode: 8, [0x03, 0xE8]))
            frame = try #require(try await reader.next())
            #expect(frame.opcode == 8 && frame.payload == [0x03, 0xE8])
            let end = try await reader.next()
            #expect(end == nil)
        }
    }

    @Test func theServerClosesWhenTheHandlerReturns() async throws {
        try await withClient(handler: { $0.send("bye") }) { reader, _ in
            let message = try await reader.next()
            let close = try await reader.next()
            let end = try await reader.next()
            #expect(message?.payload == Array("bye".utf8))
            #expect(close?.opcode == 8)
            #expect(end == nil)
        }
    }

    @Test func tooManyUnreadMessagesCloseTheConnection() async throws {
        try await withClient(
            limits: WebSocketLimits(maxUnreadMessages: 2),
            handler: { _ in try await Task.sleep(for: .seconds(600)) }
        ) { reader, outbound in
            for _ in 0..<3 { try await outbound.write(RawFrame.client(opcode: 1, [0x61])) }
            let frame = try #require(try await reader.next())
            #expect(frame.opcode == 8 && frame.payload == [0x03, 0xF0])  // 1008, policy violation
        }
    }

    @Test func aSlowClientIsToldWhatItMissed() async throws {
        let big = String(repeating: "x", count: 60_000)
        try await withClient(
            limits: WebSocketLimits(maxQueuedMessages: 4),
            handler: { socket in
                // Far more than socket buffers and queue hold; the client reads nothing before the last is queued.
                for number in 0..<2000 { socket.send("\(number) \(big)") }
                socket.send("last")
            }
        ) { reader, _ in
            var received = 0
            var missed = 0
            var last: [UInt8] = []
            while let frame = try await reader.next(), frame.opcode == 1 {
                if frame.payload.starts(with: Array(#"{"type":"missed""#.utf8)) {
                    let digits = frame.payload.filter { (0x30...0x39).contains($0) }
                    missed += Int(String(decoding: digits, as: UTF8.self)) ?? 0
                } else {
                    received += 1
                    last = frame.payload
                }
            }
            #expect(missed > 0)
            #expect(received + missed == 2001)
            #expect(last == Array("last".utf8))
        }
    }

    @Test func foreignOriginsGetNoWebSocket() async throws {
        var routes = WebRoutes()
        routes.webSocket("/ws", handler: Self.echo)
        let answers = try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: routes, logger: quiet
        ) { port in
            let foreign = Self.handshake(headers: "Origin: http://evil.example\r\n")
            return [
                try await RawClient.with(port: port) { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: foreign))
                    var iterator = inbound.makeAsyncIterator()
                    return String(buffer: try await iterator.next() ?? ByteBuffer())
                },
                try await RawClient.exchange(
                    port: port, "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            ]
        }
        #expect(answers[0].hasPrefix("HTTP/1.1 403"))
        #expect(answers[1].hasPrefix("HTTP/1.1 426"))
    }
}
