/// Deaths: every metric of a node or device becomes stale (Sparkplug 3.0, 6.4.9 and 6.4.11).
extension HostApplication {
    mutating func nodeDied(
        _ arrival: Arrival, _ reader: PayloadReader, _ events: inout HostEvents
    ) throws(PayloadError) {
        var rest = reader
        var views: [MetricView] = []
        while let view = try rest.next() { views.append(view) }
        let node = arrival.node
        defer { events.settled.append(arrival.message) }
        guard case .online(let bdSeq) = nodes[node].session else { return }
        if let bdSeq, let death = Self.bdSeq(views), death != bdSeq {
            // The will of a session that the present one has replaced.
            counts.bdSeqMismatches += 1
            return
        }
        giveUp(node, now: arrival.now, &events)
        counts.deaths += 1
        let time = deathTime(reader.timestamp, node)
        makeStale(nodes[node].scope, at: time, &events)
        for device in nodes[node].devices.values.sorted() { makeStale(device, at: time, &events) }
        forget(node)
        nodes[node].needsRebirth = false
    }

    mutating func deviceDied(_ arrival: Arrival, _ reader: PayloadReader, _ events: inout HostEvents) {
        if scopes[arrival.scope].isBorn {
            counts.deaths += 1
            makeStale(arrival.scope, at: deathTime(reader.timestamp, arrival.node), &events)
        }
        noteTime(reader.timestamp, arrival.node)
        events.settled.append(arrival.message)
    }

    /// What the node's birth said counts no more.
    mutating func forget(_ node: Int) {
        nodes[node].session = .unknown
        nodes[node].following = .afterPause
        nodes[node].aliases.removeAll(keepingCapacity: true)
        scopes[nodes[node].scope].isBorn = false
        for device in nodes[node].devices.values { scopes[device].isBorn = false }
    }

    /// A will was written when its session began, so that its time may lie before values that came since: the time of
    /// receipt counts then.
    private func deathTime(_ timestamp: UInt64?, _ node: Int) -> UInt64? {
        guard let timestamp, timestamp >= nodes[node].latestTimestamp else { return nil }
        return timestamp
    }

    /// Each metric that lived gets one stale reading without a value.
    mutating func makeStale(_ scope: Int, at time: UInt64?, _ events: inout HostEvents) {
        for metric in scopes[scope].metrics where table[Int(metric)].isBorn {
            table[Int(metric)].isBorn = false
            appendStale(Int(metric), at: time, &events)
        }
        scopes[scope].isBorn = false
    }

    func appendStale(_ metric: Int, at time: UInt64?, _ events: inout HostEvents) {
        events.readings.append(
            .init(
                metric: metric, value: .null, type: table[metric].definition.type, timestamp: time, quality: .stale))
    }
}
