import NIOCore

@testable import SparkplugB

/// A host and what came of the messages that it was given.
struct HostRig {
    var host: HostApplication
    var events = HostEvents()
    var now: UInt64 = 1000
    private var message: UInt64 = 0
    static let id = EdgeNodeID(group: "g", node: "n")

    init(_ settings: HostSettings = HostSettings(requestsRebirth: true, rebirthIntervalMilliseconds: 500)) {
        host = HostApplication(settings)
        host.connected()
    }

    /// Gives a message to the host; its number is one more than that of the message before.
    mutating func give(
        _ kind: SparkplugTopic.Kind, device: String? = nil, _ payload: Payload, isRetained: Bool = false,
        isRepeated: Bool = false
    ) {
        give(
            SparkplugTopic.message(kind, Self.id, device: device).text, payload.encoded(), isRetained: isRetained,
            isRepeated: isRepeated)
    }

    mutating func give(_ topic: String, _ payload: ByteBuffer, isRetained: Bool = false, isRepeated: Bool = false) {
        message += 1
        host.received(
            topic: ByteBuffer(string: topic), payload: payload, isRetained: isRetained, isRepeated: isRepeated,
            message: message, now: now, into: &events)
    }

    mutating func give(_ message: EdgeMessage) { give(message.topic.text, message.payload.encoded()) }

    mutating func pass(_ milliseconds: UInt64) {
        now += milliseconds
        host.deadlineReached(now: now, into: &events)
    }

    /// What came since the last call, as `name=value` with what is unusual behind it.
    mutating func seen() -> [String] {
        defer { events.clear() }
        return events.readings.map { reading in
            let name = reading.metric.map { host.definition(of: $0) }
            var text = (name?.device.map { "\($0)/" } ?? "") + (name?.name ?? reading.address ?? "?") + "="
            switch reading.value {
            case .int(let value): text += "\(value)"
            case .uint(let value): text += "\(value)"
            case .double(let value): text += "\(value)"
            case .float(let value): text += "\(value)"
            case .boolean(let value): text += "\(value)"
            case .null: text += "null"
            default: text += "\(reading.value)"
            }
            if reading.quality != .good { text += " \(reading.quality.name)" }
            if reading.isHistorical { text += " historical" }
            if reading.isTransient { text += " transient" }
            return text
        }
    }

    /// A birth of the node with two metrics, and of its device with one.
    mutating func born(bdSeq: Int64 = 0) {
        give(.nodeBirth, Self.birth(bdSeq: bdSeq))
        give(
            .deviceBirth, device: "d",
            Payload(timestamp: 10, metrics: [Metric("c", alias: 3, .int32, .int(30))], seq: 1))
    }

    static func birth(bdSeq: Int64 = 0, seq: UInt64 = 0) -> Payload {
        Payload(
            timestamp: 10,
            metrics: [
                Metric("bdSeq", .int64, .int(bdSeq)),
                Metric(
                    "a", alias: 1, .int32, .int(10), properties: PropertySet([.init("engUnit", .string, .string("kW"))])
                ),
                Metric("b", alias: 2, .double, .double(20)),
            ], seq: seq)
    }

    static func data(_ seq: UInt64?, _ alias: UInt64 = 1, _ value: Int64 = 0, time: UInt64 = 20) -> Payload {
        Payload(timestamp: time, metrics: [Metric(alias: alias, .int32, .int(value))], seq: seq)
    }

    static func death(_ bdSeq: Int64?, time: UInt64 = 5) -> Payload {
        Payload(timestamp: time, metrics: bdSeq.map { [Metric("bdSeq", .int64, .int($0))] } ?? [])
    }
}
