import GRPCCore
import NIOConcurrencyHelpers
import ZerobusCore

/// The state that the tasks of one stream share: its machine, its writer, and the signals between them.
final class StreamSession: Sendable {
    private struct Shared {
        var machine: ClientIngestStream
        var queue = SendQueue()
        var streamID: String?
    }

    let recordType: RecordType
    /// Acknowledged offsets; only the newest is kept when nobody reads.
    let acknowledgements: AsyncStream<Int64>
    private let acknowledged: AsyncStream<Int64>.Continuation
    private let shared: NIOLockedValueBox<Shared>
    // What changed, for those that wait.
    private let opened = Signal()
    private let room = Signal()
    private let writable = Signal()
    private let start = ContinuousClock.now
    /// A second, or less where less is waited for.
    private let idleTime: Duration

    init(limits: ClientIngestStream.Limits, recordType: RecordType) {
        self.recordType = recordType
        idleTime = min(.seconds(1), max(.milliseconds(10), limits.progressTimeout / 4))
        (acknowledgements, acknowledged) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        shared = NIOLockedValueBox(Shared(machine: ClientIngestStream(limits: limits)))
    }

    private var now: Duration { start.duration(to: .now) }

    // MARK: For the call

    /// Sends the first message and then what is queued, until the stream is to be half-closed.
    func produce(_ writer: RPCWriter<OutgoingMessage>, create: [UInt8]) async throws {
        try await writer.write(.create(create))
        while !Task.isCancelled {
            switch shared.withLockedValue({ $0.queue.writerReady() }) {
            case .write(let messages):
                room.raise()
                do {
                    try await writer.write(contentsOf: messages)
                } catch {
                    // The call is ending; the responses say why.
                    shared.withLockedValue { $0.queue.writeFailed() }
                    room.raise()
                }
            case .wait:
                await writable.wait()
            case .finish:
                return
            }
        }
    }

    private func halfClose() {
        if shared.withLockedValue({ $0.queue.ended() }) == .wakeWriter { writable.raise() }
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
            room.raise()
            if finished { halfClose() }
        case .stopSending(let finished):
            room.raise()
            if finished { halfClose() }
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
            // What is sent meanwhile has a deadline of its own, which is seen late by this much at most.
            case .idle: try await Task.sleep(for: idleTime)
            case .stopDraining, .fail: return
            }
        }
    }

    /// The call is over.
    func ended(_ code: StatusCode, _ message: String) {
        shared.withLockedValue { shared in
            _ = shared.machine.responsesEnded(code, message)
            _ = shared.queue.ended()
        }
        acknowledged.finish()
        for signal in [opened, room, writable] { signal.close() }
    }

    // MARK: For the caller

    var end: StreamEnd? { shared.withLockedValue { $0.machine.end } }

    /// The stream's id once it is open; nil when it ended before.
    func waitUntilOpen() async -> String? {
        await opened.wait()
        return shared.withLockedValue { $0.machine.end == nil ? $0.streamID : nil }
    }

    /// Takes one message when window and queue have room; its offset, nil when the stream takes no more.
    func send(
        records: Int, content: [UInt8], header: (RecordType, Int64) -> IngestHeader
    ) async throws -> Int64? {
        while true {
            try Task.checkCancellation()
            let (action, change) = shared.withLockedValue { shared in
                guard shared.queue.hasRoom(bytes: content.count) else {
                    return (ClientIngestStream.SendAction.wait, SendQueue.ChangeAction.none)
                }
                let action = shared.machine.sendRequested(records: records, bytes: content.count, now: now)
                guard case .send(let offset) = action else { return (action, .none) }
                return (action, shared.queue.appended(.ingest(header(recordType, offset), content: content)))
            }
            if change == .wakeWriter { writable.raise() }
            switch action {
            case .send(let offset): return offset
            case .wait: await room.wait()
            case .closed: return nil
            }
        }
    }

    /// Nothing more will be sent.
    func finish() {
        if shared.withLockedValue({ $0.machine.finishRequested() }) { halfClose() }
    }

    /// Half-closes whatever is outstanding.
    func stop() {
        _ = shared.withLockedValue { $0.machine.finishRequested() }
        halfClose()
    }
}
