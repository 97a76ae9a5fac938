import Foundation

/// What to start: a program, its arguments and settings.
package struct Launch: Sendable {
    package var name: String
    package var path: String
    package var arguments: [String]
    /// Added to `Workplace.environment`.
    package var environment: [String: String]
    /// Working directory; nil keeps that of the tests.
    package var directory: String?

    package init(
        name: String, path: String, arguments: [String] = [], environment: [String: String] = [:],
        directory: String? = nil
    ) {
        self.name = name
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// A program of this package.
    package static func program(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil
    ) throws -> Launch {
        Launch(
            name: name, path: try Workplace.program(name), arguments: arguments, environment: environment,
            directory: directory)
    }

    /// A Python script of a foreign peer; `script` is relative to the repository.
    package static func peer(
        _ script: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Launch {
        let file = Workplace.repository + "/" + script
        guard FileManager.default.fileExists(atPath: file) else { throw TestKitError("\(file) is missing") }
        let name = URL(fileURLWithPath: script).lastPathComponent
        return Launch(name: name, path: try Workplace.python(), arguments: [file] + arguments, environment: environment)
    }
}

/// Starts a program without a scope: it ends when the value is let go, at the latest.
///
/// For tests that kill and restart a program many times; others use `withProgram`.
package func start(_ launch: Launch) throws -> RunningProgram {
    let folder = NSTemporaryDirectory() + "/penstock-test-output"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let output = "\(folder)/\(launch.name)-\(UUID().uuidString).log"
    return try RunningProgram(launch, outputPath: output)
}

/// Runs a program for the time of the body; it is stopped in good order afterwards, whatever happened.
package func withProgram<Result>(
    _ launch: Launch, _ body: (RunningProgram) async throws -> Result
) async throws -> Result {
    let program = try start(launch)
    do {
        let result = try await body(program)
        await program.stop()
        return result
    } catch {
        await program.stop()
        throw error
    }
}

/// Runs a program to its end and returns how it ended and what it printed.
package func run(_ launch: Launch, within limit: Duration = .seconds(60)) async throws -> (Ending, output: String) {
    let program = try start(launch)
    let ending = try await program.waitForEnd(within: limit)
    return (ending, program.output)
}
