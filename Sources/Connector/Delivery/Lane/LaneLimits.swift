package import ConnectorModel
package import Resilience

/// How much a lane holds.
package struct LaneLimits: Hashable, Sendable {
    /// Records kept in memory between journal and target; what exceeds them is read back from disk in its turn.
    package var memoryRecordsMax: Int
    /// Bytes kept in memory, for records that are large.
    package var memoryBytesMax: Int
    /// Bytes on disk at which sources are asked to pause.
    package var journalBytesMax: Int
    /// Records not yet acknowledged at which sources are asked to pause; nil where only the disk limits them.
    package var recordsMax: Int?
    /// For sources without a policy of their own.
    package var policy: SourcePolicy
    /// Bytes written and synced at once.
    package var groupBytesMax: Int
    /// How long an acknowledgement stays unwritten at least, so that many are written at once. Then it goes with the
    /// next commit; the lane's thread is woken for it alone only after ``watermarkDelayMax``.
    package var watermarkInterval: Duration
    /// How long a disk that fails is left alone.
    package var storageRetryInterval: Duration
    /// Streams to the target; a tag always uses the same one.
    package var streams: Int
    /// What a backlog has of the way to the target while live rows need the rest; at 1 the backlog goes first and
    /// rows stay in order.
    package var backlogShare: Double

    package init(
        memoryRecordsMax: Int = 50_000, memoryBytesMax: Int = 64 * 1024 * 1024,
        journalBytesMax: Int = 1024 * 1024 * 1024, recordsMax: Int? = nil, policy: SourcePolicy = SourcePolicy(),
        groupBytesMax: Int = 4 * 1024 * 1024,
        watermarkInterval: Duration = .milliseconds(100), storageRetryInterval: Duration = .seconds(1),
        streams: Int = 1, backlogShare: Double = 1
    ) {
        self.memoryRecordsMax = max(1, memoryRecordsMax)
        self.memoryBytesMax = max(1, memoryBytesMax)
        self.journalBytesMax = max(1, journalBytesMax)
        self.recordsMax = recordsMax.map { max(1, $0) }
        self.policy = policy
        self.groupBytesMax = max(1, groupBytesMax)
        self.watermarkInterval = watermarkInterval
        self.storageRetryInterval = storageRetryInterval
        self.streams = max(1, streams)
        self.backlogShare = backlogShare
    }

    /// How long an acknowledgement may stay unwritten; after a kill that much is sent again.
    var watermarkDelayMax: Duration { watermarkInterval * 5 }

    /// A sixteenth of the journal, so that acknowledged space comes back in small parts; 64 KiB to 16 MiB.
    var segmentBytesMax: Int { min(16 * 1024 * 1024, max(64 * 1024, journalBytesMax / 16)) }
}

/// When a batch leaves (`zerobus.batch`), and where its records carry their own names.
package struct BatchLimits: Hashable, Sendable {
    package var recordsMax: Int
    /// Bytes of a batch's body; a single larger record goes alone.
    package var bytesMax: Int
    /// How long a batch that is not full waits for more while others are under way; an idle stream waits for
    /// nothing.
    package var linger: Duration
    /// How many records a target gets per second, over all its streams; nil where only it says how many.
    package var rateLimit: RateLimit?
    package var recordID: RecordLayout.RecordIDPlace
    /// The columns that name a tag, by number: they decide on its stream.
    package var identity: Set<UInt32>

    package init(
        recordsMax: Int = 1000, bytesMax: Int = 4 * 1024 * 1024, linger: Duration = .milliseconds(20),
        rateLimit: RateLimit? = nil, layout: RecordLayout = .rawEvents
    ) {
        self.recordsMax = max(1, recordsMax)
        self.bytesMax = max(1, bytesMax)
        self.linger = max(.zero, linger)
        self.rateLimit = rateLimit
        recordID = layout.recordIDPlace
        identity = layout.identity
    }
}

/// How soon a stream is opened again after a failure (`zerobus.retry`, `zerobus.circuit_breaker`).
package struct RetryLimits: Equatable, Sendable {
    package var initialDelay: Duration
    package var maxDelay: Duration
    package var multiplier: Double
    /// All streams of a lane have one breaker before them.
    package var breaker: CircuitBreaker.Limits

    package init(
        initialDelay: Duration = .seconds(1), maxDelay: Duration = .seconds(60), multiplier: Double = 2,
        breaker: CircuitBreaker.Limits = CircuitBreaker.Limits()
    ) {
        self.initialDelay = initialDelay
        self.maxDelay = maxDelay
        self.multiplier = multiplier
        self.breaker = breaker
    }
}
