import YAMLSupport

/// The block `backpressure`: what a lane keeps, where and how.
enum BackpressureSection {
    static func read(
        _ section: consuming Section, batch: ZerobusSection.Batch, retry: RetrySettings
    ) -> LaneSettings {
        var memory = section.section("memory")
        let memoryRecordsMax = memory.integer("max_records", default: 50_000, in: 1...10_000_000)
        memory.finish()
        var spool = section.section("disk_spool")
        let directory = spool.string("directory")
        let megabytes = spool.integer("max_size_mb", default: 1024, in: 1...10_000_000)
        let encryption = spool.boolean("encryption", default: true)
        spool.finish()
        section.finish()
        return LaneSettings(
            memoryRecordsMax: memoryRecordsMax, directory: directory, journalMegabytesMax: megabytes,
            encryption: encryption, batchRecordsMax: batch.recordsMax, batchBytesMax: batch.bytesMax,
            linger: batch.linger, retry: retry)
    }
}
