import ArgumentParser
import CommandSupport

/// `penstock version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() throws {
        Console.say("penstock \(Version.current)")
    }
}

/// The version of this source tree; CHANGELOG.md says what is in it.
enum Version {
    static let current = "0.1.0"
}
