public import NIOCore

/// What comes of the messages of one read: filled by `HostApplication`, emptied by whoever acts on it.
public struct HostEvents: Equatable, Sendable {
    /// One value of a metric.
    public struct Reading: Equatable, Sendable {
        /// The number of the metric in `HostApplication.metrics`; nil beyond the limit of metrics.
        public var metric: Int?
        /// The address, for a metric beyond the limit only.
        public var address: String?
        public var value: MetricValue
        public var type: DataType?
        /// Milliseconds of UTC since 1970; nil when the sender gave none.
        public var timestamp: UInt64?
        public var quality: QualityCode
        public var isHistorical = false
        public var isTransient = false
    }

    /// A message that is not, or not wholly, understood.
    public struct Refusal: Equatable, Sendable {
        /// The number that came with the message.
        public var message: UInt64
        public var topic: String
        public var payload: ByteBuffer
        public var reason: Reason
    }

    public enum Reason: Equatable, Sendable, CustomStringConvertible {
        /// No topic of Sparkplug B.
        case topic
        case payload(PayloadError)
        /// This many metrics are named by aliases that no birth has explained.
        case unknownAliases(Int)
        /// More edge nodes and devices than the limit.
        case tooManyScopes(limit: Int)

        public var description: String {
            switch self {
            case .topic: "the topic is none of Sparkplug B"
            case .payload(let error): error.description
            case .unknownAliases(let count):
                "\(count) metrics have aliases that no birth of their edge node has explained"
            case .tooManyScopes(let limit): "there are more than \(limit) edge nodes and devices"
            }
        }
    }

    public var readings: [Reading] = []
    /// Metrics that are new, or have another type or unit than before.
    public var defined: [Int] = []
    /// The numbers of messages that are done with, in the order in which they were.
    public var settled: [UInt64] = []
    public var refused: [Refusal] = []
    /// Edge nodes to ask for their births.
    public var rebirths: [EdgeNodeID] = []
    /// Whether somebody says that this host is offline, which it is not: STATE is to be published again.
    public var republishesState = false

    public init() {}

    /// Forgets all and keeps the memory.
    public mutating func clear() {
        readings.removeAll(keepingCapacity: true)
        defined.removeAll(keepingCapacity: true)
        settled.removeAll(keepingCapacity: true)
        refused.removeAll(keepingCapacity: true)
        rebirths.removeAll(keepingCapacity: true)
        republishesState = false
    }
}

/// What a host application has met since its start.
public struct HostCounts: Hashable, Sendable {
    public var births = 0
    public var deaths = 0
    /// Messages that came later than their successors, in time to be put in order.
    public var reordered = 0
    /// Messages that came after they were given up, or twice.
    public var late = 0
    /// Places in the sequence where messages are missing.
    public var gaps = 0
    /// Messages of nodes and devices without a sequence number.
    public var unnumbered = 0
    /// Values whose alias no birth has explained.
    public var unknownAliases = 0
    /// Values whose name was not in the birth; they are taken all the same.
    public var unknownNames = 0
    /// Deaths of an earlier session than the present one.
    public var bdSeqMismatches = 0
    /// Births of a new session although the old one was not reported dead.
    public var missedDeaths = 0
    /// Values that are not of the type that they are said to be.
    public var typeMismatches = 0
    /// Requests for births.
    public var rebirthRequests = 0
    /// Messages that could not be read.
    public var refused = 0

    public init() {}
}
