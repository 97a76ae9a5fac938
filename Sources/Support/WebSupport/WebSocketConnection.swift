import NIOConcurrencyHelpers
package import NIOCore
import NIOWebSocket

/// One WebSocket client, as its handler sees it.
package final class WebSocketConnection: Sendable {
    /// The request that opened the connection; its body is empty.
    package let request: WebRequest
    /// Messages from the client; ends when the client leaves. To be read by one task.
    package let messages: AsyncStream<WebSocketMessage>

    private let queue: NIOLockedValueBox<OutboundQueue>
    private let wake: AsyncStream<Void>.Continuation
    private let wakeups: AsyncStream<Void>
    private let inbox: AsyncStream<WebSocketMessage>.Continuation

    init(request: WebRequest, limits: WebSocketLimits) {
        self.request = request
        queue = NIOLockedValueBox(OutboundQueue(limits: limits))
        (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (messages, inbox) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.maxUnreadMessages))
    }

    /// Queues a text message and returns at once. When the client is too slow its oldest messages are dropped; it is
    /// then told `{"type":"missed","count":n}`.
    package func send(_ text: String) {
        queue.withLockedValue { $0.enqueued(.text(text)) }
        wake.yield()
    }

    /// Queues a binary message; as ``send(_:)`` else.
    package func send(binary bytes: ByteBuffer) {
        queue.withLockedValue { $0.enqueued(.binary(bytes)) }
        wake.yield()
    }

    typealias FrameChannel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// Serves the client until it leaves, the handler returns, or the task is cancelled.
    func serve(_ channel: FrameChannel, handler: @escaping WebRoutes.WebSocketHandler) async throws {
        try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.read(inbound, outbound) }
                group.addTask { try await self.keepAlive(outbound) }
                group.addTask {
                    try await withThrowingTaskGroup(of: Void.self) { inner in
                        inner.addTask { try await self.write(outbound) }
                        inner.addTask {
                            try await handler(self)
                            self.queue.withLockedValue { $0.finished() }
                            self.wake.yield()
                        }
                        try await inner.waitForAll()
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async throws {
        defer { inbox.finish() }
        for try await frame in inbound {
            switch frame.opcode {
            case .text:
                guard deliver(.text(String(buffer: frame.unmaskedData))) else {
                    return try await close(outbound, code: .policyViolation)
                }
            case .binary:
                guard deliver(.binary(frame.unmaskedData)) else {
                    return try await close(outbound, code: .policyViolation)
                }
            case .ping:
                try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
            case .connectionClose:
                return try await close(outbound, code: .normalClosure)
            default:
                break
            }
        }
    }

    private func deliver(_ message: WebSocketMessage) -> Bool {
        if case .dropped = inbox.yield(message) { false } else { true }
    }

    private func write(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
        var wakeups = self.wakeups.makeAsyncIterator()
        while true {
            switch queue.withLockedValue({ $0.next() }) {
            case .missed(let count):
                let notice = #"{"type":"missed","count":\#(count)}"#
                try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: notice)))
            case .message(.text(let text)):
                try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
            case .message(.binary(let bytes)):
                try await outbound.write(WebSocketFrame(fin: true, opcode: .binary, data: bytes))
            case .empty:
                guard await wakeups.next() != nil else { return }
            case .finished:
                return try await close(outbound, code: .normalClosure)
            }
        }
    }

    /// Clients answer pings; silence for longer than the channel's idle time then means that they are gone.
    private func keepAlive(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
        while true {
            try await Task.sleep(for: .seconds(20))
            try await outbound.write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
        }
    }

    private func close(
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, code: WebSocketErrorCode
    ) async throws {
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: code)
        try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload))
    }
}
