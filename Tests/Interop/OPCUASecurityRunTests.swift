import Foundation
import Logging
import NIOCore
import NIOPosix
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import TestKit
import Testing

extension ForeignPeers {
    /// `penstock run` on secured servers, with rows in the table at the end.
    @Suite struct OPCUASecuredRun {
        private static let table = "main.plant.raw_events"

        private func configuration(_ endpoint: String, _ lines: String) -> String {
            """
            sources:
              - name: press
                endpoint: \(endpoint)
                publishing_interval_ms: 50
                reconnect: {initial_delay_ms: 100, max_delay_ms: 400}
            \(lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

            """
        }

        private func reason(_ connector: Connector, _ words: String) async throws -> String {
            try await connector.program.whileAlive("the source says '\(words)'") {
                let reason = try await connector.status()["sources"].array.first?["reason"].text
                return reason.flatMap { $0.contains(words) ? $0 : nil }
            }
        }

        private func isRunning(_ connector: Connector) async throws {
            try await connector.program.whileAlive("the source runs") {
                try await connector.status()["sources"].array.first?["status"].text == "running" ? () : nil
            }
        }

        /// Runs the command that a sentence names.
        private func runCommand(in sentence: String) async throws {
            let command = try #require(sentence.firstRange(of: "penstock certificates trust "))
            let words = sentence[command.lowerBound...].split(separator: " ").prefix(6).map(String.init)
            let (ending, output) = try await run(.program("penstock", Array(words.dropFirst())))
            #expect(ending == .exited(code: 0), "\(words): \(output)")
        }

