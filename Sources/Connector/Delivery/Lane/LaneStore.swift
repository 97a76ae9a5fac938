import ConnectorJournal

/// Where a lane keeps what the target has not acknowledged (`backpressure.durability`, `disk_spool.enabled`).
package enum LaneStore: Hashable, Sendable {
    /// On disk, synced before a source may acknowledge.
    case journal
    /// In memory, and on disk once memory is full, while the target is down, and at a clean stop. A process that is
    /// killed takes with it what was in memory.
    case memoryThenDisk
    /// In memory only: what is not delivered when the process ends is lost.
    case memory

    func storage(_ directory: String) -> any Storage {
        switch self {
        case .journal: FileStorage(path: directory)
        case .memoryThenDisk: TieredStorage(FileStorage(path: directory, syncs: false))
        case .memory: MemoryStorage()
        }
    }
}
