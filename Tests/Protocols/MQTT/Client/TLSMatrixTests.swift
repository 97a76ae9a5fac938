import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import TLSSupport
import TestCertificates
import Testing

/// Every way in which two ends can agree on TLS or not, over plain TCP and inside a WebSocket.
@Suite struct TLSMatrixTests {
    /// How the client is reached.
    enum Way: CaseIterable, Sendable {
        case tcp
        case webSocket
    }

    private func connect(
        _ way: Way, server: ServerTLS?, client tls: ClientTLS?, host: String = "127.0.0.1",
        version: MQTTClientConfiguration.VersionChoice = .automatic
    ) async throws {
        let listener = BrokerListener(port: 0, tls: server, webSocketPath: way == .webSocket ? "/mqtt" : nil)
        try await Broker.withBroker(BrokerConfiguration(listeners: [listener])) { broker in
            let configuration = MQTTClientConfiguration(
                host: host, port: try #require(broker.port), tls: tls,
                webSocketPath: way == .webSocket ? "/mqtt" : nil, version: version, clientID: "client",
                subscriptions: [try subscription("t/#", .atLeastOnce)])
            let recorder = Recorder()
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                try await connection.publish((0..<100).map { message("t/a", "\($0)", .atLeastOnce) })
                try await eventually("all of it") { recorder.payloads == (0..<100).map(String.init) }
            }
        }
    }

    private func failure(
        _ way: Way, server: ServerTLS?, client: ClientTLS?, host: String = "127.0.0.1"
    ) async -> MQTTClientError? {
        do {
            try await connect(way, server: server, client: client, host: host)
            Issue.record("it did not fail")
            return nil
        } catch let error as MQTTClientError {
            return error
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    private func server(_ files: TestAuthority.Files, clientCA: String? = nil) -> ServerTLS {
        ServerTLS(certificate: files.certificate, privateKey: files.key, clientCA: clientCA)
    }

    @Test(arguments: Way.allCases) func accepted(_ way: Way) async throws {
        let authority = try TestAuthority()
        let valid = try authority.issue(.valid)
        try await connect(way, server: nil, client: nil)
        for version in [MQTTVersion.v311, .v5] {
            try await connect(
                way, server: server(valid), client: ClientTLS(ca: authority.root), version: .only(version))
        }
        try await connect(way, server: server(valid), client: ClientTLS(ca: authority.root), host: "localhost")
        try await connect(
            way, server: server(valid), client: ClientTLS(ca: authority.root, minVersion: .tls13))
        // Without a check every certificate will do; and one that signed itself is its own authority.
        for flavour in [TestAuthority.Flavour.expired, .otherName, .selfSigned] {
            try await connect(way, server: server(authority.issue(flavour)), client: ClientTLS(verify: false))
        }
        let own = try authority.issue(.selfSigned)
        try await connect(way, server: server(own), client: ClientTLS(ca: own.certificate))
        // Both sides know each other.
        let client = try authority.issue(.client)
        try await connect(
            way, server: server(valid, clientCA: authority.root),
            client: ClientTLS(ca: authority.root, certificate: client.certificate, privateKey: client.key))
    }

    @Test(arguments: Way.allCases) func refusedByTheClient(_ way: Way) async throws {
        let authority = try TestAuthority()
        let table: [(TestAuthority.Flavour, ca: String?, part: String)] = [
            (.valid, nil, "shows a certificate of an authority that is not trusted (CN=Test authority): put"),
            (.expired, authority.root, "shows a certificate that expired on 20"),
            (.otherName, authority.root, "shows a certificate for another name (elsewhere.example): use"),
            (.selfSigned, authority.root, "shows a certificate that it signed itself: put"),
        ]
        for (flavour, ca, part) in table {
            let error = await failure(way, server: server(try authority.issue(flavour)), client: ClientTLS(ca: ca))
            #expect(error?.code == .tlsFailed)
            #expect(error?.disposition == .permanent)
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        let wrongHost = await failure(
            way, server: server(try authority.issue(.otherName)), client: ClientTLS(ca: authority.root),
            host: "localhost")
        #expect(wrongHost?.message.contains("another name") == true, "\(wrongHost?.message ?? "")")
    }

    @Test(arguments: Way.allCases) func refusedByTheBroker(_ way: Way) async throws {
        let authority = try TestAuthority()
        let valid = try authority.issue(.valid)
        let strict = server(valid, clientCA: authority.root)
        let without = await failure(way, server: strict, client: ClientTLS(ca: authority.root))
        #expect(
            without?.message.contains("wants a certificate of the client: set tls.certificate") == true,
            "\(without?.message ?? "")")
        #expect(without?.disposition == .permanent)
        let stranger = try TestAuthority().issue(.selfSigned)
        let unknown = await failure(
            way, server: strict,
            client: ClientTLS(ca: authority.root, certificate: stranger.certificate, privateKey: stranger.key))
        #expect(unknown?.code == .tlsFailed, "\(unknown?.message ?? "")")
    }

    @Test(arguments: Way.allCases) func oneSideSpeaksNoTLS(_ way: Way) async throws {
        let authority = try TestAuthority()
        let plain = await failure(way, server: nil, client: ClientTLS(ca: authority.root))
        #expect(plain?.message.contains("TLS") == true || plain?.code == .connectionLost, "\(plain?.message ?? "")")
        let secured = await failure(way, server: server(try authority.issue(.valid)), client: nil)
        #expect(secured?.message.contains("mqtts://") == true, "\(secured?.message ?? "")")
    }

    @Test func filesThatCannotBeUsed() async throws {
        let authority = try TestAuthority()
        let valid = try authority.issue(.valid)
        let missing = await failure(.tcp, server: server(valid), client: ClientTLS(ca: "/does/not/exist.pem"))
        #expect(missing?.message == "the file /does/not/exist.pem cannot be read as certificates in PEM form")
        let key = await failure(
            .tcp, server: server(valid),
            client: ClientTLS(certificate: valid.certificate, privateKey: valid.certificate))
        #expect(key?.message.contains("as a private key in PEM form") == true)
        await #expect(throws: BrokerError.self) {
            try await connect(.tcp, server: ServerTLS(certificate: "/none", privateKey: "/none"), client: nil)
        }
    }
}
