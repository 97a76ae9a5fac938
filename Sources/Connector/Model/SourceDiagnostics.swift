/// What a source knows of itself beside its readings: for pages and metrics.
package struct SourceDiagnostics: Hashable, Sendable {
    /// An item that is not read, and why.
    package struct Failure: Hashable, Sendable {
        package var item: String
        package var reason: String

        package init(item: String, reason: String) {
            self.item = item
            self.reason = reason
        }
    }

    /// Failures that are named one by one; the rest is in the counts.
    package static let failuresMax = 100

    /// Items that are configured or were found.
    package var itemsWanted = 0
    /// Items that the other side agreed to deliver.
    package var itemsCreated = 0
    /// Items that are not delivered, by reason.
    package var failedByReason: [String: Int] = [:]
    /// The first ``failuresMax`` of them.
    package var failures: [Failure] = []
    /// Values that the other side gave up because its queue was full.
    package var queueOverflows = 0
    /// Values of another type than the one before of the same tag.
    package var typeChanges = 0
    /// Elements of arrays that have no row of their own, as their array is too long.
    package var elementsLeftOut = 0
    /// Seconds from the other side's sending of the last message to its arrival, by both clocks.
    package var publishLatencySeconds: Double?
    /// Open subscriptions.
    package var subscriptions = 0
    /// What was met that is not in order, by kind: how often since the start.
    package var incidents: [String: Int] = [:]

    package init() {}

    package var itemsFailed: Int { failedByReason.values.reduce(0, +) }
}
