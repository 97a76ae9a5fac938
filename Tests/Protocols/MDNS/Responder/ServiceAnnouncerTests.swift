import Logging
import MDNSCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MDNSResponder

/// Announcers on loopback with a port of their own, and an ear in the same group.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ServiceAnnouncerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Hears what is multicast, and asks.
    private final class Ear: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let heard = Mutex<[DNSMessage]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let message = try? DNSMessage(decoding: unwrapInboundIn(data).data) else { return }
            heard.withLock { $0.append(message) }
        }
    }

    /// Waits until something is heard.
    private func heard(_ ear: Ear, _ isIt: (DNSRecord) -> Bool) async throws -> DNSRecord {
        while true {
            let records = ear.heard.withLock { $0.filter(\.isResponse).flatMap { $0.answers + $0.additionals } }
            if let record = records.first(where: isIt) { return record }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// A port for the group that nobody has.
    private func freePort() async throws -> Int {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        return port
    }

    /// A socket of the group on loopback that only hears.
    private func withEar(port: Int, _ body: (Ear) async throws -> Void) async throws {
        let ear = Ear()
        let loopback = try #require(try NetworkLink.all().first { $0.isLoopback })
        let place = LinkChoice.Place(link: loopback, family: .ipv4, addresses: [])
        let silent = LinkHandler.Settings(
            host: "ear", addresses: [], ownAddresses: [], port: port, logger: logger, notice: { _ in })
        let channel = try await MulticastSocket.open(
            place, port: port, group: MultiThreadedEventLoopGroup.singleton, handler: silent)
        try await channel.pipeline.addHandler(ear, position: .first)
        try await body(ear)
        try await channel.close()
    }

    private func announcer(port: Int, _ notice: @escaping @Sendable (String) -> Void = { _ in }) -> ServiceAnnouncer {
        ServiceAnnouncer(
            configuration: .init(host: "sim", listening: "127.0.0.1", port: port), logger: logger, notice: notice)
    }

    private func isPointer(_ record: DNSRecord, to instance: String, gone: Bool = false) -> Bool {
        guard case .pointer(let name) = record.data, name.first == instance else { return false }
        return (record.secondsToLive == 0) == gone
    }

    @Test func servicesAreHeardComeAndGo() async throws {
        let port = try await freePort()
        try await withEar(port: port) { ear in
            let announcer = announcer(port: port)
            announcer.announce(Service(instance: "Web", type: "_http._tcp", port: 8989, text: ["path=/"]), id: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await announcer.run() }
                let web = try await heard(ear) { $0.type == .srv && $0.name.first == "Web" }
                guard case .service(_, _, 8989, let host) = web.data else {
                    Issue.record("\(web)")
                    return
                }
                #expect(host == DNSName("sim.local"))
                let address = try await heard(ear) { $0.name == host && $0.type == .a }
                #expect(address.data == .address(.ipv4(0x7F00_0001)))
                announcer.announce(Service(instance: "Broker", type: "_mqtt._tcp", port: 1883), id: 1)
                _ = try await heard(ear) { isPointer($0, to: "Broker") }
                announcer.withdraw(id: 1)
                _ = try await heard(ear) { isPointer($0, to: "Broker", gone: true) }
                group.cancelAll()
            }
            _ = try await heard(ear) { isPointer($0, to: "Web", gone: true) }
        }
    }

    @Test func twoWithOneNameAgree() async throws {
        let port = try await freePort()
        let notices = Mutex<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            let first = announcer(port: port)
            let second = announcer(port: port) { notice in notices.withLock { $0.append(notice) } }
            first.announce(Service(instance: "Plant", type: "_http._tcp", port: 1), id: 0)
            try await withEar(port: port) { ear in
                group.addTask { await first.run() }
                _ = try await heard(ear) { isPointer($0, to: "Plant") }
                second.announce(Service(instance: "Plant", type: "_http._tcp", port: 2), id: 0)
                group.addTask { await second.run() }
                let other = try await heard(ear) { $0.type == .srv && $0.name.first == "Plant (2)" }
                guard case .service(_, _, 2, _) = other.data else {
                    Issue.record("\(other)")
                    return
                }
            }
            group.cancelAll()
        }
        #expect(notices.withLock { $0 } == ["lo: the name is taken; announced as 'Plant (2)'"])
    }

    @Test func whoAsksFromAnotherPortIsAnsweredThere() async throws {
        let port = try await freePort()
        let ear = Ear()
        let announcer = announcer(port: port)
        announcer.announce(Service(instance: "Web", type: "_http._tcp", port: 8989), id: 0)
        let asker = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(ear) }
            .bind(host: "127.0.0.1", port: 0).get()
        let group = try SocketAddress(ipAddress: "224.0.0.251", port: port)
        let type = try #require(DNSName("_http._tcp.local"))
        var query = DNSMessage(questions: [DNSQuestion(type, .ptr)])
        query.id = 4711
        var bytes = ByteBuffer()
        query.encode(into: &bytes)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await announcer.run() }
            while ear.heard.withLock({ $0.isEmpty }) {
                try await asker.writeAndFlush(AddressedEnvelope(remoteAddress: group, data: bytes))
                try await Task.sleep(for: .milliseconds(20))
            }
            tasks.cancelAll()
        }
        try await asker.close()
        let answer = try #require(ear.heard.withLock { $0.first })
        #expect(answer.id == 4711 && answer.questions == query.questions)
        #expect(answer.answers.map(\.type) == [.ptr] && answer.answers[0].secondsToLive == 10)
    }

    @Test func whatCannotBeHadIsSaidOnce() async throws {
        let notices = Mutex<[String]>([])
        let announcer = ServiceAnnouncer(
            configuration: .init(host: "sim", listening: "127.0.0.1", interfaces: ["nosuch0"], port: 5353),
            logger: logger
        ) { notice in notices.withLock { $0.append(notice) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await announcer.run() }
            while notices.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(2)) }
            group.cancelAll()
        }
        #expect(
            notices.withLock { $0 } == [
                "there is no network device 'nosuch0' at the moment",
                "no network device can multicast for services on 127.0.0.1",
            ])
    }
}
