import NIOCore
import OPCUACore
import OPCUASecurity
import OPCUATypes

/// What the server counts of itself (Part 5, 6.3.3).
struct ServerCounters {
    var sessions: UInt32 = 0
    var rejectedSessions: UInt32 = 0
    var securityRejectedSessions: UInt32 = 0
    var sessionTimeouts: UInt32 = 0
    var subscriptions: UInt32 = 0
    var rejectedRequests: UInt32 = 0
    var securityRejectedRequests: UInt32 = 0
}

extension Standard {
    /// Variables below ServerDiagnostics whose values are made when they are asked for.
    static let diagnostics: Set<UInt32> = Set([2275, 2289, 2290, 3705, 3707]).union(2276...2279).union([
        2281, 2282, 2284, 2285, 2286, 2287, 2288,
    ])
}

extension ServerCore {
    /// The value of a variable below ServerDiagnostics.
    func diagnostics(_ id: UInt32) -> Variant {
        let summary = diagnosticsSummary
        return switch id {
        case 2275: .extensionObject(ExtensionObject(summary))
        case 2276: .uint32(summary.serverViewCount)
        case 2277: .uint32(summary.currentSessionCount)
        case 2278: .uint32(summary.cumulatedSessionCount)
        case 2279: .uint32(summary.securityRejectedSessionCount)
        case 3705: .uint32(summary.rejectedSessionCount)
        case 2281: .uint32(summary.sessionTimeoutCount)
        case 2282: .uint32(summary.sessionAbortCount)
        case 2284: .uint32(summary.publishingIntervalCount)
        case 2285: .uint32(summary.currentSubscriptionCount)
        case 2286: .uint32(summary.cumulatedSubscriptionCount)
        case 2287: .uint32(summary.securityRejectedRequestsCount)
        case 2288: .uint32(summary.rejectedRequestsCount)
        case 2290: array(subscriptions.values.sorted { $0.machine.id < $1.machine.id }.map(diagnostics))
        case 3707: array(sessions.values.sorted { $0.connected < $1.connected }.map(diagnostics))
        // Sampling intervals are the items' own: there is no list of them.
        default: array([SamplingIntervalDiagnosticsDataType]())
        }
    }

    private func array<T: Structure>(_ structures: [T]) -> Variant {
        .array(VariantArray(.extensionObject(structures.map { ExtensionObject($0) })))
    }

    private var diagnosticsSummary: ServerDiagnosticsSummaryDataType {
        ServerDiagnosticsSummaryDataType(
            currentSessionCount: UInt32(clamping: sessions.count), cumulatedSessionCount: counters.sessions,
            securityRejectedSessionCount: counters.securityRejectedSessions,
            rejectedSessionCount: counters.rejectedSessions, sessionTimeoutCount: counters.sessionTimeouts,
            currentSubscriptionCount: UInt32(clamping: subscriptions.count),
            cumulatedSubscriptionCount: counters.subscriptions,
            publishingIntervalCount: UInt32(
                clamping: Set(subscriptions.values.map(\.machine.publishingIntervalMilliseconds)).count),
            securityRejectedRequestsCount: counters.securityRejectedRequests,
            rejectedRequestsCount: counters.rejectedRequests)
    }

    private func diagnostics(_ session: SessionState) -> SessionDiagnosticsDataType {
        var result = session.diagnostics
        result.sessionId = session.machine.sessionId
        result.sessionName = session.name
        result.clientDescription = session.client
        result.endpointUrl = connections[session.machine.channelId]?.endpointURL
        result.actualSessionTimeout = Double(session.machine.timeout.nanoseconds) / 1e6
        result.maxResponseMessageSize = UInt32(clamping: session.maxResponseBytes)
        result.clientConnectionTime = session.connected
        result.clientLastContactTime = session.lastContact
        result.currentSubscriptionsCount = UInt32(clamping: session.subscriptions.count)
        result.currentMonitoredItemsCount = UInt32(
            clamping: session.subscriptions.reduce(0) { $0 + (subscriptions[$1]?.itemCount ?? 0) })
        result.currentPublishRequestsInQueue = UInt32(clamping: session.publishRequests.count)
        return result
    }

    private func diagnostics(_ subscription: SubscriptionState) -> SubscriptionDiagnosticsDataType {
        let machine = subscription.machine
        var result = subscription.diagnostics
        result.sessionId = subscription.session?.machine.sessionId ?? .null
        result.subscriptionId = machine.id
        result.priority = machine.priority
        result.publishingInterval = machine.publishingIntervalMilliseconds
        result.maxKeepAliveCount = machine.keepAliveCount
        result.maxLifetimeCount = machine.lifetimeCount
        result.maxNotificationsPerPublish = machine.maxNotificationsPerPublish
        result.publishingEnabled = machine.isPublishing
        result.unacknowledgedMessageCount = UInt32(clamping: machine.availableSequenceNumbers.count)
        result.monitoredItemCount = UInt32(clamping: subscription.itemCount)
        result.nextSequenceNumber = machine.upcomingSequenceNumber
        return result
    }
}

extension SessionState {
    /// Counts a request of the session.
    func count(_ typeId: UInt32, failed: Bool) {
        lastContact = SystemClock.utc
        diagnostics.totalRequestCount.add(failed)
        if let counter = Self.counter(typeId) { diagnostics[keyPath: counter].add(failed) }
    }

    private static func counter(
        _ typeId: UInt32
    ) -> WritableKeyPath<SessionDiagnosticsDataType, ServiceCounterDataType>? {
        switch typeId {
        case ReadRequest.binaryEncodingId: \.readCount
        case HistoryReadRequest.binaryEncodingId: \.historyReadCount
        case WriteRequest.binaryEncodingId: \.writeCount
        case CallRequest.binaryEncodingId: \.callCount
        case CreateMonitoredItemsRequest.binaryEncodingId: \.createMonitoredItemsCount
        case ModifyMonitoredItemsRequest.binaryEncodingId: \.modifyMonitoredItemsCount
        case SetMonitoringModeRequest.binaryEncodingId: \.setMonitoringModeCount
        case DeleteMonitoredItemsRequest.binaryEncodingId: \.deleteMonitoredItemsCount
        case CreateSubscriptionRequest.binaryEncodingId: \.createSubscriptionCount
        case ModifySubscriptionRequest.binaryEncodingId: \.modifySubscriptionCount
        case SetPublishingModeRequest.binaryEncodingId: \.setPublishingModeCount
        case PublishRequest.binaryEncodingId: \.publishCount
        case RepublishRequest.binaryEncodingId: \.republishCount
        case TransferSubscriptionsRequest.binaryEncodingId: \.transferSubscriptionsCount
        case DeleteSubscriptionsRequest.binaryEncodingId: \.deleteSubscriptionsCount
        case BrowseRequest.binaryEncodingId: \.browseCount
        case BrowseNextRequest.binaryEncodingId: \.browseNextCount
        case TranslateBrowsePathsToNodeIdsRequest.binaryEncodingId: \.translateBrowsePathsToNodeIdsCount
        case RegisterNodesRequest.binaryEncodingId: \.registerNodesCount
        case UnregisterNodesRequest.binaryEncodingId: \.unregisterNodesCount
        default: nil
        }
    }
}

extension ServiceCounterDataType {
    fileprivate mutating func add(_ failed: Bool) {
        totalCount &+= 1
        if failed { errorCount &+= 1 }
    }
}
