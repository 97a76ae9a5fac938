import OPCUATypes

/// What is asked of the server for one tag.
extension Monitoring {
    /// - Parameter withFilter: false where the server refused the filter.
    func itemRequest(
        _ tag: TagDirectory.Entry, handle: UInt32, withFilter: Bool
    ) -> MonitoredItemCreateRequest {
        let filter = withFilter ? reading.filter(of: tag.deadbands) : nil
        return MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: tag.node ?? .null, attributeId: AttributeId.value),
            monitoringMode: .reporting,
            requestedParameters: reading.parameters(
                tag.intervals, handle: handle, filter: filter.map { ExtensionObject($0) } ?? .null))
    }
}

extension TagReading {
    func parameters(
        _ intervals: ReadingIntervals, handle: UInt32, filter: ExtensionObject = .null
    ) -> MonitoringParameters {
        let publishing = intervals.publishing ?? publishingInterval
        let sampling = intervals.sampling ?? samplingInterval ?? publishing
        // Room for what changes between two publishings, and for one that comes late.
        let changes = publishing.milliseconds / max(sampling.milliseconds, 1)
        return MonitoringParameters(
            clientHandle: handle, samplingInterval: sampling.milliseconds, filter: filter,
            queueSize: UInt32(queueSize ?? Int(min(max(2 * changes, 10), 1000))),
            discardOldest: discardPolicy == .oldest)
    }

    /// The filter that says what is asked for; nil where the server's own rule says the same (Part 4, 7.22.2).
    /// - Parameter deadbands: those that the tag takes.
    func filter(of deadbands: DeadbandKinds) -> DataChangeFilter? {
        let band: (type: UInt32, value: Double)? =
            switch deadband {
            case .absolute(let value) where deadbands.contains(.absolute): (1, value)
            // Percent is of the EURange, which only an AnalogItem has (Part 8, 7.2).
            case .percent(let value) where deadbands.contains(.percent): (2, value)
            default: nil
            }
        guard band != nil || trigger != .statusValue else { return nil }
        return DataChangeFilter(
            trigger: trigger.standard, deadbandType: band?.type ?? 0, deadbandValue: band?.value ?? 0)
    }
}

extension TagDetails {
    var deadbands: DeadbandKinds {
        var kinds: DeadbandKinds = isNumber ? .absolute : []
        if range != nil { kinds.insert(.percent) }
        return kinds
    }

    /// Whether the values may be numbers: a deadband is refused for all others.
    private var isNumber: Bool {
        guard let type = dataType.standard, type <= 29 else { return true }
        return (2...11).contains(type) || (26...28).contains(type) || type == 24 || type == 0
    }
}
