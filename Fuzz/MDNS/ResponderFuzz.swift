import FuzzKit
import MDNSCore
import NIOCore

/// A script: records of kind, length and a message.
@Sendable func responderSeeds() -> [[UInt8]] {
    let messages = sampleMessages().map { message -> [UInt8] in
        let content = bytes(message)
        return [0, UInt8(truncatingIfNeeded: content.count)] + content
    }
    let settle: [UInt8] = [1, 255, 1, 255, 1, 255, 1, 255, 1, 255, 1, 255]
    return [settle + messages.joined(), Array(messages.joined()) + settle, settle + [2, 0] + settle + [3, 1, 2, 1]]
}

/// Whatever comes, a responder speaks within its limits, has an end to what it has to do, and stops speaking of what has
/// ended.
@Sendable func fuzzResponder(_ input: ByteBuffer) {
    var input = input
    var now: Int64 = 0
    let random: Responder.Random = { $0.lowerBound }
    var responder = Responder(
        host: "h", addresses: [.ipv4(0xC0A8_0105)], ownAddresses: [.ipv4(0x0A00_0001)], now: 0, random: random)
    _ = responder.add(
        Service(instance: "Plant", type: "_http._tcp", port: 80, text: ["path=/"]), id: 0, now: 0, random: random)
    var steps = 0
    while let kind = input.readInteger(as: UInt8.self), let argument = input.readInteger(as: UInt8.self), steps < 200 {
        steps += 1
        switch kind % 4 {
        case 0:
            let content = input.readSlice(length: min(Int(argument), input.readableBytes)) ?? ByteBuffer()
            let sender = Responder.Sender(
                name: "\(kind >> 6)", isMulticaster: kind & 0x20 == 0, isNeighbour: kind & 0x10 != 0)
            guard let message = try? DNSMessage(decoding: content) else { continue }
            check(responder.messageReceived(message, from: sender, now: now, random: random))
        case 1:
            now += Int64(argument) + 1
            if let due = responder.deadline, due <= now { check(responder.deadlineReached(now: now, random: random)) }
            demand(responder.deadline.map { $0 > now } ?? true, "something is due for ever")
        case 2: check(responder.remove(id: Int(argument % 4)))
        default:
            let service = Service(instance: "P\(argument >> 4)", type: "_mqtt._tcp", port: 1883)
            _ = responder.add(service, id: Int(argument % 4), now: now, random: random)
        }
    }
    // Left alone it comes to rest.
    for _ in 0..<400 {
        guard let due = responder.deadline else { break }
        now = max(now, due)
        check(responder.deadlineReached(now: now, random: random))
    }
    demand(responder.deadline == nil, "it never comes to rest")
    check(responder.stop())
    demand(responder.stop().isEmpty)
}

private func check(_ actions: [Responder.Action]) {
    demand(actions.count <= 400)
    for action in actions {
        switch action {
        case .multicast(let message), .unicast(let message):
            demand(bytes(message).count <= DNSMessage.bytesMax)
            demand(!message.answers.isEmpty || !message.questions.isEmpty)
        case .renamed(_, let name), .hostRenamed(let name): demand(!name.isEmpty && name.utf8.count <= 63)
        }
    }
}
