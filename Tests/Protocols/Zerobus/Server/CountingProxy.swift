import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// An HTTP proxy that knows CONNECT and counts; one task per connection, plain and slow.
final class CountingProxy: Sendable {
    private struct Counts {
        var asked: [String] = []
        var bytes = 0
    }

    let port: Int
    private let counts = NIOLockedValueBox(Counts())

    var asked: [String] { counts.withLockedValue { $0.asked } }
    var bytes: Int { counts.withLockedValue { $0.bytes } }

    private init(port: Int) { self.port = port }

    typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Runs a proxy that gives `answer` to every CONNECT.
    static func with(
        answer: String = "HTTP/1.1 200 Connection established\r\n\r\n",
        _ body: @escaping @Sendable (CountingProxy) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
        }
        let proxy = CountingProxy(port: server.channel.localAddress?.port ?? 0)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await server.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { try? await proxy.serve(connection, answer) }
                        }
                    }
                }
            }
            tasks.addTask { try await body(proxy) }
            // The server's task ends when it is cancelled only.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func serve(_ connection: Bytes, _ answer: String) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head = ""
            var chunks = inbound.makeAsyncIterator()
            while !head.hasSuffix("\r\n\r\n") {
                guard let chunk = try await chunks.next() else { return }
                head += String(buffer: chunk)
            }
            let destination = String(head.split(separator: " ")[1])
            counts.withLockedValue { $0.asked.append(destination) }
            try await outbound.write(ByteBuffer(string: answer))
            guard answer.contains(" 200 ") else { return }
            let parts = destination.split(separator: ":")
            let onward = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: String(parts[0]), port: Int(parts[1]) ?? 0) { channel in
                    channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
                }
            try await onward.executeThenClose { answers, requests in
                try await withThrowingTaskGroup(of: Void.self) { both in
                    both.addTask {
                        for try await chunk in answers { try await outbound.write(chunk) }
                    }
                    while let chunk = try await chunks.next() {
                        counts.withLockedValue { $0.bytes += chunk.readableBytes }
                        try await requests.write(chunk)
                    }
                    both.cancelAll()
                }
            }
        }
    }
}
