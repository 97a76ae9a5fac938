import NIOConcurrencyHelpers
import OPCUATypes

/// Current values of all variables and the queues of the monitored items that watch them. The application updates it
/// from any thread; the server's event loop takes what is to be reported. Only watched variables cost more than a store.
final class ValueStore: Sendable {
    private let box: NIOLockedValueBox<MonitoredValues>

    init(_ values: [DataValue]) { box = NIOLockedValueBox(MonitoredValues(values)) }

    /// Runs a short piece of work on the values; nothing else happens meanwhile.
    func withValues<T>(_ body: (inout MonitoredValues) -> T) -> T { box.withLockedValue(body) }
}

/// The values and queues themselves: a pure value.
struct MonitoredValues: Sendable {
    private(set) var values: [DataValue]
    /// For each variable the first of its monitors, -1 for none.
    private var firstMonitor: [Int32]
    private var monitors: [Monitor] = []
    private var freeMonitors: [Int32] = []
    /// For each queue (subscription) the monitors that have something to report, in the order in which it came.
    private var due: [Int32: DueList] = [:]
    private(set) var monitorCount = 0
    /// The time in nanoseconds of a monotonic clock, set before values are updated or taken.
    var now: Int64 = 0
    /// Latest values of items that came before their sampling interval was over.
    private var held: [Int32: DataValue] = [:]
    /// For each variable the number of its ring, -1 for none; empty when no variable has one.
    private var ringNumbers: [Int32] = []
    private var rings: [HistoryRing] = []

    private struct DueList: Sendable {
        var monitors: [Int32] = []
        var taken = 0
        /// Items that hold a value back.
        var holding: [Int32] = []
    }

    init(_ values: [DataValue]) {
        self.values = values
        firstMonitor = [Int32](repeating: -1, count: values.count)
    }

    /// Makes room for more variables, which begin with these values.
    mutating func append(_ more: [DataValue]) {
        values.append(contentsOf: more)
        firstMonitor.append(contentsOf: repeatElement(-1, count: more.count))
    }

    /// Stores a new value and queues it for every item that watches the variable.
    mutating func update(_ slot: Int, _ value: DataValue) {
        guard slot >= 0, slot < values.count else { return }
        values[slot] = value
        if !ringNumbers.isEmpty { remember(slot, value) }
        var index = firstMonitor[slot]
        while index >= 0 {
            sample(index, value)
            index = monitors[Int(index)].next
        }
    }

    /// Keeps the history of a variable from now on.
    mutating func keepHistory(_ slot: Int, length: Int) {
        guard slot < values.count, length > 0 else { return }
        if ringNumbers.count < values.count {
            ringNumbers.append(contentsOf: repeatElement(-1, count: values.count - ringNumbers.count))
        }
        ringNumbers[slot] = Int32(rings.count)
        rings.append(HistoryRing(capacity: length))
    }

    private mutating func remember(_ slot: Int, _ value: DataValue) {
        guard slot < ringNumbers.count, ringNumbers[slot] >= 0 else { return }
        rings[Int(ringNumbers[slot])].append(value)
    }

    /// What is kept of a variable's past; nil when nothing is.
    func history(_ slot: Int) -> HistoryRing? {
        guard slot < ringNumbers.count, ringNumbers[slot] >= 0 else { return nil }
        return rings[Int(ringNumbers[slot])]
    }

    /// Offers a value to one item: its filter decides, its queue takes it.
    mutating func sample(_ index: Int32, _ value: DataValue) {
        let position = Int(index)
        guard position < monitors.count else { return }
        guard monitors[position].isTimely(now) else { return hold(index, value) }
        if monitors[position].isHolding { held[index] = nil }
        let isTaken: Bool
        if let range = monitors[position].range {
            isTaken = monitors[position].offer(range.part(of: value))
        } else {
            isTaken = monitors[position].offer(value)
        }
        if isTaken, monitors[position].mode == .reporting { list(index) }
    }

    /// Keeps the latest of the values that come too early.
    private mutating func hold(_ index: Int32, _ value: DataValue) {
        guard monitors[Int(index)].mode != .disabled else { return }
        held[index] = value
        guard !monitors[Int(index)].isHolding else { return }
        monitors[Int(index)].isHolding = true
        due[monitors[Int(index)].queue, default: DueList()].holding.append(index)
    }

    /// Takes the values that a subscription's items held back as far as their time has come.
    mutating func release(_ queue: Int32) {
        guard let waiting = due[queue]?.holding, !waiting.isEmpty else { return }
        due[queue]?.holding = []
        for index in waiting {
            monitors[Int(index)].isHolding = false
            guard let value = held.removeValue(forKey: index), !monitors[Int(index)].isDeleted else {
                giveBack(index)
                continue
            }
            sample(index, value)
        }
    }

