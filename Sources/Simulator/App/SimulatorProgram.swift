import ArgumentParser

/// The program `ot-simulator`: reads the command line, runs the command, says in one line what went wrong.
package enum SimulatorProgram {
    /// Runs until the command is done; ends the process with a status other than 0 on an error.
    package static func main() async {
        do {
            var command = try SimulatorCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let status = SimulatorCommand.exitCode(for: error)
            if status.isSuccess {
                // Help and version are "errors" of the parser that belong on standard output.
                Console.say(SimulatorCommand.fullMessage(for: error))
            } else {
                Console.complain("ot-simulator: " + SimulatorCommand.message(for: error))
            }
            SimulatorCommand.exit(withError: status)
        }
    }
}
