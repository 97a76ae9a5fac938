/// How often a unit that does not answer is asked, where other units wait for the same line.
///
/// A unit in vain asked takes at most a tenth of the time: after a poll without an answer it rests nine times as long
/// as that poll took, up to a minute, and is then asked for one block only until it answers again.
struct SilentUnit: Hashable {
    private var restsUntil: ContinuousClock.Instant?

    private static let longestRest = Duration.seconds(60)

    /// Whether one request shall show first that the unit answers again.
    var isProbing: Bool { restsUntil != nil }

    /// Whether the unit is left alone at this moment.
    func rests(at now: ContinuousClock.Instant) -> Bool {
        restsUntil.map { now < $0 } ?? false
    }

    /// A poll has ended.
    mutating func polled(from begin: ContinuousClock.Instant, to end: ContinuousClock.Instant, answered: Bool) {
        restsUntil = answered ? nil : end + min((end - begin) * 9, Self.longestRest)
    }
}
