import ConnectorModel
import Logging
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// Which messages may be acknowledged when.
@Suite struct OPCUAAcknowledgementTests {
    private func ticket(_ number: UInt64) -> Ticket { Ticket(number: number) }

    @Test func onlyDurableMessagesAreAcknowledgedAndOnlyOnce() {
        var messages = UnacknowledgedMessages()
        for (number, ticket) in [(1, 10), (2, 14), (3, 20)] as [(UInt32, UInt64)] {
            #expect(messages.received(number, of: 7, ticket: self.ticket(ticket)) == false)
        }
        #expect(messages.durable(upTo: ticket(9)).isEmpty)
        // Tickets are those of the whole lane: other sources have the numbers between.
        #expect(messages.durable(upTo: ticket(15)).map(\.number) == [1, 2])
        #expect(messages.durable(upTo: ticket(15)).isEmpty)
        #expect(messages.durable(upTo: ticket(20)).map(\.number) == [3])
    }

    /// The lane may be done before the message's ticket has come back to the source.
    @Test func aMessageThatIsDurableAlreadyIsAcknowledgedAtOnce() {
        var messages = UnacknowledgedMessages()
        #expect(messages.durable(upTo: ticket(5)).isEmpty)
        #expect(messages.received(1, of: 7, ticket: ticket(5)) == true)
        #expect(messages.received(2, of: 7, ticket: ticket(6)) == false)
        // An older word does not take back a newer one.
        #expect(messages.durable(upTo: ticket(3)).isEmpty)
        #expect(messages.received(3, of: 7, ticket: ticket(4)) == true)
        #expect(messages.durable(upTo: ticket(6)).map(\.number) == [2])
    }

    @Test func aMessageWithoutReadingsHasNothingToLose() {
        var messages = UnacknowledgedMessages()
        #expect(messages.received(1, of: 7, ticket: nil) == true)
        #expect(messages.durable(upTo: ticket(100)).isEmpty)
    }

    /// Tickets of an earlier connection, which become durable late, are none of the new connection's business.
    @Test func durableTicketsOfAnEarlierConnectionAcknowledgeNothingOfTheNew() {
        let sink = MQTTFakeSink()
        let intake = Intake(
            source: SourceIdentity(name: "s", protocolType: "opcua", endpoint: "x", statusName: { _ in "" }),
            layout: .rawEvents, sink: sink)
        let old = SubscriptionReceiver(intake)
        intake.listen(old)
        intake.connected()
        intake.disconnected(reportQuality: true)
        var fresh = UnacknowledgedMessages()
        #expect(fresh.received(1, of: 1, ticket: ticket(50)) == false)
        #expect(fresh.durable(upTo: ticket(49)).isEmpty)
        // Nobody listens between connections; the lane may speak all the same.
        intake.durable(upTo: ticket(49))
        intake.demand(open: false)
        intake.demand(open: true)
    }

    @Test(arguments: [10, 100, 1000, 60_000, 3_600_000])
    func theSubscriptionIsWhatTheStandardAllows(milliseconds: Int) {
        let request = Monitoring.subscriptionRequest(every: .milliseconds(milliseconds))
        #expect(request.requestedPublishingInterval == Double(milliseconds))
        // Part 4, 5.14.2: the lifetime is at least three times the keep-alive count.
        #expect(request.requestedLifetimeCount >= 3 * request.requestedMaxKeepAliveCount)
        let silence = Double(request.requestedMaxKeepAliveCount) * request.requestedPublishingInterval
        #expect(silence <= max(10_000, 3 * Double(milliseconds)))
        #expect(silence >= 10_000)
    }

    @Test(arguments: [(10, 10, 10), (1000, 0, 1000), (1000, 10, 200), (3_600_000, 0, 1000), (10, 3_600_000, 10)])
    func queuesHoldWhatChangesBetweenTwoPublishings(publishing: Int, sampling: Int, queue: UInt32) {
        let reading = TagReading(
            publishingInterval: .milliseconds(publishing), samplingInterval: .milliseconds(sampling))
        let item = reading.parameters(ReadingIntervals(), handle: 3)
        #expect(item.clientHandle == 3 && item.queueSize == queue && item.samplingInterval == Double(sampling))
    }

    @Test func aNodeThatIsNamedTwiceIsReadOnce() throws {
        let configuration = try OPCUASourceConfiguration(
            name: "s", endpoint: "opc.tcp://127.0.0.1:1", nodes: ["ns=2;s=a", "ns=2;s=b", "ns=2;s=a"])
        #expect(configuration.nodes.map(\.text) == ["ns=2;s=a", "ns=2;s=b"])
    }
}
