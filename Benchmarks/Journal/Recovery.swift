import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Foundation

extension JournalBench {
    /// A journal of so many megabytes is opened after its process is gone, and read back from its first frame on.
    static func recover(_ directory: String, megabytes: Int) throws {
        for sealed in [false, true] {
            let place = directory + (sealed ? "/sealed" : "/clear")
            let key = KeyRing([.random()], place: "memory")
            func openNew() throws -> (Journal, JournalRecovery) {
                let journal = Journal(
                    storage: FileStorage(path: place, syncs: false), sealing: JournalSealing(key, seals: sealed),
                    randomID: { UInt64.random(in: 1 ... .max) })
                return (journal, try journal.open())
            }
            let (first, _) = try openNew()
            let group = group(bytes: mebibyte)
            while first.bytes < megabytes * mebibyte { _ = try first.commit(group) }
            try first.close()

            var opened: (Journal, JournalRecovery)?
            let start = try seconds { opened = try openNew() }
            guard let (journal, recovery) = opened else { return }
            var records = 0
            let reading = try seconds {
                var location = recovery.first
                while let from = location {
                    let part = try journal.read(from: from, recordsMax: .max, bytesMax: 4 * mebibyte)
                    records += part.frames.reduce(0) { $0 + $1.frame.count }
                    location = part.next
                }
            }
            let form = sealed ? "sealed" : "in the clear"
            say(
                "\(megabytes) MiB \(form): start \(String(format: "%.2f", start)) s, "
                    + "reading \(records) records back \(String(format: "%.2f", reading)) s")
            figure("journal recovery \(megabytes) MiB \(sealed ? "sealed" : "clear"), start", start, "s")
            figure("journal recovery \(megabytes) MiB \(sealed ? "sealed" : "clear"), reading back", reading, "s")
            try journal.close()
            try FileManager.default.removeItem(atPath: place)
        }
    }
}
