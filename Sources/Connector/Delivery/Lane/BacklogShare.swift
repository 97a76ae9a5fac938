/// Divides the way to the target between a backlog and live rows (`backpressure.backlog_share`).
///
/// What is not needed by one part the other may have: only while live rows wait in full batches the backlog is kept to
/// its share. Few of its batches are under way at a time, so that live rows never queue behind many in the target.
struct BacklogShare: Equatable {
    /// Batches of the backlog under way on a stream that has the way for itself.
    static let flightsMax = 32

    private let share: Double
    /// Records that the backlog may send though live rows wait.
    private var credit = 0.0
    private let creditMax: Double

    /// - Parameters:
    ///   - share: of the backlog, above 0 and at most 1; at 1 there are no live rows beside it.
    ///   - batchRecordsMax: a full batch; so much may be saved up tenfold.
    init(_ share: Double, batchRecordsMax: Int) {
        self.share = min(max(share, 0.01), 1)
        creditMax = 10 * Double(batchRecordsMax)
    }

    /// Whether the backlog leaves a share to live rows at all.
    var sharesWithLive: Bool { share < 1 }

    /// Whether a stream of the backlog may send a batch.
    /// - Parameters:
    ///   - liveWaits: live rows wait in full batches.
    ///   - inFlight: its batches that are not acknowledged.
    func backlogMaySend(liveWaits: Bool, inFlight: Int) -> Bool {
        guard sharesWithLive else { return true }
        return inFlight < max(1, Int(Double(Self.flightsMax) * share)) && (!liveWaits || credit > 0)
    }

    /// A batch of live rows was sent.
    mutating func liveSent(_ records: Int) {
        guard sharesWithLive else { return }
        credit = min(creditMax, credit + Double(records) * share / (1 - share))
    }

    /// A batch of the backlog was sent.
    mutating func backlogSent(_ records: Int, liveWaits: Bool) {
        guard sharesWithLive, liveWaits else { return }
        credit -= Double(records)
    }
}
