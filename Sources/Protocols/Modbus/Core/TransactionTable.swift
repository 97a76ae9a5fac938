public import NIOCore

/// The requests of one connection: which wait, which are under way, which answer belongs to which.
///
/// A pure machine: it sends nothing and reads no clock. Its owner submits requests, asks `nextToSend` until that
/// is nil after every event, feeds in frames and the passing of time, and performs the returned actions.
///
/// Units take turns, so that many requests to one do not keep another waiting, and each unit has its own limit of
/// requests under way, so that one that is slow to answer does not either. With `maxInFlight` 1 every unit is asked
/// in lock-step, which every device understands; with `maxInFlightInAll` 1 the whole connection is, which a serial
/// line needs.
public struct TransactionTable: ~Copyable {
    /// Names a request: the index in a batch that was submitted together.
    public struct RequestID: Hashable, Sendable {
        public let batch: UInt64
        public let index: Int

        public init(batch: UInt64, index: Int) {
            self.batch = batch
            self.index = index
        }
    }

    /// A request on its way to the wire.
    public struct Transmission: Hashable, Sendable {
        public let transaction: UInt16
        public let unit: UnitID
        public let request: ModbusRequest
    }

    /// What to do with a submitted request.
    public enum SubmitAction: Hashable, Sendable {
        case accepted
        /// More requests wait than the table holds.
        case refuseQueueFull
        case refuseClosed
    }

    /// What to do with a frame that came in.
    public enum ResponseAction: Hashable, Sendable {
        case complete(RequestID, ModbusResponse)
        /// The device answered, and the answer cannot be right.
        case fail(RequestID, ResponseError)
        /// The answer cannot be right; the request is sent once more.
        case retry(ResponseError)
        /// An answer to a request that nobody waits for any more.
        case ignoreLate
        /// An answer to no request of this connection.
        case ignoreUnknown
    }

    /// What to do when time has passed.
    public enum DeadlineAction: Hashable, Sendable {
        case wait
        /// These have had no answer; the list may be empty, where requests are sent once more.
        case expire([RequestID])
        /// So many requests in a row have had no answer that the connection is taken for dead.
        case expireAndClose([RequestID])
    }

    private enum State: ~Copyable {
        case open(RequestQueue)
        case closed

        mutating func take() -> State {
            let taken = consume self
            self = .closed
            return taken
        }
    }

    private static let abandonedLimit = 64

    private let maxInFlight: Int
    private let maxInFlightInAll: Int
    private let maxWaiting: Int
    private let maxSilentInARow: Int
    private let retries: Int
    private var state: State

    /// An open table.
    ///
    /// - Parameters:
    ///   - maxInFlight: requests sent to one unit and not answered, 1...256.
    ///   - maxInFlightInAll: requests sent to all units together and not answered, 1...256.
    ///   - maxWaiting: requests that wait for their turn.
    ///   - maxSilentInARow: timeouts without any answer between them after which the connection is given up, if none
    ///     of its units has answered meanwhile.
    ///   - retries: how often a request is sent again after no answer or one that cannot be right.
    ///   - firstTransaction: identifier of the first request; later ones count up and wrap.
    public init(
        maxInFlight: Int, maxInFlightInAll: Int = 256, maxWaiting: Int, maxSilentInARow: Int, retries: Int = 0,
        firstTransaction: UInt16
    ) {
        self.maxInFlight = min(max(maxInFlight, 1), 256)
        self.maxInFlightInAll = min(max(maxInFlightInAll, 1), 256)
        self.maxWaiting = max(maxWaiting, 1)
        self.maxSilentInARow = max(maxSilentInARow, 1)
        self.retries = max(retries, 0)
        state = .open(RequestQueue(nextTransaction: firstTransaction))
    }

    /// Takes a request; its time runs from the moment it is sent.
    public mutating func submit(
        _ request: ModbusRequest, unit: UnitID, id: RequestID, timeout: TimeAmount
    ) -> SubmitAction {
        withOpen(otherwise: .refuseClosed) { [maxWaiting, retries] open in
            guard open.waitingCount < maxWaiting else { return .refuseQueueFull }
            open.append(
                RequestQueue.Waiting(id: id, unit: unit, request: request, timeout: timeout, attemptsLeft: retries))
            return .accepted
        }
    }

    /// Whether a request waits for its turn.
    public var hasWaiting: Bool {
        switch state {
        case .open(let open): open.waitingCount > 0
        case .closed: false
        }
    }

    /// Whether a request has been sent and not answered yet.
    public var hasUnderWay: Bool {
        switch state {
        case .open(let open): !open.underWay.isEmpty
        case .closed: false
        }
    }

    /// The request that may go out now, or nil when none waits or enough are under way.
    public mutating func nextToSend(now: NIODeadline) -> Transmission? {
        withOpen(otherwise: nil) { [maxInFlight, maxInFlightInAll] open in
            guard open.underWay.count < maxInFlightInAll, let waiting = open.next(maxPerUnit: maxInFlight) else {
                return nil
            }
            let transaction = open.freeTransaction()
            open.underWay.append(
                RequestQueue.UnderWay(
                    transaction: transaction, deadline: now + waiting.timeout, waiting: waiting, isWanted: true))
            return Transmission(transaction: transaction, unit: waiting.unit, request: waiting.request)
        }
    }

