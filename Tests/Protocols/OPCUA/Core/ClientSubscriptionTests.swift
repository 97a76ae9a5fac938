import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct ClientSubscriptionTests {
    func subscription() -> ClientSubscription<String> {
        ClientSubscription(id: 1, keepAliveInterval: .seconds(10), now: at(0).monotonic)
    }

    func name(_ action: ClientSubscription<String>.ReceivedAction) -> String { "\(action)" }

    @Test func messagesInOrderPass() {
        var subscription = subscription()
        for number: UInt32 in 1...3 {
            #expect(name(subscription.received(number: number, message: "m", now: at(1).monotonic)) == "deliver")
        }
        #expect(name(subscription.received(number: 4, message: nil, now: at(2).monotonic)) == "alive")
        #expect(name(subscription.received(number: 2, message: "m", now: at(2).monotonic)) == "duplicate")
        #expect(subscription.deadline(grace: .seconds(5)) == at(17).monotonic)
    }

    @Test func missingMessagesAreAskedForInOrder() {
        var subscription = subscription()
        #expect(name(subscription.received(number: 3, message: "3", now: at(1).monotonic)) == "republish(1)")
        #expect(name(subscription.received(number: 4, message: "4", now: at(1).monotonic)) == "wait")
        let first = subscription.republished("1")
        #expect(first.deliver.map(\.message) == ["1"] && first.republish == 2 && first.lost == 0)
        let second = subscription.republished(nil)
        #expect(second.deliver.map(\.message) == ["3", "4"] && second.republish == nil && second.lost == 1)
        #expect(name(subscription.received(number: 5, message: "5", now: at(1).monotonic)) == "deliver")
    }

    @Test func keepAliveShowsWhatIsMissing() {
        var subscription = subscription()
        #expect(name(subscription.received(number: 2, message: nil, now: at(1).monotonic)) == "republish(1)")
        let action = subscription.republished("1")
        #expect(action.deliver.map(\.number) == [1] && action.republish == nil)
        #expect(name(subscription.received(number: 2, message: "2", now: at(1).monotonic)) == "deliver")
    }

    @Test func holdingIsBoundedAtTheLimit() {
        var subscription = subscription()
        for number in 2..<UInt32(2 + ClientSubscription<String>.maxHeld) {
            _ = subscription.received(number: number, message: "m", now: at(1).monotonic)
        }
        guard case .fail = subscription.received(number: 99, message: "m", now: at(1).monotonic) else {
            return #expect(Bool(false), "holds on")
        }
    }

    // MARK: Taken up again

    private func resuming(from next: UInt32?, available: [UInt32]?) -> (ClientSubscription<String>, UInt32?) {
        var subscription = ClientSubscription<String>(
            id: 1, keepAliveInterval: .seconds(10), next: next, now: at(0).monotonic)
        let first = subscription.resumed(available: available, now: at(1).monotonic)
        return (subscription, first)
    }

    @Test func reactivatedSubscriptionAsksUntilTheServerHasNoMore() {
        var (subscription, first) = resuming(from: 7, available: nil)
        #expect(first == 7 && subscription.isCatchingUp)
        let seventh = subscription.republished("7")
        #expect(seventh.deliver.map(\.number) == [7] && seventh.republish == 8 && seventh.lost == 0)
        let end = subscription.republished(nil)
        #expect(end.deliver.isEmpty && end.republish == nil && end.lost == 0)
        #expect(!subscription.isCatchingUp)
        #expect(name(subscription.received(number: 8, message: "8", now: at(1).monotonic)) == "deliver")
    }

    @Test func transferredSubscriptionAsksForWhatTheServerNamed() {
        var (subscription, first) = resuming(from: 5, available: [3, 4, 6, 7])
        #expect(first == 5)
        // 5 is gone, as 6 and 7 are there.
        let fifth = subscription.republished(nil)
        #expect(fifth.lost == 1 && fifth.republish == 6)
        #expect(subscription.republished("6").republish == 7)
        let last = subscription.republished("7")
        #expect(last.deliver.map(\.message) == ["7"] && last.republish == nil && !subscription.isCatchingUp)
        #expect(subscription.next == 8)
    }

    @Test func transferWithNothingNewAsksForNothing() {
        let (subscription, first) = resuming(from: 5, available: [3, 4])
        #expect(first == nil && !subscription.isCatchingUp && subscription.next == 5)
    }

    /// After a restart of the program nobody knows the number: the server's oldest is the first, or whatever comes.
    @Test func unknownPastBeginsWhereTheServerDoes() {
        var (known, first) = resuming(from: nil, available: [8, 9])
        #expect(first == 8)
        _ = known.republished("8")
        #expect(known.republished("9").republish == nil && known.next == 10)
        var (unknown, none) = resuming(from: nil, available: [])
        #expect(none == nil)
        #expect(name(unknown.received(number: 42, message: "42", now: at(1).monotonic)) == "deliver")
        #expect(unknown.next == 43)
    }

    @Test func numbersWrapToOne() {
        var (subscription, first) = resuming(from: .max, available: [.max, 1, 2])
        #expect(first == .max)
        #expect(subscription.republished("a").republish == 1)
        #expect(subscription.republished("b").republish == 2)
        #expect(subscription.republished("c").republish == nil)
        #expect(subscription.next == 3)
        var live = ClientSubscription<String>(
            id: 1, keepAliveInterval: .seconds(1), next: .max, now: at(0).monotonic)
        #expect(name(live.received(number: .max, message: "m", now: at(1).monotonic)) == "deliver")
        #expect(name(live.received(number: 1, message: "m", now: at(1).monotonic)) == "deliver")
        #expect(name(live.received(number: .max, message: "m", now: at(1).monotonic)) == "duplicate")
    }

    /// A gap that nobody can fill is not asked for number by number.
    @Test func longGapsAreGivenUpAtOnce() {
        var subscription = subscription()
        #expect(name(subscription.received(number: 1_000_000, message: "m", now: at(1).monotonic)) == "republish(1)")
        let action = subscription.republished(nil)
        let asked = ClientSubscription<String>.maxAskedFor
        #expect(action.lost == 1_000_000 - 1 - Int(asked) && action.republish == 1_000_000 - asked)
    }

    /// Some servers say the last number rather than the next in a keep-alive.
    @Test func keepAliveBehindIsASignOfLife() {
        var subscription = subscription()
        _ = subscription.received(number: 1, message: "m", now: at(1).monotonic)
        #expect(name(subscription.received(number: 1, message: nil, now: at(2).monotonic)) == "alive")
        #expect(subscription.deadline(grace: .zero) == at(12).monotonic)
    }

    /// Values put off the end as a keep-alive does.
    @Test func publishedValuesCountAsKeepAlive() {
        var subscription = subscription()
        for second in 1...30 {
            _ = subscription.received(number: UInt32(second), message: "m", now: at(Double(second)).monotonic)
            #expect(subscription.deadline(grace: .zero) == at(Double(second) + 10).monotonic)
        }
    }

    @Test func whatComesWhileCatchingUpWaitsForItsTurn() {
        var (subscription, _) = resuming(from: 5, available: nil)
        #expect(name(subscription.received(number: 7, message: "7", now: at(1).monotonic)) == "wait")
        _ = subscription.republished("5")
        let end = subscription.republished(nil)
        #expect(end.deliver.isEmpty && end.republish == 6)
        let sixth = subscription.republished("6")
        #expect(sixth.deliver.map(\.message) == ["6", "7"])
    }
}
