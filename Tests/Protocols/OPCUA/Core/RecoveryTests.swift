import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

/// The ladder: old session, transferred subscriptions, everything anew.
@Suite struct RecoveryTests {
    private static let session = HeldSession(
        sessionId: NodeId(1), authenticationToken: NodeId(2), serverNonce: nil, serverCertificate: nil,
        timeout: .seconds(60))

    private func subscription(_ id: UInt32) -> RememberedSubscription {
        RememberedSubscription(
            CreateSubscriptionResponse(
                subscriptionId: id, revisedPublishingInterval: 100, revisedLifetimeCount: 30,
                revisedMaxKeepAliveCount: 10), asked: CreateSubscriptionRequest())
    }

    /// A machine whose connection has two subscriptions and has brought something.
    private func running() -> Recovery {
        var recovery = Recovery()
        #expect(recovery.channelOpened(to: "urn:s") == .create)
        recovery.sessionActivated(Self.session)
        #expect(recovery.resume() == .recreate)
        recovery.subscribed(subscription(7))
        recovery.subscribed(subscription(8))
        recovery.proved()
        return recovery
    }

    private func lose(_ recovery: inout Recovery, _ end: Recovery.End = .link, wasProved: Bool = true) {
        recovery.ended(end, next: [7: 5, 8: 9], unconfirmed: [], wasProved: wasProved)
    }

    @Test func oldSessionIsActivatedAndItsSubscriptionsGoOn() {
        var recovery = running()
        lose(&recovery)
        #expect(recovery.channelOpened(to: "urn:s") == .activate(Self.session))
        recovery.sessionActivated(Self.session)
        guard case .republish(let subscriptions) = recovery.resume() else { return #expect(Bool(false), "no way") }
        #expect(subscriptions.map(\.id) == [7, 8] && subscriptions.map(\.next) == [5, 9])
    }

    @Test func subscriptionsAreTransferredWhenTheSessionIsGone() {
        var recovery = running()
        lose(&recovery)
        _ = recovery.channelOpened(to: "urn:s")
        #expect(recovery.activationRefused() == .create)
        recovery.sessionActivated(Self.session)
        guard case .transfer(let asked) = recovery.resume() else { return #expect(Bool(false), "no transfer") }
        #expect(asked.map(\.id) == [7, 8])
        let kept = recovery.transferred([
            TransferResult(statusCode: .badSubscriptionIdInvalid),
            TransferResult(statusCode: .good, availableSequenceNumbers: [9, 10]),
        ])
        #expect(kept.map(\.subscription.id) == [8] && kept.map(\.available) == [[9, 10]])
        #expect(recovery.subscriptions.map(\.id) == [8])
    }

    @Test func refusedTransferLeavesNothing() {
        var recovery = running()
        lose(&recovery)
        _ = recovery.channelOpened(to: "urn:s")
        _ = recovery.activationRefused()
        let kept = recovery.transferred(
            [.badServiceUnsupported, .badServiceUnsupported].map { TransferResult(statusCode: $0) })
        #expect(kept.isEmpty && recovery.resume() == .recreate)
    }

    @Test(arguments: [StatusCode.badSessionIdInvalid, .badSessionClosed, .badSessionNotActivated])
    func droppedSessionIsNotTriedAgain(status: StatusCode) {
        var recovery = running()
        lose(&recovery, .server(status))
        #expect(recovery.channelOpened(to: "urn:s") == .create)
        guard case .transfer = recovery.resume() else { return #expect(Bool(false), "no transfer") }
    }

    @Test func noSubscriptionMeansNewOnesInTheOldSession() {
        var recovery = running()
        lose(&recovery, .server(.badNoSubscription))
        #expect(recovery.channelOpened(to: "urn:s") == .activate(Self.session))
        #expect(recovery.resume() == .recreate)
    }

    @Test func oneSubscriptionLessGoesOnWithTheRest() {
        var recovery = running()
        recovery.unsubscribed(7)
        lose(&recovery, .server(.badSubscriptionIdInvalid))
        _ = recovery.channelOpened(to: "urn:s")
        guard case .republish(let rest) = recovery.resume() else { return #expect(Bool(false), "nothing left") }
        #expect(rest.map(\.id) == [8])
    }

    @Test func goodbyeForgetsEverything() {
        var recovery = running()
        lose(&recovery, .closed)
        #expect(recovery.subscriptions.isEmpty)
        #expect(recovery.channelOpened(to: "urn:s") == .create)
    }

    /// What one server knows means nothing to another.
    @Test func anotherServerBeginsAnew() {
        var recovery = running()
        lose(&recovery)
        #expect(recovery.channelOpened(to: "urn:other") == .create)
        #expect(recovery.resume() == .recreate)
    }

    /// A rung that leads to nothing is left: at once when the server says so, else after a few broken links.
    @Test func fruitlessRungsAreLeft() {
        var recovery = running()
        lose(&recovery)
        for _ in 0..<Recovery.maxFruitless {
            #expect(recovery.channelOpened(to: "urn:s") == .activate(Self.session))
            lose(&recovery, wasProved: false)
        }
        #expect(recovery.channelOpened(to: "urn:s") == .create)
        recovery.sessionActivated(Self.session)
        guard case .transfer = recovery.resume() else { return #expect(Bool(false), "no transfer") }
        lose(&recovery, .server(.badInternalError), wasProved: false)
        #expect(recovery.channelOpened(to: "urn:s") == .create)
        #expect(recovery.resume() == .recreate)
        // Life puts the ladder back.
        recovery.sessionActivated(Self.session)
        recovery.subscribed(subscription(9))
        recovery.proved()
        lose(&recovery)
        #expect(recovery.channelOpened(to: "urn:s") == .activate(Self.session))
    }

    @Test func writtenDownSubscriptionsAreTransferred() {
        var recovery = Recovery()
        _ = recovery.channelOpened(to: "urn:s")
        recovery.sessionActivated(Self.session)
        var left = subscription(7)
        left.next = nil
        recovery.adopt([left])
        #expect(recovery.resume() == .transfer([left]))
        // What is fresher wins.
        var fresh = running()
        lose(&fresh)
        _ = fresh.channelOpened(to: "urn:s")
        fresh.adopt([left])
        #expect(fresh.subscriptions.map(\.id) == [7, 8])
    }

    @Test func tokensAreNotDescribed() {
        let held = HeldSession(
            sessionId: NodeId(1), authenticationToken: NodeId(namespace: 1, string: "secret"), serverNonce: nil,
            serverCertificate: nil, timeout: .seconds(1))
        #expect(!"\(held)".contains("secret"))
    }
}
