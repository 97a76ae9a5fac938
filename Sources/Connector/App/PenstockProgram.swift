import ArgumentParser

/// The program `penstock`: reads the command line, runs the command, says in one line what went wrong.
package enum PenstockProgram {
    /// Runs until the command is done; ends the process with a status other than 0 on an error.
    package static func main() async {
        do {
            var command = try PenstockCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let status = PenstockCommand.exitCode(for: error)
            if status.isSuccess {
                // Help and version are "errors" of the parser that belong on standard output.
                Console.say(PenstockCommand.fullMessage(for: error))
            } else {
                Console.complain("penstock: " + PenstockCommand.message(for: error))
            }
            PenstockCommand.exit(withError: status)
        }
    }
}

/// `penstock` and its subcommands.
struct PenstockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penstock",
        abstract: "Carries readings from industrial machines to a lakehouse without losing one.",
        subcommands: [
            RunCommand.self, CheckCommand.self, TablesCommand.self, CertificatesCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}
