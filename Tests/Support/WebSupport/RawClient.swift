import Logging
import NIOCore
import NIOPosix

/// Tests look at answers, not at logs.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A TCP client that speaks bytes only, so that tests see exactly what a server sends.
struct RawClient: Sendable {
    typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Sends `request` and returns everything up to the end of the connection.
    static func exchange(port: Int, _ request: String) async throws -> String {
        try await with(port: port) { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            for try await part in inbound { answer.writeImmutableBuffer(part) }
            return String(buffer: answer)
        }
    }

    static func with<Result: Sendable>(
        port: Int,
        _ body:
            @escaping @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        return try await channel.executeThenClose { try await body($0, $1) }
    }
}

/// Client frames and server frames of RFC 6455, by hand.
enum RawFrame {
    /// A masked frame below 126 bytes.
    static func client(opcode: UInt8, fin: Bool = true, _ payload: [UInt8]) -> ByteBuffer {
        let mask: [UInt8] = [1, 2, 3, 4]
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | opcode, 0x80 | UInt8(payload.count)] + mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return ByteBuffer(bytes: bytes)
    }

    /// Reads a whole server frame from the front of `buffer`, if there is one.
    static func readServer(_ buffer: inout ByteBuffer) -> (opcode: UInt8, payload: [UInt8])? {
        let start = buffer
        guard let first = buffer.readInteger(as: UInt8.self), let short = buffer.readInteger(as: UInt8.self) else {
            buffer = start
            return nil
        }
        var length = Int(short)
        if short == 126 {
            guard let long = buffer.readInteger(as: UInt16.self) else {
                buffer = start
                return nil
            }
            length = Int(long)
        }
        guard let payload = buffer.readBytes(length: length) else {
            buffer = start
            return nil
        }
        return (first & 0x0F, payload)
    }
}
