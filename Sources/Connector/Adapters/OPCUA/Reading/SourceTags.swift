import ConnectorModel
import OPCUATypes
import Synchronization

/// The tags of a source with what became of each on the present connection. It outlives connections: a client handle
/// means the same tag as long as the source lives.
final class SourceTags: Sendable {
    /// What a survey changed.
    struct Change {
        /// Handles to read from now on.
        var wanted: [Int] = []
        /// Handles of the present connection that are read no longer.
        var gone: [Int] = []
    }

    /// Where a tag is monitored.
    struct Item: Hashable {
        var subscription: UInt32
        var id: UInt32
    }

    private struct State {
        var table = TagTable()
        var handles: [String: Int] = [:]
        /// Handles that the last survey found, in its order.
        var current: [Int] = []
        var items: [Int: Item] = [:]
        /// Tags that are not read, and why.
        var failed: [Int: StatusCode] = [:]
        var latencySeconds: Double?
        /// Tags are read without being monitored.
        var isPolling = false
        var work = Work()
        var wake: (@Sendable () -> Void)?
    }

    /// What there is to do beside reading.
    struct Work: Hashable {
        /// The server's model may have changed.
        var looksAgain = false
        /// Structures came that are read by no definition yet.
        var encodings: [NodeId] = []
    }

    private let state = Mutex(State())

    // MARK: What is to be read

    /// A connection begins: nothing is read yet.
    func reset(isPolling: Bool) {
        state.withLock { state in
            state.isPolling = isPolling
            state.items = [:]
            state.failed = [:]
            state.current = []
        }
    }

    /// Takes what a survey found in place of what the one before found.
    /// - Parameter types: structures of the server, as far as they are known.
    func take(_ found: [TagTable.Tag], _ types: DataTypes, _ intake: Intake) -> Change {
        let definitions = TagNaming.definitions(of: found)
        let ids = definitions.map { intake.define($0) }
        return state.withLock { state in
            state.table.types = types
            var current: [Int] = []
            var change = Change()
            for (index, tag) in found.enumerated() {
                let definition = definitions[index]
                if let handle = state.handles[definition.address] {
                    let before = state.table.tags[handle].variable
                    state.table.replace(handle, tag, as: definition, id: ids[index])
                    current.append(handle)
                    let isRead = state.items[handle] != nil && before == tag.variable
                    if !isRead { change.wanted.append(handle) }
                    if !isRead, state.items[handle] != nil { change.gone.append(handle) }
                } else {
                    let handle = state.table.add(tag, as: definition, id: ids[index])
                    state.handles[definition.address] = handle
                    current.append(handle)
                    change.wanted.append(handle)
                }
            }
            let found = Set(current)
            for handle in state.current where !found.contains(handle) {
                change.gone.append(handle)
                state.failed[handle] = nil
            }
            state.current = current
            return change
        }
    }

    func tags(_ handles: [Int]) -> [TagTable.Tag] {
        state.withLock { state in handles.map { state.table.tags[$0] } }
    }

    /// Handles of tags that are polled at an interval.
    func polled(every interval: Duration, usual: Duration) -> [(handle: Int, node: NodeId)] {
        state.withLock { state in
            state.current.compactMap { handle in
                let variable = state.table.tags[handle].variable
                guard let node = variable.node, (variable.intervals.poll ?? usual) == interval else { return nil }
                return (handle, node)
            }
        }
    }

    // MARK: What is to be learnt

