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
}

@Suite struct PublishPoolTests {
    @Test func requestsFlowAndCarryAcknowledgements() {
        var pool = PublishPool(PublishSettings(outstanding: 2))
        let none = pool.nextPublish(hasSubscriptions: false)
        #expect(none == nil)
        let first = pool.nextPublish(hasSubscriptions: true)
        #expect(first == PublishRequest())
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 5)
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 6)
        let second = pool.nextPublish(hasSubscriptions: true)
        #expect(second?.subscriptionAcknowledgements.map(\.sequenceNumber) == [5, 6])
        let full = pool.nextPublish(hasSubscriptions: true)
        #expect(full == nil)
        pool.answered()
        let third = pool.nextPublish(hasSubscriptions: true)
        #expect(third?.subscriptionAcknowledgements.isEmpty == true)
    }

    @Test func withheldDemandSendsNothing() {
        var pool = PublishPool(PublishSettings(outstanding: 2))
        pool.demand(false)
        let withheld = pool.nextPublish(hasSubscriptions: true)
        #expect(withheld == nil)
        pool.demand(true)
        let resumed = pool.nextPublish(hasSubscriptions: true)
        #expect(resumed != nil)
    }

    @Test func acknowledgementsAreBoundedAtTheLimit() {
        var pool = PublishPool(PublishSettings(outstanding: 1, maxAcknowledgements: 2))
        for number: UInt32 in 1...3 { pool.acknowledge(subscriptionId: 1, sequenceNumber: number) }
        #expect(pool.droppedAcknowledgements == 1)
        let publish = pool.nextPublish(hasSubscriptions: true)
        #expect(publish?.subscriptionAcknowledgements.map(\.sequenceNumber) == [2, 3])
    }

    @Test func serverThatTakesFewerIsObeyed() {
        var pool = PublishPool(PublishSettings(outstanding: 3))
        while pool.nextPublish(hasSubscriptions: true) != nil {}
        let fewer = pool.failed(.badTooManyPublishRequests)
        #expect(fewer == .wait)
        let none = pool.nextPublish(hasSubscriptions: true)
        #expect(none == nil)
        guard case .fail(let error) = pool.failed(.badNoSubscription) else { return #expect(Bool(false), "goes on") }
        #expect(error.status == .badNoSubscription)
    }
}
