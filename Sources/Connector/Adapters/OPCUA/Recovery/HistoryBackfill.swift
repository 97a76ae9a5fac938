import ConnectorModel
import Logging
import OPCUAClient
import OPCUACore
import OPCUATypes

/// Reads what was missed during an outage from the server's history (Part 11): for each tag what lies between the last
/// value that was delivered and the first of the new subscription.
///
/// The order of a tag stands: new values are held while its history comes, and follow it. Tags whose values carry no
/// source time have no place in a history and are left out.
struct HistoryBackfill {
    let connection: OPCUAConnection
    let limits: OperationLimits
    let tags: SourceTags
    let receiver: SubscriptionReceiver
    let intake: Intake
    let logger: Logger

    /// A tag with a past.
    struct Gap: Hashable {
        var handle: Int
        var node: NodeId
        /// The last source time that was delivered.
        var from: DateTime
        /// The first source time of the new subscription; nil when there was none in time.
        var to: DateTime?
    }

    /// How long the first values may take.
    private static let firstValuesTime = Duration.seconds(5)
    private static let lookTime = Duration.milliseconds(20)

    /// Holds new values, subscribes by `subscribe`, delivers the past, and lets go.
    func run(_ gaps: [Gap], _ subscribe: () async throws -> Void) async throws {
        guard !gaps.isEmpty else { return try await subscribe() }
        receiver.hold()
        do {
            try await subscribe()
            let first = try await firstTimes(gaps)
            let closed = gaps.map { gap in
                var gap = gap
                gap.to = first[gap.handle]
                return gap
            }
            try await fill(closed.filter { gap in gap.to.map { $0 > gap.from } ?? true })
        } catch {
            try receiver.release()
            throw error
        }
        try receiver.release()
    }

    /// The first source time of each tag among the values that are held.
    private func firstTimes(_ gaps: [Gap]) async throws -> [Int: DateTime] {
        let end = ContinuousClock.now + Self.firstValuesTime
        var times = try receiver.heldTimes()
        while times.count < gaps.count, ContinuousClock.now < end {
            try await Task.sleep(for: Self.lookTime)
            times = try receiver.heldTimes()
        }
        return times
    }

    private func fill(_ gaps: [Gap]) async throws {
        // Tags that ended at about the same time share a request.
        let sorted = gaps.sorted { ($0.from, $0.handle) < ($1.from, $1.handle) }
        let size = max(min(limits.nodesPerHistoryRead, limits.historyContinuationPoints), 1)
        let now = DateTime(utcMicroseconds: Timestamp.now().microseconds)
        var refused: (count: Int, first: String)?
        var count = 0
        for start in stride(from: 0, to: sorted.count, by: size) {
            let batch = sorted[start..<min(sorted.count, start + size)]
            let from = batch.map(\.from).min() ?? .null
            let to = batch.map { $0.to ?? now }.max() ?? now
            let statuses = try await connection.readHistory(batch.map(\.node), from: from, to: to, limits: limits) {
                index, values in
                let gap = batch[batch.startIndex + index]
                let missed = values.filter { value in
                    guard let time = value.sourceTimestamp else { return false }
                    return time > gap.from && time < gap.to ?? .init(ticks: .max)
                }
                count += missed.count
                try await receiver.waitForRoom()
                tags.deliverHistory(missed, of: gap.handle, to: intake)
            }
            for (gap, status) in zip(batch, statuses) where status.isBad {
                refused = (refused.map(\.count).map { $0 + 1 } ?? 1, refused?.first ?? "\(gap.node): \(status)")
            }
        }
        if let refused {
            logger.warning("the server gives no history of \(refused.count) tags, the first is \(refused.first)")
        }
        if count > 0 { logger.notice("\(count) values of the outage came from the server's history") }
    }
}
