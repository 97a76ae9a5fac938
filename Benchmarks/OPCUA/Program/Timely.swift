import Foundation
import NIOCore
import OPCUAClient
import OPCUASecurity
import OPCUASoak
import OPCUATypes

extension OPCUABench {
    /// Subscribes, waits until every item has been seen, and counts the values of a span of whole ticks.
    static func timely(_ arguments: Arguments) async throws {
        let seconds = arguments.int("seconds", 60)
        let tick = arguments.int("tick-ms", 1_000)
        let names = try arguments.text("ids").map {
            try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n").map(String.init)
        }
        let tags = names?.count ?? arguments.int("tags", 10_000)
        let form = arguments.text("id") ?? "ns=2;s=bench/tag_#"
        var subscriber = Subscriber(
            configuration: OPCUAClientConfiguration(
                endpoint: try OPCUAEndpoint(arguments.text("endpoint") ?? ""), applicationURI: "urn:client",
                requestTimeout: .seconds(60), security: OPCUAClientSecurity(policy: SecurityPolicy.none)),
            tags: tags, publishingMilliseconds: arguments.double("publishing-ms", 500),
            samplingMilliseconds: arguments.double("sampling-ms", 0)
        ) { NodeId(names?[$0] ?? form.replacing("#", with: "\($0)")) ?? .null }
        let time = TimelyCounter.TimeOfValue(rawValue: arguments.text("time") ?? "source") ?? .source
        subscriber.everyTime = time == .source
        let counter = TimelyCounter(
            items: tags, time: time, allowed: Int64(arguments.int("allowed-ms", 1_000)) * 1_000)
        let began = ContinuousClock.now
        try await subscriber.run(CountingReceiver(counter)) { receiver in
            report(["subscribed": ((ContinuousClock.now - began) / .seconds(1)).rounded(to: 2)])
            // A server that falls behind may never have shown them all.
            let patience = ContinuousClock.now + .seconds(120)
            while receiver.withCounter({ $0.itemsSeen }) < tags, .now < patience {
                try await Task.sleep(for: .milliseconds(50))
            }
            let start = Int64(Date().timeIntervalSince1970 * 1e6) + 500_000
            let length = Int64(seconds) * 1_000_000
            receiver.withCounter { $0.count(start..<start + length) }
            report(["measuring": true, "seen": receiver.withCounter { $0.itemsSeen }])
            let cpu = Usage.now.cpu
            try await Task.sleep(for: .microseconds(length))
            report(["measured": true, "cpu": (Usage.now.cpu - cpu).rounded(to: 3)])
            // What comes later than this counts as missing.
            try await Task.sleep(for: .seconds(5))
            let end = receiver.withCounter { $0 }
            let expected = tags * seconds * 1000 / tick
            report([
                "expected": expected, "values": end.values, "on_time": end.onTime,
                "missing": expected - end.values, "p50_ms": end.lateness(atShare: 0.5),
                "p99_ms": end.lateness(atShare: 0.99), "max_ms": Int(end.worst / 1000), "repeats": end.repeats,
                "bad": end.bad, "lost": end.lostMessages, "peak": Usage.now.peakMiB.rounded(to: 1),
            ])
        }
    }
}
