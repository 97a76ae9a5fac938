import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import Testing

@Suite struct AcknowledgementTests {
    private func persistent(_ broker: Broker, _ version: MQTTVersion) throws -> MQTTClientConfiguration {
        var configuration = try client(broker, version: version, subscriptions: [subscription("t", .atLeastOnce)])
        configuration.cleanStart = false
        configuration.sessionExpirySeconds = 100
        return configuration
    }

    /// What was not acknowledged comes again, marked as a duplicate; what was does not.
    @Test(arguments: MQTTVersion.allCases) func redelivery(_ version: MQTTVersion) async throws {
        try await withBroker { broker in
            let configuration = try persistent(broker, version)
            let first = Recorder(acknowledges: false)
            try await MQTTConnection.withConnection(configuration, receiver: first) { connection in
                #expect(!connection.negotiated.sessionPresent)
                try broker.publish((0..<10).map { message("t", "\($0)", .atLeastOnce) })
                try await eventually("ten") { first.messages.count == 10 }
                // 0, 1 and 2 are safe; 5 is too, but may not overtake 3.
                connection.acknowledge([first.tokens[1], first.tokens[0], first.tokens[2], first.tokens[5]])
            }
            // Until the broker has read it all; a new connection would cut the old one off.
            try await eventually("the goodbye") { broker.statistics.connections == 0 }
            let second = Recorder(acknowledges: false)
            try await MQTTConnection.withConnection(configuration, receiver: second) { connection in
                #expect(connection.negotiated.sessionPresent)
                try await eventually("seven") { second.messages.count == 7 }
                #expect(second.payloads == (3..<10).map(String.init))
                #expect(second.messages.allSatisfy { $0.isDuplicate })
                // A token of the first connection has no effect here.
                connection.acknowledge(through: first.tokens[9])
                connection.acknowledge(through: second.tokens[6])
            }
            try await eventually("the second goodbye") { broker.statistics.connections == 0 }
            let third = Recorder()
            try await MQTTConnection.withConnection(configuration, receiver: third) { _ in
                try broker.publish([message("t", "last", .atLeastOnce)])
                try await eventually("the last") { third.payloads == ["last"] }
            }
        }
    }

    /// A member of a group that goes for good leaves what it did not acknowledge to another (section 4.8.2).
    @Test(arguments: MQTTVersion.allCases) func aGroupGetsBackWhatALostMemberHad(_ version: MQTTVersion) async throws {
        try await withBroker { broker in
            let filter = try subscription("$share/g/t", .atLeastOnce)
            let lost = Recorder(acknowledges: false)
            let other = Recorder()
            let leaver = try client(broker, "leaver", version: version, subscriptions: [filter])
            let stayer = try client(broker, "stayer", version: version)
            try await MQTTConnection.withConnection(stayer, receiver: other) { staying in
                try await MQTTConnection.withConnection(leaver, receiver: lost) { connection in
                    try broker.publish((0..<10).map { message("t", "\($0)", .atLeastOnce) })
                    try await eventually("ten") { lost.messages.count == 10 }
                    connection.acknowledge(through: lost.tokens[3])
                    try await eventually("the acknowledgements") { broker.statistics.messagesInFlight == 6 }
                    _ = try await staying.subscribe([filter])
                    #expect(other.messages.isEmpty)
                }
                try await eventually("the others") { other.payloads.count == 6 }
                #expect(other.payloads == (4..<10).map(String.init))
                #expect(other.messages.allSatisfy { !$0.isDuplicate })
                try await eventually("their acknowledgements") { broker.statistics.messagesInFlight == 0 }
            }
        }
    }

    /// The broker sends no more than the receive maximum until acknowledgements come.
    @Test func receiveMaximum() async throws {
        try await withBroker { broker in
            var configuration = try persistent(broker, .v5)
            configuration.receiveMaximum = 5
            let recorder = Recorder(acknowledges: false)
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                try broker.publish((0..<20).map { message("t", "\($0)", .atLeastOnce) })
                try await eventually("five") { recorder.messages.count == 5 }
                // An answer of the broker shows that nothing else was under way.
                _ = try await connection.subscribe([subscription("other")])
                #expect(recorder.messages.count == 5)
                connection.acknowledge(through: recorder.tokens[4])
                try await eventually("ten") { recorder.messages.count == 10 }
            }
        }
    }

    @Test func withoutDemandNothingIsRead() async throws {
        try await withBroker { broker in
            let configuration = try client(broker, subscriptions: [subscription("t")])
            let recorder = Recorder()
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                try broker.publish([message("t", "before")])
                try await eventually("the first") { recorder.payloads == ["before"] }
                connection.demand(false)
                // A write completes after the stop took effect, as both go through the event loop in order.
                try await connection.publish([message("elsewhere", "")])
                try broker.publish([message("t", "while stopped")])
                try await eventually("the broker to have written") { broker.statistics.messagesQueued == 2 }
                try await Task.sleep(for: .milliseconds(50))
                #expect(recorder.payloads == ["before"])
                connection.demand(true)
                try await eventually("the second") { recorder.payloads == ["before", "while stopped"] }
            }
        }
    }
}
