package import NIOCore

/// One whole WebSocket message (RFC 6455 section 5.6).
package enum WebSocketMessage: Equatable, Sendable {
    case text(String)
    case binary(ByteBuffer)

    /// Payload bytes.
    package var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.readableBytes
        }
    }
}

/// What one WebSocket client may cost.
package struct WebSocketLimits: Equatable, Sendable {
    /// Messages that wait for a slow client.
    package var maxQueuedMessages: Int
    /// Bytes that wait for a slow client.
    package var maxQueuedBytes: Int
    /// Bytes of one message from the client.
    package var maxInboundMessageBytes: Int
    /// Messages from the client that the handler has not yet taken; one more closes the connection.
    package var maxUnreadMessages: Int

    package init(
        maxQueuedMessages: Int = 256, maxQueuedBytes: Int = 4 << 20, maxInboundMessageBytes: Int = 64 << 10,
        maxUnreadMessages: Int = 64
    ) {
        self.maxQueuedMessages = max(maxQueuedMessages, 1)
        self.maxQueuedBytes = maxQueuedBytes
        self.maxInboundMessageBytes = maxInboundMessageBytes
        self.maxUnreadMessages = max(maxUnreadMessages, 1)
    }
}
