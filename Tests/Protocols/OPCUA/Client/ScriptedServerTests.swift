import NIOCore
import OPCUACore
import OPCUATypes
import Synchronization
import Testing

@testable import OPCUAClient

/// Each way in which a server may fail a subscription or a session, played by a server that does just that.
@Suite(.timeLimit(.minutes(1))) struct ScriptedServerTests {
    /// One connection with one subscription, until it ends or the values are there.
    private func run(
        _ port: Int, _ recovery: OPCUARecovery, _ collector: Collector = Collector(), until wanted: Int? = nil,
        acknowledges: Bool = false
    ) async throws -> [Double] {
        let values = Mutex<[Double]>([])
        try await OPCUAConnection.withConnection(
            try configuration(port), receiver: collector, recovery: recovery
        ) { connection in
            if try await connection.resumeSubscriptions().isEmpty {
                _ = try await connection.createSubscription(subscriptionRequest(interval: 10, keepAlive: 1000))
            }
            for await message in collector.messages {
                if acknowledges { connection.acknowledge([(message.subscription, message.number)]) }
                let seen = values.withLock { values -> Int in
                    for sample in message.samples {
                        if case .double(let value) = sample.value { values.append(value) }
                    }
                    return values.count
                }
                if let wanted, seen >= wanted { return }
            }
        }
        return values.withLock { $0 }
    }

    private func runToTheEnd(_ port: Int, _ recovery: OPCUARecovery) async throws -> OPCUAClientError? {
        do {
            _ = try await run(port, recovery)
            return nil
        } catch let error as OPCUAClientError {
            return error
        }
    }

    @Test func aLostNotificationIsRecoveredByRepublish() async throws {
        let server = ScriptedServer { request in
            if request.decode(PublishRequest.self) != nil {
                switch request.count {
                case 1: return .published(1, 10)
                case 2: return .published(3, 30)
                case 3: return .published(4, 40)
                default: return .nothing
                }
            }
            if let asked = request.decode(RepublishRequest.self), asked.retransmitSequenceNumber == 2 {
                return .republished(2, 20)
            }
            return .usual
        }
        try await server.serve { (port: Int) async throws in
            #expect(try await run(port, OPCUARecovery(), until: 4) == [10, 20, 30, 40])
            #expect(server.count(RepublishRequest.self) == 1)
        }
    }

    @Test(arguments: [StatusCode.badTimeout, .goodSubscriptionTransferred])
    func aSubscriptionThatTheServerEndsIsMadeAgainInTheSameSession(status: StatusCode) async throws {
        let server = ScriptedServer { request in
            guard request.decode(PublishRequest.self) != nil else { return .usual }
            return request.count == 1
                ? .statusChange(1, status) : request.count > 8 ? .published(1, 7, of: 2) : .nothing
        }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            let error = try await runToTheEnd(port, recovery)
            #expect(error?.status == status && error?.disposition == .transient)
            #expect(recovery.subscriptions.isEmpty)
            _ = try? await OPCUAConnection.withConnection(
                try configuration(port), receiver: Collector(), recovery: recovery
            ) { connection in
                #expect(try await connection.resumeSubscriptions().isEmpty)
                _ = try await connection.createSubscription(subscriptionRequest())
            }
            #expect(server.count(CreateSessionRequest.self) == 1 && server.count(ActivateSessionRequest.self) == 2)
            #expect(server.count(CreateSubscriptionRequest.self) == 2)
        }
    }

    @Test func badNoSubscriptionMeansNewSubscriptions() async throws {
        let server = ScriptedServer { request in
            request.decode(PublishRequest.self) != nil ? .fault(.badNoSubscription) : .usual
        }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            #expect(try await runToTheEnd(port, recovery)?.status == .badNoSubscription)
            #expect(recovery.subscriptions.isEmpty)
        }
    }

    @Test func aSubscriptionUnknownToTheServerIsFoundByItsAcknowledgement() async throws {
        let server = ScriptedServer { request in
            guard let publish = request.decode(PublishRequest.self) else { return .usual }
            if request.count == 1 { return .published(1, 1) }
            // Acknowledgements ride on the next Publish, whenever the receiver gives them.
            if publish.subscriptionAcknowledgements.isEmpty { return .published(2, nil) }
            return .published(2, nil, results: [.badSubscriptionIdInvalid])
        }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            let error = await #expect(throws: OPCUAClientError.self) {
                try await run(port, recovery, acknowledges: true)
            }
            #expect(error?.status == .badSubscriptionIdInvalid)
            #expect(recovery.subscriptions.isEmpty)
        }
    }

    @Test func anUnknownSequenceNumberIsHarmless() async throws {
        let server = ScriptedServer { request in
            guard let publish = request.decode(PublishRequest.self) else { return .usual }
            let results = publish.subscriptionAcknowledgements.map { _ in StatusCode.badSequenceNumberUnknown }
            return request.count <= 20 ? .published(UInt32(request.count), 1, results: results) : .nothing
        }
        try await server.serve { (port: Int) async throws in
            #expect(try await run(port, OPCUARecovery(), until: 20, acknowledges: true).count == 20)
        }
    }

    /// Two requests are all that the server holds; it refuses the others and the values come all the same.
    @Test func aServerThatTakesFewPublishRequestsIsObeyed() async throws {
        let refused = Mutex(0)
        let server = ScriptedServer { request in
            guard request.decode(PublishRequest.self) != nil else { return .usual }
            if request.count == 3 || request.count == 4 {
                refused.withLock { $0 += 1 }
                return .fault(.badTooManyPublishRequests)
            }
            return .nothing
        }
        try await server.serve { (port: Int) async throws in
            let settings = try configuration(port) { $0.publish = PublishSettings(outstanding: 4, maxOutstanding: 4) }
            try await OPCUAConnection.withConnection(settings, receiver: Collector()) { connection in
                _ = try await connection.createSubscription(subscriptionRequest(interval: 10, keepAlive: 1000))
                let out = try await connection.onLoop { $0.pool.outstandingRequests }
                var left = out
                while left != 2 {
                    try await Task.sleep(for: .milliseconds(5))
                    left = try await connection.onLoop { $0.pool.outstandingRequests }
                }
                #expect(out <= 4 && refused.withLock { $0 } == 2)
                #expect(server.count(PublishRequest.self) == 4)
            }
        }
    }

    /// The first request is never answered; the others carry on.
    @Test func fewerAnswersThanRequestsStarveNothing() async throws {
        let server = ScriptedServer { request in
            guard request.decode(PublishRequest.self) != nil else { return .usual }
            return request.count == 1
                ? .nothing
                : request.count <= 101
                    ? .published(UInt32(request.count - 1), Double(request.count)) : .nothing
        }
        try await server.serve { (port: Int) async throws in
            #expect(try await run(port, OPCUARecovery(), until: 100).count == 100)
        }
    }

    /// Nothing at all comes: the connection ends by itself, and the subscription stays for the next.
    @Test func silenceEndsTheConnectionAndKeepsTheSubscription() async throws {
        let server = ScriptedServer { _ in .usual }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            let settings = try configuration(port) { $0.publish.grace = .milliseconds(10) }
            let error = await #expect(throws: OPCUAClientError.self) {
                try await OPCUAConnection.withConnection(settings, receiver: Collector(), recovery: recovery) {
                    _ = try await $0.createSubscription(subscriptionRequest(interval: 1, keepAlive: 1))
                    try await Task.sleep(for: .seconds(60))
                }
            }
            #expect(error?.status == .badTimeout)
            #expect(recovery.subscriptions.count == 1)
            #expect(server.count(CloseSessionRequest.self) == 0)
        }
    }

    /// The whole ladder: the old session is refused, the subscription transferred, what it still had asked for.
    @Test func refusedSessionLeadsToTransferAndRepublish() async throws {
        // Publish requests since the transfer: those of before are answered or lost with the link.
        let sinceTransfer = Mutex<Int?>(nil)
        let server = ScriptedServer { request in
            if request.decode(PublishRequest.self) != nil {
                let later = sinceTransfer.withLock { count -> Int? in
                    count = count.map { $0 + 1 }
                    return count
                }
                if let later { return later == 1 ? .published(5, 5) : .nothing }
                switch request.count {
                case 1: return .published(1, 1)
                case 2: return .published(2, 2)
                case 3: return .hangUp
                default: return .nothing
                }
            }
            if request.decode(ActivateSessionRequest.self) != nil, request.count == 2 {
                return .fault(.badSessionIdInvalid)
            }
            if let transfer = request.decode(TransferSubscriptionsRequest.self) {
                guard transfer.subscriptionIds == [1], transfer.sendInitialValues else {
                    return .fault(.badNothingToDo)
                }
                sinceTransfer.withLock { $0 = 0 }
                return .message(
                    OutgoingMessage(
                        TransferSubscriptionsResponse(results: [
                            TransferResult(statusCode: .good, availableSequenceNumbers: [1, 2, 3, 4])
                        ])))
            }
            if let asked = request.decode(RepublishRequest.self) {
                return .republished(asked.retransmitSequenceNumber, Double(asked.retransmitSequenceNumber))
            }
            return .usual
        }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            #expect(try await runToTheEnd(port, recovery)?.isOfLink == true)
            #expect(try await run(port, recovery, until: 3) == [3, 4, 5])
            #expect(server.count(CreateSessionRequest.self) == 2)
            #expect(server.count(CreateSubscriptionRequest.self) == 1)
            #expect(server.count(RepublishRequest.self) == 2)
        }
    }

    @Test(arguments: [StatusCode.badServiceUnsupported, .badNotImplemented, .badUserAccessDenied])
    func aServerThatTransfersNothingGetsNewSubscriptions(status: StatusCode) async throws {
        let server = ScriptedServer { request in
            if request.decode(PublishRequest.self) != nil {
                return request.count == 1 ? .published(1, 1) : request.count == 2 ? .hangUp : .published(1, 9, of: 2)
            }
            if request.decode(ActivateSessionRequest.self) != nil, request.count == 2 {
                return .fault(.badSessionIdInvalid)
            }
            return request.decode(TransferSubscriptionsRequest.self) != nil ? .fault(status) : .usual
        }
        try await server.serve { (port: Int) async throws in
            let recovery = OPCUARecovery()
            _ = try await runToTheEnd(port, recovery)
            #expect(try await run(port, recovery, until: 1) == [9])
            #expect(server.count(CreateSubscriptionRequest.self) == 2)
        }
    }

    /// Batches shrink once, and stay so small.
    @Test(arguments: [StatusCode.badTooManyOperations, .badEncodingLimitsExceeded, .badResponseTooLarge])
    func tooManyOperationsAreHalvedAndRemembered(status: StatusCode) async throws {
        let server = ScriptedServer { request in
            guard let read = request.decode(ReadRequest.self) else { return .usual }
            guard read.nodesToRead.count <= 3 else { return .fault(status) }
            return .message(
                OutgoingMessage(ReadResponse(results: read.nodesToRead.map { _ in DataValue(.int32(1)) })))
        }
        try await server.serve { (port: Int) async throws in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) {
                (connection: OPCUAConnection) async throws in
                let items = (0..<12).map { (node: NodeId(UInt32($0)), attribute: AttributeID.value) }
                #expect(try await connection.read(items, limits: OperationLimits()).count == 12)
                // 12 and 6 are refused, 3 are taken four times.
                #expect(server.count(ReadRequest.self) == 6)
                #expect(try await connection.read(items, limits: OperationLimits()).count == 12)
                #expect(server.count(ReadRequest.self) == 10)
            }
        }
    }

    @Test func historyIsReadPageByPageAndReleasedWhenGivenUp() async throws {
        struct Enough: Error {}
        let server = ScriptedServer { request in
            guard let read = request.decode(HistoryReadRequest.self) else { return .usual }
            if read.releaseContinuationPoints {
                return .message(OutgoingMessage(HistoryReadResponse(results: [HistoryReadResult()])))
            }
            let page = Int(read.nodesToRead.first?.continuationPoint?.bytes.first ?? 0)
            let values = (0..<2).map {
                DataValue(.int32(Int32(page * 2 + $0)), sourceTimestamp: DateTime(ticks: Int64(page * 2 + $0 + 1)))
            }
            return .message(
                OutgoingMessage(
                    HistoryReadResponse(results: [
                        HistoryReadResult(
                            continuationPoint: page < 2 ? ByteString([UInt8(page + 1)]) : nil,
                            historyData: ExtensionObject(HistoryData(dataValues: values)))
                    ])))
        }
        try await server.serve { (port: Int) async throws in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) {
                (connection: OPCUAConnection) async throws in
                let seen = Mutex<[Variant]>([])
                let statuses = try await connection.readHistory(
                    [NodeId(1)], from: .null, to: DateTime(ticks: 100), limits: OperationLimits()
                ) { _, values in seen.withLock { $0 += values.map(\.value) } }
                #expect(statuses == [.good])
                #expect(seen.withLock { $0 } == (0..<6).map { .int32($0) })
                await #expect(throws: Enough.self) {
                    _ = try await connection.readHistory(
                        [NodeId(1)], from: .null, to: DateTime(ticks: 100), limits: OperationLimits()
                    ) { _, values in
                        if values.first?.value == .int32(2) { throw Enough() }
                    }
                }
                // Three pages, two pages, and the release of the second's continuation point.
                #expect(server.count(HistoryReadRequest.self) == 6)
            }
        }
    }
}
