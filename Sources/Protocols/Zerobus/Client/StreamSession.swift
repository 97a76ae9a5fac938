import GRPCCore
import NIOConcurrencyHelpers
import ZerobusCore

/// The state that the tasks of one stream share: its machine, its writer, and the signals between them.
final class StreamSession: Sendable {
    private struct Shared {
        var machine: ClientIngestStream
        var writer: RPCWriter<OutgoingMessage>?
        var streamID: String?
        var isSending = false
    }

    let recordType: RecordType
    /// Acknowledged offsets; only the newest is kept when nobody reads.
    let acknowledgements: AsyncStream<Int64>
    private let acknowledged: AsyncStream<Int64>.Continuation
    private let shared: NIOLockedValueBox<Shared>
    // What changed, for those that wait.
    private let opened = Signal()
    private let window = Signal()
    private let halfClose = Signal()
    private let start = ContinuousClock.now

    init(limits: ClientIngestStream.Limits, recordType: RecordType) {
        self.recordType = recordType
        (acknowledgements, acknowledged) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        shared = NIOLockedValueBox(Shared(machine: ClientIngestStream(limits: limits)))
    }

    private var now: Duration { start.duration(to: .now) }

    // MARK: For the call

    /// Sends the first message and keeps the sending side open until the stream is to be half-closed.
    func produce(_ writer: RPCWriter<OutgoingMessage>, create: [UInt8]) async throws {
        try await writer.write(OutgoingMessage(header: create, content: []))
        shared.withLockedValue { $0.writer = writer }
        await halfClose.wait()
    }

    /// A message came; false when the call is to be given up.
    func received(_ bytes: [UInt8]) -> Bool {
        do throws(ZerobusError) {
            return perform(try ServerMessage(bytes))
        } catch {
            ended(error.code, error.message)
            return false
        }
    }

    private func perform(_ message: ServerMessage) -> Bool {
        let action = shared.withLockedValue { shared in
            let action = shared.machine.received(message, now: now)
            if case .opened(let streamID) = action { shared.streamID = streamID }
            return action
        }
        switch action {
        case .none:
            break
        case .opened:
            opened.raise()
        case .acknowledged(let offset, let finished):
            acknowledged.yield(offset)
            window.raise()
            if finished { halfClose.raise() }
        case .stopSending(let finished):
            window.raise()
            if finished { halfClose.raise() }
        case .fail:
            return false
        }
        return true
    }

    /// Sleeps from deadline to deadline; returns when the call is to be given up.
    func watchDeadlines() async throws {
        while true {
            switch shared.withLockedValue({ $0.machine.deadlineReached(now: now) }) {
            case .wait(let deadline): try await Task.sleep(until: start.advanced(by: min(deadline, now + .seconds(1))))
            case .idle: try await Task.sleep(for: .milliseconds(250))
            case .stopDraining, .fail: return
            }
        }
    }

    /// The call is over.
    func ended(_ code: StatusCode, _ message: String) {
        shared.withLockedValue { shared in
            _ = shared.machine.responsesEnded(code, message)
            shared.writer = nil
        }
        acknowledged.finish()
        for signal in [opened, window, halfClose] { signal.close() }
    }

    // MARK: For the caller

    var end: StreamEnd? { shared.withLockedValue { $0.machine.end } }

    /// The stream's id once it is open; nil when it ended before.
    func waitUntilOpen() async -> String? {
        await opened.wait()
        return shared.withLockedValue { $0.machine.end == nil ? $0.streamID : nil }
    }

    /// Sends one message when the window has room; its offset, nil when the stream takes no more.
    func send(records: Int, content: [UInt8], header: (Int64) -> [UInt8]) async throws -> Int64? {
        shared.withLockedValue { shared in
            precondition(!shared.isSending, "a stream has one sender at a time")
            shared.isSending = true
        }
        defer { shared.withLockedValue { $0.isSending = false } }
        while true {
            try Task.checkCancellation()
            let (action, writer) = shared.withLockedValue { shared in
                (shared.machine.sendRequested(records: records, bytes: content.count, now: now), shared.writer)
            }
            switch action {
            case .send(let offset):
                guard let writer else { return nil }
                do {
                    try await writer.write(OutgoingMessage(header: header(offset), content: content))
                } catch {
                    // The call is ending; the responses say why.
                    try Task.checkCancellation()
                    return nil
                }
                return offset
            case .wait:
                await window.wait()
            case .closed:
                return nil
            }
        }
    }

    /// Nothing more will be sent.
    func finish() {
        if shared.withLockedValue({ $0.machine.finishRequested() }) { halfClose.raise() }
    }

    /// Half-closes whatever is outstanding.
    func stop() {
        _ = shared.withLockedValue { $0.machine.finishRequested() }
        halfClose.raise()
    }
}
