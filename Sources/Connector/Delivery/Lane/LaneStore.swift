import ConnectorJournal

/// Where a lane keeps what the target has not acknowledged (`backpressure.durability`, `disk_spool.enabled`).
package enum LaneStore: Hashable, Sendable {
    /// On disk, synced before a source may acknowledge.
    case journal
    /// In the system's memory in front of the disk: written, never synced. It outlives the process, but not a
    /// failure of power; the system writes it to the disk when memory is short or it waits for long.
    case unsynced
    /// In memory only: what is not delivered when the process ends is lost.
    case memory

    func storage(_ directory: String) -> any Storage {
        switch self {
        case .journal: FileStorage(path: directory)
        case .unsynced: FileStorage(path: directory, syncs: false)
        case .memory: MemoryStorage()
        }
    }
}
