import NIOCore
import Testing

@testable import MDNSCore

private let web = Service(instance: "Plant", type: "_http._tcp", port: 80, text: ["path=/"])
private let address = HostAddress.ipv4(0xC0A8_0105)
private let asker = Responder.Sender(name: "asker", isMulticaster: true)

/// A responder whose random numbers are always the smallest, after its names have become its own.
private func settled(_ services: [Service] = [web]) -> (Responder, now: Int64) {
    var responder = Responder(host: "h", addresses: [address], ownAddresses: [], now: 0) { $0.lowerBound }
    for (id, service) in services.enumerated() {
        #expect(responder.add(service, id: id, now: 0) { $0.lowerBound })
    }
    var now: Int64 = 0
    while let due = responder.deadline {
        now = due
        _ = responder.deadlineReached(now: now) { $0.lowerBound }
    }
    return (responder, now + 5_000)
}

extension Responder {
    fileprivate mutating func ask(
        _ questions: [DNSQuestion], known: [DNSRecord] = [], from sender: Sender = asker, now: Int64,
        isTruncated: Bool = false
    ) -> [Action] {
        messageReceived(
            DNSMessage(questions: questions, knownAnswers: known, isTruncated: isTruncated), from: sender, now: now
        ) { $0.lowerBound }
    }
}

extension [Responder.Action] {
    fileprivate var messages: [DNSMessage] {
        compactMap { action in
            switch action {
            case .multicast(let message), .unicast(let message): message
            case .renamed, .hostRenamed: nil
            }
        }
    }
}

@Suite struct ResponderTests {
    private let instance = name("Plant._http._tcp.local")
    private let type = name("_http._tcp.local")
    private let host = name("h.local")

