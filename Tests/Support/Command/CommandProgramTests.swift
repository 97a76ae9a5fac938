import ArgumentParser
import CommandSupport
import Testing

@Suite struct CommandProgramTests {
    struct Failure: Error, CustomStringConvertible {
        var description: String { "the disk is full; free some" }
    }

    struct Work: AsyncParsableCommand {
        @Option var port = 1
        @Flag var fails = false

        func validate() throws {
            if port < 0 { throw ValidationError("--port must not be negative") }
        }

        func run() async throws {
            if fails { throw Failure() }
        }
    }

    struct Plain: ParsableCommand {
        func run() throws { throw ExitCode(7) }
    }

    struct Tool: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tool", abstract: "Does a thing.", subcommands: [Work.self, Plain.self],
            defaultSubcommand: Work.self)
    }

    @Test func aCommandThatIsDoneSaysNothing() async {
        #expect(await Tool.end(of: ["work", "--port", "5"]) == .done)
        #expect(await Tool.end(of: []) == .done)
        #expect(await Tool.end(of: []).exitCode == .success)
    }

    @Test func helpIsNoError() async {
        let ending = await Tool.end(of: ["--help"])
        guard case .said(let text) = ending else {
            Issue.record("\(ending)")
            return
        }
        #expect(text.contains("Does a thing.") && ending.exitCode == .success)
    }

    @Test func anErrorIsOneLineWithTheProgramsName() async {
        #expect(await Tool.end(of: ["--fails"]) == .failed("tool: the disk is full; free some", .failure))
        #expect(
            await Tool.end(of: ["--port=-1"]) == .failed("tool: --port must not be negative", .validationFailure))
        let unknown = await Tool.end(of: ["--colour"])
        #expect(unknown.exitCode == .validationFailure)
        guard case .failed(let line, _) = unknown else {
            Issue.record("\(unknown)")
            return
        }
        #expect(line.hasPrefix("tool: ") && !line.contains("\n"))
    }

    @Test func acommandChoosesItsExitCode() async {
        #expect(await Tool.end(of: ["plain"]).exitCode == ExitCode(7))
    }
}
