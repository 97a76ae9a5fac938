import ConnectorModel
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

@Suite struct BackpressureSectionTests {
    private func read(_ text: String) throws -> ConnectorSettings {
        try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
    }

    @Test func theDefaultsAreSafe() throws {
        let lane = try read("").lane
        #expect(lane.durability == .journal && lane.policy == .suspend && lane.usesDisk && lane.encryption)
        #expect(lane.memoryRecordsMax == 50_000 && lane.journalMegabytesMax == 1024 && lane.directory == nil)
    }

    @Test func withoutADiskDurabilityIsMemory() throws {
        #expect(try read("backpressure: {disk_spool: {enabled: false}}").lane.durability == .memory)
        #expect(try read("backpressure: {durability: memory}").lane.durability == .memory)
        #expect(try read("backpressure: {durability: memory}").lane.usesDisk)
    }

    @Test(arguments: [
        ("suspend", DropPolicy.suspend), ("drop_oldest", .dropOldest), ("Drop_Newest", .dropNewest),
        ("reject", .reject),
    ])
    func everyPolicyHasItsWord(word: String, policy: DropPolicy) throws {
        #expect(try read("backpressure: {drop_policy: \(word)}").lane.policy == policy)
    }

    @Test func breakerAndBacklogShare() throws {
        let plain = try read("").lane
        #expect(plain.breaker == BreakerSettings(failureThreshold: 5, openTime: .seconds(60), successThreshold: 3))
        #expect(plain.backlogShare == 1)
        let other = try read(
            """
            zerobus: {circuit_breaker: {failure_threshold: 2, open_seconds: 7, success_threshold: 4}}
            backpressure: {backlog_share: 0.5}
            """
        ).lane
        #expect(other.breaker == BreakerSettings(failureThreshold: 2, openTime: .seconds(7), successThreshold: 4))
        #expect(other.backlogShare == 0.5)
    }

    @Test func aSourceHasPolicyAndRateOfItsOwn() throws {
        let source = "name: a, endpoint: \"mqtt://x\", topics: [t]"
        let plain = try read("sources: [{\(source)}]").sources[0]
        #expect(plain.dropPolicy == nil && plain.rateLimit == nil)
        let limited = try read(
            "sources: [{\(source), drop_policy: reject, rate_limit: {records_per_second: 100}}]"
        ).sources[0]
        #expect(limited.dropPolicy == .reject)
        #expect(limited.rateLimit == RateLimit(recordsPerSecond: 100, burst: 100))
        let burst = try read("sources: [{\(source), rate_limit: {records_per_second: 100, burst: 7}}]").sources[0]
        #expect(burst.rateLimit == RateLimit(recordsPerSecond: 100, burst: 7))
    }

    @Test(arguments: [
        ("backpressure: {durability: journal, disk_spool: {enabled: false}}", "backpressure.durability"),
        ("backpressure: {disk_spool: {compression: zstd}}", "backpressure.disk_spool.compression"),
        ("backpressure: {backlog_share: 1.5}", "backpressure.backlog_share"),
        ("backpressure: {backlog_share: 0}", "backpressure.backlog_share"),
        ("zerobus: {circuit_breaker: {failure_threshold: 0}}", "zerobus.circuit_breaker.failure_threshold"),
        ("zerobus: {default_target: {streams: 65}}", "zerobus.default_target.streams"),
        ("backpressure: {drop_policy: forget}", "backpressure.drop_policy"),
        ("sources: [{name: a, endpoint: x, rate_limit: {burst: 1}}]", "sources[0].rate_limit.burst"),
        ("sources: [{name: a, endpoint: x, rate_limit: {records_per_second: 0}}]", "rate_limit.records_per_second"),
    ])
    func whatCannotBeIsRefusedWithItsKey(text: String, key: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        #expect(error.map { "\($0)".contains(key) } == true)
    }
}
