import ConnectorDeadLetters
import ConnectorJournal

/// Where a lane keeps its dead letters, and how many.
package struct DeadLetterPlace: Hashable, Sendable {
    /// Nil keeps them in memory, as long as the process lives.
    package var directory: String?
    package var bytesMax: Int

    package init(directory: String? = nil, bytesMax: Int = 100 * 1024 * 1024) {
        self.directory = directory
        self.bytesMax = bytesMax
    }

    func store(sealing: JournalSealing) -> DeadLetterStore {
        let storage: any Storage = if let directory { FileStorage(path: directory) } else { MemoryStorage() }
        return DeadLetterStore(
            storage: storage, bytesMax: bytesMax,
            sealing: sealing, randomID: { UInt64.random(in: 1 ... .max) })
    }
}
