import OPCUACore
import OPCUATypes

extension AddressSpace {
    /// Values of the Server object that stay as they are while the server runs (Part 5, 8.3.2).
    mutating func setServerValues(_ configuration: ServerConfiguration, at time: DateTime) {
        let build = configuration.buildInfo(time)
        let limits = configuration.limits
        let decoding = configuration.channel.decoding
        let operations = Variant.uint32(UInt32(clamping: limits.maxOperationsPerRequest))
        let values: [(UInt32, Variant)] = [
            (2254, .array(VariantArray(.string([configuration.applicationURI])))),
            (2255, .array(VariantArray(.string(namespaces)))),
            (2267, .byte(255)), (2994, .boolean(false)),
            (2257, .dateTime(time)), (2259, .int32(ServerState.running.rawValue)), (2992, .uint32(0)),
            (2993, .localizedText(.null)), (2260, .extensionObject(ExtensionObject(build))),
            (2262, .string(build.productUri)), (2263, .string(build.manufacturerName)),
            (2261, .string(build.productName)), (2264, .string(build.softwareVersion)),
            (2265, .string(build.buildNumber)), (2266, .dateTime(time)),
            (2269, .array(VariantArray(.string(["http://opcfoundation.org/UA-Profile/Server/EmbeddedUA2017"])))),
            (2271, .array(VariantArray(.string(["en"])))), (2272, .double(0)),
            (2735, .uint16(UInt16(clamping: limits.maxBrowseContinuationPoints))), (2736, .uint16(0)),
            (2737, .uint16(UInt16(clamping: limits.maxHistoryContinuationPoints))),
            (11702, .uint32(UInt32(clamping: decoding.maxArrayLength))),
            (11703, .uint32(UInt32(clamping: decoding.maxStringBytes))),
            (12911, .uint32(UInt32(clamping: decoding.maxStringBytes))),
            (24095, .uint32(UInt32(clamping: limits.maxSessions))),
            (24096, .uint32(UInt32(clamping: limits.maxSessions * limits.maxSubscriptionsPerSession))),
            (24097, .uint32(UInt32(clamping: limits.maxMonitoredItems))),
            (24098, .uint32(UInt32(clamping: limits.maxSubscriptionsPerSession))),
            (24099, .uint32(UInt32(clamping: EventSelection.maxSelectClauses))),
            (24100, .uint32(UInt32(clamping: EventSelection.maxWhereElements))),
            (24104, .uint32(UInt32(clamping: limits.maxMonitoredItemsPerSubscription))),
            (31916, .uint32(UInt32(clamping: limits.maxQueueSize))),
            (11193, .boolean(!historyLengths.isEmpty)), (11242, .boolean(false)),
            (11273, .uint32(UInt32(clamping: limits.maxHistoryValuesPerRead))), (11274, .uint32(0)),
            (11196, .boolean(false)), (11197, .boolean(false)), (11198, .boolean(false)), (11199, .boolean(false)),
            (11200, .boolean(false)), (11275, .boolean(false)), (11281, .boolean(false)), (11282, .boolean(false)),
            (11283, .boolean(false)), (11502, .boolean(false)), (19091, .boolean(true)),
            (11709, operations), (12165, operations),
            (11705, operations), (11707, operations), (11710, operations), (11711, operations), (11712, operations),
            (11714, operations), (3709, .int32(0)), (2294, .boolean(true)),
        ]
        for (id, value) in values { setStandard(id, value, at: time) }
    }
}
