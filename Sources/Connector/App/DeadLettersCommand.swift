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
            commandName: "ls", abstract: "List dead letters: lane, id, time, stage, source, reason.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            for lane in stores.lanes {
                try stores.openDeadLetters(lane, reading: true).forEach { stored in
                    let letter = stored.letter
                    Console.say(
                        "\(lane) \(stored.id) \(ISO8601.text(of: letter.time)) \(letter.stage.rawValue) "
                            + "\(letter.source.isEmpty ? "-" : letter.source): \(letter.reason)")
                    return true
                }
            }
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
            for lane in stores.lanes {
                try stores.openDeadLetters(lane, reading: true).forEach { stored in
                    guard ids.isEmpty || ids.contains(stored.id) else { return true }
                    let letter = stored.letter
                    let about = [
                        ("lane", lane), ("id", stored.id), ("stage", letter.stage.rawValue), ("reason", letter.reason),
                        ("refused", ISO8601.text(of: letter.time)), ("source", letter.source),
                        ("record_id", letter.recordID),
                    ]
                    switch letter.stage {
                    case .target: Console.say(RecordText.json(letter.record, stores.layout(lane), extra: about))
                    case .journal:
                        let bytes = ("bytes", RecordText.hexadecimal(letter.content))
                        Console.say(RecordText.json([], stores.layout(lane), extra: about + [bytes]))
                    }
                    return true
                }
            }
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
            abstract: "Put records back into their lane's journal, to be sent again; the connector must be stopped.")

        @OptionGroup var options: StoreOptions
        @OptionGroup var choice: Choice

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var count = 0
            for lane in stores.lanes {
                let (journal, _) = try stores.openJournal(lane, reading: false)
                let letters = try stores.openDeadLetters(lane, reading: false)
                var chosen: [DeadLetter] = []
                try letters.forEach { stored in
                    if choice.contains(stored), stored.letter.stage == .target { chosen.append(stored.letter) }
                    return true
                }
                // In the journal first: a crash in between sends a record twice rather than never.
                try journal.resubmit(chosen)
                count += try letters.remove { choice.contains($0) && $0.letter.stage == .target }
                try letters.close()
                try journal.close()
            }
            Console.say("\(count) records will be sent again at the next start")
        }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "purge", abstract: "Delete dead letters for good; the connector must be stopped.")

        @OptionGroup var options: StoreOptions
        @OptionGroup var choice: Choice

        func run() async throws {
            let stores = try options.stores(deadLetters: true)
            var count = 0
            for lane in stores.lanes {
                let letters = try stores.openDeadLetters(lane, reading: false)
                count += try letters.remove(choice.contains)
                try letters.close()
            }
            Console.say("\(count) dead letters deleted")
        }
    }
}
