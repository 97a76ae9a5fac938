import NIOCore
import OPCUACore
import OPCUATypes
import Testing

@testable import OPCUAServer

/// Responses are filled as far as the client takes them, and the rest follows.
@Suite struct ResponseRoomTests {
    @Test func roomIsGivenUpToItsLimits() {
        var counted = ResponseRoom(count: 2)
        #expect([1, 1_000_000, 1].map { counted.take($0, refusal: 9) } == [.fits, .fits, .later])
        var bytes = ResponseRoom(bytes: 100, overhead: 60)
        #expect([30, 10, 1].map { bytes.take($0, refusal: 9) } == [.fits, .fits, .later])
        // Larger than all the room: no later response would take it either.
        var small = ResponseRoom(bytes: 100, overhead: 60)
        #expect([41, 41, 31, 1].map { small.take($0, refusal: 9) } == [.never, .later, .fits, .later])
        var none = ResponseRoom(bytes: 10, overhead: 60)
        #expect(none.take(1, refusal: 9) == .never && none.take(1, refusal: 9) == .later)
    }

    @Test func operationsShareTheRoom() {
        // 36 for the response, 10 for each operation: 64 are left, 32 for the first.
        var room = SharedRoom(bytes: 120, operations: 2, overhead: 10)
        room.nextOperation()
        #expect([20, 12, 1].map { room.take($0) } == [true, true, false])
        room.nextOperation()
        #expect([10, 22, 1].map { room.take($0) } == [true, true, false] && !room.isExceeded)
        // What the first leaves is the second's; the first element of each always goes.
        var shared = SharedRoom(bytes: 120, operations: 3, overhead: 10)
        shared.nextOperation()
        shared.nextOperation()
        #expect([20, 7, 1].map { shared.take($0) } == [true, true, false])
        shared.nextOperation()
        #expect([28, 1].map { shared.take($0) } == [true, false] && shared.isExceeded)
        var any = SharedRoom(bytes: .max, operations: 1, overhead: 10)
        any.nextOperation()
        #expect(any.take(.max) && any.take(.max) && !any.isExceeded)
    }

    @Test func valuesThatHaveNoRoomStayInOrder() {
        func numbers(_ count: Int) -> DataValue {
            DataValue(.array(VariantArray(.byte([UInt8](repeating: 1, count: count)))))
        }
        var values = MonitoredValues([numbers(10), numbers(200), numbers(20)])
        for slot in 0..<3 {
            let monitor = Monitor(
                queue: 1, clientHandle: UInt32(slot), mode: .reporting, queueSize: 2, discardOldest: true,
                filter: Monitor.Filter(), sourceTime: true, serverTime: true)
            _ = values.add(monitor, slot: slot, first: values.values[slot])
        }
        values.update(0, numbers(11))
        var taken: [[(handle: UInt32, value: DataValue)]] = []
        // 4 handle, 1 mask, 1 type, 4 length, then the bytes: 20, 21, 210 and 30 of them.
        while values.hasDue(1) {
            var message: [(UInt32, DataValue)] = []
            var room = ResponseRoom(bytes: 59)
            let more = values.take(1, &room) { message.append(($0.clientHandle, $1)) }
            #expect(more == values.hasDue(1))
            taken.append(message)
        }
        #expect(taken.map { $0.map(\.handle) } == [[0, 0], [1, 2]])
        #expect(taken.last?.map(\.value) == [DataValue(status: .badEncodingLimitsExceeded), numbers(20)])
    }

    @Test func eventsThatHaveNoRoomStayInOrder() throws {
        let space = AddressSpace(applicationURI: "urn:test", namespaces: [])
        let filter = EventFilter(selectClauses: [EventTests.field("Message"), EventTests.field("Severity")])
        let selection = try #require(EventSelection.make(filter, in: space).selection)
        var item = EventItem(clientHandle: 7, mode: .reporting, queueSize: 9, discardOldest: true, filter: selection)
        for length in [10, 100, 11, 12] {
            let message = LocalizedText(String(repeating: "x", count: length))
            let event = ServerEvent(time: .null, message: message, severity: 5)
            item.offer(event, id: ByteString([]), at: .null, in: space)
        }
        var taken: [[Variant]] = []
        while item.isDue {
            var message: [Variant] = []
            var room = ResponseRoom(bytes: 60)
            item.take(&room, at: .null) { message.append($0.eventFields[0]) }
            taken.append(message)
        }
        func text(_ length: Int) -> Variant { .localizedText(LocalizedText(String(repeating: "x", count: length))) }
        #expect(taken == [[text(10)], [.statusCode(.badEncodingLimitsExceeded), text(11)], [text(12)]])
    }

    /// 5,000 values of a client that takes 8 KiB, by its connection, by its session, by its chunks.
    @Test(arguments: ["message", "session", "chunks"]) func everyValueComesInSmallMessages(_ limit: String) async throws
    {
        let names = (0..<5_000).map { "v\($0)" }
        try await TestServer.numbers(names) { server, handles, port in
            var limits = TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192)
            if limit == "message" { limits.maxMessageBytes = 8192 }
            if limit == "chunks" { limits.maxChunkCount = 1 }
            try await RawClient.connect(port, limits: limits) { client in
                try await client.createSession(maxResponseBytes: limit == "session" ? 8192 : 0)
                try await client.activate()
                let subscription = try await client.subscribe(interval: 20)
                for start in stride(from: 0, to: names.count, by: 100) {
                    try await client.monitor(
                        names[start..<start + 100].map { TestServer.node($0) }, in: subscription, handle: start)
                }
                server.update(handles.enumerated().map { VariableUpdate($1, DataValue(.double(Double($0 + 1)))) })
                var last = [Double](repeating: -1, count: names.count)
                var acknowledgements: [SubscriptionAcknowledgement] = []
                var number: UInt32 = 1
                while zip(1..., last).contains(where: { Double($0) != $1 }) {
                    let answer = try await client.call(
                        PublishRequest(subscriptionAcknowledgements: acknowledgements))
                    #expect(answer.responseHeader.serviceResult == .good)
                    #expect(answer.encoded().readableBytes + 4 <= 8192)
                    let message = answer.notificationMessage
                    guard !message.notificationData.isEmpty else { continue }
                    #expect(message.sequenceNumber == number)
                    // Full, unless nothing is left.
                    if answer.moreNotifications { #expect(answer.encoded().readableBytes > 8192 - 200) }
                    number += 1
                    acknowledgements = [
                        SubscriptionAcknowledgement(
                            subscriptionId: subscription, sequenceNumber: message.sequenceNumber)
                    ]
                    for (handle, value) in answer.changes { last[Int(handle)] = value.value.number ?? .nan }
                }
            }
        }
    }
}