    /// - Parameter wake: called from any thread when there is work to be taken.
    func whenThereIsWork(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// Takes what there is to do.
    func takeWork() -> Work {
        state.withLock { state in
            defer { state.work = Work() }
            state.work.encodings = state.table.takeUnknownEncodings()
            return state.work
        }
    }

    /// The server's model may have changed.
    func lookAgain() {
        let wake = state.withLock { state in
            state.work.looksAgain = true
            return state.wake
        }
        wake?()
    }

    /// The tags of the last survey that have a node.
    var known: [Variable: TagTable.Tag] {
        state.withLock { state in
            let tags = state.current.map { state.table.tags[$0] }.filter { $0.variable.node != nil }
            return Dictionary(tags.map { ($0.variable, $0) }) { first, _ in first }
        }
    }

    var types: DataTypes { state.withLock { $0.table.types } }

    /// Learnt structures of the server.
    func learn(_ types: DataTypes) { state.withLock { $0.table.types = types } }

    // MARK: What became of it

    func isMonitored(_ handle: Int, as item: Item) {
        state.withLock { state in
            state.items[handle] = item
            state.failed[handle] = nil
        }
    }

    /// Tags that are monitored no longer, with where they were.
    func forget(_ handles: [Int]) -> [Item] {
        state.withLock { state in
            handles.compactMap { handle in
                state.failed[handle] = nil
                return state.items.removeValue(forKey: handle)
            }
        }
    }

    /// Tags that cannot be read: each becomes a reading without a value, once. One never stops the others.
    func fail(_ failures: [(handle: Int, status: StatusCode)], _ intake: Intake) {
        guard !failures.isEmpty else { return }
        state.withLock { state in
            _ = intake.deliver { frame in
                for (handle, status) in failures where state.failed.updateValue(status, forKey: handle) != status {
                    state.table.append(status, of: handle, to: &frame)
                }
            }
        }
    }

    /// Tags whose nodes are gone: a last reading without a value says so.
    func end(_ handles: [Int], _ intake: Intake) {
        guard !handles.isEmpty else { return }
        state.withLock { state in
            _ = intake.deliver { frame in
                for handle in handles { state.table.append(.badNodeIdUnknown, of: handle, to: &frame) }
            }
        }
    }

    // MARK: What outlives a connection

    /// Tags, nodes and settings in short: subscriptions made for one outline fit no other.
    func outline(_ reading: TagReading) -> String {
        state.withLock { state in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            func mix(_ text: String) {
                // FNV-1a, the same in every run of the program.
                for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            }
            mix("\(reading)")
            for handle in state.current {
                let variable = state.table.tags[handle].variable
                mix("\n\(handle) \(variable.path) \(variable.node?.description ?? "") \(variable.intervals)")
            }
            return String(hash, radix: 16)
        }
    }

    /// Handle, subscription and item of each monitored tag.
    func monitored() -> [[UInt32]] {
        state.withLock { state in
            state.items.sorted { $0.key < $1.key }.map { [UInt32(clamping: $0), $1.subscription, $1.id] }
        }
    }

    /// Tags are monitored as an earlier run of the program wrote down.
    func restore(_ monitored: [[UInt32]]) {
        state.withLock { state in
            state.items = [:]
            for entry in monitored where entry.count == 3 {
                state.items[Int(entry[0])] = Item(subscription: entry[1], id: entry[2])
            }
        }
    }

    /// All other subscriptions are gone.
    /// - Returns: the handles that were monitored there.
    func forget(allBut subscriptions: [UInt32]) -> [Int] {
        state.withLock { state in
            let gone = state.items.filter { !subscriptions.contains($1.subscription) }.keys.sorted()
            for handle in gone { state.items[handle] = nil }
            return gone
        }
    }

    /// Handles that are monitored, each with its node.
    func monitoredNodes() -> [(handle: Int, node: NodeId)] {
        state.withLock { state in
            state.items.keys.sorted().compactMap { handle in
                guard state.table.isKnown(handle) else { return nil }
                return state.table.tags[handle].variable.node.map { (handle, $0) }
            }
        }
    }

    /// The latest source time of each tag's values.
    func lastTimes() -> [DateTime] { state.withLock { $0.table.lastTimes } }

    /// Delivers values that were read after an outage, of tags that have not changed since: their link is good again.
    /// What has changed comes by itself, in its order.
    /// - Parameter times: the source times of the last values before the outage.
    func confirm(_ values: [DataValue], of handles: [Int], since times: [DateTime], to intake: Intake) {
        state.withLock { state in
            _ = intake.deliver { frame in
                for (handle, value) in zip(handles, values) {
                    let time = value.sourceTimestamp ?? .null
                    guard handle < times.count, state.table.isKnown(handle), time == times[handle],
                        time == state.table.lastTime(of: handle)
                    else { continue }
                    state.table.append(value.value, value.status, at: time, of: handle, to: &frame)
                }
            }
        }
    }

    /// Tags of which something was delivered, with the source time of the last.
    func gaps(_ handles: [Int]) -> [HistoryBackfill.Gap] {
        state.withLock { state in
            handles.compactMap { handle in
                let last = state.table.lastTime(of: handle)
                guard last != .null, let node = state.table.tags[handle].variable.node else { return nil }
                return HistoryBackfill.Gap(handle: handle, node: node, from: last, to: nil)
            }
        }
    }

    /// Delivers values of a tag's history; they are marked as such.
    func deliverHistory(_ values: [DataValue], of handle: Int, to intake: Intake) {
        state.withLock { state in
            _ = intake.deliver { frame in
                for value in values { state.table.appendHistory(value, of: handle, to: &frame) }
            }
        }
    }

    // MARK: Values

    /// Delivers a notification message's values; a client handle is a tag's.
    /// - Returns: the ticket to wait for; nil when there were none.
    func deliver(_ message: NotificationReader, to intake: Intake) throws -> Ticket? {
        let now = Timestamp.now()
        let (ticket, wake) = try state.withLock { state in
            if message.publishTime != .null {
                let latency = now.microseconds.subtractingReportingOverflow(message.publishTime.utcMicroseconds)
                state.latencySeconds = latency.overflow ? nil : Double(max(latency.partialValue, 0)) / 1e6
            }
            let ticket = try intake.deliver(receivedAt: now) { frame in
                try message.forEach { sample in
                    state.table.append(
                        sample.value, sample.status, at: sample.sourceTimestamp, of: Int(sample.clientHandle),
                        to: &frame)
                }
            }
            return (ticket, state.table.unknownEncodings.isEmpty ? nil : state.wake)
        }
        wake?()
        if try message.events().contains(where: { $0.clientHandle == Monitoring.modelChangeHandle }) { lookAgain() }
        return ticket
    }

    /// Delivers values that were read, one for each handle.
    func deliver(_ values: [DataValue], of handles: [Int], to intake: Intake) {
        let wake = state.withLock { state in
            _ = intake.deliver { frame in
                for (handle, value) in zip(handles, values) {
                    state.table.append(
                        value.value, value.status, at: value.sourceTimestamp ?? .null, of: handle, to: &frame)
                    state.failed[handle] = value.status.isBad ? value.status : nil
                }
            }
            return state.table.unknownEncodings.isEmpty ? nil : state.wake
        }
        wake?()
    }

    /// For pages and metrics.
    func diagnostics() -> SourceDiagnostics {
        state.withLock { state in
            var diagnostics = SourceDiagnostics()
            diagnostics.itemsWanted = state.current.count
            diagnostics.itemsCreated =
                state.isPolling ? state.current.count - state.failed.count : state.items.count
            diagnostics.subscriptions = Set(state.items.values.map(\.subscription)).count
            for (handle, status) in state.failed.sorted(by: { $0.key < $1.key }) {
                let reason = status.name ?? status.description
                diagnostics.failedByReason[reason, default: 0] += 1
                guard diagnostics.failures.count < SourceDiagnostics.failuresMax else { continue }
                let variable = state.table.tags[handle].variable
                let item = variable.node.map { "\(variable.path) (\($0))" } ?? variable.path
                diagnostics.failures.append(.init(item: item, reason: reason))
            }
            diagnostics.queueOverflows = state.table.overflows
            diagnostics.typeChanges = state.table.typeChanges
            diagnostics.elementsLeftOut = state.table.elementsLeftOut
            diagnostics.publishLatencySeconds = state.latencySeconds
            return diagnostics
        }
    }
}