    @Test func aNameIsProbedThreeTimesAndAnnouncedTwice() throws {
        var responder = Responder(host: "h", addresses: [address], ownAddresses: [], now: 1_000) { _ in 100 }
        let isAdded = responder.add(web, id: 7, now: 1_000) { _ in 50 }
        #expect(isAdded)
        var log: [(Int64, DNSMessage)] = []
        while let due = responder.deadline {
            for message in responder.deadlineReached(now: due, random: { $0.lowerBound }).messages {
                log.append((due, message))
            }
        }
        let probes = log.filter { !$0.1.isResponse }
        #expect(probes.map(\.0) == [1_100, 1_100, 1_350, 1_350, 1_600, 1_600], "beside the host's, 250 ms apart")
        let probe = probes[1].1
        #expect(probe.questions == [DNSQuestion(instance, .any)])
        #expect(probe.authorities.map(\.type) == [.srv, .txt] && probe.authorities.allSatisfy { !$0.isUnique })
        let announcements = log.filter { $0.1.isResponse }
        #expect(announcements.map(\.0) == [1_850, 1_850, 2_850, 2_850])
        #expect(announcements[0].1.answers == [DNSRecord(host, .address(address), secondsToLive: 120, isUnique: true)])
        #expect(
            announcements[1].1.answers == [
                DNSRecord(type, .pointer(instance), secondsToLive: 4_500, isUnique: false),
                DNSRecord(
                    instance, .service(priority: 0, weight: 0, port: 80, target: host), secondsToLive: 120,
                    isUnique: true),
                DNSRecord(instance, .text([Array("path=/".utf8)]), secondsToLive: 4_500, isUnique: true),
                DNSRecord(
                    name("_services._dns-sd._udp.local"), .pointer(type), secondsToLive: 4_500, isUnique: false),
            ])
        #expect(announcements[1].1 == announcements[3].1)
    }

    @Test func sharedAnswersWaitAndUniqueOnesDoNot() {
        var (responder, now) = settled()
        #expect(responder.ask([DNSQuestion(type, .ptr)], now: now).isEmpty)
        #expect(responder.deadline == now + 20)
        let browsed = responder.deadlineReached(now: now + 20) { $0.lowerBound }.messages
        #expect(browsed.first?.answers.map(\.data) == [.pointer(instance)])
        #expect(browsed.first?.additionals.map(\.type) == [.srv, .txt, .a])
        let resolved = responder.ask([DNSQuestion(instance, .srv)], now: now).messages
        #expect(resolved.first?.answers.map(\.type) == [.srv] && resolved.first?.additionals.map(\.type) == [.a])
        #expect(responder.ask([DNSQuestion(name("H.LOCAL"), .a)], now: now).messages.first?.answers.count == 1)
        #expect(responder.ask([DNSQuestion(name("other.local"), .a)], now: now).isEmpty)
        #expect(responder.ask([DNSQuestion(host, .a, recordClass: 3)], now: now + 2_000).isEmpty)
    }

    @Test func theTypesThatThereAreAreListedOnce() {
        var (responder, now) = settled([web, Service(instance: "B", type: "_http._tcp", port: 81)])
        _ = responder.ask([DNSQuestion(name("_services._dns-sd._udp.local"), .ptr)], now: now)
        now += 20
        let answers = responder.deadlineReached(now: now) { $0.lowerBound }.messages.flatMap(\.answers)
        #expect(answers.map(\.data) == [.pointer(type)])
    }

    @Test func whatTheAskerKnowsIsNotSaid() {
        var (responder, now) = settled()
        func pointer(_ seconds: UInt32) -> DNSRecord {
            DNSRecord(type, .pointer(instance), secondsToLive: seconds, isUnique: false)
        }
        #expect(responder.ask([DNSQuestion(type, .ptr)], known: [pointer(2_250)], now: now).isEmpty)
        #expect(responder.deadline == nil)
        #expect(responder.ask([DNSQuestion(type, .ptr)], known: [pointer(2_249)], now: now).isEmpty)
        #expect(responder.deadline != nil, "it will have forgotten it soon")
        // What it knows may come in a further message.
        var (second, later) = settled()
        #expect(second.ask([DNSQuestion(type, .ptr)], now: later, isTruncated: true).isEmpty)
        #expect(second.deadline == later + 400)
        #expect(
            second.ask([], known: [pointer(4_000)], from: .init(name: "x", isMulticaster: true), now: later).isEmpty)
        #expect(second.deadline == later + 400, "somebody else knows it")
        #expect(second.ask([], known: [pointer(4_000)], now: later).isEmpty)
        #expect(second.deadline == nil)
    }

    @Test func aTypeThatANameDoesNotHaveIsDenied() {
        var (responder, now) = settled()
        let denied = responder.ask([DNSQuestion(host, .aaaa)], now: now).messages.first
        #expect(denied?.answers == [DNSRecord(host, .types([.a]), secondsToLive: 120, isUnique: true)])
        let other = responder.ask([DNSQuestion(instance, .a)], now: now).messages.first
        #expect(other?.answers.map(\.data) == [.types([.txt, .srv])])
    }

    @Test func whoKnowsPlainDNSOnlyIsAnsweredAlone() {
        var (responder, now) = settled()
        var query = DNSMessage(questions: [DNSQuestion(type, .ptr, wantsUnicast: true)])
        query.id = 77
        let actions = responder.messageReceived(
            query, from: Responder.Sender(name: "dig", isMulticaster: false), now: now
        ) { $0.lowerBound }
        guard case .unicast(let answer)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(answer.id == 77 && answer.questions == [DNSQuestion(type, .ptr)])
        #expect((answer.answers + answer.additionals).allSatisfy { $0.secondsToLive == 10 && !$0.isUnique })
    }

    @Test func oneAskerIsToldAloneWhatAllHaveHeard() {
        var (responder, now) = settled()
        let question = DNSQuestion(instance, .srv, wantsUnicast: true)
        guard case .unicast? = responder.ask([question], now: now).first else {
            Issue.record("not unicast")
            return
        }
        // A neighbour shares its port with others; and after a quarter of its life a record is told to all again.
        let neighbour = Responder.Sender(name: "n", isMulticaster: true, isNeighbour: true)
        for (sender, time) in [(neighbour, now), (asker, now + 31_000)] {
            guard case .multicast? = responder.ask([question], from: sender, now: time).first else {
                Issue.record("not multicast")
                return
            }
        }
    }

    @Test func nothingIsMulticastTwiceWithinASecond() {
        var (responder, now) = settled()
        #expect(responder.ask([DNSQuestion(instance, .srv)], now: now).count == 1)
        #expect(responder.ask([DNSQuestion(instance, .srv)], now: now + 999).isEmpty)
        #expect(responder.ask([DNSQuestion(instance, .srv)], now: now + 1_000).count == 1)
        // A probe is answered sooner: its sender would take the name.
        let probe = DNSMessage(
            questions: [DNSQuestion(instance, .any)],
            authorities: [
                DNSRecord(
                    instance, .service(priority: 0, weight: 0, port: 9, target: name("x.local")), secondsToLive: 120,
                    isUnique: false)
            ])
        let defence = responder.messageReceived(probe, from: asker, now: now + 1_300) { $0.lowerBound }
        #expect(defence.messages.first?.answers.map(\.type) == [.srv, .txt])
    }

    @Test func aServiceThatEndsIsTakenBack() {
        var (responder, now) = settled([web, Service(instance: "Plant", type: "_mqtt._tcp", port: 1883)])
        _ = responder.ask([DNSQuestion(type, .ptr)], now: now)
        let goodbye = responder.remove(id: 0).messages
        #expect(goodbye.count == 1 && goodbye[0].answers.map(\.type) == [.srv, .txt, .ptr])
        #expect(goodbye[0].answers.allSatisfy { $0.secondsToLive == 0 })
        #expect(responder.deadline == nil, "what was about to be said of it is not said")
        #expect(responder.remove(id: 0).isEmpty)
        #expect(responder.ask([DNSQuestion(instance, .srv)], now: now).isEmpty)
        #expect(responder.stop().messages.map { $0.answers.count } == [3])
        #expect(responder.stop().isEmpty)
        // A service that nobody has heard of yet ends silently.
        _ = responder.add(web, id: 3, now: now) { $0.lowerBound }
        #expect(responder.remove(id: 3).isEmpty)
    }

    @Test func thereAreLimits() {
        var (responder, now) = settled([])
        for id in 0..<Responder.servicesMax {
            let isAdded = responder.add(
                Service(instance: "\(id)", type: "_http._tcp", port: 1), id: id, now: now
            ) { $0.lowerBound }
            #expect(isAdded)
        }
        #expect(!responder.add(web, id: 99, now: now) { $0.lowerBound })
        var other = settled([]).0
        #expect(!other.add(Service(instance: "x", type: "..", port: 1), id: 1, now: now) { $0.lowerBound })
        var answering = settled().0
        for index in 0..<PendingAnswers.countMax + 5 {
            _ = answering.ask([DNSQuestion(type, .ptr)], now: now + Int64(index))
        }
        var count = 0
        while let due = answering.pending.due { count += answering.pending.takeDue(now: due).count }
        #expect(count == PendingAnswers.countMax)
    }

    @Test func longNamesAreCutBeforeTheirNumber() {
        var label = ClaimedLabel(String(repeating: "ü", count: 40), isHost: false)
        #expect(label.text == String(repeating: "ü", count: 31))
        label.tryNext()
        #expect(label.text == String(repeating: "ü", count: 29) + " (2)")
        var host = ClaimedLabel("plant", isHost: true)
        host.tryNext()
        #expect(host.text == "plant-2" && ClaimedLabel("", isHost: true).text == "unnamed")
    }

    @Test func messagesThatMeanSomethingElseArePassedOver() {
        var (responder, now) = settled()
        var update = DNSMessage(questions: [DNSQuestion(instance, .srv)])
        update.flags = 0x2800
        #expect(responder.messageReceived(update, from: asker, now: now) { $0.lowerBound }.isEmpty)
        // A response from another port than 5353 is no responder's.
        let lie = DNSMessage(answers: [
            DNSRecord(host, .address(.ipv4(1)), secondsToLive: 120, isUnique: true)
        ])
        let stranger = Responder.Sender(name: "s", isMulticaster: false)
        #expect(responder.messageReceived(lie, from: stranger, now: now) { $0.lowerBound }.isEmpty)
        #expect(responder.deadline == nil)
    }
}
