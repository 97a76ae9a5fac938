/// How many operations a server takes in one call (Part 5, 6.3.11), within bounds of our own.
public struct OperationLimits: Hashable, Sendable {
    public var nodesPerRead: Int
    public var nodesPerBrowse: Int
    public var itemsPerCall: Int
    public var nodesPerTranslate: Int
    public var nodesPerHistoryRead: Int
    /// Continuation points that a session may hold at a time while it browses.
    public var browseContinuationPoints: Int
    public var historyContinuationPoints: Int
    /// Most items in one subscription; nil when the server names no limit.
    public var itemsPerSubscription: Int?
    /// Most subscriptions of one session; nil when the server names no limit.
    public var subscriptionsPerSession: Int?

    /// What is used when a server names no limit: answers stay well below the message size.
    public static let usual = 1000

    public init(
        nodesPerRead: Int = usual, nodesPerBrowse: Int = usual, itemsPerCall: Int = usual,
        nodesPerTranslate: Int = usual, nodesPerHistoryRead: Int = 100, browseContinuationPoints: Int = usual,
        historyContinuationPoints: Int = 100, itemsPerSubscription: Int? = nil, subscriptionsPerSession: Int? = nil
    ) {
        self.nodesPerRead = nodesPerRead
        self.nodesPerBrowse = nodesPerBrowse
        self.itemsPerCall = itemsPerCall
        self.nodesPerTranslate = nodesPerTranslate
        self.nodesPerHistoryRead = nodesPerHistoryRead
        self.browseContinuationPoints = browseContinuationPoints
        self.historyContinuationPoints = historyContinuationPoints
        self.itemsPerSubscription = itemsPerSubscription
        self.subscriptionsPerSession = subscriptionsPerSession
    }
}
