import MQTTCore
import NIOConcurrencyHelpers
import NIOCore

/// What waits to be written on one connection, filled from any thread and emptied on the connection's event loop.
final class Outbox: Sendable {
    struct Content {
        var packets: [Packet] = []
        /// Close after the packets.
        var closing: ReasonCode?
        var isWaking = false
    }

    private let content = NIOLockedValueBox(Content())
    private let eventLoop: any EventLoop
    /// Fulfilled when the connection is closed.
    let closed: EventLoopFuture<Void>
    private let drain: @Sendable () -> Void

    /// - Parameter drain: called on the event loop when there is something to take.
    init(channel: any Channel, drain: @escaping @Sendable () -> Void) {
        eventLoop = channel.eventLoop
        closed = channel.closeFuture
        self.drain = drain
    }

    /// - Returns: whether `wake` is to be called.
    func append(_ packets: [Packet]) -> Bool {
        content.withLockedValue { content in
            if content.packets.isEmpty { content.packets = packets } else { content.packets += packets }
            defer { content.isWaking = true }
            return !content.isWaking
        }
    }

    /// - Returns: whether `wake` is to be called.
    func close(_ reason: ReasonCode) -> Bool {
        content.withLockedValue { content in
            if content.closing == nil { content.closing = reason }
            defer { content.isWaking = true }
            return !content.isWaking
        }
    }

    func wake() {
        if eventLoop.inEventLoop { drain() } else { eventLoop.execute(drain) }
    }

    func take() -> Content {
        content.withLockedValue { content in
            let taken = content
            content.packets = []
            content.isWaking = false
            return taken
        }
    }
}
