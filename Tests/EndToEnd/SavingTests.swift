import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The configuration is changed through the API, applied at once, and still there after a restart.
    @Suite struct Saving {
        private let text = """
            # Hall 3
            sources:
              # the press
              - name: press
                endpoint: modbus://127.0.0.1:1
                registers: [{address: 1, name: t}]  # one is enough
                reconnect: {initial_delay_ms: 60000}

            """
        private let addition = #"""
            {"sources":[{"name":"press","endpoint":"modbus://127.0.0.1:1","registers":[{"address":1,"name":"t"}],
            "reconnect":{"initial_delay_ms":60000}},
            {"name":"boiler","endpoint":"mqtt://127.0.0.1:1","topics":["a"],"username":"u","password":"pl4nted-s3cret",
            "reconnect":{"initial_delay_ms":60000}}]}
            """#

        /// - Parameters:
        ///   - content: where the file's bytes can be read, if not in it.
        ///   - started: how the connector is started beside the file.
        private func expectSaving(
            file: String, content: String? = nil, directory: String, isReplaced: Bool,
            started: (Launch) throws -> Launch = { $0 }
        ) async throws {
            let content = content ?? file
            let before = try TestKit.read(content)
            try await withStarted(file, directory, started) { connector in
                let answer = try await connector.http.post("/api/config/patch", addition)
                #expect(answer.status == 200, "\(answer.text)")
                try await eventually("the new source is there") {
                    try await names(connector) == ["press", "boiler"] ? () : nil
                }
                let layer = directory + "/state/penstock.state.yaml"
                #expect(FileManager.default.fileExists(atPath: layer) == !isReplaced)
                let after = try TestKit.read(content)
                if isReplaced {
                    #expect(after.hasPrefix(before.dropLast(1)))
                    #expect(after.contains("${credential:sources.boiler.password}"))
                } else {
                    #expect(after == before)
                    #expect(try TestKit.read(layer).contains("${credential:sources.boiler.password}"))
                    let layers = try await connector.http.json("/api/config/layers")
                    #expect(
                        layers["layered"].object.values.allSatisfy { $0.text?.contains("penstock.state.yaml:") == true }
                    )
                }
                // A bad one changes nothing.
                let bad = try await connector.http.post("/api/config/patch", #"{"sources":[{"name":"x"}]}"#)
                #expect(bad.status == 422)
                #expect(try TestKit.read(content) == after)
                #expect(try await names(connector) == ["press", "boiler"])
            }
            try await withStarted(file, directory, started) { connector in
                #expect(try await names(connector) == ["press", "boiler"])
                let config = try await connector.http.json("/api/config")
                #expect(config["sources"].array.count == 2)
                #expect(!"\(config)".contains("pl4nted-s3cret"))
            }
        }

        private func names(_ connector: Connector) async throws -> [String] {
            try await connector.status()["sources"].array.compactMap { $0["name"].text }
        }

        private func withStarted(
            _ file: String, _ directory: String, _ started: (Launch) throws -> Launch,
            _ body: (Connector) async throws -> Void
        ) async throws {
            let (web, metrics) = (try FreePorts.next(), try FreePorts.next())
            let launch = try Launch.program(
                "penstock",
                [
                    "run", "--config", file, "--state", directory + "/state", "--web-port", "\(web)", "--metrics-port",
                    "\(metrics)",
                ])
            try await withProgram(started(launch)) { program in
                let connector = Connector(
                    webPort: web, metricsPort: metrics, state: directory + "/state", program: program)
                try await program.whileAlive("penstock is ready") {
                    try await connector.http.get("/health/ready").status == 200 ? () : nil
                }
                try await body(connector)
            }
        }

        @Test func anOrdinaryFileIsReplaced() async throws {
            try await withTemporaryDirectory { directory in
                try write(text, to: directory + "/penstock.yaml")
                try await expectSaving(file: directory + "/penstock.yaml", directory: directory, isReplaced: true)
            }
        }

        @Test func aReadOnlyFileGetsALayer() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/penstock.yaml"
                try write(text, to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file)
                try await expectSaving(file: file, directory: directory, isReplaced: false)
            }
        }

        /// As a container has it.
        @Test func aBindMountedFileGetsALayer() async throws {
            try await withTemporaryDirectory { directory in
                let file = try await BusyFile.make(text, in: directory)
                try await expectSaving(
                    file: file.path, content: file.content, directory: directory, isReplaced: false,
                    started: file.started)
            }
        }

        @Test func withoutAnyFileTheFirstSaveMakesIt() async throws {
            try await withTemporaryDirectory { directory in
                let (web, metrics) = (try FreePorts.next(), try FreePorts.next())
                let launch = try Launch.program(
                    "penstock", ["--web-port", "\(web)", "--metrics-port", "\(metrics)"], directory: directory)
                try await withProgram(launch) { program in
                    let http = LocalHTTP(port: web)
                    try await program.whileAlive("penstock is ready") {
                        try await http.get("/health/ready").status == 200 ? () : nil
                    }
                    #expect(try await http.get("/api/config").text == "{}")
                    let answer = try await http.post(
                        "/api/config/patch",
                        #"{"sources":[{"name":"press","endpoint":"modbus://127.0.0.1:1","registers":[{"address":1}]}]}"#
                    )
                    #expect(answer.status == 200, "\(answer.text)")
                    #expect(try TestKit.read(directory + "/penstock.yaml").hasPrefix("sources:\n  - name: press\n"))
                    #expect(try await http.json("/api/status")["sources"].array.count == 1)
                }
            }
        }
    }
}
