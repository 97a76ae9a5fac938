import FuzzKit
import MDNSCore
import NIOCore

/// Messages of each kind, and names that point and point.
@Sendable func messageSeeds() -> [[UInt8]] {
    let header: [UInt8] = [0, 0, 0x84, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    return sampleMessages().map(bytes) + [
        header + [1, 0x61, 0, 0, 12, 0, 1, 1, 0x62, 0xC0, 12, 0, 12, 0, 1], header + [0xC0, 12, 0, 1, 0, 1],
    ]
}

func sampleMessages() -> [DNSMessage] {
    guard let type = DNSName("_http._tcp.local"), let host = DNSName("h.local"),
        let instance = DNSName(labels: ["Plant", "_http", "_tcp", "local"]),
        let all = DNSName("_services._dns-sd._udp.local")
    else { return [] }
    let pointer = DNSRecord(type, .pointer(instance), secondsToLive: 4_500, isUnique: false)
    let address = DNSRecord(host, .address(.ipv4(0xC0A8_0105)), secondsToLive: 120, isUnique: true)
    let service = DNSRecord(
        instance, .service(priority: 0, weight: 0, port: 80, target: host), secondsToLive: 120, isUnique: true)
    let text = DNSRecord(instance, .text([Array("path=/".utf8), []]), secondsToLive: 4_500, isUnique: true)
    return [
        DNSMessage(questions: [DNSQuestion(type, .ptr, wantsUnicast: true), DNSQuestion(all, .ptr)]),
        DNSMessage(questions: [DNSQuestion(type, .ptr)], knownAnswers: [pointer], isTruncated: true),
        DNSMessage(questions: [], knownAnswers: [pointer]),
        DNSMessage(questions: [DNSQuestion(instance, .any)], authorities: [service, text]),
        DNSMessage(questions: [DNSQuestion(host, .aaaa), DNSQuestion(instance, .srv)]),
        DNSMessage(answers: [pointer, service, text], additionals: [address]),
        DNSMessage(answers: [
            DNSRecord(host, .address(.ipv6(1, 2)), secondsToLive: 120, isUnique: true),
            DNSRecord(host, .types([.a, .aaaa]), secondsToLive: 120, isUnique: true),
            DNSRecord(host, .other(RecordType(rawValue: 13), [1, 0x78]), secondsToLive: 0, isUnique: false),
        ]),
    ]
}

func bytes(_ message: DNSMessage) -> [UInt8] {
    var buffer = ByteBuffer()
    message.encode(into: &buffer)
    return Array(buffer.readableBytesView)
}

/// What can be read is within the limits, and is read again as it was written.
@Sendable func fuzzMessage(_ input: ByteBuffer) {
    do throws(DNSDecodingError) {
        let message = try DNSMessage(decoding: input)
        let records = message.answers + message.authorities + message.additionals
        demand(message.questions.count + records.count <= DNSMessage.entriesMax)
        for name in message.questions.map(\.name) + records.map(\.name) {
            demand(DNSName(name.labels) != nil, "\(name) is too long")
            demand(!name.description.isEmpty || name.labels.isEmpty)
        }
        var again = ByteBuffer()
        message.encode(into: &again)
        // Names that pointed into data may be longer now than a message can be.
        guard again.readableBytes <= DNSMessage.bytesMax else { return }
        let repeated = try DNSMessage(decoding: again)
        demand(repeated == message, "\(message) became \(repeated)")
    } catch {
        demand(!error.description.isEmpty)
    }
    #if PLANTED_TRAP
    demand(input.readableBytesView.first != 0x2A || input.readableBytes != 13, "planted")
    #endif
}
