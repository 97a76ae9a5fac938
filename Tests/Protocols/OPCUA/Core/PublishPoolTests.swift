import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct PublishPoolTests {
    private func fill(_ pool: inout PublishPool, at time: Double = 0) -> [PublishPool.Publish] {
        var sent: [PublishPool.Publish] = []
        while let next = pool.nextPublish(hasSubscriptions: true, now: at(time).monotonic) { sent.append(next) }
        return sent
    }

    @Test func requestsFlowAndCarryAcknowledgements() {
        var pool = PublishPool(PublishSettings(outstanding: 2))
        let none = pool.nextPublish(hasSubscriptions: false, now: at(0).monotonic)
        #expect(none == nil)
        let first = pool.nextPublish(hasSubscriptions: true, now: at(0).monotonic)
        #expect(first?.request == PublishRequest())
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 5)
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 6)
        let second = pool.nextPublish(hasSubscriptions: true, now: at(0).monotonic)
        #expect(second?.request.subscriptionAcknowledgements.map(\.sequenceNumber) == [5, 6])
        let full = pool.nextPublish(hasSubscriptions: true, now: at(0).monotonic)
        #expect(full == nil)
        #expect(pool.answered(1) == [])
        let third = pool.nextPublish(hasSubscriptions: true, now: at(0).monotonic)
        #expect(third?.request.subscriptionAcknowledgements.isEmpty == true)
    }

    @Test func withheldDemandSendsNothing() {
        var pool = PublishPool(PublishSettings(outstanding: 2))
        pool.demand(false)
        let withheld = fill(&pool)
        #expect(withheld.isEmpty)
        pool.demand(true)
        let resumed = fill(&pool)
        #expect(resumed.count == 2)
    }

    @Test func acknowledgementsAreBoundedAtTheLimit() {
        var pool = PublishPool(PublishSettings(outstanding: 1, maxAcknowledgements: 2))
        for number: UInt32 in 1...3 { pool.acknowledge(subscriptionId: 1, sequenceNumber: number) }
        #expect(pool.droppedAcknowledgements == 1)
        let publish = fill(&pool)
        #expect(publish.first?.request.subscriptionAcknowledgements.map(\.sequenceNumber) == [2, 3])
    }

    @Test func serverThatTakesFewerIsObeyed() {
        var pool = PublishPool(PublishSettings(outstanding: 3))
        _ = fill(&pool)
        let fewer = pool.failed(3, .badTooManyPublishRequests, now: at(0).monotonic)
        #expect(fewer == .wait)
        let none = fill(&pool)
        #expect(none.isEmpty && pool.outstandingRequests == 2)
        guard case .fail(let error) = pool.failed(2, .badNoSubscription, now: at(0).monotonic) else {
            return #expect(Bool(false), "goes on")
        }
        #expect(error.status == .badNoSubscription)
    }

    /// Even a server that takes none gets another chance, a second later.
    @Test func serverThatTakesNoneIsAskedAgain() {
        var pool = PublishPool(PublishSettings(outstanding: 1))
        _ = fill(&pool)
        let wait = pool.failed(1, .badTooManyPublishRequests, now: at(0).monotonic)
        #expect(wait == .wait)
        let early = fill(&pool, at: 0.9)
        let due = fill(&pool, at: 1)
        #expect(early.isEmpty && due.count == 1)
    }

    /// A fault says that nothing of the request was done: its acknowledgements go with the next.
    @Test func acknowledgementsOfAFailedPublishAreSaidAgain() {
        var pool = PublishPool(PublishSettings(outstanding: 1))
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 5)
        _ = fill(&pool)
        #expect(pool.unconfirmed.map(\.sequenceNumber) == [5])
        _ = pool.failed(1, .badTimeout, now: at(0).monotonic)
        pool.acknowledge(subscriptionId: 1, sequenceNumber: 6)
        let next = fill(&pool, at: 2)
        #expect(next.first?.request.subscriptionAcknowledgements.map(\.sequenceNumber) == [5, 6])
        _ = pool.answered(2, results: [.good, .good])
        #expect(pool.unconfirmed.isEmpty)
    }

    @Test func resultsOfAcknowledgementsAreRead() {
        var pool = PublishPool(PublishSettings(outstanding: 1))
        for (subscription, number) in [(1, 5), (2, 6), (1, 7)] as [(UInt32, UInt32)] {
            pool.acknowledge(subscriptionId: subscription, sequenceNumber: number)
        }
        _ = fill(&pool)
        let unknown = pool.answered(1, results: [.badSequenceNumberUnknown, .badSubscriptionIdInvalid, .good])
        #expect(unknown == [2] && pool.unknownAcknowledgements == 1)
    }

    /// A server that answers fewer than it was asked does not starve the subscription.
    @Test func requestsThatAreNeverAnsweredAreReplaced() {
        var pool = PublishPool(PublishSettings(outstanding: 2))
        let first = fill(&pool)
        #expect(first.map(\.number) == [1, 2])
        for number in 2...UInt64(2 + PublishPool.maxOvertaken) {
            _ = pool.answered(number)
            _ = fill(&pool)
        }
        #expect(pool.unanswered == 1)
        #expect(pool.outstandingRequests == 2)
    }

    @Test(arguments: [
        (0, 0, 1000, 1, 4), (50, 5, 10, 1, 6), (500, 500, 100, 1, 11), (60_000, 0, 10, 1, 32), (0, 0, 1000, 9, 10),
        (-5, -5, 0, 1, 4), (0, 0, 1000, 1000, 32),
    ])
    func outstandingRequestsCoverTheDelay(trip: Int64, commit: Int64, interval: Int64, subscriptions: Int, target: Int)
    {
        var pool = PublishPool(PublishSettings(outstanding: 4, maxOutstanding: 32))
        pool.measured(
            roundTrip: .milliseconds(trip), commitDelay: .milliseconds(commit), interval: .milliseconds(interval),
            subscriptions: subscriptions)
        #expect(pool.target == target)
    }

    @Test func latencyFollowsOneMessageAtATime() {
        var latency = PublishLatency()
        latency.answered(after: .milliseconds(40))
        latency.answered(after: .milliseconds(80))
        #expect(latency.roundTrip == .milliseconds(50))
        latency.delivered(1, of: 7, now: at(0).monotonic)
        latency.delivered(2, of: 7, now: at(1).monotonic)
        let other = latency.acknowledged(2, of: 7, now: at(2).monotonic)
        let followed = latency.acknowledged(1, of: 7, now: at(3).monotonic)
        #expect(!other && followed && latency.commitDelay == .seconds(3))
    }
}
