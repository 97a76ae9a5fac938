import Foundation

/// A program that a test started, with all that it printed.
package final class RunningProgram: Sendable {
    package let name: String
    private let child: ChildProcess
    private let outputPath: String

    init(_ launch: Launch, outputPath: String) throws {
        self.name = launch.name
        self.outputPath = outputPath
        self.child = try ChildProcess(
            path: launch.path, arguments: launch.arguments,
            environment: Workplace.environment(adding: launch.environment),
            directory: launch.directory, output: outputPath)
    }

    deinit {
        if ProcessInfo.processInfo.environment["PENSTOCK_KEEP"] != "1" {
            try? FileManager.default.removeItem(atPath: outputPath)
        }
    }

    package var processIdentifier: Int32 { child.processIdentifier }

    /// The ending, or nil while it runs.
    package var ending: Ending? { child.poll() }

    /// What it has printed so far, standard output and standard error together.
    package var output: String { (try? read(outputPath)) ?? "" }

    /// `kill -9`: no chance to save anything.
    package func kill() { child.kill() }

    /// SIGTERM: please stop.
    package func terminate() { child.signal(SIGTERM) }

    /// Any other signal, for example SIGHUP or SIGSTOP.
    package func send(signal: Int32) { child.signal(signal) }

    /// Waits for the first printed line that contains `text`.
    package func line(containing text: String, within limit: Duration = .seconds(30)) async throws -> String {
        try await whileAlive("\(name) prints '\(text)'", within: limit) {
            self.output.split(separator: "\n").first { $0.contains(text) }.map(String.init)
        }
    }

    /// Waits for an answer of the program, and gives up at once, with its last lines, when it ends before that.
    @discardableResult
    package func whileAlive<Answer>(
        _ what: String, within limit: Duration = .seconds(30), _ probe: () async throws -> Answer?
    ) async throws -> Answer {
        var ended: Ending?
        do {
            let answer: Answer? = try await eventually(what, within: limit) {
                ended = self.ending
                if let answer = try? await probe() { return .some(.some(answer)) }
                return ended == nil ? nil : .some(nil)
            }
            if let answer { return answer }
        } catch let error as TestKitError {
            throw TestKitError("\(error)\n\(lastLines())")
        }
        throw TestKitError("\(name) ended (\(ended.map { "\($0)" } ?? "?")) before: \(what)\n\(lastLines())")
    }

    /// Waits for the end of the program.
    @discardableResult
    package func waitForEnd(within limit: Duration = .seconds(30)) async throws -> Ending {
        do {
            return try await eventually("\(name) ends", within: limit) { self.ending }
        } catch let error as TestKitError {
            throw TestKitError("\(error)\n\(lastLines())")
        }
    }

    /// Stops the program in good order (SIGTERM) and, when it does not obey, in bad.
    package func stop(within limit: Duration = .seconds(15)) async {
        terminate()
        do {
            try await waitForEnd(within: limit)
        } catch {
            // The deadline, or the test was cancelled: nothing is left to wait for politely.
            kill()
        }
    }

    /// The end of the output, for messages.
    package func lastLines(_ count: Int = 30) -> String {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).suffix(count)
        return "--- the end of what \(name) printed:\n" + lines.joined(separator: "\n") + "\n---"
    }
}
