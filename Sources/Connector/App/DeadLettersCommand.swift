import ArgumentParser
import CommandSupport
import ConnectorDeadLetters
import ConnectorJournal
import ConnectorModel

/// `penstock deadletters`: what was refused for good.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadletters", abstract: "List, print, retry and purge records that were refused for good.",
        subcommands: [List.self, Cat.self, Retry.self, Purge.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List dead letters: id, lane, time, stage, source, reason.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var count = 0
            for lane in stores.lanes {
                try stores.openDeadLetters(lane, reading: true).forEach { stored in
                    let letter = stored.letter
                    let source = letter.source.isEmpty ? "-" : letter.source
                    Console.say(
                        "\(stored.id) \(lane) \(ISO8601.text(of: letter.time)) \(letter.stage.rawValue) \(source): "
                            + letter.reason)
                    count += 1
                    return true
                }
            }
            if count == 0 { Console.say("there are no dead letters") }
        }
    }

    struct Cat: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cat", abstract: "Print dead letters, one JSON object per line.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "Ids as `ls` prints them; none for all.")
        var ids: [String] = []

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var unknown = Set(ids)
            for lane in stores.lanes {
                try stores.openDeadLetters(lane, reading: true).forEach { stored in
                    guard ids.isEmpty || ids.contains(stored.id) else { return true }
                    unknown.remove(stored.id)
                    Console.say(Self.text(of: stored, lane))
                    return true
                }
            }
            try DeadLettersCommand.refuse(unknown)
        }

        private static func text(of stored: StoredDeadLetter, _ lane: String) -> String {
            let letter = stored.letter
            var about = [
                ("id", stored.id), ("lane", lane), ("stage", letter.stage.rawValue), ("reason", letter.reason),
                ("refused", ISO8601.text(of: letter.time)), ("source", letter.source),
            ]
            let layout = RecordLayout.ofLane(named: lane)
            switch letter.stage {
            case .target:
                about.append(("record_id", letter.recordID))
                return RecordText.json(letter.record, layout, extra: about)
            case .journal:
                about += [("record_id", letter.recordID), ("bytes", RecordText.hexadecimal(letter.content))]
            case .payload:
                about.append(("topic", letter.recordID))
                // Mostly it is text after all, only not what was expected.
                let text = String(validating: letter.content, as: UTF8.self)
                about.append(text.map { ("payload", $0) } ?? ("bytes", RecordText.hexadecimal(letter.content)))
            }
            return RecordText.json([], layout, extra: about)
        }
    }

    /// Which letters a command is about: some must be named, or all.
    struct Choice: ParsableArguments {
        @Argument(help: "Ids as `ls` prints them.")
        var ids: [String] = []

        @Flag(help: "All of them.")
        var all = false

        func validate() throws {
            if ids.isEmpty == !all { throw ValidationError("name ids, or say --all") }
        }

        func contains(_ stored: StoredDeadLetter) -> Bool { all || ids.contains(stored.id) }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Put records back into their lane's journal, to be sent at the next start; a running connector "
                + "does it by POST /api/deadletters/retry.")

        @OptionGroup var options: StoreOptions
        @OptionGroup var choice: Choice

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var unknown = Set(choice.ids)
            var (retried, kept) = (0, 0)
            for lane in stores.lanes {
                let (journal, _) = try stores.openJournal(lane, reading: false)
                let letters = try stores.openDeadLetters(lane, reading: false)
                var chosen: [StoredDeadLetter] = []
                try letters.forEach { stored in
                    guard choice.contains(stored) else { return true }
                    unknown.remove(stored.id)
                    if stored.letter.stage == .target { chosen.append(stored) } else { kept += 1 }
                    return true
                }
                // In the journal first: a crash in between sends a record twice rather than never.
                _ = try journal.commit(journal.entries(of: chosen.map(\.letter)))
                let ids = Set(chosen.map(\.id))
                retried += try letters.remove { ids.contains($0.id) }
                try letters.close()
                try journal.close()
            }
            Console.say("\(retried) records will be sent again at the next start")
            if kept > 0 {
                Console.say("\(kept) are no records and stay: a running connector gives payloads to their source again")
            }
            try DeadLettersCommand.refuse(unknown)
        }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "purge",
            abstract: "Delete dead letters for good; a running connector does it by POST /api/deadletters/purge.")

        @OptionGroup var options: StoreOptions
        @OptionGroup var choice: Choice

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var unknown = Set(choice.ids)
            var count = 0
            for lane in stores.lanes {
                let letters = try stores.openDeadLetters(lane, reading: false)
                count += try letters.remove { stored in
                    guard choice.contains(stored) else { return false }
                    unknown.remove(stored.id)
                    return true
                }
                try letters.close()
            }
            Console.say("\(count) dead letters deleted")
            try DeadLettersCommand.refuse(unknown)
        }
    }

    /// Ids that nobody knows: what was found under the others is done.
    fileprivate static func refuse(_ unknown: Set<String>) throws {
        guard !unknown.isEmpty else { return }
        throw CommandError("there is no dead letter \(unknown.sorted().joined(separator: ", "))")
    }
}
