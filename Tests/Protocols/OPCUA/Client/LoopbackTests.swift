import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct LoopbackTests {
    @Test func browsesAndReads() async throws {
        let plant = try Plant(variables: 250) { $0.limits.maxReferencesPerNode = 40 }
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) { connection in
                let limits = try await connection.operationLimits()
                #expect(limits.nodesPerRead == OperationLimits.usual)
                let folder = BrowseDescription(
                    nodeId: NodeId(namespace: 2, string: "plant"), browseDirection: .forward,
                    referenceTypeId: NodeId(33), includeSubtypes: true, resultMask: 63)
                let unknown = BrowseDescription(nodeId: NodeId(namespace: 2, string: "none"))
                let results = try await connection.browse([folder, unknown], limits: limits)
                // Seven pages joined by BrowseNext.
                #expect(results[0].references.count == 250)
                #expect(Set(results[0].references.map(\.nodeId)).count == 250)
                #expect(results[1].statusCode == .badNodeIdUnknown)
                let values = try await connection.read(
                    [
                        (Plant.node(3), .value), (Plant.node(3), .displayName), (Plant.node(3), .dataType),
                        (NodeId(namespace: 2, string: "plant/v3.EURange"), .value), (NodeId(99_999), .value),
                    ], limits: OperationLimits(nodesPerRead: 2, nodesPerBrowse: 2, itemsPerCall: 2))
                #expect(values[0].value == .double(0))
                #expect(values[1].value == .localizedText(LocalizedText("v3")))
                #expect(values[2].value == .nodeId(NodeId(11)))
                #expect(values[3].value == .extensionObject(ExtensionObject(ValueRange(low: 0, high: 10))))
                #expect(values[4].status == .badNodeIdUnknown)
            }
        }
    }

    @Test func everyChangeArrivesOnceAndInOrder() async throws {
        let plant = try Plant(variables: 500)
        let collector = Collector()
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: collector) { connection in
                let limits = OperationLimits(nodesPerRead: 100, nodesPerBrowse: 100, itemsPerCall: 200)
                let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                let created = try await connection.createMonitoredItems(
                    items(500, queueSize: 100), in: subscription, limits: limits)
                #expect(created.allSatisfy { $0.statusCode.isGood })
                for round in 1...20 { plant.update(Double(round), at: Int64(round)) }
                var rounds = [UInt32: [Double]]()
                var numbers: [UInt32] = []
                for await message in collector.messages {
                    numbers.append(message.number)
                    for sample in message.samples {
                        guard case .double(let value) = sample.value else { continue }
                        rounds[sample.clientHandle, default: []].append(value)
                        let time = value == 0 ? .null : DateTime(utcMicroseconds: 1_700_000_000_000_000 + Int64(value))
                        #expect(sample.sourceTimestamp == time)
                    }
                    connection.acknowledge([(subscription, message.number)])
                    if rounds.values.reduce(0, { $0 + $1.count }) == 500 * 21 { break }
                }
                #expect(numbers == Array(1...UInt32(numbers.count)))
                #expect(rounds.count == 500)
                #expect(rounds.values.allSatisfy { $0 == (0...20).map(Double.init) })
            }
        }
    }

    /// A notification of many chunks and several messages: 12,000 values, 10,000 a message, 64 KiB a chunk.
    @Test func largeNotificationsAreCutAndJoined() async throws {
        let plant = try Plant(variables: 12_000)
        let collector = Collector()
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: collector) { connection in
                let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(12_000), in: subscription, limits: OperationLimits(itemsPerCall: 10_000))
                var seen: Set<UInt32> = []
                for await message in collector.messages {
                    seen.formUnion(message.samples.map(\.clientHandle))
                    if seen.count == 12_000 { break }
                }
                plant.update(1)
                var changed: Set<UInt32> = []
                for await message in collector.messages {
                    changed.formUnion(message.samples.filter { $0.value == .double(1) }.map(\.clientHandle))
                    if changed.count == 12_000 { break }
                }
                #expect(changed.count == 12_000)
            }
        }
    }

    @Test func everyItemHasItsOwnResult() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) { connection in
                let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                var wanted = items(2)
                var object = wanted[0]
                object.itemToMonitor.nodeId = AddressSpace.objects
                wanted.append(object)
                let results = try await connection.createMonitoredItems(
                    wanted, in: subscription, limits: OperationLimits())
                #expect(results.map(\.statusCode) == [.good, .badNodeIdUnknown, .badAttributeIdInvalid])
                let error = await #expect(throws: OPCUAClientError.self) {
                    try await connection.createMonitoredItems(items(1), in: 12, limits: OperationLimits())
                }
                #expect(error?.status == .badSubscriptionIdInvalid)
            }
        }
    }

    @Test func batchesAreHalvedUntilTheServerTakesThem() async throws {
        let plant = try Plant(variables: 100) { $0.limits.maxOperationsPerRequest = 7 }
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) { connection in
                let values = try await connection.read(
                    (0..<100).map { (Plant.node($0), .value) }, limits: OperationLimits(nodesPerRead: 64))
                #expect(values.count == 100 && values.allSatisfy { $0.value == .double(0) })
            }
        }
    }

    /// With nothing demanded nothing is published, and the subscription outlives its lifetime; then all flows again.
    @Test func withheldDemandKeepsTheSubscription() async throws {
        let plant = try Plant(variables: 1)
        let collector = Collector()
        try await plant.serve { port in
            try await OPCUAConnection.withConnection(try configuration(port), receiver: collector) { connection in
                // Keep-alive after 300 ms, death after 900 ms without a request.
                let request = subscriptionRequest(interval: 10, keepAlive: 30)
                let subscription = try await connection.createSubscription(request).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(1, queueSize: 10), in: subscription, limits: OperationLimits())
                var messages = collector.messages.makeAsyncIterator()
                _ = await messages.next()
                connection.demand(false)
                try await Task.sleep(for: .milliseconds(2000))
                plant.update(5)
                connection.demand(true)
                while let message = await messages.next() {
                    if message.samples.last?.value == .double(5) { break }
                }
            }
        }
    }

    /// Tokens of one second: renewed several times under load without a lost value.
    @Test func tokensAreRenewedWithoutAGap() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let plant = try Plant(variables: 1, group: group)
        let collector = Collector()
        try await plant.serve { port in
            let settings = try configuration(port) { $0.tokenLifetime = .seconds(1) }
            try await OPCUAConnection.withConnection(settings, receiver: collector, group: group) { connection in
                let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(1, queueSize: 1000), in: subscription, limits: OperationLimits())
                var messages = collector.messages.makeAsyncIterator()
                var expected = 0.0
                for round in 1...120 {
                    plant.update(Double(round))
                    try await Task.sleep(for: .milliseconds(25))
                }
                while expected <= 120, let message = await messages.next() {
                    for sample in message.samples {
                        #expect(sample.value == .double(expected))
                        expected += 1
                    }
                }
            }
        }
        try await group.shutdownGracefully()
    }
}
