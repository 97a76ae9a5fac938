import NIOCore

/// Births: what metrics there are, under which aliases, and their values (Sparkplug 3.0, 6.4.8 and 6.4.10).
extension HostApplication {
    mutating func nodeBorn(
        _ arrival: Arrival, _ reader: PayloadReader, _ events: inout HostEvents
    ) throws(PayloadError) {
        let views = try Self.views(reader)
        let node = arrival.node
        // What waited was sent under the old aliases.
        giveUp(node, now: arrival.now, &events)
        let bdSeq = Self.bdSeq(views)
        if case .online(let former) = nodes[node].session, former != bdSeq {
            // The old session ended unseen; its devices are born again, or stay away.
            counts.missedDeaths += 1
            for device in nodes[node].devices.values.sorted() { makeStale(device, at: reader.timestamp, &events) }
        }
        // Retained births of devices may come before that of their node.
        if !arrival.isRetained || nodes[node].session != .unknown {
            for device in nodes[node].devices.values { scopes[device].isBorn = false }
            nodes[node].aliases.removeAll(keepingCapacity: true)
        }
        nodes[node].session = .online(bdSeq: bdSeq)
        nodes[node].expected = UInt8(truncatingIfNeeded: reader.seq ?? 0) &+ 1
        nodes[node].following = arrival.isRetained ? .afterRetainedBirth : .followed
        nodes[node].needsRebirth = false
        nodes[node].latestTimestamp = reader.timestamp ?? 0
        if reader.seq == nil { counts.unnumbered += 1 }
        born(arrival, views, payloadTime: reader.timestamp, &events)
    }

    mutating func deviceBorn(
        _ arrival: Arrival, _ reader: PayloadReader, _ payload: ByteBuffer, _ events: inout HostEvents
    ) throws(PayloadError) {
        let views = try Self.views(reader)
        noteTime(reader.timestamp, arrival.node)
        guard nodes[arrival.node].session != .unknown || arrival.isRetained else {
            // Its aliases are those of a session whose birth is unknown: values by name only.
            try dataCame(arrival, reader, payload, &events)
            return
        }
        born(arrival, views, payloadTime: reader.timestamp, &events)
    }

    private static func views(_ reader: PayloadReader) throws(PayloadError) -> [MetricView] {
        var reader = reader
        var views: [MetricView] = []
        views.reserveCapacity(reader.metricCount)
        while let view = try reader.next() { views.append(view) }
        return views
    }

    private mutating func born(
        _ arrival: Arrival, _ views: [MetricView], payloadTime: UInt64?, _ events: inout HostEvents
    ) {
        counts.births += 1
        births += 1
        let scope = arrival.scope
        scopes[scope].isBorn = true
        for view in views {
            guard let name = view.name, !name.isEmpty, !Self.isBdSeq(name) else { continue }
            let metric = metric(
                named: name, scope, view.type, unit: Self.unit(view, settings.limits), replaces: true, &events)
            if let alias = view.alias { nodes[arrival.node].aliases[alias] = metric }
            if metric >= 0 {
                table[Int(metric)].birth = births
                table[Int(metric)].isBorn = true
            }
            // What a structure is made of is no value.
            if !Self.isDefinition(view) { append(view, metric, payloadTime: payloadTime, arrival, &events) }
        }
        for metric in scopes[scope].metrics where table[Int(metric)].isBorn && table[Int(metric)].birth != births {
            table[Int(metric)].isBorn = false
            appendStale(Int(metric), at: payloadTime, &events)
        }
        events.settled.append(arrival.message)
    }

    // MARK: What a birth says

    private static func isBdSeq(_ name: UnsafeRawBufferPointer) -> Bool { bdSeqMetric.utf8.elementsEqual(name) }

    static func bdSeq(_ views: [MetricView]) -> UInt64? {
        views.first { $0.name.map(isBdSeq) ?? false }?.value.integer
    }

    private static func unit(_ view: MetricView, _ limits: PayloadLimits) -> String? {
        guard let bytes = view.properties, let set = try? PropertySet(bytes, limits: limits),
            case .string(let unit) = set["engUnit"]?.value, !unit.isEmpty
        else { return nil }
        return unit
    }

    /// Whether a metric is the definition of a template: field 5 of it says so.
    private static func isDefinition(_ view: MetricView) -> Bool {
        guard case .template(let bytes) = view.value else { return false }
        var fields = FieldReader(bytes)
        var isDefinition = false
        do throws(PayloadError) {
            while let field = try fields.next() {
                if field == 5 { isDefinition = try fields.bool() } else { try fields.skip() }
            }
        } catch {
            return false
        }
        return isDefinition
    }
}
