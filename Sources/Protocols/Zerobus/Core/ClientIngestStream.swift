/// The client's side of one ephemeral stream: opening, offsets, window, acknowledgements, close signal, end.
///
/// Decides only; the shell sends, waits and sleeps. `now` is the time on a monotonic clock since any fixed origin.
/// One message has one offset, whatever the number of its records, and is acknowledged as a whole.
public struct ClientIngestStream: Sendable {
    /// Limits of a stream.
    public struct Limits: Equatable, Sendable {
        /// Unacknowledged messages.
        public var maxInFlightMessages: Int
        /// Unacknowledged records; one message may exceed it when nothing else is in flight.
        public var maxInFlightRecords: Int
        /// Unacknowledged bytes; one message may exceed it when nothing else is in flight.
        public var maxInFlightBytes: Int
        /// Time without any new acknowledgement while something is in flight, after which the stream is given up.
        public var progressTimeout: Duration
        /// Longest wait for outstanding acknowledgements after a close signal.
        public var maxDrainTime: Duration

        public init(
            maxInFlightMessages: Int = 10_000, maxInFlightRecords: Int = 1_000_000,
            maxInFlightBytes: Int = 16 << 20, progressTimeout: Duration = .seconds(60),
            maxDrainTime: Duration = .seconds(60)
        ) {
            self.maxInFlightMessages = max(maxInFlightMessages, 1)
            self.maxInFlightRecords = max(maxInFlightRecords, 1)
            self.maxInFlightBytes = max(maxInFlightBytes, 1)
            self.progressTimeout = progressTimeout
            self.maxDrainTime = maxDrainTime
        }
    }

    struct InFlight: Equatable, Sendable {
        var records: Int
        var bytes: Int
    }

    enum State: Sendable {
        case opening
        case open(Open)
        case ended(StreamEnd)

        /// Lends what an open stream holds; nil when it is not open. The state lets go of it meanwhile: with two
        /// owners the first change would copy the whole window.
        mutating func whileOpen<Result>(_ body: (inout Open) -> Result) -> Result? {
            guard case .open(var open) = self else { return nil }
            self = .opening
            defer { self = .open(open) }
            return body(&open)
        }
    }

    struct Open: Sendable {
        var waiting = MessageWindow()
        var mode = Mode.sending
        /// When the stream is given up unless the watermark moves; nil while nothing is in flight.
        var progressDeadline: Duration?
    }

    enum Mode: Equatable, Sendable {
        case sending
        /// The server announced the end; nothing more is sent, acknowledgements are awaited until the deadline.
        case rotating(deadline: Duration)
        /// The caller has nothing more to send.
        case finishing
    }

    let limits: Limits
    private(set) var state = State.opening

    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    // MARK: What the shell is to do

    /// After a message came from the server.
    public enum ReceivedAction: Equatable, Sendable {
        /// Nothing changed.
        case none
        /// The stream is open; sending may begin.
        case opened(streamID: String)
        /// Everything up to this offset is durable. With `finished`, half-close: nothing more is to come.
        case acknowledged(upTo: Int64, finished: Bool)
        /// Send no more; half-close once ``deadlineReached(now:)`` or an acknowledgement says so.
        case stopSending(finished: Bool)
        /// The stream broke the protocol; cancel it.
        case fail(ZerobusError)
    }

    /// After the caller wants to send a message.
    public enum SendAction: Equatable, Sendable {
        /// Send it with this offset.
        case send(offset: Int64)
        /// The window is full; ask again after the next acknowledgement.
        case wait
        /// The stream takes no more messages.
        case closed
    }

    /// After a deadline.
    public enum DeadlineAction: Equatable, Sendable {
        /// Call again at this time.
        case wait(until: Duration)
        /// No deadline is running.
        case idle
        /// The wait for outstanding acknowledgements is over: half-close and end as a rotation.
        case stopDraining
        case fail(ZerobusError)
    }

    // MARK: Events

    /// A message came from the server.
    public mutating func received(_ message: ServerMessage, now: Duration) -> ReceivedAction {
        switch state {
        case .opening:
            guard case .created(let streamID) = message, let streamID, !streamID.isEmpty else {
                return fail(ZerobusError(.internalError, "the server did not answer create_stream with a stream id"))
            }
            state = .open(Open())
            return .opened(streamID: streamID)
        case .open:
            let action = state.whileOpen { [limits] open -> ReceivedAction in
                switch message {
                case .acknowledged(let offset): open.acknowledged(upTo: offset, now: now, limits)
                case .closeSignal(let time): open.closeSignalled(after: time, now: now, limits)
                case .created: .fail(ZerobusError(.internalError, "the server opened the stream twice"))
                case .unknown: .none
                }
            }
            if case .fail(let error) = action { return fail(error) }
            return action ?? .none
        case .ended:
            return .none
        }
    }

