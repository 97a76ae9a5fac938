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

    private struct State {
        var table = TagTable()
        var directory = TagDirectory()
        /// Handles that the last survey found, in its order.
        var current: [Int] = []
        /// The same by handle.
        var isCurrent: [Bool] = []
        /// The NodeVersion of those that have one.
        var versions: [Int: TagDetails.Version] = [:]
        var items = MonitoredItems()
        /// Tags that are not read, and why.
        var failed: [Int: StatusCode] = [:]
        var latencySeconds: Double?
        /// Tags are read without being monitored.
        var isPolling = false
        var work = Work()
        var wake: (@Sendable () -> Void)?

        /// Takes one tag.
        /// - Returns: its handle, and whether the tag there is asked for as it was.
        mutating func take(_ tag: TagTable.Tag, at address: String, _ intake: Intake) -> (handle: Int, isSame: Bool) {
            let id = intake.define(TagNaming.definition(of: tag, at: address))
            let variable = tag.variable
            let entry = TagDirectory.Entry(
                address: address, path: variable.path, node: variable.node, intervals: variable.intervals,
                problem: variable.problem, deadbands: tag.details.deadbands)
            guard let handle = directory.handle(of: address) else {
                directory.append(entry)
                table.add(tag, id: id)
                versions[directory.count - 1] = tag.details.version
                return (directory.count - 1, true)
            }
            versions[handle] = tag.details.version
            let before = directory[handle]
            directory.replace(handle, entry)
            table.replace(handle, tag, id: id)
            return (handle, before.node == entry.node && before.intervals == entry.intervals)
        }
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
            state.items.removeAll()
            state.failed = [:]
            state.current = []
            state.isCurrent = []
        }
    }

    /// Takes what a survey found in place of what the one before found.
    /// - Parameter types: structures of the server, as far as they are known.
    func take(_ found: FoundTags, _ types: DataTypes, _ intake: Intake) -> Change {
        state.withLock { state in
            state.table.types = types
            var naming = TagNaming()
            for handle in found.known { naming.isTaken(state.directory.address(of: handle)) }
            var change = Change()
            var current: [Int] = []
            current.reserveCapacity(found.count)
            found.take { one in
                let (handle, isSame) =
                    switch one {
                    case .known(let handle): (handle, true)
                    case .new(let tag): state.take(tag, at: naming.address(of: tag.variable), intake)
                    }
                current.append(handle)
                let isMonitored = state.items[handle] != nil
                if !isMonitored || !isSame { change.wanted.append(handle) }
                if isMonitored, !isSame { change.gone.append(handle) }
            }
            var isCurrent = [Bool](repeating: false, count: state.directory.count)
            for handle in current { isCurrent[handle] = true }
            for handle in state.current where !isCurrent[handle] {
                change.gone.append(handle)
                state.failed[handle] = nil
            }
            state.current = current
            state.isCurrent = isCurrent
            return change
        }
    }

    /// The tags of handles, one by one.
    func entries(_ handles: some Collection<Int>) -> [TagDirectory.Entry] {
        state.withLock { state in handles.map { state.directory[$0] } }
    }

    /// The tags among these that have no node.
    func missing(_ handles: [Int]) -> [(handle: Int, entry: TagDirectory.Entry)] {
        state.withLock { state in
            handles.compactMap { handle in
                let entry = state.directory[handle]
                return entry.node == nil ? (handle, entry) : nil
            }
        }
    }

    /// Handles by how often the server is to publish them, in the order of their first; tags without a node in none.
    func published(_ handles: [Int], usual: Duration) -> [(interval: Duration, handles: [Int])] {
        state.withLock { state in
            var groups: [(interval: Duration, handles: [Int])] = []
            for handle in handles {
                let entry = state.directory[handle]
                guard entry.node != nil else { continue }
                let interval = entry.intervals.publishing ?? usual
                let known = groups.firstIndex { $0.interval == interval }
                if known == nil { groups.append((interval, [])) }
                groups[known ?? groups.count - 1].handles.append(handle)
            }
            return groups
        }
    }

    /// Handles of tags that are polled at an interval.
    func polled(every interval: Duration, usual: Duration) -> [(handle: Int, node: NodeId)] {
        state.withLock { state in
            state.current.compactMap { handle in
                let entry = state.directory[handle]
                guard let node = entry.node, (entry.intervals.poll ?? usual) == interval else { return nil }
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

    /// What the last survey found.
    var known: Survey.Known {
        let versions = state.withLock { state in
            state.versions.filter { $0.key < state.isCurrent.count && state.isCurrent[$0.key] }
        }
        return Survey.Known(handle: { [self] in handle(of: $0) }, versions: versions)
    }

    /// The handle of a variable that the last survey found just so; nil for any other, and where there is no node.
    func handle(of variable: Variable) -> Int? {
        guard let node = variable.node else { return nil }
        return state.withLock { state in
            for address in [variable.path, TagNaming.second(variable)] {
                guard let handle = state.directory.handle(of: address), handle < state.isCurrent.count,
                    state.isCurrent[handle]
                else { continue }
                let entry = state.directory[handle]
                if entry.node == node, entry.path == variable.path, entry.intervals == variable.intervals {
                    return handle
                }
            }
            return nil
        }
    }

    var types: DataTypes { state.withLock { $0.table.types } }

    /// Learnt structures of the server.
    func learn(_ types: DataTypes) { state.withLock { $0.table.types = types } }

    // MARK: What became of it

    func isMonitored(_ handle: Int, as item: MonitoredItems.Item) {
        state.withLock { state in
            state.items[handle] = item
            state.failed[handle] = nil
        }
    }

    /// Tags that are monitored no longer, with where they were.
    func forget(_ handles: [Int]) -> [MonitoredItems.Item] {
        state.withLock { state in
            handles.compactMap { handle in
                state.failed[handle] = nil
                defer { state.items[handle] = nil }
                return state.items[handle]
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
                let entry = state.directory[handle]
                mix("\n\(handle) \(entry.path) \(entry.node?.description ?? "") \(entry.intervals)")
            }
            return String(hash, radix: 16)
        }
    }

    /// Where each monitored tag is.
    func monitored() -> [MonitoredItems.Run] { state.withLock { $0.items.runs } }

    /// Tags are monitored as an earlier run of the program wrote down.
    func restore(_ monitored: [MonitoredItems.Run]) {
        state.withLock { $0.items = MonitoredItems(monitored, limit: $0.directory.count) }
    }

    /// All other subscriptions are gone.
    /// - Returns: the handles that were monitored there.
    func forget(allBut subscriptions: [UInt32]) -> [Int] {
        state.withLock { state in
            let gone = state.items.handles.filter { handle in
                state.items[handle].map { !subscriptions.contains($0.subscription) } ?? false
            }
            for handle in gone { state.items[handle] = nil }
            return gone
        }
    }

    /// Handles that are monitored, each with its node.
    func monitoredNodes() -> [(handle: Int, node: NodeId)] {
        state.withLock { state in
            state.items.handles.compactMap { handle in state.directory[handle].node.map { (handle, $0) } }
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
                guard last != .null, let node = state.directory[handle].node else { return nil }
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
            diagnostics.subscriptions = state.items.subscriptions.count
            for (handle, status) in state.failed.sorted(by: { $0.key < $1.key }) {
                let reason = status.name ?? status.description
                diagnostics.failedByReason[reason, default: 0] += 1
                guard diagnostics.failures.count < SourceDiagnostics.failuresMax else { continue }
                let entry = state.directory[handle]
                let item = entry.node.map { "\(entry.path) (\($0))" } ?? entry.path
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
