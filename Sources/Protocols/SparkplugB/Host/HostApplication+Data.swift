import NIOCore

/// Values.
extension HostApplication {
    /// NDATA and DDATA.
    mutating func dataCame(
        _ arrival: Arrival, _ reader: PayloadReader, _ payload: ByteBuffer, _ events: inout HostEvents
    ) throws(PayloadError) {
        var reader = reader
        let node = arrival.node
        var unknown = 0
        noteTime(reader.timestamp, node)
        while let view = try reader.next() {
            guard let metric = resolve(view, arrival, &events) else {
                unknown += 1
                continue
            }
            append(view, metric, payloadTime: reader.timestamp, arrival, &events)
        }
        if unknown > 0 {
            counts.unknownAliases += unknown
            wantRebirth(node, now: arrival.now, &events)
            refuse(arrival, payload, .unknownAliases(unknown), &events)
        } else {
            events.settled.append(arrival.message)
        }
    }

    /// The number of a value's metric; nil when it has only an alias, and an unknown one.
    private mutating func resolve(_ view: MetricView, _ arrival: Arrival, _ events: inout HostEvents) -> Int32? {
        if let alias = view.alias, let metric = nodes[arrival.node].aliases[alias] {
            if metric == HostNode.beyondLimit { return metric }
            // A device that died takes its aliases with it.
            let scope = table[Int(metric)].scope
            if scopes[scope].isBorn { return metric }
        }
        guard let name = view.name, !name.isEmpty else { return nil }
        if let known = table.index(of: name, in: arrival.scope), scopes[arrival.scope].isBorn, table[known].isBorn {
            return Int32(truncatingIfNeeded: known)
        }
        // The name is enough to take the value; its type and unit are in the birth.
        counts.unknownNames += 1
        wantRebirth(arrival.node, now: arrival.now, &events)
        return metric(named: name, arrival.scope, view.type, unit: nil, replaces: false, &events)
    }

    /// The number of a metric that is perhaps new.
    ///
    /// - Parameter replaces: whether type and unit are said by a birth, and go before what was known.
    mutating func metric(
        named name: UnsafeRawBufferPointer, _ scope: Int, _ type: DataType?, unit: String?, replaces: Bool,
        _ events: inout HostEvents
    ) -> Int32 {
        if let known = table.index(of: name, in: scope) {
            if replaces, table[known].definition.type != type || table[known].definition.unit != unit {
                table[known].definition.type = type
                table[known].definition.unit = unit
                events.defined.append(known)
            }
            return Int32(truncatingIfNeeded: known)
        }
        guard table.entries.count < settings.metricsMax else { return HostNode.beyondLimit }
        let definition = MetricDefinition(
            node: nodes[scopes[scope].node].id, device: scopes[scope].device,
            name: String(decoding: name, as: UTF8.self), type: type, unit: unit)
        let new = table.add(definition, named: name, in: scope)
        scopes[scope].metrics.append(Int32(truncatingIfNeeded: new))
        events.defined.append(new)
        return Int32(truncatingIfNeeded: new)
    }

    /// Adds the value of a metric.
    mutating func append(
        _ view: MetricView, _ metric: Int32, payloadTime: UInt64?, _ arrival: Arrival, _ events: inout HostEvents
    ) {
        let isKnown = metric >= 0
        let type = view.type ?? (isKnown ? table[Int(metric)].definition.type : nil)
        var reading = HostEvents.Reading(
            metric: isKnown ? Int(metric) : nil, value: .null, type: type, timestamp: view.timestamp ?? payloadTime,
            quality: .good, isHistorical: view.isHistorical, isTransient: view.isTransient)
        if !isKnown { reading.address = address(beyondLimit: view, arrival.scope) }
        do throws(PayloadError) {
            if let value = try view.value(as: type, limits: settings.limits) {
                reading.value = value
            } else {
                counts.typeMismatches += 1
                reading.type = nil
                reading.value = MetricValue.scalar(view.value, nil) ?? .null
                if reading.value == .null { reading.quality = .bad }
            }
            if let properties = view.properties, let quality = try PropertySet.quality(in: properties) {
                reading.quality = QualityCode(rawValue: quality)
            }
        } catch {
            // The metric is there, its value is not: the others of the message are none the worse.
            counts.typeMismatches += 1
            reading.quality = .bad
        }
        // What the broker kept may not hold any more.
        if arrival.isRetained, reading.quality.verdict == .good { reading.quality = .uncertain }
        events.readings.append(reading)
    }

    private func address(beyondLimit view: MetricView, _ scope: Int) -> String {
        MetricDefinition.prefix(nodes[scopes[scope].node].id, scopes[scope].device)
            + (view.nameText ?? "alias \(view.alias ?? 0)")
    }

    mutating func noteTime(_ timestamp: UInt64?, _ node: Int) {
        if let timestamp, timestamp > nodes[node].latestTimestamp { nodes[node].latestTimestamp = timestamp }
    }
}
