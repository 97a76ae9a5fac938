import Foundation
import Logging
import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Synchronization
import TestKit
import Testing

extension ForeignPeers {
    /// Each policy, mode and identity: our client on asyncua's server, asyncua's client on ours.
    @Suite struct OPCUASecurityMatrix {
        /// `policy/mode/identity`, as the peer scripts and the list of gaps write it.
        private static let cases: [(policy: SecurityPolicy, mode: MessageSecurityMode, identity: String)] =
            SecurityPolicy.allCases.flatMap { policy in
                (policy == .none ? [.none] : [.sign, .signAndEncrypt] as [MessageSecurityMode]).flatMap { mode in
                    ["anonymous", "user", "certificate"].map { (policy, mode, $0) }
                }
            }

        private static func label(_ test: (policy: SecurityPolicy, mode: MessageSecurityMode, identity: String))
            -> String
        {
            "\(test.policy.name)/\(test.mode.words)/\(test.identity)"
        }

        @Test func ourClientOnAsyncuasServer() async throws {
            try await withTemporaryDirectory { folder in
                let people = try People(in: folder)
                let port = try FreePorts.next()
                let peer = try start(
                    .peer("Tests/Interop/peers/opcua_secure_server.py", ["--port", "\(port)", "--folder", folder]))
                _ = try await peer.line(containing: "ready")
                let endpoint = try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)/peer/")
                var outcomes: [String: String] = [:]
                for test in Self.cases {
                    outcomes[Self.label(test)] = await outcome(people.client(test, endpoint), seconds: 10)
                }
                peer.terminate()
                try judge(outcomes, peer: "asyncua server")
            }
        }

