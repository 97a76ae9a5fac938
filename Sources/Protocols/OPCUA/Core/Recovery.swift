public import OPCUATypes

/// What a client remembers from connection to connection, and which rung of the ladder comes next (Part 4, 6.7): the old
/// session on the new channel, else its subscriptions transferred to a new session, else everything anew.
///
/// Holds a session's token, which is a secret and lives in memory only.
public struct Recovery: Sendable {
    /// How to get a session.
    public enum SessionAction: Hashable, Sendable {
        /// ActivateSession of this one on the new channel (Part 4, 5.7.3.1).
        case activate(HeldSession)
        /// CreateSession.
        case create
    }

    /// How to go on with the subscriptions.
    public enum SubscriptionsAction: Hashable, Sendable {
        /// They are the session's still: Republish until the server has no more.
        case republish([RememberedSubscription])
        /// TransferSubscriptions, then Republish what each result names.
        case transfer([RememberedSubscription])
        /// There are none.
        case recreate
    }

    /// Why a connection ended.
    public enum End: Hashable, Sendable {
        /// The link broke or fell silent.
        case link
        /// The server refused something that keeps the connection going.
        case server(StatusCode)
        /// This side closed it in good order; the server has deleted session and subscriptions.
        case closed
    }

    private enum Rung: Int, Comparable, Sendable {
        case reactivate, transfer, recreate
        static func < (left: Rung, right: Rung) -> Bool { left.rawValue < right.rawValue }
    }

    /// Links that may break on one rung before anything came; then the next rung is tried.
    public static let maxFruitless = 3

    private var rung = Rung.reactivate
    private var fruitless = 0
    private var server: String?
    private var session: HeldSession?
    private var isSameSession = false
    /// The present connection has a session.
    private var isActive = false
    public private(set) var subscriptions: [RememberedSubscription] = []
    /// Acknowledgements of which the server has not said that it took them.
    public private(set) var acknowledgements: [SubscriptionAcknowledgement] = []

    public init() {}

    /// Subscriptions that an earlier run of the program left at the server; taken when nothing fresher is known.
    public mutating func adopt(_ left: [RememberedSubscription]) {
        guard subscriptions.isEmpty, rung < .recreate, !isSameSession else { return }
        subscriptions = left
    }

    /// A channel to a server is open.
    /// - Parameter server: what tells one server from another: its ApplicationUri.
    public mutating func channelOpened(to server: String) -> SessionAction {
        if let known = self.server, known != server { self = Recovery() }
        self.server = server
        isSameSession = false
        isActive = false
        guard rung == .reactivate, let session else { return .create }
        isSameSession = true
        return .activate(session)
    }

    /// The server will not have the old session back.
    public mutating func activationRefused() -> SessionAction {
        session = nil
        isSameSession = false
        return .create
    }

    /// A session is active on the present channel.
    public mutating func sessionActivated(_ held: HeldSession) {
        session = held
        isActive = true
    }

    /// The subscriptions shall go on.
    public func resume() -> SubscriptionsAction {
        if subscriptions.isEmpty || rung == .recreate { return .recreate }
        return isSameSession ? .republish(subscriptions) : .transfer(subscriptions)
    }

    /// The server answered TransferSubscriptions, one result for each of the subscriptions, or refused it as a whole.
    /// - Returns: what goes on, with the numbers that the server still holds.
    public mutating func transferred(
        _ results: [TransferResult]
    ) -> [(subscription: RememberedSubscription, available: [UInt32])] {
        let kept = zip(subscriptions, results).filter { $1.statusCode.isGood }
        subscriptions = kept.map { $0.0 }
        return kept.map { ($0.0, $0.1.availableSequenceNumbers) }
    }

    /// A subscription was created or changed.
    public mutating func subscribed(_ subscription: RememberedSubscription) {
        subscriptions.removeAll { $0.id == subscription.id }
        subscriptions.append(subscription)
    }

    /// A subscription is no more, by order or by the server's word.
    public mutating func unsubscribed(_ id: UInt32) { subscriptions.removeAll { $0.id == id } }

    /// The server published something: whatever was done led to life.
    public mutating func proved() {
        rung = .reactivate
        fruitless = 0
    }

    /// The connection is over.
    /// - Parameter next: the number of the next message of each subscription.
    public mutating func ended(
        _ end: End, next: [UInt32: UInt32?], unconfirmed: [SubscriptionAcknowledgement], wasProved: Bool
    ) {
        for index in subscriptions.indices {
            if let number = next[subscriptions[index].id] { subscriptions[index].next = number }
        }
        acknowledgements = unconfirmed
        switch end {
        case .closed:
            self = Recovery()
        case .link:
            // A session without subscriptions has nothing more to show than that it is there.
            guard !wasProved, !(isActive && subscriptions.isEmpty) else { return }
            guard session != nil || !subscriptions.isEmpty else { return }
            fruitless += 1
            if fruitless >= Self.maxFruitless { climb() }
        case .server(let status):
            switch status.base {
            case .badSessionIdInvalid, .badSessionClosed, .badSessionNotActivated: session = nil
            case .badNoSubscription: subscriptions.removeAll()
            default: if !wasProved { climb() }
            }
        }
    }

    private mutating func climb() {
        fruitless = 0
        rung = Rung(rawValue: rung.rawValue + 1) ?? .recreate
        session = nil
        if rung == .recreate { subscriptions.removeAll() }
    }
}