    /// A frame came in.
    public mutating func responseReceived(_ frame: MBAPFrame) -> ResponseAction {
        withOpen(otherwise: .ignoreUnknown) { open in
            guard let index = open.underWay.firstIndex(where: { $0.transaction == frame.transaction }) else {
                return open.abandoned.contains(frame.transaction) ? .ignoreLate : .ignoreUnknown
            }
            return Self.answer(&open, at: index, unit: frame.unit, frame.pdu)
        }
    }

    /// A frame without a transaction came in: it answers the one request under way, or none.
    ///
    /// What comes from another unit or for another function is the late answer to an earlier request.
    public mutating func responseReceived(_ frame: SerialFrame) -> ResponseAction {
        withOpen(otherwise: .ignoreUnknown) { open in
            guard let entry = open.underWay.first else { return .ignoreLate }
            let function = frame.pdu.getInteger(at: frame.pdu.readerIndex, as: UInt8.self)
            guard frame.unit == entry.waiting.unit,
                function.map({ $0 & ~FunctionCode.exceptionFlag }) == entry.waiting.request.function.rawValue
            else { return .ignoreLate }
            return Self.answer(&open, at: 0, unit: frame.unit, frame.pdu)
        }
    }

    /// Something came on a serial line that is no frame.
    public mutating func corruptFrameReceived() -> ResponseAction {
        withOpen(otherwise: .ignoreUnknown) { open in
            guard !open.underWay.isEmpty else { return .ignoreUnknown }
            return Self.reject(&open, open.underWay.removeFirst(), .checksum)
        }
    }

    /// Time has passed.
    public mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        withOpen(otherwise: .wait) { [maxSilentInARow] open in
            let over = open.underWay.filter { $0.deadline <= now }
            guard !over.isEmpty else { return .wait }
            open.underWay.removeAll { $0.deadline <= now }
            var expired: [RequestID] = []
            for entry in over {
                open.abandoned.append(entry.transaction)
                open.silentUnits.insert(entry.waiting.unit)
                if entry.isWanted, !open.sendAgain(entry.waiting) { expired.append(entry.waiting.id) }
            }
            if open.abandoned.count > Self.abandonedLimit {
                open.abandoned.removeFirst(open.abandoned.count - Self.abandonedLimit)
            }
            open.silentInARow += over.count
            // A unit that answers elsewhere on the connection shows that it is alive.
            let isDead = open.silentInARow >= maxSilentInARow && open.silentUnits.count == open.units
            guard isDead else { return .expire(expired) }
            return .expireAndClose(expired)
        }
    }

    /// When `deadlineReached` has to be called next; nil while nothing is under way.
    public var nextDeadline: NIODeadline? {
        switch state {
        case .open(let open): open.nextDeadline
        case .closed: nil
        }
    }

    /// The caller of a batch has gone: its waiting requests are forgotten, its answers will be ignored.
    public mutating func cancelled(batch: UInt64) {
        withOpen(otherwise: ()) { $0.forget(batch: batch) }
    }

    /// The connection is gone. Returns every request that has had no answer, those under way first.
    public mutating func connectionClosed() -> [RequestID] {
        let unanswered: [RequestID] = withOpen(otherwise: []) { open in
            open.underWay.filter(\.isWanted).map(\.waiting.id) + open.waitingIDs
        }
        state = .closed
        return unanswered
    }

    private static func answer(
        _ open: inout RequestQueue, at index: Int, unit: UnitID, _ pdu: ByteBuffer
    ) -> ResponseAction {
        let entry = open.underWay.remove(at: index)
        open.silentInARow = 0
        open.silentUnits.removeAll(keepingCapacity: true)
        guard entry.isWanted else { return .ignoreLate }
        guard unit == entry.waiting.unit else {
            return reject(&open, entry, .unexpectedUnit(unit, expected: entry.waiting.unit))
        }
        do throws(ResponseError) {
            return .complete(entry.waiting.id, try entry.waiting.request.decodeResponse(pdu))
        } catch {
            return reject(&open, entry, error)
        }
    }

    private static func reject(
        _ open: inout RequestQueue, _ entry: RequestQueue.UnderWay, _ error: ResponseError
    ) -> ResponseAction {
        guard entry.isWanted else { return .ignoreLate }
        return open.sendAgain(entry.waiting) ? .retry(error) : .fail(entry.waiting.id, error)
    }

    private mutating func withOpen<Action>(
        otherwise closed: Action, _ body: (inout RequestQueue) -> Action
    ) -> Action {
        switch state.take() {
        case .closed: return closed
        case .open(var open):
            let action = body(&open)
            state = .open(open)
            return action
        }
    }
}
