import NIOCore
import Testing

@testable import MDNSCore

/// Responders on one link: what one multicasts all hear, itself included, as bytes.
private struct Link {
    var responders: [Responder] = []
    var now: Int64 = 0
    var renamed: [(at: Int64, who: Int, instance: String)] = []
    var goodbyes = 0
    /// Every so many messages are lost; 0 loses none.
    var losesEvery = 0
    private var count = 0

    /// - Parameter random: what a responder draws, as a share of the range.
    mutating func join(
        host: String, address: UInt32, own: Set<HostAddress> = [], _ services: [Service]
    ) {
        var responder = Responder(
            host: host, addresses: [.ipv4(address)], ownAddresses: own, now: now
        ) { $0.lowerBound }
        for (id, service) in services.enumerated() { _ = responder.add(service, id: id, now: now) { $0.lowerBound } }
        responders.append(responder)
    }

    mutating func perform(_ actions: [Responder.Action], of who: Int) throws {
        for action in actions {
            switch action {
            case .multicast(let message), .unicast(let message):
                if message.answers.contains(where: { $0.secondsToLive == 0 }) { goodbyes += 1 }
                count += 1
                if losesEvery > 0, count.isMultiple(of: losesEvery) { continue }
                var bytes = ByteBuffer()
                message.encode(into: &bytes)
                let heard = try DNSMessage(decoding: bytes)
                for index in responders.indices {
                    let sender = Responder.Sender(name: "\(who)", isMulticaster: true)
                    let answers = responders[index].messageReceived(heard, from: sender, now: now) { $0.lowerBound }
                    try perform(answers, of: index)
                }
            case .renamed(_, let instance): renamed.append((now, who, instance))
            case .hostRenamed(let host): renamed.append((now, who, host))
            }
        }
    }

    mutating func run(until end: Int64) throws {
        while let due = responders.compactMap(\.deadline).min(), due <= end {
            now = max(now, due)
            for index in responders.indices {
                while let due = responders[index].deadline, due <= now {
                    let actions = responders[index].deadlineReached(now: now) { $0.lowerBound }
                    try perform(actions, of: index)
                }
            }
        }
        now = end
    }
}

@Suite struct ResponderTwinTests {
    private func service(_ port: UInt16) -> Service {
        Service(instance: "Plant", type: "_http._tcp", port: port, text: ["path=/"])
    }

    @Test func whoComesLaterTakesAnotherName() throws {
        var link = Link()
        link.join(host: "a", address: 1, [service(80)])
        try link.run(until: 10_000)
        link.join(host: "b", address: 2, [service(80)])
        try link.run(until: 20_000)
        #expect(link.responders.map { $0.instance(0) } == ["Plant", "Plant (2)"])
        link.join(host: "c", address: 3, [service(80)])
        try link.run(until: 30_000)
        #expect(link.responders.map { $0.instance(0) } == ["Plant", "Plant (2)", "Plant (3)"])
        #expect(link.responders.allSatisfy { $0.deadline == nil })
    }

    @Test func aTieIsBroken() throws {
        for losesEvery in [0, 5, 3] {
            var link = Link()
            link.losesEvery = losesEvery
            link.join(host: "a", address: 1, [service(80)])
            link.join(host: "b", address: 2, [service(81)])
            try link.run(until: 30_000)
            let names = link.responders.map { $0.instance(0) ?? "" }
            #expect(Set(names) == ["Plant", "Plant (2)"], "\(losesEvery): \(names)")
            if losesEvery == 0 { #expect(names[1] == "Plant", "port 81 comes later in order, so it wins") }
        }
    }

    @Test func hostsGiveWayToo() throws {
        var link = Link()
        link.join(host: "h", address: 1, [])
        try link.run(until: 5_000)
        link.join(host: "h", address: 2, [service(80)])
        try link.run(until: 15_000)
        #expect(link.responders.map { $0.hostName } == [name("h.local"), name("h-2.local")])
        let services = link.responders[1].services[0].claim.records(
            addresses: [], host: link.responders[1].hostName)
        #expect(services.first?.data == .service(priority: 0, weight: 0, port: 80, target: name("h-2.local")))
    }

    @Test func twoLinksOfOneMachineThatAreOneNetworkAgree() throws {
        var link = Link()
        let own: Set<HostAddress> = [.ipv4(1), .ipv4(2)]
        link.join(host: "h", address: 1, own: own, [service(80)])
        link.join(host: "h", address: 2, own: own, [service(80)])
        try link.run(until: 30_000)
        #expect(link.renamed.isEmpty && link.responders.allSatisfy { $0.deadline == nil })
    }

    @Test func aNameThatIsContradictedIsDefendedAndKept() throws {
        var link = Link()
        link.join(host: "a", address: 1, [service(80)])
        try link.run(until: 10_000)
        // Somebody claims it without asking, once.
        let lie = DNSMessage(answers: [
            DNSRecord(
                name("Plant._http._tcp.local"), .service(priority: 0, weight: 0, port: 9, target: name("x.local")),
                secondsToLive: 120, isUnique: true)
        ])
        let liar = Responder.Sender(name: "x", isMulticaster: true)
        _ = link.responders[0].messageReceived(lie, from: liar, now: link.now) { $0.lowerBound }
        #expect(link.responders[0].deadline == link.now, "it is asked for again")
        try link.run(until: 20_000)
        #expect(link.renamed.isEmpty && link.responders[0].instance(0) == "Plant")
    }

    @Test func whoIsRefusedAgainAndAgainSlowsDown() throws {
        var link = Link()
        link.join(host: "a", address: 1, [service(80)])
        let refuser = Responder.Sender(name: "x", isMulticaster: true)
        // Whatever name it asks for somebody has.
        for _ in 0..<40 {
            guard let due = link.responders[0].deadline else { break }
            link.now = max(link.now, due)
            let probes = link.responders[0].deadlineReached(now: link.now) { $0.lowerBound }
            for case .multicast(let probe) in probes where !probe.isResponse {
                guard let asked = probe.questions.first?.name, asked.labels.count > 2 else { continue }
                let lie = DNSMessage(answers: [
                    DNSRecord(asked, .text([[9]]), secondsToLive: 120, isUnique: true)
                ])
                try link.perform(
                    link.responders[0].messageReceived(lie, from: refuser, now: link.now) { $0.lowerBound }, of: 0)
            }
        }
        let times = link.renamed.map(\.at)
        #expect(times.count > 16)
        #expect(times[14] - times[13] < 1_000)
        #expect(zip(times[14...], times[15...]).allSatisfy { $1 - $0 >= Claim.conflictPause })
    }

    @Test func theEndIsHeardByAll() throws {
        var link = Link()
        link.join(host: "a", address: 1, [service(80)])
        try link.run(until: 10_000)
        try link.perform(link.responders[0].stop(), of: 0)
        #expect(link.goodbyes == 1)
        #expect(link.responders[0].instance(0) == nil)
    }
}
