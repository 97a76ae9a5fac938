/// What a decoder accepts from a peer.
public struct PacketLimits: Equatable, Sendable {
    /// Bytes of a whole packet with its header; a larger one is refused at its header.
    public var maximumPacketSize: Int
    /// Properties in one packet.
    public var maximumProperties: Int
    /// Topic filters in one SUBSCRIBE or UNSUBSCRIBE.
    public var maximumTopicFilters: Int

    public init(
        maximumPacketSize: Int = 16 * 1024 * 1024, maximumProperties: Int = 256, maximumTopicFilters: Int = 8192
    ) {
        self.maximumPacketSize = maximumPacketSize
        self.maximumProperties = maximumProperties
        self.maximumTopicFilters = maximumTopicFilters
    }
}
