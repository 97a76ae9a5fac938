import ArgumentParser
import ConnectorConfiguration
import ConnectorDeadLetters
import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Foundation
import JSONSupport
import LocalTableAdapter
import ZerobusAdapter

/// Which connector's stores a command looks at, and its lanes on disk.
struct StoreOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "The state directory; wins over the configuration.")
    var state: String?

    @Option(help: "Only the lane of this name.")
    var lane: String?

    /// The stores of a stopped or running connector.
    struct Stores {
        var settings: ConnectorSettings
        var sealing: JournalSealing
        var lanes: [String]

        /// The folder of a lane's journal.
        func journal(_ lane: String) -> String {
            "\(settings.lane.directory ?? settings.stateDirectory + "/journal")/\(lane)"
        }

        func deadLetters(_ lane: String) -> String { "\(settings.stateDirectory)/deadletters/\(lane)" }

        func openDeadLetters(_ lane: String, reading: Bool) throws -> DeadLetterStore {
            let path = deadLetters(lane)
            let store = DeadLetterStore(
                storage: reading ? ReadingStorage(path: path) : FileStorage(path: path),
                bytesMax: settings.lane.deadLettersMegabytesMax.multipliedReportingOverflow(by: 1_048_576).partialValue,
                sealing: sealing, randomID: { UInt64.random(in: 1 ... .max) })
            try clearly { () throws(JournalFailure) in try store.open() }
            return store
        }

        func openJournal(_ lane: String, reading: Bool) throws -> (Journal, JournalRecovery) {
            let path = journal(lane)
            let journal = Journal(
                storage: reading ? ReadingStorage(path: path) : FileStorage(path: path), sealing: sealing,
                randomID: { UInt64.random(in: 1 ... .max) })
            return (journal, try clearly { () throws(JournalFailure) in try journal.open() })
        }

        private func clearly<Result>(_ body: () throws(JournalFailure) -> Result) throws -> Result {
            do { return try body() } catch { throw CommandError(error.message) }
        }
    }

    /// The lanes that have a folder; with a name only that one.
    func stores(deadLetters: Bool = false) throws -> Stores {
        let (settings, _) = try configuration.load(stateDirectory: state)
        let ring: KeyRing
        do {
            let password = try MasterPassword.find(in: ProcessInfo.processInfo.environment)
            let file = KeyFile(directory: settings.stateDirectory + "/keys")
            ring = try file.open(create: false, password: password).ring
        } catch {
            throw CommandError(error.message)
        }
        var stores = Stores(
            settings: settings, sealing: JournalSealing(ring, seals: settings.lane.encryption), lanes: [])
        let folder = deadLetters ? settings.stateDirectory + "/deadletters" : stores.journal("")
        guard FileManager.default.fileExists(atPath: settings.stateDirectory) else {
            throw CommandError(
                "there is no state directory \(settings.stateDirectory): name it with --state, or the configuration with --config"
            )
        }
        var names: [String] = []
        if FileManager.default.fileExists(atPath: folder) {
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            } catch {
                throw CommandError("cannot read \(folder): \(error.localizedDescription)")
            }
        }
        stores.lanes = names.filter { lane == nil || $0 == lane }
        if let lane, stores.lanes.isEmpty {
            let known = names.isEmpty ? "it holds none" : "there are: \(names.joined(separator: ", "))"
            throw CommandError("there is no lane '\(lane)' in \(folder); \(known)")
        }
        return stores
    }
}

/// Records as lines of JSON, for people and scripts.
enum RecordText {
    /// The columns of a record as a JSON object; what cannot be decoded is shown in hexadecimal digits.
    static func json(_ record: [UInt8], _ layout: RecordLayout, extra: [(String, String)] = []) -> String {
        var members = extra.map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }
        do {
            let columns = try record.withUnsafeBytes { try RecordDecoder(layout: layout).columns(of: $0) }
            for (column, value) in zip(layout.columns, columns) {
                guard let value else { continue }
                members.append("\(JSONText.quoted(column.name)):\(text(value))")
            }
        } catch {
            members.append("\"bytes\":\(JSONText.quoted(hexadecimal(record)))")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func text(_ value: RecordDecoder.ColumnValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .double(let number): number.isFinite ? "\(number)" : JSONText.quoted("\(number)")
        case .text(let text): JSONText.quoted(text)
        case .map(let map):
            "{"
                + map.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
                .joined(separator: ",") + "}"
        case .boolean(let value): "\(value)"
        case .bytes(let bytes): JSONText.quoted(hexadecimal(bytes))
        }
    }
}
