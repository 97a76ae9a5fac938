import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// `penstock credentials`, as an administrator types it.
    @Suite struct Credentials {
        private struct Desk {
            var state: String
            var password: String?

            /// Runs a command with a text on its standard input.
            func run(_ arguments: [String], input: String = "") async throws -> (code: Int32?, output: String) {
                // The shell pipes; the secret is in its environment, not on a command line.
                let words = [try Workplace.program("penstock"), "credentials"] + arguments + ["--state", state]
                let command = words.map { "'\($0)'" }.joined(separator: " ")
                var environment = ["TEST_INPUT": input]
                environment["PENSTOCK_MASTER_PASSWORD"] = password
                let (ending, output) = try await TestKit.run(
                    Launch(
                        name: "sh", path: "/bin/sh",
                        arguments: ["-c", "printf '%s' \"$TEST_INPUT\" | \(command)"], environment: environment))
                guard case .exited(let code) = ending else { return (nil, output) }
                return (code, output)
            }
        }

        @Test func secretsAreKeptListedShownAndDeleted() async throws {
            try await withTemporaryDirectory { directory in
                let desk = Desk(state: directory + "/state", password: nil)
                #expect(try await desk.run(["store", "plc.password"], input: "s3cret\n").code == 0)
                #expect(try await desk.run(["store", "plc.other"], input: "0ther").code == 0)
                #expect(try await desk.run(["list"]).output == "plc.other\nplc.password\n")
                let shown = try await desk.run(["get", "plc.password"])
                #expect(shown.code == 0 && !shown.output.contains("s3cret"))
                #expect(try await desk.run(["get", "plc.password", "--reveal"]).output == "s3cret\n")
                #expect(try await desk.run(["delete", "plc.other"]).code == 0)
                #expect(try await desk.run(["list"]).output == "plc.password\n")
                for arguments in [["get", "plc.none"], ["delete", "plc.none"], ["store", "no name"]] {
                    #expect(try await desk.run(arguments, input: "x").code != 0)
                }
                #expect(try await desk.run(["store", "plc.empty"]).code != 0)
                #expect(try await desk.run(["list"]).output == "plc.password\n")
            }
        }

        @Test func aPasswordIsChangedAndAWrongOneChangesNothing() async throws {
            try await withTemporaryDirectory { directory in
                let state = directory + "/state"
                var desk = Desk(state: state, password: "correct horse battery")
                #expect(try await desk.run(["store", "a.b"], input: "s3cret").code == 0)
                let before = try Data(contentsOf: URL(fileURLWithPath: state + "/vault"))
                // Trying a password is slow by intent.
                for (other, commands) in [
                    ("wrong", [["store", "a.c"], ["rotate"]]), (nil, [["list"], ["delete", "a.b"]]),
                ] {
                    let wrong = Desk(state: state, password: other)
                    for arguments in commands {
                        let (code, output) = try await wrong.run(arguments, input: "new")
                        #expect(code == 1)
                        #expect(output.contains("master password"))
                    }
                }
                #expect(try Data(contentsOf: URL(fileURLWithPath: state + "/vault")) == before)
                #expect(try await desk.run(["rotate"], input: "battery staple horse").code == 0)
                #expect(try await desk.run(["list"]).code == 1)
                desk.password = "battery staple horse"
                #expect(try await desk.run(["get", "a.b", "--reveal"]).output == "s3cret\n")
                #expect(try TestKit.read(state + "/keys/data.keys").hasPrefix("penstock-keys 2\n"))
            }
        }

        @Test func theOldKeyGoesWithTheStartThatNeedsItNoMore() async throws {
            try await withTemporaryDirectory { directory in
                let state = directory + "/state"
                func start() async throws -> String {
                    let (web, metrics) = (try FreePorts.next(), try FreePorts.next())
                    let launch = try Launch.program(
                        "penstock", ["run", "--state", state, "--web-port", "\(web)", "--metrics-port", "\(metrics)"],
                        directory: directory)
                    return try await withProgram(launch) { program in
                        try await program.whileAlive("penstock is ready") {
                            try await LocalHTTP(port: web).get("/health/ready").status == 200 ? () : nil
                        }
                        program.terminate()
                        #expect(try await program.waitForEnd() == .exited(code: 0))
                        return program.output
                    }
                }
                func keys() throws -> Int {
                    try TestKit.read(state + "/keys/data.keys").split(separator: "\n").count - 1
                }
                let first = try await start()
                #expect(!first.contains("was taken out"))
                let rotated = try await Desk(state: state).run(["rotate", "--keep-password"])
                #expect(rotated.code == 0)
                #expect(try keys() == 2)
                let second = try await start()
                #expect(second.contains("was taken out of"))
                #expect(try keys() == 1)
                let third = try await start()
                #expect(!third.contains("was taken out"))
            }
        }
    }
}
