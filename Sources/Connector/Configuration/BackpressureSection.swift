import ConnectorModel
import YAMLSupport

/// The blocks `backpressure` and `dead_letters`: what a lane keeps, where and how.
enum BackpressureSection {
    static func read(
        _ section: consuming Section, deadLetters: consuming Section, batch: ZerobusSection.Batch, retry: RetrySettings,
        breaker: BreakerSettings
    ) -> LaneSettings {
        OtherNames.accept(backpressure: &section)
        var memory = section.section("memory")
        let memoryRecordsMax = memory.integer(
            "max_records", default: 50_000, in: 1...10_000_000,
            about: "records of a target kept in memory; what is more is read back from disk")
        memory.finish()
        let durability = section.choice(
            "durability", default: LaneSettings.Durability?.none, [("journal", .journal), ("memory", .memory)],
            about:
                "journal: on disk before a source is answered; memory: on disk when memory is full or the target away")
        let policy = section.dropPolicy(default: .suspend) ?? .suspend
        let share = section.number(
            "backlog_share", default: 1, in: 0...1,
            about: "what a backlog has of the way to the target beside live rows; below 1 they overtake it")
        if share == 0 { section.report("must be above 0 and at most 1", at: "backlog_share") }
        var spool = section.section("disk_spool", about: "the journal")
        let isEnabled = spool.boolean("enabled", default: true, about: "false keeps rows in memory only")
        let directory = spool.string("directory", about: "without it journal/ below the state directory")
        let megabytes = spool.integer(
            "max_size_mb", default: 1024, in: 1...10_000_000, about: "for each target; then drop_policy decides")
        let encryption = spool.boolean("encryption", default: true, about: "seals what is written (AES-256-GCM)")
        let compresses = spool.choice(
            "compression", default: false, [("none", false), ("zstd", true)], about: "zstd is not in this build")
        if compresses { spool.report("zstd is not possible in this build; use none", at: "compression") }
        spool.finish()
        if !isEnabled, durability == .journal {
            section.report("journal needs the disk, which disk_spool.enabled switches off", at: "durability")
        }
        section.finish()
        let deadLettersMegabytesMax = deadLetters.integer(
            "max_size_mb", default: 100, in: 1...1_000_000, about: "for each target; then the oldest go")
        deadLetters.finish()
        return LaneSettings(
            memoryRecordsMax: memoryRecordsMax, durability: durability ?? (isEnabled ? .journal : .memory),
            policy: policy, usesDisk: isEnabled, directory: directory, journalMegabytesMax: megabytes,
            deadLettersMegabytesMax: deadLettersMegabytesMax, encryption: encryption, batchRecordsMax: batch.recordsMax,
            batchBytesMax: batch.bytesMax,
            linger: batch.linger, targetRateLimit: batch.rateLimit, retry: retry, breaker: breaker, backlogShare: share)
    }
}

extension Section {
    /// The key `drop_policy`.
    mutating func dropPolicy(default policy: DropPolicy?) -> DropPolicy? {
        accept(words: OtherNames.dropPolicies, in: "drop_policy")
        return choice(
            "drop_policy", default: policy, DropPolicy.allCases.map { ($0.rawValue, $0) },
            about: "what happens when there is no room")
    }

    /// What a source sets for itself, `drop_policy` and `rate_limit`; nil where it leaves the policy to its lane.
    mutating func sourcePolicy() -> (drop: DropPolicy?, rateLimit: RateLimit?) {
        (dropPolicy(default: nil), rateLimit(about: "no more from this source"))
    }

    /// The block `rate_limit`.
    mutating func rateLimit(about: String) -> RateLimit? {
        var limit = section("rate_limit", about: about)
        let rate = limit.optionalInteger("records_per_second", in: 1...10_000_000, about: "on average")
        let burst = limit.optionalInteger(
            "burst", in: 1...100_000_000, about: "at once after a pause; without it records_per_second")
        if rate == nil, burst != nil { limit.report("needs records_per_second beside it", at: "burst") }
        limit.finish()
        return rate.map { RateLimit(recordsPerSecond: $0, burst: burst ?? $0) }
    }
}
