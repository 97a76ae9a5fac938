import ConnectorModel
import YAMLSupport

/// The blocks `backpressure` and `dead_letters`: what a lane keeps, where and how.
enum BackpressureSection {
    static func read(
        _ section: consuming Section, deadLetters: consuming Section, batch: ZerobusSection.Batch, retry: RetrySettings,
        breaker: BreakerSettings
    ) -> LaneSettings {
        var memory = section.section("memory")
        let memoryRecordsMax = memory.integer("max_records", default: 50_000, in: 1...10_000_000)
        memory.finish()
        let durability = section.choice(
            "durability", default: LaneSettings.Durability?.none, [("journal", .journal), ("memory", .memory)])
        let policy = section.dropPolicy(default: .suspend)
        let share = section.number("backlog_share", default: 1)
        if !(share > 0 && share <= 1) { section.report("must be above 0 and at most 1", at: "backlog_share") }
        var spool = section.section("disk_spool")
        let isEnabled = spool.boolean("enabled", default: true)
        let directory = spool.string("directory")
        let megabytes = spool.integer("max_size_mb", default: 1024, in: 1...10_000_000)
        let encryption = spool.boolean("encryption", default: true)
        let compresses = spool.choice("compression", default: false, [("none", false), ("zstd", true)])
        if compresses { spool.report("zstd is not possible in this build; use none", at: "compression") }
        spool.finish()
        if !isEnabled, durability == .journal {
            section.report("journal needs the disk, which disk_spool.enabled switches off", at: "durability")
        }
        section.finish()
        let deadLettersMegabytesMax = deadLetters.integer("max_size_mb", default: 100, in: 1...1_000_000)
        deadLetters.finish()
        return LaneSettings(
            memoryRecordsMax: memoryRecordsMax, durability: durability ?? (isEnabled ? .journal : .memory),
            policy: policy, usesDisk: isEnabled, directory: directory, journalMegabytesMax: megabytes,
            deadLettersMegabytesMax: deadLettersMegabytesMax, encryption: encryption, batchRecordsMax: batch.recordsMax,
            batchBytesMax: batch.bytesMax,
            linger: batch.linger, retry: retry, breaker: breaker, backlogShare: share)
    }
}

extension Section {
    /// The key `drop_policy`.
    mutating func dropPolicy(default policy: DropPolicy) -> DropPolicy {
        choice("drop_policy", default: policy, DropPolicy.allCases.map { ($0.rawValue, $0) })
    }

    /// What a source sets for itself, `drop_policy` and `rate_limit`; nil where it leaves the policy to its lane.
    mutating func sourcePolicy() -> (drop: DropPolicy?, rateLimit: RateLimit?) {
        let drop = choice("drop_policy", default: DropPolicy?.none, DropPolicy.allCases.map { ($0.rawValue, $0) })
        var limit = section("rate_limit")
        let rate = limit.optionalInteger("records_per_second", in: 1...10_000_000)
        let burst = limit.optionalInteger("burst", in: 1...100_000_000)
        if rate == nil, burst != nil { limit.report("needs records_per_second beside it", at: "burst") }
        limit.finish()
        return (drop, rate.map { RateLimit(recordsPerSecond: $0, burst: burst ?? $0) })
    }
}
