public import NIOCore

/// The requests of one Modbus TCP connection: which wait, which are under way, which answer belongs to which.
///
/// A pure machine: it sends nothing and reads no clock. Its owner submits requests, asks `nextToSend` until that
/// is nil after every event, feeds in frames and the passing of time, and performs the returned actions.
///
/// With `maxInFlight` 1 the connection runs in lock-step, which every device understands.
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
        /// An answer to a request that nobody waits for any more.
        case ignoreLate
        /// An answer to no request of this connection.
        case ignoreUnknown
    }

    /// What to do when time has passed.
    public enum DeadlineAction: Hashable, Sendable {
        case wait
        case expire([RequestID])
        /// So many requests in a row have had no answer that the connection is taken for dead.
        case expireAndClose([RequestID])
    }

    private struct Waiting {
        var id: RequestID
        var unit: UnitID
        var request: ModbusRequest
        var timeout: TimeAmount
    }

    private struct UnderWay {
        var transaction: UInt16
        var unit: UnitID
        var request: ModbusRequest
        var deadline: NIODeadline
        /// nil when the caller has gone; the place stays taken because the device is still busy with it.
        var id: RequestID?
    }

    private struct Open {
        var waiting: [Waiting] = []
        /// Waiting requests before this index have been sent; the array is cut when it is worth it.
        var firstWaiting = 0
        var underWay: [UnderWay] = []
        var nextTransaction: UInt16
        /// The last transactions that ended without an answer, so that a late one can be told from a wrong one.
        var abandoned: [UInt16] = []
        var silentInARow = 0
    }

    private enum State {
        case open(Open)
        case closed
    }

    private static let abandonedLimit = 64

    private let maxInFlight: Int
    private let maxWaiting: Int
    private let maxSilentInARow: Int
    private var state: State

    /// An open table.
    ///
    /// - Parameters:
    ///   - maxInFlight: requests sent and not answered, 1...256.
    ///   - maxWaiting: requests that wait for their turn.
    ///   - maxSilentInARow: timeouts without any answer between them after which the connection is given up.
    ///   - firstTransaction: identifier of the first request; later ones count up and wrap.
    public init(maxInFlight: Int, maxWaiting: Int, maxSilentInARow: Int, firstTransaction: UInt16) {
        self.maxInFlight = min(max(maxInFlight, 1), 256)
        self.maxWaiting = max(maxWaiting, 1)
        self.maxSilentInARow = max(maxSilentInARow, 1)
        state = .open(Open(nextTransaction: firstTransaction))
    }

    /// Takes a request; its time runs from the moment it is sent.
    public mutating func submit(
        _ request: ModbusRequest, unit: UnitID, id: RequestID, timeout: TimeAmount
    ) -> SubmitAction {
        withOpen(otherwise: .refuseClosed) { [maxWaiting] open in
            guard open.waiting.count - open.firstWaiting < maxWaiting else { return .refuseQueueFull }
            open.waiting.append(Waiting(id: id, unit: unit, request: request, timeout: timeout))
            return .accepted
        }
    }

    /// The request that may go out now, or nil when none waits or enough are under way.
    public mutating func nextToSend(now: NIODeadline) -> Transmission? {
        withOpen(otherwise: nil) { [maxInFlight] open in
            guard open.firstWaiting < open.waiting.count, open.underWay.count < maxInFlight else { return nil }
            let waiting = open.waiting[open.firstWaiting]
            open.firstWaiting += 1
            if open.firstWaiting == open.waiting.count {
                open.waiting.removeAll(keepingCapacity: true)
                open.firstWaiting = 0
            }
            let transaction = Self.freeTransaction(&open)
            open.underWay.append(
                UnderWay(
                    transaction: transaction, unit: waiting.unit, request: waiting.request,
                    deadline: now + waiting.timeout, id: waiting.id))
            return Transmission(transaction: transaction, unit: waiting.unit, request: waiting.request)
        }
    }

    /// A frame came in.
    public mutating func responseReceived(_ frame: MBAPFrame) -> ResponseAction {
        withOpen(otherwise: .ignoreUnknown) { open in
            guard let index = open.underWay.firstIndex(where: { $0.transaction == frame.transaction }) else {
                return open.abandoned.contains(frame.transaction) ? .ignoreLate : .ignoreUnknown
            }
            let entry = open.underWay.remove(at: index)
            open.silentInARow = 0
            guard let id = entry.id else { return .ignoreLate }
            guard frame.unit == entry.unit else {
                return .fail(id, .unexpectedUnit(frame.unit, expected: entry.unit))
            }
            do throws(ResponseError) {
                return .complete(id, try entry.request.decodeResponse(frame.pdu))
            } catch {
                return .fail(id, error)
            }
        }
    }

    /// Time has passed.
    public mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        withOpen(otherwise: .wait) { [maxSilentInARow] open in
            var expired: [RequestID] = []
            var over = 0
            for entry in open.underWay where entry.deadline <= now {
                over += 1
                if let id = entry.id { expired.append(id) }
                open.abandoned.append(entry.transaction)
            }
            guard over > 0 else { return .wait }
            open.underWay.removeAll { $0.deadline <= now }
            if open.abandoned.count > Self.abandonedLimit {
                open.abandoned.removeFirst(open.abandoned.count - Self.abandonedLimit)
            }
            open.silentInARow += over
            return open.silentInARow >= maxSilentInARow ? .expireAndClose(expired) : .expire(expired)
        }
    }

    /// When `deadlineReached` has to be called next; nil while nothing is under way.
    public var nextDeadline: NIODeadline? {
        guard case .open(let open) = state else { return nil }
        return open.underWay.lazy.map(\.deadline).min()
    }

    /// The caller of a batch has gone: its waiting requests are forgotten, its answers will be ignored.
    public mutating func cancelled(batch: UInt64) {
        withOpen(otherwise: ()) { open in
            open.waiting.removeSubrange(..<open.firstWaiting)
            open.firstWaiting = 0
            open.waiting.removeAll { $0.id.batch == batch }
            for index in open.underWay.indices where open.underWay[index].id?.batch == batch {
                open.underWay[index].id = nil
            }
        }
    }

    /// The connection is gone. Returns every request that has had no answer, in the order of submission.
    public mutating func connectionClosed() -> [RequestID] {
        let unanswered: [RequestID] = withOpen(otherwise: []) { open in
            open.underWay.compactMap(\.id) + open.waiting[open.firstWaiting...].map(\.id)
        }
        state = .closed
        return unanswered
    }

    private static func freeTransaction(_ open: inout Open) -> UInt16 {
        // At most 256 of 65,536 identifiers are taken, so this ends.
        while open.underWay.contains(where: { $0.transaction == open.nextTransaction }) {
            open.nextTransaction &+= 1
        }
        let transaction = open.nextTransaction
        open.nextTransaction &+= 1
        return transaction
    }

    private mutating func withOpen<Action>(
        otherwise closed: Action, _ body: (inout Open) -> Action
    ) -> Action {
        switch state {
        case .closed: return closed
        case .open(var open):
            state = .closed  // gives up the second reference, so that `open` is changed in place
            let action = body(&open)
            state = .open(open)
            return action
        }
    }
}
