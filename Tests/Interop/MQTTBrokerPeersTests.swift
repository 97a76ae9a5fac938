import MQTTBroker
import MQTTCore
import TLSSupport
import TestKit
import Testing

extension ForeignPeers {
    /// Our broker serves clients that this project did not write.
    @Suite struct MQTTBrokerPeers {
        private static let features = "Tests/Interop/peers/mqtt_features.py"

        /// The broker with a plain port, and what a change of its configuration adds.
        private func withBroker(
            _ change: (inout BrokerConfiguration) throws -> Void = { _ in },
            _ body: @escaping @Sendable (Broker) async throws -> Void
        ) async throws {
            var configuration = BrokerConfiguration(port: 0)
            try change(&configuration)
            try await Broker.withBroker(configuration) { try await body($0) }
        }

        /// A certificate of an authority that nobody else knows.
        private func withAuthority(_ body: (_ folder: String) async throws -> Void) async throws {
            try await withTemporaryDirectory { folder in
                _ = try await runPeer("Tests/Interop/peers/private_authority.py", [folder])
                try await body(folder)
            }
        }

        private func paho(_ job: String, _ broker: Broker, _ more: [String] = []) async throws -> JSONValue {
            try await runPeer(Self.features, [job, "--port", "\(try #require(broker.ports.last))"] + more)
        }

        @Test(arguments: ["3.1.1", "5"], ["gmqtt", "aiomqtt"])
        func everyQoSComesBack(version: String, library: String) async throws {
            try await withBroker { broker in
                let seen = try await runPeer(
                    "Tests/Interop/peers/mqtt_libraries.py",
                    [library, "--version", version, "--port", "\(try #require(broker.port))"])
                #expect(seen["count"].integer == 200)
                #expect(seen["ordered"].bool == true && seen["qos"].bool == true)
            }
        }

        @Test(arguments: ["mqttv311", "mqttv5"]) func mosquittosOwnClients(version: String) async throws {
            try await withBroker { broker in
                let port = "\(try #require(broker.port))"
                for qos in ["0", "1", "2"] {
                    let subscriber = try start(
                        Launch(
                            name: "mosquitto_sub", path: try Workplace.systemProgram("mosquitto_sub"),
                            arguments: ["-V", version, "-p", port, "-q", qos, "-t", "m/+", "-C", "50", "-F", "%q %p"]))
                    try await eventually("the subscription") { broker.statistics.subscriptions == 1 }
                    let lines = (0..<50).map(String.init)
                    let publisher = try start(
                        Launch(
                            name: "mosquitto_pub", path: "/bin/sh",
                            arguments: [
                                "-c",
                                "seq 0 49 | \(try Workplace.systemProgram("mosquitto_pub")) -V \(version) -p \(port) -q \(qos) -t m/x -l",
                            ]))
                    #expect(try await publisher.waitForEnd(within: .seconds(30)) == .exited(code: 0))
                    #expect(try await subscriber.waitForEnd(within: .seconds(30)) == .exited(code: 0))
                    #expect(
                        subscriber.lastLines(100).split(separator: "\n").filter { !$0.hasPrefix("---") }.map(
                            String.init)
                            == lines.map { "\(qos) \($0)" })
                    try await eventually("it left") { broker.statistics.subscriptions == 0 }
                }
            }
        }

        @Test func webSocketsAndTLS() async throws {
            try await withAuthority { folder in
                let tls = ServerTLS(certificate: folder + "/server.pem", privateKey: folder + "/server.key")
                let table: [(String, BrokerListener)] = [
                    ("ws", BrokerListener(port: 0, webSocketPath: "/mqtt")), ("tls", BrokerListener(port: 0, tls: tls)),
                    ("wss", BrokerListener(port: 0, tls: tls, webSocketPath: "/mqtt")),
                ]
                for (job, listener) in table {
                    try await withBroker({ $0.listeners.append(listener) }) { broker in
                        let seen = try await paho(job, broker, ["--ca", folder + "/ca.pem", "--host", "localhost"])
                        #expect(seen["same"].bool == true, "\(job)")
                    }
                }
            }
        }

        @Test func sharedSubscription() async throws {
            try await withBroker { broker in
                let seen = try await paho("shared", broker)
                #expect(seen["once"].bool == true)
                #expect(seen["counts"].array.allSatisfy { ($0.integer ?? 0) > 0 })
            }
        }

        @Test func aLostMembersMessagesGoToAnother() async throws {
            try await withBroker { broker in
                let seen = try await paho("share_lost", broker)
                #expect(seen["texts"].array == (0..<10).map { .string("\($0)") })
                #expect(seen["repeated"].bool == false)
            }
        }

        @Test func topicAlias() async throws {
            try await withBroker { broker in
                let seen = try await paho("alias", broker)
                let topic = JSONValue.string("plant/line/temperature")
                #expect(seen["offered"].integer == 32)
                #expect(seen["topics"].array == [topic, topic, topic])
                #expect(seen["numbers"].array == [.integer(1), .integer(1), .integer(1)])
                #expect(seen["texts"].array == [topic, .string("again"), .string("again")])
            }
        }

        @Test func willAndItsDelay() async throws {
            try await withBroker { broker in
                let seen = try await paho("will", broker)
                #expect(seen["topics"].array == [.string("status/quick"), .string("status/slow")])
                #expect(seen["resumed"].bool == true)
            }
        }

        @Test func sessionExpiry() async throws {
            try await withBroker { broker in
                let seen = try await paho("expiry", broker)
                #expect(seen["resumed"].bool == true && seen["expired"].bool == true)
                #expect(seen["texts"].array == ["0", "1", "2"].map { .string($0) })
            }
        }

        @Test func receiveMaximum() async throws {
            try await withBroker { broker in
                let seen = try await paho("window", broker)
                #expect(seen["texts"].array == (0..<5).map { .string("\($0)") })
            }
        }

        @Test func userPropertiesAndTheOthersOfAMessage() async throws {
            try await withBroker { broker in
                let seen = try await paho("user", broker)
                let pairs = [["unit", "kW"], ["unit", "W"], ["ü", "€"]]
                #expect(seen["user"].array == pairs.map { .array($0.map { .string($0) }) })
                #expect(seen["content"].text == "text/plain" && seen["response"].text == "r/s")
                #expect(seen["correlation"].array == [.integer(0), .integer(1)])
                #expect(seen["text"].integer == 1)
                #expect((55...60).contains(seen["life"].integer ?? 0))
            }
        }

        /// Reason 0x97: there is no room for another retained message.
        @Test func quotaExceeded() async throws {
            try await withBroker({ $0.limits.maximumRetainedMessages = 1 }) { broker in
                let seen = try await paho("quota", broker)
                #expect(seen["codes"].array == [0, 0x97, 0, 0].map { .integer($0) })
            }
        }

        @Test func accountsAndRights() async throws {
            let own = BrokerPermissions(publish: [try TopicFilter("own/#")], subscribe: [try TopicFilter("own/#")])
            let accounts = BrokerAccounts([.init(username: "person", password: "geheim", permissions: own)])
            try await withBroker({ $0.accounts = accounts }) { broker in
                let seen = try await paho("denied", broker, ["--username", "person", "--password", "geheim"])
                #expect(seen["subscribed"].array == [1, 0x87].map { .integer($0) })
                #expect(seen["published"].array == [0, 0x87].map { .integer($0) })
                #expect(seen["texts"].array == [.string("1")])
                await #expect(throws: TestKitError.self) {
                    try await paho("denied", broker, ["--username", "person", "--password", "falsch"])
                }
            }
        }
    }
}
