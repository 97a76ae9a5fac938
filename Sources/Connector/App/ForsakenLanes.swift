import ConnectorConfiguration
import ConnectorJournal
import Foundation
import Logging

/// Journals that hold records for a target which the configuration does not name any more, or names with another layout:
/// they are kept, and whoever changed the configuration is told.
struct ForsakenLanes {
    let settings: ConnectorSettings
    let sealing: JournalSealing

    func warn(_ logger: Logger) {
        let folder = settings.lane.directory ?? settings.stateDirectory + "/journal"
        let used = Set(settings.routes.map(\.name))
        // A folder that cannot be read was reported when the lanes were opened.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where !used.contains(name) {
            let journal = Journal(
                storage: ReadingStorage(path: folder + "/" + name), sealing: sealing,
                randomID: { UInt64.random(in: 1 ... .max) })
            do {
                let records = try journal.open().records
                if records > 0 { logger.warning("\(Self.sentence(name, records: records, used: used))") }
            } catch {
                logger.warning("the journal \(name) belongs to no target now, and cannot be read: \(error.message)")
            }
        }
    }

    static func sentence(_ name: String, records: Int, used: Set<String>) -> String {
        // The same table under another layout is another lane.
        let other = used.sorted().first { $0.hasPrefix(name + ".") || name.hasPrefix($0 + ".") }
        let cause =
            other.map { "the table's layout is another one now (\($0))" } ?? "the configuration names no such target"
        return "\(records) records wait in the journal \(name), and \(cause): they are kept and not sent; "
            + "set the target as it was until they are delivered, or delete the folder"
    }
}
