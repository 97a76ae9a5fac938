import NIOCore
import OPCUACore
import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct SubscriptionTests {
    @Test func parametersAreChangedAndChecked() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                let modified = try await client.call(
                    ModifySubscriptionRequest(
                        subscriptionId: subscription, requestedPublishingInterval: 500, requestedLifetimeCount: 1,
                        requestedMaxKeepAliveCount: 7, maxNotificationsPerPublish: 1))
                #expect(modified.revisedPublishingInterval == 500)
                #expect(modified.revisedMaxKeepAliveCount == 7 && modified.revisedLifetimeCount == 21)
                let unknown = ModifySubscriptionRequest(subscriptionId: 1)
                #expect(try await client.status(of: unknown) == .badSubscriptionIdInvalid)
                #expect(try await client.status(of: SetPublishingModeRequest()) == .badNothingToDo)
                let deleted = try await client.call(DeleteSubscriptionsRequest(subscriptionIds: [subscription, 1]))
                #expect(deleted.results == [.good, .badSubscriptionIdInvalid])
                #expect(try await client.status(of: PublishRequest()) == .badNoSubscription)
            }
        }
    }

    @Test func publishingIsSwitchedOffAndOn() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe(interval: 1, keepAlive: 1, publishing: false)
                try await client.monitor([TestServer.node("a")], in: subscription)
                for _ in 1...3 {
                    let answer = try await client.call(PublishRequest())
                    #expect(answer.notificationMessage.notificationData.isEmpty)
                    // A keep-alive carries the number of the message to come.
                    #expect(answer.notificationMessage.sequenceNumber == 1)
                }
                let switched = SetPublishingModeRequest(publishingEnabled: true, subscriptionIds: [subscription, 1])
                #expect(try await client.call(switched).results == [.good, .badSubscriptionIdInvalid])
                #expect(try await client.publish().changes.count == 1)
            }
        }
    }

    @Test func itemsAreModifiedSwitchedAndDeleted() async throws {
        try await TestServer.numbers(["a"]) { server, handles, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                let item = try await client.monitor(
                    [TestServer.node("a")], in: subscription, queueSize: 5, mode: .disabled)[0].monitoredItemId
                func setMode(_ mode: MonitoringMode) async throws -> SetMonitoringModeResponse {
                    try await client.call(
                        SetMonitoringModeRequest(
                            subscriptionId: subscription, monitoringMode: mode, monitoredItemIds: [item, item + 1]))
                }
                server.set(handles[0], 1)
                #expect(try await setMode(.sampling).results == [.good, .badMonitoredItemIdInvalid])
                for value in 2...5 { server.set(handles[0], Double(value)) }
                let modified = try await client.call(
                    ModifyMonitoredItemsRequest(
                        subscriptionId: subscription, timestampsToReturn: .neither,
                        itemsToModify: [item, item + 1].map {
                            MonitoredItemModifyRequest(
                                monitoredItemId: $0,
                                requestedParameters: MonitoringParameters(
                                    clientHandle: 99, queueSize: 2, discardOldest: true))
                        })
                ).results
                #expect(modified.map(\.statusCode) == [.good, .badMonitoredItemIdInvalid])
                #expect(modified[0].revisedQueueSize == 2)
                #expect(try await setMode(.reporting).responseHeader.serviceResult == .good)
                let message = try await client.publish()
                #expect(message.changes.map(\.value) == [DataValue(.double(4)), DataValue(.double(5))])
                #expect(message.changes.map(\.handle) == [99, 99])
                #expect(
                    try await setMode(MonitoringMode(rawValue: 3)).responseHeader.serviceResult
                        == .badMonitoringModeInvalid)
                let deletion = DeleteMonitoredItemsRequest(
                    subscriptionId: subscription, monitoredItemIds: [item, item])
                #expect(try await client.call(deletion).results == [.good, .badMonitoredItemIdInvalid])
            }
        }
    }

    @Test func limitsOfItemsAreKept() async throws {
        try await TestServer.numbers(["a", "b", "c"]) {
            $0.limits.maxMonitoredItemsPerSubscription = 2
            $0.limits.maxSubscriptionsPerSession = 2
        } body: { _, _, port in
            try await RawClient.session(port) { client in
                let nodes = ["a", "b", "c"].map(TestServer.node)
                for _ in 1...2 {
                    let results = try await client.monitor(nodes, in: try await client.subscribe())
                    #expect(results.map(\.statusCode) == [.good, .good, .badTooManyMonitoredItems])
                }
                #expect(try await client.status(of: CreateSubscriptionRequest()) == .badTooManySubscriptions)
            }
        }
    }

    @Test func publishRequestsAreBoundedAndTimeOut() async throws {
        try await TestServer.numbers(["a"]) {
            $0.limits.maxPublishRequestsPerSession = 2
        } body: { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe(interval: 10, keepAlive: 1000)
                _ = try await client.call(PublishRequest())
                let first = try await client.send(PublishRequest())
                let second = try await client.send(PublishRequest(), timeoutHint: 1)
                _ = try await client.send(PublishRequest())
                #expect(
                    try await client.answer(of: first).responseHeader.serviceResult == .badTooManyPublishRequests)
                #expect(try await client.answer(of: second).responseHeader.serviceResult == .badTimeout)
                #expect(
                    try await client.call(DeleteSubscriptionsRequest(subscriptionIds: [subscription])).results == [
                        .good
                    ])
            }
        }
    }

    /// Of two that are late the one with the higher priority goes first, among equals the one that waited longer.
    @Test func priorityDecidesWhoSpeaks() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                var ids: [UInt32] = []
                for priority: UInt8 in [1, 9, 1] {
                    let created = try await client.call(
                        CreateSubscriptionRequest(
                            requestedPublishingInterval: 1, requestedLifetimeCount: 10_000,
                            requestedMaxKeepAliveCount: 1, publishingEnabled: true, priority: priority))
                    ids.append(created.subscriptionId)
                }
                // All three are late: they have had no request for several intervals.
                try await Task.sleep(for: .milliseconds(50))
                var order: [UInt32] = []
                for _ in 1...3 { order.append(try await client.call(PublishRequest()).subscriptionId) }
                #expect(order.first == ids[1])
            }
        }
    }

    @Test func idleSessionsGiveWay() async throws {
        try await TestServer.numbers(["a"]) {
            $0.limits.maxSessions = 2
        } body: { _, _, port in
            try await RawClient.connect(port) { idle in
                try await idle.createSession()
                try await RawClient.session(port) { _ in
                    try await RawClient.session(port) { client in
                        let late = try await idle.activate()
                        #expect(late == .badSessionIdInvalid)
                        client.token = .null
                        let another = try await client.status(of: CreateSessionRequest())
                        #expect(another == .badTooManySessions)
                    }
                }
            }
        }
    }
}