    /// An item that was removed gives its place back once no list names it.
    private mutating func giveBack(_ index: Int32) {
        let monitor = monitors[Int(index)]
        if monitor.isDeleted, !monitor.isListed, !monitor.isHolding { freeMonitors.append(index) }
    }

    /// Puts an item on its subscription's list, once.
    private mutating func list(_ index: Int32) {
        guard !monitors[Int(index)].isListed else { return }
        monitors[Int(index)].isListed = true
        due[monitors[Int(index)].queue, default: DueList()].monitors.append(index)
    }

    /// True when items of a subscription have something to report.
    func hasDue(_ queue: Int32) -> Bool { due[queue].map { $0.taken < $0.monitors.count } ?? false }

    /// How many items of a subscription have something to report.
    func dueCount(_ queue: Int32) -> Int { due[queue].map { $0.monitors.count - $0.taken } ?? 0 }

    /// Takes the notifications of a subscription that have room, in order; true when more are left. A value for which no
    /// message has room is told as its status alone.
    mutating func take(_ queue: Int32, _ room: inout ResponseRoom, _ use: (Monitor.Told, DataValue) -> Void) -> Bool {
        guard var list = due.removeValue(forKey: queue) else { return false }
        while list.taken < list.monitors.count {
            let index = list.monitors[list.taken]
            guard monitors[Int(index)].report(&room, use) else { break }
            unlist(index)
            list.taken += 1
        }
        let more = list.taken < list.monitors.count
        if !more {
            list.monitors.removeAll(keepingCapacity: true)
            list.taken = 0
        }
        due[queue] = list
        return more
    }

    /// An item was taken off a list; one that was removed meanwhile gives its place back.
    private mutating func unlist(_ index: Int32) {
        monitors[Int(index)].isListed = false
        giveBack(index)
    }

    /// Adds an item, queues its first value and gives its index.
    /// - Parameter slot: nil for an item whose values come through ``sample(_:_:)``.
    mutating func add(_ monitor: Monitor, slot: Int?, first: DataValue) -> Int32 {
        var monitor = monitor
        let index: Int32
        if let slot { (monitor.slot, monitor.next) = (Int32(slot), firstMonitor[slot]) }
        if let free = freeMonitors.popLast() {
            index = free
            monitors[Int(free)] = monitor
        } else {
            index = Int32(monitors.count)
            monitors.append(monitor)
        }
        if let slot { firstMonitor[slot] = index }
        monitorCount += 1
        if monitor.mode != .disabled { sample(index, first) }
        return index
    }

    /// Changes an item.
    mutating func modify(_ index: Int32, _ change: (inout Monitor) -> Void) {
        let before = monitors[Int(index)].mode
        change(&monitors[Int(index)])
        let monitor = monitors[Int(index)]
        if monitor.mode == .disabled {
            monitors[Int(index)].clear()
            held[index] = nil
        }
        // An item that only sampled has kept its values; they are reported now.
        if before == .sampling, monitor.mode == .reporting, monitor.pending > 0 {
            list(index)
        }
        // One that was disabled reports the value as it is.
        if before == .disabled, monitor.mode != .disabled, monitor.slot >= 0 {
            sample(index, values[Int(monitor.slot)])
        }
    }

    /// Reports the latest value of a reporting item once more when none waits.
    mutating func resend(_ index: Int32) {
        guard monitors[Int(index)].mode == .reporting, monitors[Int(index)].repeatLatest() else { return }
        list(index)
    }

    /// Removes an item. Its index is used again once no list names it.
    mutating func remove(_ index: Int32) {
        let monitor = monitors[Int(index)]
        if monitor.slot >= 0 { unlink(index, from: Int(monitor.slot)) }
        monitorCount -= 1
        monitors[Int(index)].clear()
        monitors[Int(index)].isDeleted = true
        held[index] = nil
        giveBack(index)
    }

    private mutating func unlink(_ index: Int32, from slot: Int) {
        if firstMonitor[slot] == index {
            firstMonitor[slot] = monitors[Int(index)].next
            return
        }
        var previous = firstMonitor[slot]
        while previous >= 0 {
            if monitors[Int(previous)].next == index {
                monitors[Int(previous)].next = monitors[Int(index)].next
                return
            }
            previous = monitors[Int(previous)].next
        }
    }

    /// Forgets the queue of a subscription whose items are removed.
    mutating func removeQueue(_ queue: Int32) {
        guard let list = due.removeValue(forKey: queue) else { return }
        for index in list.monitors[list.taken...] { unlist(index) }
        for index in list.holding {
            monitors[Int(index)].isHolding = false
            giveBack(index)
        }
    }
}
