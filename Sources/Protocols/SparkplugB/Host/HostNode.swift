import DequeModule
import NIOCore

/// An edge node as a host knows it.
struct HostNode {
    enum Session: Equatable {
        /// Not born, dead, or too long unheard to trust what its birth said.
        case unknown
        /// Born; nil when the birth named no bdSeq.
        case online(bdSeq: UInt64?)
    }

    /// How `expected` is to be taken.
    enum Following {
        case followed
        /// A connection was lost since: the sequence may have begun anew, with a birth that nobody saw.
        case afterPause
        /// The birth was a retained message: the latest that there is, and its data may be anywhere in the sequence.
        case afterRetainedBirth
    }

    /// A message that waits for those before it.
    struct Held {
        var seq: UInt8
        var kind: SparkplugTopic.Kind
        var scope: Int
        var payload: ByteBuffer
        var message: UInt64
    }

    var id: EdgeNodeID
    /// The scope of the node's own metrics.
    var scope: Int
    var devices: [String: Int] = [:]
    var session = Session.unknown
    /// Metrics by alias, of the node and its devices; `beyondLimit` for those that have no number.
    var aliases: [UInt64: Int32] = [:]
    static let beyondLimit: Int32 = -1
    /// The sequence number that comes next.
    var expected: UInt8 = 0
    var following = Following.afterPause
    /// In the order of their sequence numbers.
    var held: Deque<Held> = []
    /// When waiting for a missing message ends.
    var giveUpAt: UInt64?
    /// The latest time that a message of the node gave.
    var latestTimestamp: UInt64 = 0
    var needsRebirth = false
    var lastRequest: UInt64?

    init(id: EdgeNodeID, scope: Int) {
        self.id = id
        self.scope = scope
    }
}

/// A node's own metrics, or those of one of its devices.
struct HostScope {
    var node: Int
    var device: String?
    /// Its metrics by number.
    var metrics: [Int32] = []
    var isBorn = false
}