        /// The certificate of asyncua's server is refused, and trusted with the command that the refusal names, while the
        /// source keeps retrying.
        @Test func refusedThenTrustedWithOneCommand() async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                let port = try FreePorts.next()
                let peer = try start(
                    .peer("Tests/Interop/peers/opcua_secure_server.py", ["--port", "\(port)", "--folder", folder]))
                _ = try await peer.line(containing: "ready")
                try await withTableService(data: folder + "/tables") { service in
                    let text = configuration(
                        "opc.tcp://127.0.0.1:\(port)/peer/",
                        """
                        security: {mode: SignAndEncrypt, policy: Basic256Sha256}
                        username: operator
                        password: geheim
                        nodes: ["ns=2;s=count"]
                        """)
                    try await withConnector(configuration: text + zerobusSettings(service), directory: folder) {
                        connector in
                        let sentence = try await reason(connector, "is not trusted")
                        #expect(sentence.contains(people.serverCredentials.certificate.thumbprintText))
                        #expect(
                            PKIFolder(path: connector.state + "/pki").readableEntries(.rejected).entries.count == 1)
                        try await runCommand(in: sentence)
                        try await service.waitForRows(5, in: Self.table)
                        #expect(!connector.program.output.contains("geheim"))
                    }
                }
                peer.terminate()
            }
        }

        /// Our server trusts by a folder: it refuses the connector until its own certificate is trusted there too, and
        /// lets it go when trust is taken back.
        @Test func bothSidesTrustByTheirFolders() async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                let pki = PKIFolder(path: folder + "/server-pki")
                let trust = TrustFolder(pki) { _ in }
                var security = people.server
                security.trust = { trust.current() }
                security.refused = { trust.refused($0) }
                try await withSecuredServer(security) { port in
                    try await withTableService(data: folder + "/tables") { service in
                        let text = configuration(
                            "opc.tcp://127.0.0.1:\(port)/x",
                            """
                            security:
                              user_certificate: \(folder)/user.der
                              user_private_key: \(folder)/user.pem
                              mode: SignAndEncrypt
                            trust_on_first_use: true
                            """)
                        try await withConnector(configuration: text + zerobusSettings(service), directory: folder) {
                            connector in
                            _ = try await reason(connector, "let the server trust the certificate")
                            let client = try #require(pki.readableEntries(.rejected).entries.first).certificate
                            let own = try PKIFolder(path: connector.state + "/pki").own()
                            #expect(client == own?.certificate)
                            try pki.trust(client)
                            try await service.waitForRows(5, in: Self.table)
                            try await isRunning(connector)
                            // Trusted on first use by the connector; taken back with a command, it lets go.
                            let (ending, output) = try await run(
                                .program(
                                    "penstock",
                                    [
                                        "certificates", "reject",
                                        people.serverCredentials.certificate.thumbprintText, "--state",
                                        connector.state,
                                    ]))
                            #expect(ending == .exited(code: 0), "\(output)")
                            try await connector.program.whileAlive("the connection ends") {
                                connector.program.output.contains("certificates are no longer trusted") ? () : nil
                            }
                        }
                    }
                }
            }
        }

        /// Files of a plant's authority on both sides, and one pinned server.
        @Test func filesOfAnAuthority() async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                let root = try SecurityPeople.made("root", isAuthority: true)
                let client = try SecurityPeople.made("line-gateway", signedBy: root)
                try write(client.certificate.pem + "\n" + root.certificate.pem, to: folder + "/gateway.pem")
                try write(client.privateKey.pem, to: folder + "/gateway.key")
                var security = people.server
                security.trust = { TrustList(trusted: [root.certificate]) }
                security.offers = [OfferedSecurity(.aes256Sha256RsaPss, .signAndEncrypt)]
                try await withSecuredServer(security) { port in
                    try await withTableService(data: folder + "/tables") { service in
                        let text = configuration(
                            "opc.tcp://127.0.0.1:\(port)/x",
                            """
                            security:
                              certificate: \(folder)/gateway.pem
                              private_key: \(folder)/gateway.key
                              server_certificate: \(folder)/server.der
                            """)
                        try await withConnector(configuration: text + zerobusSettings(service), directory: folder) {
                            connector in
                            try await service.waitForRows(5, in: Self.table)
                            #expect(!PKIFolder(path: connector.state + "/pki").hasOwn)
                        }
                    }
                }
            }
        }

        /// A wrong password is a sentence, and the connector lives.
        @Test func aWrongPasswordIsASentence() async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                var security = people.server
                security.trust = { TrustList(acceptsAll: true) }
                try await withSecuredServer(security) { port in
                    let text = configuration(
                        "opc.tcp://127.0.0.1:\(port)/x",
                        "trust_on_first_use: true\nusername: operator\npassword: falsch")
                    try await withConnector(configuration: text, directory: folder) { connector in
                        let said = try await reason(connector, "check username and password")
                        #expect(!said.contains("falsch") && !connector.program.output.contains("falsch"))
                        #expect(try await connector.http.get("/health/live").status == 200)
                    }
                }
            }
        }
    }
}

/// Runs our server with a variable `ns=2;s=count` that counts.
func withSecuredServer(_ security: ServerSecurity, _ body: (Int) async throws -> Void) async throws {
    var space = AddressSpace(applicationURI: "urn:server", namespaces: ["urn:plant"])
    let folder = try space.addFolder(NodeId(namespace: 2, string: "line"), name: "line")
    let variable = try space.addAnalogItem(
        VariableDefinition(
            id: NodeId(namespace: 2, string: "count"), name: "count", type: .double, value: DataValue(.double(0))),
        range: ValueRange(low: 0, high: 10), unit: EUInformation(displayName: LocalizedText("1")), under: folder)
    let server = ServerApplication(
        configuration: ServerConfiguration(
            port: 0, applicationName: "server", applicationURI: "urn:server", security: security),
        addressSpace: space, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "server"))
    let (ports, port) = AsyncStream<Int>.makeStream()
    let serving = Task { try await server.run { port.yield($0.port ?? 0) } }
    let counting = Task {
        for count in 0... {
            server.update([VariableUpdate(variable, DataValue(.double(Double(count))))])
            try await Task.sleep(for: .milliseconds(50))
        }
    }
    defer {
        counting.cancel()
        serving.cancel()
    }
    for await number in ports {
        try await body(number)
        break
    }
}
