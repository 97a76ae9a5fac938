import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct HistoryTests {
    private func at(_ seconds: Int) -> DateTime { DateTime(utcMicroseconds: Int64(seconds) * 1_000_000) }

    private func sample(_ seconds: Int) -> DataValue {
        DataValue(.double(Double(seconds)), sourceTimestamp: at(seconds))
    }

    /// A ring with values of these seconds.
    private func ring(_ seconds: [Int], capacity: Int = 100) -> HistoryRing {
        var ring = HistoryRing(capacity: capacity)
        for second in seconds { ring.append(sample(second)) }
        return ring
    }

    /// The seconds of all pages; nil for a missing bound.
    private func read(
        _ ring: HistoryRing, from start: Int?, to end: Int?, number: UInt32 = 0, bounds: Bool = false,
        limit: Int = 1000,
        bytes: Int = .max
    ) throws -> [[Double?]] {
        var pages: [[Double?]] = []
        var query: HistoryQuery? = try HistoryQuery(
            ReadRawModifiedDetails(
                startTime: start.map(at) ?? .null, endTime: end.map(at) ?? .null, numValuesPerNode: number,
                returnBounds: bounds))
        while let next = query {
            var room = SharedRoom(bytes: bytes, operations: 1, overhead: 0)
            room.nextOperation()
            let page = next.read(ring, limit: limit, &room)
            pages.append(page.values.map { $0.status == .badBoundNotFound ? nil : $0.value.number })
            query = page.next
        }
        return pages
    }

    @Test func theOldestMakeRoomAndLateOnesFindTheirPlace() {
        var ring = ring([1, 2, 3, 4], capacity: 3)
        #expect((0..<ring.count).map { ring[$0].value } == [.double(2), .double(3), .double(4)])
        ring.append(DataValue(.double(3.5), serverTimestamp: DateTime(utcMicroseconds: 3_500_000)))
        #expect((0..<ring.count).map { ring[$0].value } == [.double(3), .double(3.5), .double(4)])
    }

    @Test func rangesHaveABeginningAndNoEnd() throws {
        let ring = ring([1, 2, 3, 4, 5])
        #expect(try read(ring, from: 2, to: 4) == [[2, 3]])
        #expect(try read(ring, from: 4, to: 2) == [[4, 3]])
        #expect(try read(ring, from: 3, to: 3) == [[3]])
        #expect(try read(ring, from: 0, to: 9) == [[1, 2, 3, 4, 5]])
        #expect(try read(ring, from: 9, to: 0) == [[5, 4, 3, 2, 1]])
        #expect(try read(ring, from: 6, to: 9) == [[]])
    }

    @Test func oneTimeAndANumber() throws {
        let ring = ring([1, 2, 3, 4, 5])
        #expect(try read(ring, from: 2, to: nil, number: 2) == [[2, 3]])
        #expect(try read(ring, from: nil, to: 4, number: 3) == [[4, 3, 2]])
        // No more than the server gives at once; the rest follows.
        #expect(try read(ring, from: 1, to: nil, number: 4, limit: 3) == [[1, 2, 3], [4]])
        #expect(throws: ServiceError.self) { try read(ring, from: 2, to: nil) }
        #expect(throws: ServiceError.self) { try read(ring, from: nil, to: nil, number: 5) }
    }

    @Test func longAnswersComeInPagesBothWays() throws {
        // Three values at the same time fall on the border of two pages.
        let ring = ring([1, 2, 2, 2, 3])
        #expect(try read(ring, from: 0, to: 9, number: 2) == [[1, 2], [2, 2], [3]])
        #expect(try read(ring, from: 9, to: 0, number: 2) == [[3, 2], [2, 2], [1]])
        #expect(try read(ring, from: 0, to: 9, number: 1) == [[1], [2], [2], [2], [3]])
    }

    /// 36 bytes for the response, then 18 for each value: mask, type, number, server's time.
    @Test func answersAreNoLargerThanTheClientTakes() throws {
        let ring = ring([1, 2, 3, 4, 5], capacity: 9)
        #expect(try read(ring, from: 0, to: 9, bytes: 36 + 2 * 18) == [[1, 2], [3, 4], [5]])
        #expect(try read(ring, from: 0, to: 9, bytes: 36 + 2 * 18 - 1) == [[1], [2], [3], [4], [5]])
        #expect(try read(ring, from: 9, to: 0, number: 3, bytes: 36 + 2 * 18) == [[5, 4], [3, 2], [1]])
    }

    @Test func pagesGoOnWhenTheRingMovesOn() throws {
        var ring = ring([1, 2, 3, 4], capacity: 4)
        let query = try HistoryQuery(
            ReadRawModifiedDetails(startTime: at(0), endTime: at(9), numValuesPerNode: 2))
        var room = SharedRoom(bytes: .max, operations: 1, overhead: 0)
        let page = query.read(ring, limit: 100, &room)
        #expect(page.values == [sample(1), sample(2)])
        for second in 5...6 { ring.append(sample(second)) }
        let next = try #require(page.next)
        #expect(next.read(ring, limit: 100, &room).values == [sample(3), sample(4)])
    }

    @Test func boundsAreFoundOrMissing() throws {
        let ring = ring([1, 3, 5])
        #expect(try read(ring, from: 2, to: 4, bounds: true) == [[1, 3, 5]])
        #expect(try read(ring, from: 4, to: 2, bounds: true) == [[5, 3, 1]])
        #expect(try read(ring, from: 3, to: 5, bounds: true) == [[3, 5]])
        #expect(try read(ring, from: 0, to: 9, bounds: true) == [[nil, 1, 3, 5, nil]])
        #expect(try read(ring, from: 9, to: 0, bounds: true) == [[nil, 5, 3, 1, nil]])
        #expect(try read(ring, from: 2, to: 4, number: 2, bounds: true) == [[1, 3], [5]])
    }

    @Test func historyIsServed() async throws {
        let node = TestServer.node("kept")
        let server = try TestServer {
            $0.limits.maxHistoryContinuationPoints = 1
        } fill: { space in
            _ = try space.addVariable(
                VariableDefinition(id: node, name: "kept", type: .double, historyLength: 5), under: AddressSpace.objects
            )
            _ = try space.addVariable(
                VariableDefinition(id: TestServer.node("fleeting"), name: "fleeting", type: .double),
                under: AddressSpace.objects)
        }
        for second in 1...7 {
            server.application.update([VariableUpdate(VariableHandle(index: 0), sample(second))])
        }
        try await server.serve { port in
            try await RawClient.session(port) { client in
                #expect(try await client.read(node, AttributeId.historizing).value == .boolean(true))
                #expect(try await client.read(node, AttributeId.accessLevel).value == .byte(5))
                func history(
                    _ items: [HistoryReadValueId], number: UInt32 = 0, release: Bool = false
                ) async throws -> [HistoryReadResult] {
                    let details = ReadRawModifiedDetails(
                        startTime: self.at(0), endTime: self.at(100), numValuesPerNode: number)
                    return try await client.call(
                        HistoryReadRequest(
                            historyReadDetails: ExtensionObject(details), timestampsToReturn: .source,
                            releaseContinuationPoints: release, nodesToRead: items)
                    ).results
                }
                func values(_ result: HistoryReadResult) throws -> [DataValue]? {
                    try result.historyData.decode(as: HistoryData.self)?.dataValues
                }
                let all = try await history([
                    HistoryReadValueId(nodeId: node), HistoryReadValueId(nodeId: TestServer.node("fleeting")),
                    HistoryReadValueId(nodeId: TestServer.node("none")),
                    HistoryReadValueId(nodeId: node, indexRange: "x"),
                ])
                #expect(
                    all.map(\.statusCode)
                        == [.good, .badHistoryOperationUnsupported, .badNodeIdUnknown, .badIndexRangeInvalid])
                #expect(try values(all[0]) == (3...7).map(self.sample))
                let pages = try await history(
                    [HistoryReadValueId(nodeId: node), HistoryReadValueId(nodeId: node)], number: 3)
                #expect(pages.map(\.statusCode) == [.good, .badNoContinuationPoints])
                let point = pages[0].continuationPoint
                let rest = try await history(
                    [HistoryReadValueId(nodeId: node, continuationPoint: point)], number: 3)
                #expect(try values(rest[0]) == (6...7).map(self.sample))
                #expect(rest[0].continuationPoint == nil)
                let again = try await history(
                    [HistoryReadValueId(nodeId: node, continuationPoint: point)], number: 3)
                #expect(again.map(\.statusCode) == [.badContinuationPointInvalid])
                let held = try await history([HistoryReadValueId(nodeId: node)], number: 3)[0].continuationPoint
                let released = try await history(
                    [HistoryReadValueId(nodeId: node, continuationPoint: held)], release: true)
                #expect(released.map(\.statusCode) == [.good])
                let modified = HistoryReadRequest(
                    historyReadDetails: ExtensionObject(ReadRawModifiedDetails(isReadModified: true)),
                    timestampsToReturn: .both, nodesToRead: [HistoryReadValueId(nodeId: node)])
                #expect(try await client.status(of: modified) == .badHistoryOperationUnsupported)
            }
        }
    }
}
