import DequeModule
import NIOCore

/// The requests of an open connection: a queue per unit, which take turns, and what is under way.
struct RequestQueue: ~Copyable {
    struct Waiting {
        var id: TransactionTable.RequestID
        var unit: UnitID
        var request: ModbusRequest
        var timeout: TimeAmount
        /// How often it may still be sent again.
        var attemptsLeft: Int
    }

    struct UnderWay {
        var transaction: UInt16
        var deadline: NIODeadline
        var waiting: Waiting
        /// False when the caller has gone; the place stays taken because the device is still busy with it.
        var isWanted: Bool
    }

    private struct UnitQueue {
        let unit: UnitID
        var waiting: Deque<Waiting> = []
        /// The turn at which the unit was served last.
        var lastTurn: UInt64 = 0
    }

    var underWay: [UnderWay] = []
    /// The last transactions that ended without an answer, so that a late one can be told from a wrong one.
    var abandoned: [UInt16] = []
    var silentInARow = 0
    /// Units that were asked in vain since the last answer of any.
    var silentUnits: Set<UnitID> = []
    private(set) var waitingCount = 0
    private var queues: [UnitQueue] = []
    private var turn: UInt64 = 0
    private var nextTransaction: UInt16

    init(nextTransaction: UInt16) {
        self.nextTransaction = nextTransaction
    }

    /// How many units have ever been asked.
    var units: Int { queues.count }

    /// When the first of those under way has waited long enough; nil while there is none.
    var nextDeadline: NIODeadline? {
        var earliest: NIODeadline?
        for index in underWay.indices {
            let deadline = underWay[index].deadline
            if let known = earliest, known <= deadline { continue }
            earliest = deadline
        }
        return earliest
    }

    /// In the order in which each unit's will be sent.
    var waitingIDs: [TransactionTable.RequestID] { queues.flatMap { $0.waiting.map(\.id) } }

    mutating func append(_ waiting: Waiting) {
        queues[queue(of: waiting.unit)].waiting.append(waiting)
        waitingCount += 1
    }

    /// Puts a request that failed before all others of its unit; false when it has been sent often enough.
    mutating func sendAgain(_ waiting: Waiting) -> Bool {
        guard waiting.attemptsLeft > 0 else { return false }
        var waiting = waiting
        waiting.attemptsLeft -= 1
        queues[queue(of: waiting.unit)].waiting.prepend(waiting)
        waitingCount += 1
        return true
    }

    /// Takes a request of the unit that was served longest ago among those that may be asked now.
    mutating func next(maxPerUnit: Int) -> Waiting? {
        var chosen: Int?
        for index in queues.indices where !queues[index].waiting.isEmpty {
            if let best = chosen, queues[best].lastTurn <= queues[index].lastTurn { continue }
            if isFree(queues[index].unit, maxPerUnit) { chosen = index }
        }
        guard let chosen, let waiting = queues[chosen].waiting.popFirst() else { return nil }
        turn += 1
        queues[chosen].lastTurn = turn
        waitingCount -= 1
        return waiting
    }

    /// Drops the waiting requests of a batch, and the interest in those under way.
    mutating func forget(batch: UInt64) {
        for index in queues.indices {
            queues[index].waiting.removeAll { $0.id.batch == batch }
        }
        waitingCount = queues.reduce(0) { $0 + $1.waiting.count }
        for index in underWay.indices where underWay[index].waiting.id.batch == batch {
            underWay[index].isWanted = false
        }
    }

    /// A transaction identifier that no request under way has.
    mutating func freeTransaction() -> UInt16 {
        // At most 256 of 65,536 identifiers are taken, so this ends.
        while underWay.contains(where: { $0.transaction == nextTransaction }) { nextTransaction &+= 1 }
        let transaction = nextTransaction
        nextTransaction &+= 1
        return transaction
    }

    private func isFree(_ unit: UnitID, _ maxPerUnit: Int) -> Bool {
        underWay.lazy.filter { $0.waiting.unit == unit }.count < maxPerUnit
    }

    /// At most 256 units, nearly always one: a search is cheaper than a dictionary.
    private mutating func queue(of unit: UnitID) -> Int {
        if let index = queues.firstIndex(where: { $0.unit == unit }) { return index }
        queues.append(UnitQueue(unit: unit))
        return queues.count - 1
    }
}
