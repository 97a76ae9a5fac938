import OPCUACore
import OPCUATypes
import Testing

@testable import OPCUAServer

/// What survives a lost connection: sessions that move, subscriptions that are taken over, messages sent again.
@Suite(.timeLimit(.minutes(1))) struct TransferTests {
    @Test func aSessionMovesToAnotherChannel() async throws {
        try await TestServer.numbers(["a"]) { server, handles, port in
            try await RawClient.session(port) { first in
                let subscription = try await first.subscribe(lifetime: 300_000, keepAlive: 100_000)
                try await first.monitor([TestServer.node("a")], in: subscription)
                _ = try await first.publish()
                let waiting = try await first.sendAndSettle(PublishRequest())
                try await RawClient.connect(port) { second in
                    second.token = first.token
                    // Not before it is activated there.
                    #expect(try await second.read(TestServer.node("a"), 1, orFault: ()) == .badSecureChannelIdInvalid)
                    #expect(try await second.activate() == .good)
                    let left = try await first.answer(of: waiting).responseHeader.serviceResult
                    #expect(left == .badSecureChannelClosed)
                    #expect(try await first.status(of: PublishRequest()) == .badSecureChannelIdInvalid)
                    server.set(handles[0], 7)
                    let message = try await second.publish()
                    #expect(message.subscriptionId == subscription)
                    #expect(message.changes.map(\.value.value) == [.double(7)])
                }
            }
        }
    }

    @Test func anotherUserCannotMoveASession() async throws {
        try await TestServer.numbers(["a"]) {
            $0.security.authenticate = { _, password in password == "right" }
        } body: { _, _, port in
            try await RawClient.session(port) { first in
                try await RawClient.connect(port) { second in
                    second.token = first.token
                    let user = UserNameIdentityToken(
                        policyId: "username", userName: "x", password: ByteString("right".utf8))
                    let moved = try await second.activate(as: ExtensionObject(user))
                    #expect(moved == .badIdentityChangeNotSupported)
                    // Where the session lives the user may change.
                    #expect(try await first.activate(as: ExtensionObject(user)) == .good)
                    #expect(try await first.activate() == .good)
                }
            }
        }
    }

    @Test func aSubscriptionIsTakenOverWithItsValues() async throws {
        try await TestServer.numbers(["a", "b"]) { _, _, port in
            try await RawClient.session(port) { former in
                let subscription = try await former.subscribe(lifetime: 300_000, keepAlive: 100_000)
                try await former.monitor([TestServer.node("a"), TestServer.node("b")], in: subscription)
                let seen = try await former.publish()
                #expect(seen.changes.count == 2)
                let waiting = try await former.sendAndSettle(PublishRequest())
                try await RawClient.session(port) { later in
                    let request = TransferSubscriptionsRequest(
                        subscriptionIds: [subscription, 1], sendInitialValues: true)
                    let results = try await later.call(request).results
                    #expect(results.map(\.statusCode) == [.good, .badSubscriptionIdInvalid])
                    #expect(results[0].availableSequenceNumbers == [1])
                    let told = try await former.answer(of: waiting)
                    #expect(told.statusChange == .goodSubscriptionTransferred)
                    #expect(told.subscriptionId == subscription)
                    #expect(try await former.status(of: PublishRequest()) == .badNoSubscription)
                    let again = try await later.call(
                        RepublishRequest(subscriptionId: subscription, retransmitSequenceNumber: 1))
                    #expect(again.notificationMessage == seen.notificationMessage)
                    let message = try await later.publish()
                    #expect(message.notificationMessage.sequenceNumber == 2)
                    #expect(Set(message.changes.map(\.handle)) == [0, 1])
                    // A second time it is ours already and nobody is told.
                    #expect(try await later.call(request).results[0].statusCode == .good)
                }
            }
        }
    }

    @Test func onlyTheSameUserTakesASubscriptionOver() async throws {
        try await TestServer.numbers(["a"]) {
            $0.security.authenticate = { _, _ in true }
        } body: { _, _, port in
            try await RawClient.session(port) { former in
                let subscription = try await former.subscribe()
                let request = TransferSubscriptionsRequest(subscriptionIds: [subscription])
                try await RawClient.connect(port) { other in
                    try await other.createSession()
                    let user = UserNameIdentityToken(policyId: "username", userName: "x", password: ByteString([1]))
                    try await other.activate(as: ExtensionObject(user))
                    #expect(try await other.call(request).results[0].statusCode == .badUserAccessDenied)
                }
                try await RawClient.connect(port) { other in
                    try await other.createSession(applicationURI: "urn:another")
                    try await other.activate()
                    #expect(try await other.call(request).results[0].statusCode == .badUserAccessDenied)
                }
            }
        }
    }

    @Test func unsecuredTransfersCanBeForbidden() async throws {
        try await TestServer.numbers(["a"]) {
            $0.security.transfersUnsecured = false
        } body: { _, _, port in
            try await RawClient.session(port) { former in
                let subscription = try await former.subscribe()
                try await RawClient.session(port) { later in
                    let request = TransferSubscriptionsRequest(subscriptionIds: [subscription])
                    let results = try await later.call(request).results
                    #expect(results[0].statusCode == .badUserAccessDenied)
                }
            }
        }
    }

    /// Without sendInitialValues only what is new comes; what the dead session left unread is still there.
    @Test func subscriptionsOutliveTheirSession() async throws {
        try await TestServer.numbers(["a"]) { server, handles, port in
            var subscription: UInt32 = 0
            try await RawClient.session(port) { former in
                subscription = try await former.subscribe(lifetime: 1000)
                try await former.monitor([TestServer.node("a")], in: subscription, queueSize: 10)
                _ = try await former.publish()
                let closing = CloseSessionRequest(deleteSubscriptions: false)
                #expect(try await former.status(of: closing) == .good)
            }
            server.set(handles[0], 1)
            server.set(handles[0], 2)
            try await RawClient.session(port) { later in
                let results = try await later.call(TransferSubscriptionsRequest(subscriptionIds: [subscription]))
                    .results
                #expect(results[0].statusCode == .good)
                #expect(try await later.publish().changes.map(\.value.value) == [.double(1), .double(2)])
            }
        }
    }

    @Test func anOrphanDiesAtTheEndOfItsLifetime() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { former in
                // Three intervals of a millisecond.
                let subscription = try await former.subscribe(interval: 1, lifetime: 3, keepAlive: 1)
                var gone = false
                while !gone {
                    try await Task.sleep(for: .milliseconds(2))
                    let request = SetPublishingModeRequest(publishingEnabled: true, subscriptionIds: [subscription, 1])
                    gone = try await former.call(request).results[0] == .badSubscriptionIdInvalid
                    try await Task.sleep(for: .milliseconds(10))
                }
                // The session hears of it when it asks again.
                let told = try await former.call(PublishRequest())
                #expect(told.statusChange == .badTimeout && told.subscriptionId == subscription)
            }
        }
    }

    @Test func messagesAreKeptUntilAcknowledged() async throws {
        try await TestServer.numbers(["a"]) {
            $0.subscription.maxRetransmissionMessages = 2
        } body: { server, handles, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                try await client.monitor([TestServer.node("a")], in: subscription)
                var available: [UInt32] = []
                for round in 1...3 {
                    server.set(handles[0], Double(round))
                    available = try await client.publish().availableSequenceNumbers
                }
                #expect(available == [2, 3])
                func republish(_ number: UInt32, of subscription: UInt32) async throws -> StatusCode {
                    try await client.status(
                        of: RepublishRequest(subscriptionId: subscription, retransmitSequenceNumber: number))
                }
                #expect(try await republish(1, of: subscription) == .badMessageNotAvailable)
                #expect(try await republish(2, of: subscription) == .good)
                #expect(try await republish(2, of: 1) == .badSubscriptionIdInvalid)
                server.set(handles[0], 9)
                let answer = try await client.publish(acknowledging: [
                    SubscriptionAcknowledgement(subscriptionId: subscription, sequenceNumber: 2),
                    SubscriptionAcknowledgement(subscriptionId: subscription, sequenceNumber: 2),
                    SubscriptionAcknowledgement(subscriptionId: 1, sequenceNumber: 3),
                ])
                #expect(answer.results == [.good, .badSequenceNumberUnknown, .badSubscriptionIdInvalid])
                #expect(answer.availableSequenceNumbers == [3, 4])
                #expect(try await republish(2, of: subscription) == .badMessageNotAvailable)
            }
        }
    }
}

extension RawClient {
    /// The service's result of a Read.
    fileprivate func read(_ node: NodeId, _ attribute: UInt32, orFault: Void) async throws -> StatusCode {
        try await status(of: ReadRequest(nodesToRead: [ReadValueId(nodeId: node, attributeId: attribute)]))
    }

    /// Sends a request and waits until the server has it: answers of other connections say nothing of this one.
    fileprivate func sendAndSettle<R: ServiceRequest>(_ request: R) async throws -> Sent<R> {
        let sent = try await send(request)
        _ = try await read(NodeId(2258))
        return sent
    }
}
