package import ArgumentParser

extension ParsableCommand {
    /// The whole of a program: reads the command line, runs the command, says in one line what went wrong.
    ///
    /// Ends the process with a status other than 0 on an error; returns when the command is done.
    package static func runProgram() async {
        let ending = await Self.end(of: nil)
        switch ending {
        case .done: return
        case .said(let text): Console.say(text)
        case .failed(let line, _): Console.complain(line)
        }
        exit(withError: ending.exitCode)
    }

    /// Runs the command that the arguments name.
    /// - Parameter arguments: the command line without the program's name; nil for the process's own.
    package static func end(of arguments: [String]?) async -> CommandEnding {
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            let code = exitCode(for: error)
            // Help and version are "errors" of the parser that belong on standard output.
            if code.isSuccess { return .said(fullMessage(for: error)) }
            return .failed("\(_commandName): \(message(for: error))", code)
        }
    }
}

/// How a program's command ended.
package enum CommandEnding: Equatable, Sendable {
    /// Without a word more.
    case done
    /// With a text that was asked for, such as help.
    case said(String)
    /// With one line that says what went wrong, and the exit code.
    case failed(String, ExitCode)

    package var exitCode: ExitCode {
        if case .failed(_, let code) = self { code } else { .success }
    }
}
