import ArgumentParser
import CommandSupport
import ConnectorJournal
import ConnectorLane
import ConnectorModel

/// `penstock journal`: what waits on disk. Only reads; the connector may run beside it.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "List, print and check what waits in the journals.",
        subcommands: [List.self, Cat.self, Verify.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List segments: lane, number, frames, records, bytes, key.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            let stores = try options.stores()
            if stores.lanes.isEmpty { Console.say("there is no journal in \(stores.journal(""))") }
            for lane in stores.lanes {
                let (journal, recovery) = try stores.openJournal(lane, reading: true)
                Console.say(
                    "\(lane): \(recovery.records) records wait in \(recovery.frames) frames, \(journal.bytes) bytes")
                for segment in journal.state.segments {
                    let key = segment.seal.map { "key \($0.keyID)" } ?? "in the clear"
                    Console.say(
                        "  \(segment.number): \(segment.frames) frames, \(segment.records) records, \(segment.end) bytes, \(key)"
                    )
                }
            }
        }
    }

    struct Cat: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cat", abstract: "Print waiting records, oldest first, one JSON object per line.")

        @OptionGroup var options: StoreOptions

        @Option(help: "How many records at most.")
        var limit = 20

        func run() async throws {
            let stores = try options.stores()
            var left = limit
            for lane in stores.lanes {
                let (journal, recovery) = try stores.openJournal(lane, reading: true)
                var place = recovery.first
                while left > 0, let from = place {
                    let reading = try journal.read(from: from, recordsMax: left, bytesMax: 1024 * 1024)
                    for frame in reading.frames where left > 0 {
                        let source = journal.tables.sources.string(frame.source) ?? ""
                        for record in frame.records(prefixes: journal.tables.prefixes).prefix(left) {
                            Console.say(
                                RecordText.json(
                                    record.bytes, .ofLane(named: lane),
                                    extra: [("lane", lane), ("source", source), ("record_id", record.name)]))
                            left -= 1
                        }
                    }
                    place = reading.next
                }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check every frame; ends with status 1 when something is damaged.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            let stores = try options.stores()
            if stores.lanes.isEmpty { Console.say("there is no journal in \(stores.journal(""))") }
            var isDamaged = false
            for lane in stores.lanes {
                let (journal, recovery) = try stores.openJournal(lane, reading: true)
                var damage = recovery.damage.filter { $0.kind != .torn }
                // Reading opens the seals, which looking for the end does not.
                var records = 0
                var place = recovery.first
                while let from = place {
                    let reading = try journal.read(from: from, recordsMax: 10_000, bytesMax: 4 * 1024 * 1024)
                    records += reading.frames.reduce(0) { $0 + $1.frame.count }
                    damage += reading.damage.filter { !damage.contains($0) }
                    place = reading.next
                }
                for place in damage { Console.say("\(lane): \(place)") }
                if recovery.lostTags > 0 { Console.say("\(lane): \(recovery.lostTags) tags cannot be read") }
                isDamaged = isDamaged || !damage.isEmpty || recovery.lostTags > 0
                Console.say(
                    "\(lane): \(records) records can be read\(damage.isEmpty ? "" : ", \(damage.count) places are damaged")"
                )
            }
            if isDamaged { throw ExitCode.failure }
        }
    }
}
