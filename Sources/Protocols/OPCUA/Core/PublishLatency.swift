public import NIOCore

/// How long a round trip takes and how long until a message is safe: the measures by which Publish requests are counted.
public struct PublishLatency: Sendable {
    /// A quarter of each new measure enters.
    private struct Smoothed: Sendable {
        private(set) var value: TimeAmount?

        mutating func add(_ measure: TimeAmount) {
            let measure = min(max(measure.nanoseconds, 0), 3_600_000_000_000)
            guard let old = value?.nanoseconds else {
                value = .nanoseconds(measure)
                return
            }
            value = .nanoseconds(old + (measure - old) / 4)
        }
    }

    /// One message at a time is followed from its coming to its acknowledgement.
    private struct Probe: Sendable {
        var subscription: UInt32
        var number: UInt32
        var since: NIODeadline
    }

    private var trip = Smoothed()
    private var commit = Smoothed()
    private var probe: Probe?

    public init() {}

    public var roundTrip: TimeAmount { trip.value ?? .zero }
    public var commitDelay: TimeAmount { commit.value ?? .zero }

    /// A request that the server answers at once was answered.
    public mutating func answered(after time: TimeAmount) { trip.add(time) }

    /// A message was handed over.
    public mutating func delivered(_ number: UInt32, of subscription: UInt32, now: NIODeadline) {
        if probe == nil { probe = Probe(subscription: subscription, number: number, since: now) }
    }

    /// A message is safe.
    /// - Returns: whether the measure changed.
    public mutating func acknowledged(_ number: UInt32, of subscription: UInt32, now: NIODeadline) -> Bool {
        guard let probe, probe.number == number, probe.subscription == subscription else { return false }
        commit.add(now - probe.since)
        self.probe = nil
        return true
    }
}
