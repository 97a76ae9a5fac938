import ArgumentParser
import CommandSupport

/// The program `penstock`.
package enum PenstockProgram {
    /// Runs until the command is done; ends the process with a status other than 0 on an error.
    package static func main() async {
        ProcessMemory.tune()
        await PenstockCommand.runProgram()
    }
}

/// `penstock` and its subcommands.
struct PenstockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penstock",
        abstract: "Carries readings from industrial machines to a lakehouse without losing one.",
        subcommands: [
            RunCommand.self, CheckCommand.self, TestCommand.self, BrowseCommand.self, ReadCommand.self,
            TablesCommand.self, TagsCommand.self, JournalCommand.self, DeadLettersCommand.self,
            CertificatesCommand.self, CredentialsCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}
