import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// No secret leaves the process but to the server that it is for.
    @Suite struct Secrets {
        /// Every kind of secret that a configuration has. Quotes, slashes and letters beyond ASCII make its forms differ.
        private enum Planted: String, CaseIterable {
            case master = "m4ster \"pw\"/é-planted-1"
            case zerobus = "z3robus\\s\"c/é-planted-2"
            case opcua = "opc+u4 \"p\"/é-planted-3"
            case mqtt = "mq?tt \"p\"/é-planted-4"
            case refused = "r3fused \"p\"/é-planted-5"
            case proxy = "pr0xyp4ssw0rd-planted-6"
            case replaced = "old0 \"p\"/é-planted-7"
        }

        /// How a text stands in a JSON body.
        private func quoted(_ secret: Planted) -> String {
            "\"" + secret.rawValue.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }

        private func sources(_ simulator: Simulator, _ broker: Mosquitto, _ guarded: Mosquitto, mqtt: Planted) -> String
        {
            #"""
            {"sources":[{"name":"plain","endpoint":"\#(simulator.opcuaEndpoint)"},
            {"name":"opcua","endpoint":"\#(simulator.opcuaEndpoint)","username":"reader","password":\#(quoted(.opcua)),
            "reconnect":{"initial_delay_ms":200}},
            {"name":"mqtt","endpoint":"\#(broker.endpoint)","username":"u","password":\#(quoted(mqtt)),"topics":["a/#"]},
            {"name":"refused","endpoint":"\#(guarded.endpoint)","username":"u","password":\#(quoted(.refused)),
            "topics":["a/#"],"reconnect":{"initial_delay_ms":200}}]}
            """#
        }

        @Test func noByteThatIsWrittenHoldsASecret() async throws {
            try await withTemporaryDirectory { directory in
                let home = directory + "/penstock"
                try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
                // A file with nobody in it refuses everybody.
                try write("nobody:x\n", to: directory + "/passwords")
                let guarding = ["allow_anonymous false", "password_file \(directory)/passwords"]
                try await withSimulator { simulator in
                    try await withMosquitto { broker in
                        try await withMosquitto(settings: guarding) { guarded in
                            try await withTableService(data: directory + "/tables") { service in
                                let heard = try await runWithSecrets(home, simulator, broker, guarded, service)
                                try expectNone(in: home, heard)
                            }
                        }
                    }
                }
            }
        }

        /// Sets everything up through the API, has it run, change, fail and restart.
        /// - Returns: what the connector said: name of the place and bytes.
        private func runWithSecrets(
            _ home: String, _ simulator: Simulator, _ broker: Mosquitto, _ guarded: Mosquitto, _ service: TableService
        ) async throws -> [(String, Data)] {
            var heard: [(String, Data)] = []
            let environment = ["PENSTOCK_MASTER_PASSWORD": Planted.master.rawValue]
            let connector = try await startConnector(
                configuration: "logging: {level: debug}\n", directory: home, environment: environment,
                arguments: ["--verbose"])
            func patch(_ body: String, expecting status: Int = 200) async throws {
                let answer = try await connector.http.post("/api/config/patch", body)
                #expect(answer.status == status, "\(answer.text)")
                heard.append(("answer to a change", Data(answer.body)))
            }
            try await patch(
                #"""
                {"zerobus":{"workspace_host":"\#(service.workspace)","zerobus_endpoint":"\#(service.grpcEndpoint)",
                "auth":{"client_id":"me","client_secret":\#(quoted(.zerobus))},
                "default_target":{"catalog":"main","schema":"plant","table":"raw_events"}}}
                """#)
            try await patch(sources(simulator, broker, guarded, mqtt: .replaced))
            try await patch(sources(simulator, broker, guarded, mqtt: .mqtt))
            // Refused, with the secrets in it.
            try await patch(
                #"{"web_ui":{"port":"x"},"passwrd":\#(quoted(.mqtt))}"#, expecting: 422)
            try await service.waitForRows(1, in: EndToEnd.table)
            try await connector.program.whileAlive("the guarded broker refuses") {
                let state = try await connector.status()["sources"].array.first { $0["name"].text == "refused" }
                return state?["reason"].text.map { _ in () }
            }
            try await hear(connector, into: &heard)
            // A proxy that is not there.
            try await patch(
                #"{"zerobus":{"proxy":{"https_proxy":"http://me:\#(Planted.proxy.rawValue)@127.0.0.1:9","http_proxy":"#
                    + #""http://me:\#(Planted.proxy.rawValue)@127.0.0.1:9"}}}"#)
            try await Task.sleep(for: .seconds(2))
            try await hear(connector, into: &heard)
            await connector.program.stop()
            heard.append(("log", Data(connector.program.output.utf8)))

            let again = try await startConnector(
                configuration: try TestKit.read(home + "/penstock.yaml"), directory: home, environment: environment,
                arguments: ["--verbose"])
            try await hear(again, into: &heard)
            await again.program.stop()
            heard.append(("second log", Data(again.program.output.utf8)))
            for arguments in [
                ["check", "--config", home + "/penstock.yaml"], ["credentials", "list"], ["test", "refused"],
            ] {
                let place = arguments[0] == "check" ? [] : ["--config", home + "/penstock.yaml"]
                let (_, output) = try await run(
                    .program("penstock", arguments + place, environment: environment, directory: home))
                heard.append((arguments.joined(separator: " "), Data(output.utf8)))
            }
            let wrong = try await run(
                .program(
                    "penstock", ["credentials", "list", "--state", home + "/state"],
                    environment: ["PENSTOCK_MASTER_PASSWORD": Planted.proxy.rawValue]))
            heard.append(("a wrong password", Data(wrong.output.utf8)))
            return heard
        }

        /// Everything that the running connector tells, and what the system tells of it.
        private func hear(_ connector: Connector, into heard: inout [(String, Data)]) async throws {
            for path in [
                "/", "/api/status", "/api/config", "/api/config/layers", "/api/deadletters", "/api/metrics",
                "/api/sources", "/api/logs", "/api/zerobus/config", "/health", "/health/ready", "/health/live",
            ] {
                heard.append((path, Data(try await connector.http.get(path).body)))
            }
            heard.append(("metrics", Data(try await connector.metrics.get("/metrics").body)))
            let line = FileManager.default.contents(atPath: "/proc/\(connector.program.processIdentifier)/cmdline")
            heard.append(("command line", try #require(line)))
        }

        private func expectNone(in home: String, _ heard: [(String, Data)]) throws {
            var places = heard
            for path in try FileManager.default.subpathsOfDirectory(atPath: home) {
                if let content = FileManager.default.contents(atPath: home + "/" + path) {
                    places.append((path, content))
                }
            }
            // It is searched where something is: configuration, journal, vault, keys, a copy, the logs.
            for name in ["penstock.yaml", "state/vault", "state/keys/data.keys", "log", "command line"] {
                #expect(places.contains { $0.0 == name && !$0.1.isEmpty }, "\(name)")
            }
            #expect(places.contains { $0.0.hasPrefix("state/backups/penstock.yaml.") })
            #expect(places.contains { $0.0.hasPrefix("state/journal/") && $0.1.count > 1000 })
            for secret in Planted.allCases {
                let searcher = SecretSearcher(secret.rawValue)
                for (name, content) in places {
                    #expect(searcher.find(in: content) == [], "\(secret) in \(name)")
                }
            }
            // What the token service issues begins so.
            for (name, content) in places {
                #expect(SecretSearcher("zl1.MT").find(in: content).filter { $0 == "raw" } == [], "a token in \(name)")
            }
        }
    }

    /// The search finds what it is to find.
    @Suite struct SecretSearch {
        private let secret = "s3cret \"x\"/\\é-planted"

        @Test func everyFormIsFound() {
            let bytes = Array(secret.utf8)
            for before in 0..<4 {
                for behind in 0..<4 {
                    let all = Array("abcd".utf8.prefix(before)) + bytes + Array("wxyz".utf8.prefix(behind))
                    let searcher = SecretSearcher(secret)
                    #expect(!searcher.find(in: Data("junk".utf8) + Data(Data(all).base64EncodedString().utf8)).isEmpty)
                }
            }
            let json = (try? JSONEncoder().encode([secret])) ?? Data()
            #expect(SecretSearcher(secret).find(in: json).contains { $0.hasPrefix("JSON") })
            let hexadecimal = bytes.map { String(format: "%02X", $0) }.joined()
            for text in [secret, hexadecimal, hexadecimal.lowercased()] {
                #expect(!SecretSearcher(secret).find(in: Data(("xx" + text + "yy").utf8)).isEmpty)
            }
            let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyz0123456789-")
            let encoded = secret.addingPercentEncoding(withAllowedCharacters: plain)
            let url = encoded ?? ""
            #expect(SecretSearcher(secret).find(in: Data("https://h/?q=\(url)".utf8)) == ["URL"])
            #expect(SecretSearcher(secret).find(in: Data("q=\(url.replacing("%20", with: "+"))&".utf8)) == ["form"])
        }

        @Test func otherTextsAreNotFound() {
            let searcher = SecretSearcher(secret)
            #expect(searcher.find(in: Data("s3cret x-planted".utf8)) == [])
            #expect(searcher.find(in: Data()) == [])
            #expect(Set(searcher.needles.map(\.form)).count >= 12)
        }
    }
}