    /// The caller wants to send one message of `records` records and `bytes` bytes.
    public mutating func sendRequested(records: Int, bytes: Int, now: Duration) -> SendAction {
        if case .opening = state { return .wait }
        return state.whileOpen { [limits] open -> SendAction in
            guard open.mode == .sending else { return .closed }
            guard open.waiting.hasRoom(records: records, bytes: bytes, limits) else { return .wait }
            let offset = open.waiting.append(InFlight(records: records, bytes: bytes))
            if open.progressDeadline == nil { open.progressDeadline = now + limits.progressTimeout }
            return .send(offset: offset)
        } ?? .closed
    }

    /// The caller has nothing more to send; true when everything sent is acknowledged already.
    public mutating func finishRequested() -> Bool {
        state.whileOpen { open in
            if open.mode == .sending { open.mode = .finishing }
            return open.waiting.isEmpty
        } ?? true
    }

    /// The time may have come for a deadline.
    public mutating func deadlineReached(now: Duration) -> DeadlineAction {
        guard case .open(let open) = state else { return .idle }
        if case .rotating(let deadline) = open.mode {
            if open.waiting.isEmpty || now >= deadline { return .stopDraining }
            return .wait(until: deadline)
        }
        guard let deadline = open.progressDeadline else { return .idle }
        guard now >= deadline else { return .wait(until: deadline) }
        let error = ZerobusError(
            .deadlineExceeded,
            "no acknowledgement for \(limits.progressTimeout) with \(open.waiting.count) messages in flight")
        state = .ended(.failed(error))
        return .fail(error)
    }

    /// The responses ended, with the call's status.
    public mutating func responsesEnded(_ code: StatusCode, _ message: String) -> StreamEnd {
        switch state {
        case .ended(let end):
            return end
        case .opening:
            let error = code == .ok ? "the stream ended before it was open" : message
            return end(.failed(ZerobusError(code == .ok ? .unavailable : code, error)))
        case .open(let open):
            switch open.mode {
            case .rotating where code.disposition == .transient: return end(.rotate)
            case .finishing where code == .ok && open.waiting.isEmpty: return end(.finished)
            default: break
            }
            if code == .ok {
                return end(.failed(ZerobusError(.unavailable, "the server ended the stream")))
            }
            return end(.failed(ZerobusError(code, message)))
        }
    }

    // MARK: Views

    /// How the stream ended; nil while it lives.
    public var end: StreamEnd? {
        if case .ended(let end) = state { end } else { nil }
    }

    /// Highest acknowledged offset, -1 before the first.
    public var watermark: Int64 {
        if case .open(let open) = state { open.waiting.firstOffset - 1 } else { -1 }
    }

    private mutating func fail(_ error: ZerobusError) -> ReceivedAction {
        state = .ended(.failed(error))
        return .fail(error)
    }

    private mutating func end(_ end: StreamEnd) -> StreamEnd {
        state = .ended(end)
        return end
    }
}

extension ClientIngestStream.Open {
    fileprivate mutating func acknowledged(
        upTo offset: Int64?, now: Duration, _ limits: ClientIngestStream.Limits
    ) -> ClientIngestStream.ReceivedAction {
        guard let offset else { return .fail(ZerobusError(.internalError, "an acknowledgement without an offset")) }
        let watermark = waiting.firstOffset - 1
        guard offset >= watermark, offset < waiting.nextOffset else {
            return .fail(
                ZerobusError(
                    .internalError,
                    "acknowledged offset \(offset); expected \(watermark) to \(waiting.nextOffset - 1)"))
        }
        // A repeated acknowledgement is no progress and does not move the deadline.
        guard offset > watermark else { return .none }
        waiting.removeAll(upTo: offset)
        progressDeadline = waiting.isEmpty ? nil : now + limits.progressTimeout
        return .acknowledged(upTo: offset, finished: waiting.isEmpty && mode != .sending)
    }

    fileprivate mutating func closeSignalled(
        after time: Duration?, now: Duration, _ limits: ClientIngestStream.Limits
    ) -> ClientIngestStream.ReceivedAction {
        // A repeated signal does not extend the wait.
        if case .rotating = mode { return .none }
        mode = .rotating(deadline: now + min(max(time ?? .zero, .zero), limits.maxDrainTime))
        return .stopSending(finished: waiting.isEmpty)
    }
}
