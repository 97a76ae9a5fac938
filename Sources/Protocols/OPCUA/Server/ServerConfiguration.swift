public import OPCUACore
public import OPCUATypes

/// What a server is called, where it listens and what it grants.
public struct ServerConfiguration: Sendable {
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 takes a free one.
    public var port: Int
    /// Path shown in the server's own URL; clients may use any.
    public var path: String
    public var applicationName: String
    public var applicationURI: String
    public var productURI: String
    public var softwareVersion: String
    public var channel: ServerChannelSettings
    public var subscription: ServerSubscriptionSettings
    public var limits: ServerLimits
    public var security: ServerSecurity
    /// Clients that the server connects to by itself (Part 6, 7.1.3), beside listening.
    public var reverseConnect: [ReverseConnect] = []
    /// Asked when a client writes the value of a writable variable; nil refuses every Write with BadNotWritable.
    public var writeHandler: (@Sendable (VariableHandle, DataValue) -> StatusCode)?

    public init(
        host: String = "127.0.0.1", port: Int = 4840, path: String = "/", applicationName: String,
        applicationURI: String, productURI: String = "urn:penstock", softwareVersion: String = "0.1",
        channel: ServerChannelSettings = ServerChannelSettings(),
        subscription: ServerSubscriptionSettings = ServerSubscriptionSettings(),
        limits: ServerLimits = ServerLimits(), security: ServerSecurity = .none,
        writeHandler: (@Sendable (VariableHandle, DataValue) -> StatusCode)? = nil
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.applicationName = applicationName
        self.applicationURI = applicationURI
        self.productURI = productURI
        self.softwareVersion = softwareVersion
        self.channel = channel
        self.subscription = subscription
        self.limits = limits
        self.security = security
        self.writeHandler = writeHandler
    }
}

/// A client that listens for a server which may not be connected to.
public struct ReverseConnect: Hashable, Sendable {
    public var host: String
    public var port: Int
    /// Time from the end of one connection, or from a try that failed, to the next.
    public var interval: Duration

    public init(host: String, port: Int, interval: Duration = .seconds(5)) {
        self.host = host
        self.port = port
        self.interval = interval
    }
}

/// Bounds of what clients may take from a server.
public struct ServerLimits: Hashable, Sendable {
    public var maxConnections: Int
    public var maxSessions: Int
    public var maxSubscriptionsPerSession: Int
    /// Monitored items of all sessions together.
    public var maxMonitoredItems: Int
    public var maxMonitoredItemsPerSubscription: Int
    public var maxQueueSize: Int
    public var maxPublishRequestsPerSession: Int
    public var maxBrowseContinuationPoints: Int
    public var maxHistoryContinuationPoints: Int
    /// Most values in one answer of HistoryRead, per node.
    public var maxHistoryValuesPerRead: Int
    /// Most references in one answer of Browse, per node.
    public var maxReferencesPerNode: Int
    /// Most operations in one request (OperationLimits, Part 5, 6.3.11).
    public var maxOperationsPerRequest: Int
    /// Bounds of the session timeout, milliseconds.
    public var shortestSessionTimeoutMilliseconds: Double
    public var longestSessionTimeoutMilliseconds: Double

    public init(
        maxConnections: Int = 100, maxSessions: Int = 100, maxSubscriptionsPerSession: Int = 100,
        maxMonitoredItems: Int = 2_000_000, maxMonitoredItemsPerSubscription: Int = 2_000_000, maxQueueSize: Int = 1000,
        maxPublishRequestsPerSession: Int = 100,
        maxBrowseContinuationPoints: Int = 100, maxHistoryContinuationPoints: Int = 100,
        maxHistoryValuesPerRead: Int = 10_000, maxReferencesPerNode: Int = 10_000,
        maxOperationsPerRequest: Int = 10_000, shortestSessionTimeoutMilliseconds: Double = 1000,
        longestSessionTimeoutMilliseconds: Double = 3_600_000
    ) {
        self.maxConnections = maxConnections
        self.maxSessions = maxSessions
        self.maxSubscriptionsPerSession = maxSubscriptionsPerSession
        self.maxMonitoredItems = maxMonitoredItems
        self.maxMonitoredItemsPerSubscription = maxMonitoredItemsPerSubscription
        self.maxQueueSize = maxQueueSize
        self.maxPublishRequestsPerSession = maxPublishRequestsPerSession
        self.maxBrowseContinuationPoints = maxBrowseContinuationPoints
        self.maxHistoryContinuationPoints = maxHistoryContinuationPoints
        self.maxHistoryValuesPerRead = maxHistoryValuesPerRead
        self.maxReferencesPerNode = maxReferencesPerNode
        self.maxOperationsPerRequest = maxOperationsPerRequest
        self.shortestSessionTimeoutMilliseconds = shortestSessionTimeoutMilliseconds
        self.longestSessionTimeoutMilliseconds = longestSessionTimeoutMilliseconds
    }
}

/// A new value of a variable.
public struct VariableUpdate: Sendable {
    public var variable: VariableHandle
    public var value: DataValue

    public init(_ variable: VariableHandle, _ value: DataValue) {
        self.variable = variable
        self.value = value
    }
}

/// Why a server could not run.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
}
