import DequeModule
import NIOCore
import OPCUACore
import OPCUATypes

/// A session with what the server holds for it.
final class SessionState {
    var machine: ServerSession
    /// What the client called the session and itself.
    let name: String
    let client: ApplicationDescription
    /// Longest response that the client takes, in bytes; 0 for any.
    let maxResponseBytes: Int
    let connected: DateTime
    var lastContact: DateTime
    /// Counters of its requests.
    var diagnostics = SessionDiagnosticsDataType()
    /// In the order of creation.
    var subscriptions: [UInt32] = []
    var publishRequests: Deque<PublishSlot> = []
    /// What became of subscriptions that are no longer this session's, to be told with the next Publish.
    var statusChanges: Deque<StatusChange> = []
    var continuationPoints: [ByteString: BrowseRest] = [:]
    var historyPoints: [ByteString: HistoryRest] = [:]

    init(_ machine: ServerSession, _ request: CreateSessionRequest, now: DateTime) {
        self.machine = machine
        name = request.sessionName ?? ""
        client = request.clientDescription
        maxResponseBytes = Int(request.maxResponseMessageSize)
        (connected, lastContact) = (now, now)
    }
}

/// A Publish request that waits for something to say.
struct PublishSlot {
    var call: Call
    var requestHandle: UInt32
    /// Outcomes of the acknowledgements that it carried.
    var results: [StatusCode]
    /// When the client stops waiting for it; nil for never.
    var expires: NIODeadline?
}

/// The end of a subscription as its session hears of it (Part 4, 7.25.4).
struct StatusChange {
    var subscription: UInt32
    var sequenceNumber: UInt32
    var status: StatusCode
}

/// Who may take a subscription over (Part 4, 5.14.7.1): the same user, and for anonymous ones the same application.
struct SubscriptionOwner: Hashable {
    var user: SessionUser?
    var applicationURI: String?

    init(_ session: SessionState) {
        user = session.machine.user
        // Users are known by name or certificate, whichever application they use.
        if user == .anonymous { applicationURI = session.client.applicationUri }
    }
}

/// A subscription with what the server holds for it.
final class SubscriptionState {
    var machine: ServerSubscription
    let owner: SubscriptionOwner
    weak var session: SessionState?
    var items: [UInt32: Item] = [:]
    var timer: Scheduled<Void>?
    var nextInterval: NIODeadline
    /// When it last had something to say: among equals the one that has waited longest goes first.
    var lastPublished: NIODeadline
    /// Items whose values are made when they are asked for.
    var computed: [UInt32: Node.Computed] = [:]

    /// Counters of what happened to it.
    var diagnostics = SubscriptionDiagnosticsDataType()
    /// Items of events.
    var events: [UInt32: EventItem] = [:]

    /// Number of items of both kinds.
    var itemCount: Int { items.count + events.count }

    struct Item {
        var monitor: Int32
        var clientHandle: UInt32
        var node: NodeId
        var attribute: UInt32
    }

    init(_ machine: ServerSubscription, session: SessionState, now: NIODeadline) {
        self.machine = machine
        self.session = session
        owner = SubscriptionOwner(session)
        lastPublished = now
        nextInterval = now + machine.publishingInterval
    }
}
