/// How a host application treats edge nodes.
public struct HostSettings: Hashable, Sendable {
    /// The host's own name, under which it publishes STATE; nil when it publishes none.
    public var hostID: String?
    /// Whether edge nodes are asked for their births when something is missing.
    public var requestsRebirth: Bool
    /// The least time between two requests to the same node, in milliseconds.
    public var rebirthIntervalMilliseconds: UInt64
    /// How long messages wait for one that was overtaken, in milliseconds; 0 waits for none.
    public var reorderTimeoutMilliseconds: UInt64
    /// Messages of a node that wait at most, 1 to 127.
    public var reorderWindow: Int
    /// Bytes of all payloads that wait.
    public var heldBytesMax: Int
    /// Edge nodes and devices together.
    public var scopesMax: Int
    /// Metrics of all nodes.
    public var metricsMax: Int
    public var limits: PayloadLimits

    public init(
        hostID: String? = nil, requestsRebirth: Bool = false, rebirthIntervalMilliseconds: UInt64 = 30_000,
        reorderTimeoutMilliseconds: UInt64 = 2000, reorderWindow: Int = 64, heldBytesMax: Int = 16 << 20,
        scopesMax: Int = 20_000, metricsMax: Int = 100_000, limits: PayloadLimits = PayloadLimits()
    ) {
        self.hostID = hostID
        self.requestsRebirth = requestsRebirth
        self.rebirthIntervalMilliseconds = rebirthIntervalMilliseconds
        self.reorderTimeoutMilliseconds = reorderTimeoutMilliseconds
        self.reorderWindow = min(127, max(1, reorderWindow))
        self.heldBytesMax = heldBytesMax
        self.scopesMax = scopesMax
        self.metricsMax = metricsMax
        self.limits = limits
    }
}
