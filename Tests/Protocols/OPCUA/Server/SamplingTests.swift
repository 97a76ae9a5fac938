import OPCUATypes
import Testing

@testable import OPCUAServer

/// Sampling intervals, index ranges and percent deadbands of monitored items.
@Suite(.timeLimit(.minutes(1))) struct SamplingTests {
    private static let millisecond: Int64 = 1_000_000

    private func values(interval milliseconds: Int64) -> (MonitoredValues, Int32) {
        var values = MonitoredValues([DataValue(.double(0))])
        var monitor = Monitor(
            queue: 1, clientHandle: 0, mode: .reporting, queueSize: 10, discardOldest: true,
            filter: Monitor.Filter(), sourceTime: true, serverTime: true)
        monitor.samplingInterval = milliseconds * Self.millisecond
        values.now = 0
        let item = values.add(monitor, slot: 0, first: DataValue(.double(0)))
        return (values, item)
    }

    private func take(_ values: inout MonitoredValues) -> [Double] {
        var result: [Double] = []
        var room = ResponseRoom(count: 100)
        _ = values.take(1, &room) { result.append($1.value.number ?? .nan) }
        return result
    }

    @Test func valuesBetweenTwoSamplesAreLeftOut() {
        var (values, _) = values(interval: 100)
        for time in 1...10 {
            values.now = Int64(time) * 20 * Self.millisecond
            values.update(0, DataValue(.double(Double(time))))
        }
        // At 0, then at the earliest half an interval before each hundredth millisecond.
        #expect(take(&values) == [0, 3, 8])
        // The latest is not lost: it comes when its time has come.
        values.release(1)
        #expect(!values.hasDue(1))
        values.now = 260 * Self.millisecond
        values.release(1)
        #expect(take(&values) == [10])
    }

    @Test func aSourceThatTicksAtTheIntervalLosesNothing() {
        var (values, _) = values(interval: 100)
        for (tick, jitter) in [3, -7, 30, -15, 0, 9, -10].enumerated() {
            values.now = Int64((tick + 1) * 100 + jitter) * Self.millisecond
            values.update(0, DataValue(.double(Double(tick + 1))))
        }
        #expect(take(&values) == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func removedItemsHoldNothingBack() {
        var (values, item) = values(interval: 100)
        values.now = Self.millisecond
        values.update(0, DataValue(.double(1)))
        values.remove(item)
        _ = take(&values)
        values.now = 1000 * Self.millisecond
        values.release(1)
        #expect(!values.hasDue(1))
        // Its place is free for one other, not for two.
        let again = Monitor(
            queue: 1, clientHandle: 5, mode: .reporting, queueSize: 1, discardOldest: true, filter: Monitor.Filter(),
            sourceTime: true, serverTime: true)
        let first = values.add(again, slot: 0, first: DataValue(.double(1)))
        let second = values.add(again, slot: 0, first: DataValue(.double(1)))
        #expect(first != second)
    }

    @Test func intervalsAreRevised() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe(interval: 40)
                for (asked, granted) in [(-1.0, 40.0), (0, 0), (2.5, 2.5), (.nan, 40), (1e300, 86_400_000)] {
                    let result = try await client.monitor(
                        [TestServer.node("a")], in: subscription, sampling: asked)
                    #expect(result[0].revisedSamplingInterval == granted)
                }
            }
        }
    }

    @Test func percentDeadbandsAreShares() async throws {
        try await TestServer.numbers(["a"]) { server, handles, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                // Ten percent of 0 … 200.
                let filter = DataChangeFilter(trigger: .statusValue, deadbandType: 2, deadbandValue: 10)
                let created = try await client.monitor(
                    [TestServer.node("a")], in: subscription, queueSize: 10, filter: ExtensionObject(filter))
                #expect(created.map(\.statusCode) == [.good])
                for value in [20, 20.5, 21, 40.5, 41] { server.set(handles[0], value) }
                var seen: [Double] = []
                while seen.count < 3 { seen += try await client.publish().changes.compactMap(\.value.value.number) }
                #expect(seen == [0, 20.5, 41])
                for (wrong, node, status) in [
                    (DataChangeFilter(deadbandType: 2, deadbandValue: 101), "a", StatusCode.badDeadbandFilterInvalid),
                    (DataChangeFilter(deadbandType: 2, deadbandValue: -1), "a", .badDeadbandFilterInvalid),
                    (DataChangeFilter(deadbandType: 1, deadbandValue: -1), "a", .badDeadbandFilterInvalid),
                    (DataChangeFilter(deadbandType: 3), "a", .badMonitoredItemFilterUnsupported),
                    (DataChangeFilter(deadbandType: 2, deadbandValue: 1), "a.EURange", .badFilterNotAllowed),
                ] {
                    let refused = try await client.monitor(
                        [TestServer.node(node)], in: subscription, filter: ExtensionObject(wrong))
                    #expect(refused.map(\.statusCode) == [status])
                }
                // CurrentTime is no number; the server's service level is one without a range.
                let time = try await client.monitor(
                    [NodeId(2258), NodeId(2267)], in: subscription, filter: ExtensionObject(filter))
                #expect(time.map(\.statusCode) == [.badFilterNotAllowed, .badDeadbandFilterInvalid])
            }
        }
    }

    @Test func partsOfArraysAreReadWatchedAndWritten() async throws {
        let written = AsyncStream.makeStream(of: DataValue.self)
        let node = TestServer.node("array")
        let server = try TestServer {
            $0.writeHandler = { _, value in
                written.continuation.yield(value)
                return .good
            }
        } fill: { space in
            let array = Variant.array(VariantArray(.double([1, 2, 3, 4])))
            _ = try space.addVariable(
                VariableDefinition(
                    id: node, name: "array", type: .double, valueRank: 1, value: DataValue(array), isWritable: true),
                under: AddressSpace.objects)
        }
        let application = server.application
        try await server.serve { port in
            try await RawClient.session(port) { client in
                let middle = Variant.array(VariantArray(.double([2, 3])))
                #expect(try await client.read(node, range: "1:2").value == middle)
                #expect(try await client.read(node, range: "7").status == .badIndexRangeNoData)
                #expect(try await client.read(node, range: "x").status == .badIndexRangeInvalid)
                let subscription = try await client.subscribe()
                let results = try await client.monitor([node], in: subscription, range: "1:2")
                #expect(results.map(\.statusCode) == [.good])
                #expect(try await client.publish().changes.map(\.value.value) == [middle])
                let refused = try await client.monitor([node], in: subscription, range: "x")
                #expect(refused.map(\.statusCode) == [.badIndexRangeInvalid])

                func write(_ value: Variant, range: String? = nil) async throws -> StatusCode? {
                    let item = WriteValue(
                        nodeId: node, attributeId: AttributeId.value, indexRange: range, value: DataValue(value))
                    return try await client.call(WriteRequest(nodesToWrite: [item])).results.first
                }
                var values = written.stream.makeAsyncIterator()
                #expect(try await write(.array(VariantArray(.double([8, 9]))), range: "2:3") == .good)
                #expect(await values.next()?.value == .array(VariantArray(.double([1, 2, 8, 9]))))
                #expect(try await write(.array(VariantArray(.double([8]))), range: "2:3") == .badIndexRangeNoData)
                #expect(try await write(.double(1)) == .badTypeMismatch)
                #expect(try await write(.array(VariantArray(.int32([1])))) == .badTypeMismatch)
                #expect(try await write(.array(VariantArray(.double([5])))) == .good)
                // A change outside of the watched part is none.
                application.update([
                    VariableUpdate(VariableHandle(index: 0), DataValue(.array(VariantArray(.double([0, 2, 3, 0])))))
                ])
                application.update([
                    VariableUpdate(VariableHandle(index: 0), DataValue(.array(VariantArray(.double([0, 7])))))
                ])
                let change = try await client.publish().changes
                #expect(change.map(\.value.value) == [.array(VariantArray(.double([7])))])
            }
        }
    }
}
