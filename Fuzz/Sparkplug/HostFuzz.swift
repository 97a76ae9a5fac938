import FuzzKit
import NIOCore
import SparkplugB

/// A script for a host: records of kind, length and payload, and what the host makes of them.
@Sendable func hostSeeds() -> [[UInt8]] {
    func record(_ kind: UInt8, _ payload: Payload) -> [UInt8] {
        let content = bytes(of: payload)
        return [kind, UInt8(truncatingIfNeeded: content.count)] + content
    }
    func data(_ seq: UInt64) -> [UInt8] {
        record(2, Payload(metrics: [Metric(alias: 1, nil, .uint(seq))], seq: seq))
    }
    let birth = record(
        0,
        Payload(
            metrics: [
                Metric("bdSeq", .int64, .int(1)),
                Metric(
                    "a", alias: 1, .int32, .int(1), properties: PropertySet([.init("engUnit", .string, .string("u"))])),
            ], seq: 0))
    let device = record(3, Payload(metrics: [Metric("c", alias: 2, .boolean, .boolean(true))], seq: 1))
    let death = record(1, Payload(metrics: [Metric("bdSeq", .int64, .int(1))]))
    let deviceDeath = record(4, Payload(timestamp: 1, seq: 2))
    let named = record(
        2,
        Payload(
            metrics: [Metric("n", .string, .string("x"), properties: PropertySet([.init("quality", .int32, .int(0))]))],
            seq: 2))
    return [
        birth + device + data(2) + data(3), birth + data(3) + data(2) + data(1) + [8, 255] + data(9),
        birth + device + deviceDeath + death + birth, data(5) + named + birth + named, birth + [7] + data(9) + data(10),
        [0x80 | 0, birth[1]] + birth.dropFirst(2) + data(40) + [0x40 | 2] + data(40).dropFirst(),
        [6, 10] + Array("{\"online\":false}".utf8.prefix(10)),
    ]
}

private let topics = [
    "spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDEATH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDEATH/n/d",
    "spBv1.0/g/DDATA/n/d", "spBv1.0/STATE/h",
].map { ByteBuffer(string: $0) }

@Sendable func fuzzHost(_ input: ByteBuffer) {
    var host = HostApplication(
        HostSettings(
            hostID: "h", requestsRebirth: true, rebirthIntervalMilliseconds: 100, reorderTimeoutMilliseconds: 50,
            reorderWindow: 4, heldBytesMax: 400, scopesMax: 2, metricsMax: 6,
            limits: PayloadLimits(metricsMax: 50, elementsMax: 200, depthMax: 3)))
    var input = input
    var events = HostEvents()
    var now: UInt64 = 0
    var given: Set<UInt64> = []
    var settled: Set<UInt64> = []
    var message: UInt64 = 0
    host.connected()
    while let kind = input.readInteger(as: UInt8.self) {
        switch kind & 0x0F {
        case 7: host.connected()
        case 8:
            now += UInt64(input.readInteger(as: UInt8.self) ?? 0)
            host.deadlineReached(now: now, into: &events)
        case let index:
            let length = Int(input.readInteger(as: UInt8.self) ?? 0)
            let payload = input.readSlice(length: min(length, input.readableBytes)) ?? ByteBuffer()
            message += 1
            given.insert(message)
            host.received(
                topic: topics[Int(index) % topics.count], payload: payload, isRetained: kind & 0x80 != 0,
                isRepeated: kind & 0x40 != 0, message: message, now: now, into: &events)
        }
        check(events, host, given, &settled)
        events.clear()
    }
    // Nothing waits for ever.
    now += 1000
    host.deadlineReached(now: now, into: &events)
    check(events, host, given, &settled)
    demand(host.deadline == nil, "something waits")
    demand(settled == given, "\(given.subtracting(settled)) are not settled")
}

private func check(_ events: HostEvents, _ host: HostApplication, _ given: Set<UInt64>, _ settled: inout Set<UInt64>) {
    for metric in events.defined { demand(metric < host.metricCount) }
    demand(host.metricCount <= 6)
    for reading in events.readings {
        demand(reading.metric.map { $0 < host.metricCount } ?? (reading.address != nil))
    }
    for message in events.settled {
        demand(given.contains(message), "\(message) was never given")
        demand(settled.insert(message).inserted, "\(message) was settled twice")
    }
    for refusal in events.refused { demand(!refusal.reason.description.isEmpty) }
}
