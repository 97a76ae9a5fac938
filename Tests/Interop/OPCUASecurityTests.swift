import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUATypes
import Synchronization
import TestKit
import Testing

extension ForeignPeers {
    /// Each policy, mode and identity: our client on the servers of asyncua and of open62541 (o6), their clients on ours.
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

        @Test(arguments: [("asyncua", "opcua_secure_server.py", "/peer/", 2), ("o6", "opcua_o6_server.py", "", 1)])
        func ourClientOnTheirServer(peer: String, script: String, path: String, namespace: UInt16) async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                let port = try FreePorts.next()
                try await withProgram(
                    .peer("Tests/Interop/peers/\(script)", ["--port", "\(port)", "--folder", folder])
                ) { program in
                    _ = try await program.line(containing: "ready")
                    let endpoint = try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)\(path)")
                    let node = NodeId(namespace: namespace, string: "count")
                    var outcomes: [String: String] = [:]
                    for test in Self.cases {
                        outcomes[Self.label(test)] = await outcome(people.client(test, endpoint), node, seconds: 10)
                    }
                    try judge(outcomes, peer: "\(peer) server")
                    var wrong = people.client((.basic256Sha256, .signAndEncrypt, "user"), endpoint)
                    wrong.security.identity = .userName("operator", password: "falsch")
                    let said = await outcome(wrong, node, seconds: 10)
                    #expect(said.contains("BadUserAccessDenied"), "\(peer), a wrong password: \(said)")
                }
            }
        }

        @Test(arguments: [("asyncua", "opcua_secure_client.py"), ("o6", "opcua_o6_client.py")])
        func theirClientOnOurServer(peer: String, script: String) async throws {
            try await withTemporaryDirectory { folder in
                let people = try SecurityPeople(in: folder)
                try await withSecuredServer(people.server) { port in
                    func outcomes(_ cases: [String]) async throws -> [String: String] {
                        try await runPeer(
                            "Tests/Interop/peers/\(script)",
                            ["--endpoint", "opc.tcp://127.0.0.1:\(port)/any", "--folder", folder] + cases)["outcomes"]
                            .object.mapValues { $0.text ?? "" }
                    }
                    try judge(try await outcomes(Self.cases.map(Self.label)), peer: "\(peer) client")
                    let wrong = try await outcomes(["Basic256Sha256/SignAndEncrypt/wrong"]).values.first ?? ""
                    #expect(
                        wrong.contains("BadUserAccessDenied") || wrong.contains("\(0x801F_0000)"),
                        "\(peer), a wrong password: \(wrong)")
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
        private func outcome(
            _ configuration: OPCUAClientConfiguration, _ node: NodeId, seconds: Int
        ) async -> String {
            let counter = Counter()
            do {
                try await OPCUAConnection.withConnection(configuration, receiver: counter) { connection in
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
}
