import Foundation
import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUASoak
import OPCUATypes

extension OPCUABench {
    /// Serves until it is killed; says its port, then every second its tick, CPU seconds and memory.
    static func serve(_ arguments: Arguments) async throws {
        var configuration = ServerConfiguration(
            port: arguments.int("port", 0), applicationName: "bench", applicationURI: "urn:penstock:bench:server")
        if let folder = arguments.text("folder") {
            let credentials = try own("server", in: folder)
            configuration.security = ServerSecurity(
                offers: [.none, OfferedSecurity(.basic256Sha256, .signAndEncrypt)], credentials: credentials,
                trust: { TrustList(acceptsAll: true) })
        }
        let plant = try CountingPlant(
            tags: arguments.int("tags", 10_000), configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await plant.server.run { report(["port": $0.port ?? 0]) }
            }
            group.addTask { try await count(plant, every: .milliseconds(arguments.int("interval-ms", 1_000))) }
            try await group.next()
            group.cancelAll()
        }
    }

    @concurrent
    private static func count(_ plant: CountingPlant, every interval: Duration) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var tick = 0
        var said = start
        while true {
            tick += 1
            try await clock.sleep(until: start + interval * tick)
            plant.tick(tick, at: now())
            guard clock.now - said >= .seconds(1) else { continue }
            said = clock.now
            let usage = Usage.now
            report([
                "tick": tick, "cpu": usage.cpu, "resident": usage.residentMiB.rounded(to: 1),
                "peak": usage.peakMiB.rounded(to: 1),
            ])
        }
    }

    private static func now() -> DateTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return DateTime(utcMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Subscribes, waits until every item has been seen, and measures so many seconds.
    static func subscribe(_ arguments: Arguments) async throws {
        let tags = arguments.int("tags", 10_000)
        let seconds = arguments.double("seconds", 5)
        let form = arguments.text("id") ?? CountingPlant.id(0).description.replacing("_0", with: "_#")
        let endpoint = try OPCUAEndpoint(arguments.text("endpoint") ?? "")
        let security = try security(arguments.text("folder"))
        let subscriber = Subscriber(
            configuration: OPCUAClientConfiguration(
                endpoint: endpoint, applicationURI: "urn:client", requestTimeout: .seconds(60),
                tokenLifetime: .milliseconds(Int64(arguments.int("token-ms", 3_600_000))), security: security),
            tags: tags, publishingMilliseconds: arguments.double("interval-ms", 1_000),
            samplingMilliseconds: arguments.double("sampling-ms", 0)
        ) { NodeId(form.replacing("#", with: "\($0)")) ?? .null }
        try await subscriber.run { receiver in
            while receiver.itemsSeen < tags { try await Task.sleep(for: .milliseconds(50)) }
            try await Task.sleep(for: .seconds(1))
            let clock = ContinuousClock()
            report(["measuring": true])
            let begin = (time: clock.now, counts: receiver.counts, usage: Usage.now)
            var said = begin.time
            while clock.now - begin.time < .seconds(seconds) {
                try await Task.sleep(until: min(said + .seconds(60), begin.time + .seconds(seconds)))
                said = clock.now
                if said - begin.time < .seconds(seconds) { state(receiver.counts, clock.now - begin.time) }
            }
            let end = (time: clock.now, counts: receiver.counts, usage: Usage.now)
            let values = end.counts.values - begin.counts.values
            let passed = (end.time - begin.time) / .seconds(1)
            let cpu = end.usage.cpu - begin.usage.cpu
            report([
                "values": values, "seconds": passed.rounded(to: 3), "cpu": cpu.rounded(to: 4),
                "us_per_value": (cpu * 1e6 / Double(max(values, 1))).rounded(to: 4),
                "ticks": end.counts.lastTick - begin.counts.lastTick, "gaps": end.counts.gaps,
                "missing": end.counts.missing, "repeats": end.counts.repeats, "bad": end.counts.bad,
                "messages": end.counts.messages - begin.counts.messages, "sequence_gaps": end.counts.sequenceGaps,
                "lost": end.counts.lost, "resident": end.usage.residentMiB.rounded(to: 1),
                "peak": end.usage.peakMiB.rounded(to: 1),
            ])
        }
    }

    private static func state(_ counts: ItemCounts, _ passed: Duration) {
        report([
            "after": (passed / .seconds(1)).rounded(), "all": counts.values, "gaps": counts.gaps,
            "resident": Usage.now.residentMiB.rounded(to: 1),
        ])
    }

    private static func security(_ folder: String?) throws -> OPCUAClientSecurity {
        guard let folder else { return OPCUAClientSecurity(policy: SecurityPolicy.none) }
        return OPCUAClientSecurity(
            policy: .basic256Sha256, mode: .signAndEncrypt, credentials: try own("client", in: folder),
            trust: TrustList(acceptsAll: true), checksHostName: false)
    }

    private static func own(_ name: String, in folder: String) throws -> Credentials {
        let place = URL(fileURLWithPath: folder)
        return try PKIFolder(path: folder).credentials(
            certificate: place.appendingPathComponent("\(name).der"), key: place.appendingPathComponent("\(name).pem"))
    }
}