        @Test func asyncuasClientOnOurServer() async throws {
            try await withTemporaryDirectory { folder in
                let people = try People(in: folder)
                try await withServer(people) { port in
                    let answer = try await runPeer(
                        "Tests/Interop/peers/opcua_secure_client.py",
                        ["--endpoint", "opc.tcp://127.0.0.1:\(port)/any", "--folder", folder]
                            + Self.cases.map(Self.label))
                    try judge(answer["outcomes"].object.mapValues { $0.text ?? "" }, peer: "asyncua client")
                    let wrong = try await runPeer(
                        "Tests/Interop/peers/opcua_secure_client.py",
                        [
                            "--endpoint", "opc.tcp://127.0.0.1:\(port)/any", "--folder", folder,
                            "Basic256Sha256/SignAndEncrypt/wrong",
                        ])
                    #expect(
                        wrong["outcomes"].object.values.first?.text?.contains("BadUserAccessDenied") ?? false,
                        "a wrong password: \(wrong)")
                }
            }
        }

        /// Compares what failed with what is known to be missing in the peer.
        private func judge(_ outcomes: [String: String], peer: String) throws {
            #expect(outcomes.count == Self.cases.count)
            let gaps = try read(Workplace.repository + "/Tests/Interop/peers/opcua_security_gaps.txt")
                .split(separator: "\n").filter { $0.hasPrefix(peer) }
                .compactMap { $0.dropFirst(peer.count + 1).split(separator: " ").first.map(String.init) }
            for (test, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
                if gaps.contains(test) {
                    #expect(outcome != "ok", "\(peer) has \(test) now: take it off the list of gaps")
                } else {
                    #expect(outcome == "ok", "\(peer) \(test)")
                }
            }
        }

        /// Connects, reads and waits for two notifications.
        private func outcome(_ configuration: OPCUAClientConfiguration, seconds: Int) async -> String {
            let counter = Counter()
            do {
                try await OPCUAConnection.withConnection(configuration, receiver: counter) { connection in
                    let node = NodeId(namespace: 2, string: "count")
                    let limits = try await connection.operationLimits()
                    let read = try await connection.read([(node, .value)], limits: limits)
                    guard read.first?.value != nil else { throw TestKitError("nothing read") }
                    let subscription = try await connection.createSubscription(
                        CreateSubscriptionRequest(
                            requestedPublishingInterval: 50, requestedLifetimeCount: 100,
                            requestedMaxKeepAliveCount: 10, publishingEnabled: true))
                    _ = try await connection.createMonitoredItems(
                        [
                            MonitoredItemCreateRequest(
                                itemToMonitor: ReadValueId(nodeId: node, attributeId: 13), monitoringMode: .reporting,
                                requestedParameters: MonitoringParameters(
                                    clientHandle: 1, samplingInterval: 50, queueSize: 10, discardOldest: true))
                        ], in: subscription.subscriptionId, limits: limits)
                    for _ in 0..<seconds * 50 where counter.count.withLock({ $0 }) < 2 {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    guard counter.count.withLock({ $0 }) >= 2 else { throw TestKitError("no notification came") }
                }
                return "ok"
            } catch {
                return "\(error)"
            }
        }

        private func withServer(_ people: People, _ body: (Int) async throws -> Void) async throws {
            var space = AddressSpace(applicationURI: "urn:server", namespaces: ["urn:plant"])
            let folder = try space.addFolder(NodeId(namespace: 2, string: "line"), name: "line")
            let variable = try space.addAnalogItem(
                VariableDefinition(
                    id: NodeId(namespace: 2, string: "count"), name: "count", type: .double,
                    value: DataValue(.double(0))),
                range: ValueRange(low: 0, high: 10), unit: EUInformation(displayName: LocalizedText("1")), under: folder
            )
            let server = ServerApplication(
                configuration: ServerConfiguration(
                    port: 0, applicationName: "server", applicationURI: "urn:server", security: people.server),
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
    }

    private final class Counter: OPCUAReceiver {
        let count = Mutex(0)

        func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
            var samples = 0
            try message.forEach { _ in samples += 1 }
            count.withLock { $0 += samples }
        }

        func lost(_ messages: Int, of subscription: UInt32) {}
    }

    /// Certificates and keys of a client, a server and a user, in files for the peers.
    private struct People {
        var clientCredentials: Credentials
        var serverCredentials: Credentials
        var user: Credentials

        init(in folder: String) throws {
            func made(_ name: String) throws -> Credentials {
                let now = Int64(Date().timeIntervalSince1970 * 1e6)
                let credentials = try Credentials(
                    CertificateRequest(
                        commonName: name, applicationURI: "urn:\(name)",
                        hosts: ["localhost", "127.0.0.1", ProcessInfo.processInfo.hostName],
                        notBefore: DateTime(utcMicroseconds: now - 86_400_000_000),
                        notAfter: DateTime(utcMicroseconds: now + 86_400_000_000)),
                    key: RSAPrivateKey(bits: 2048), serialNumber: [1, 2, 3, 4])
                try Data(credentials.certificate.der).write(to: URL(filePath: "\(folder)/\(name).der"))
                try write(credentials.privateKey.pem, to: "\(folder)/\(name).pem")
                return credentials
            }
            clientCredentials = try made("client")
            serverCredentials = try made("server")
            user = try made("user")
        }

        func client(
            _ test: (policy: SecurityPolicy, mode: MessageSecurityMode, identity: String), _ endpoint: OPCUAEndpoint
        ) -> OPCUAClientConfiguration {
            let identity: UserIdentity =
                switch test.identity {
                case "user": .userName("operator", password: "geheim")
                case "certificate": .certificate(user)
                default: .anonymous
                }
            return OPCUAClientConfiguration(
                endpoint: endpoint, applicationURI: "urn:client",
                security: OPCUAClientSecurity(
                    policy: test.policy, mode: test.mode, allowsDeprecated: true, credentials: clientCredentials,
                    identity: identity, trust: TrustList(trusted: [serverCredentials.certificate])))
        }

        var server: ServerSecurity {
            let trust = TrustList(trusted: [clientCredentials.certificate])
            return ServerSecurity(
                offers: ServerSecurity.offers(includingNone: true, deprecated: true), credentials: serverCredentials,
                trust: { trust }, authenticate: { $0 == "operator" && $1 == "geheim" },
                userTrust: TrustList(trusted: [user.certificate]))
        }
    }
}
