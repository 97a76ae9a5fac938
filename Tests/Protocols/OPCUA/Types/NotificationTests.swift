import NIOCore
import OPCUATypes
import TestRandomness
import Testing

@Suite struct NotificationTests {
    static let values: [DataValue] = [
        DataValue(.double(1.25), sourceTimestamp: DateTime(ticks: 7), serverTimestamp: DateTime(ticks: 8)),
        DataValue(.float(2), status: .badTimeout, sourceTimestamp: DateTime(ticks: 7)),
        DataValue(.int32(-3), serverTimestamp: DateTime(ticks: 9)),
        DataValue(.uint32(4)), DataValue(.boolean(true)), DataValue(.string("text"), status: .uncertain),
        DataValue(.array(VariantArray(.double([1, 2])))), DataValue(status: .badNoCommunication),
        DataValue(.double(1), sourceTimestamp: DateTime(ticks: 1), sourcePicoseconds: 5, serverPicoseconds: 6),
    ]

    static func response(_ data: [ExtensionObject], number: UInt32 = 5) -> PublishResponse {
        PublishResponse(
            responseHeader: ResponseHeader(timestamp: DateTime(ticks: 1), requestHandle: 3, stringTable: ["x"]),
            subscriptionId: 11, availableSequenceNumbers: [4, 5], moreNotifications: true,
            notificationMessage: NotificationMessage(
                sequenceNumber: number, publishTime: DateTime(ticks: 2), notificationData: data),
            results: [.good, .badSequenceNumberUnknown])
    }

    static func dataChange(_ values: [DataValue]) -> ExtensionObject {
        ExtensionObject(
            DataChangeNotification(
                monitoredItems: values.enumerated().map {
                    MonitoredItemNotification(clientHandle: UInt32($0.offset), value: $0.element)
                }))
    }

    /// Reading in place gives what decoding the structures gives.
    @Test func readerAgreesWithStructures() throws {
        let response = Self.response([Self.dataChange(Self.values), Self.dataChange([DataValue(.byte(1))])])
        let reader = try PublishResponseReader(response.encoded())
        #expect(reader.responseHeader == response.responseHeader)
        #expect(reader.subscriptionId == 11)
        #expect(reader.availableSequenceNumbers == [4, 5])
        #expect(reader.moreNotifications)
        #expect(reader.results == [.good, .badSequenceNumberUnknown])
        #expect(reader.notification.sequenceNumber == 5)
        #expect(reader.notification.publishTime == DateTime(ticks: 2))
        #expect(!reader.notification.isKeepAlive)
        #expect(reader.notification.count == Self.values.count + 1)
        var seen: [MonitoredItemSample] = []
        try reader.notification.forEach { seen.append($0) }
        #expect(seen.count == Self.values.count + 1)
        for (sample, value) in zip(seen, Self.values) {
            #expect(sample.value == value.value)
            #expect(sample.status == value.status)
            #expect(sample.sourceTimestamp == value.sourceTimestamp ?? .null)
            #expect(sample.serverTimestamp == value.serverTimestamp ?? .null)
        }
        #expect(seen.map(\.clientHandle) == (0..<UInt32(Self.values.count)).map { $0 } + [0])
    }

    /// The writer of one pass writes what the structure writes.
    @Test func writerAgreesWithStructures() {
        for value in Self.values {
            for (source, server) in [(true, true), (true, false), (false, true), (false, false)] {
                var expected = value
                if !source { (expected.sourceTimestamp, expected.sourcePicoseconds) = (nil, 0) }
                if !server { (expected.serverTimestamp, expected.serverPicoseconds) = (nil, 0) }
                var writer = BinaryWriter()
                writer.writeNotification(clientHandle: 9, value: value, sourceTime: source, serverTime: server)
                #expect(writer.buffer == MonitoredItemNotification(clientHandle: 9, value: expected).encoded())
            }
        }
    }

    @Test func keepAliveAndStatusChange() throws {
        let keepAlive = try PublishResponseReader(Self.response([]).encoded())
        #expect(keepAlive.notification.isKeepAlive)
        let change = ExtensionObject(StatusChangeNotification(status: .badTimeout))
        let event = ExtensionObject(typeId: NodeId(916), body: .binary(ByteString([0, 0, 0, 0])))
        let reader = try PublishResponseReader(Self.response([change, event, .null]).encoded())
        #expect(reader.notification.statusChange == .badTimeout)
        #expect(reader.notification.skipped == 2)
        #expect(!reader.notification.isKeepAlive)
    }

    @Test func truncatedAndAlteredMessagesNeverTrap() throws {
        let whole = bytes(Self.response([Self.dataChange(Self.values)]))
        // The last four bytes are the length of the diagnostics, which the reader leaves unread.
        for length in 0..<(whole.count - 4) {
            #expect(throws: BinaryDecodingError.self) {
                try PublishResponseReader(ByteBuffer(bytes: whole.prefix(length)))
            }
        }
        var generator = SeededRandom(seed: 2)
        for _ in 0..<5000 {
            var altered = whole
            altered[Int.random(in: 0..<whole.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            guard let reader = try? PublishResponseReader(ByteBuffer(bytes: altered)) else { continue }
            try? reader.notification.forEach { _ in }
        }
    }

    @Test func everyStructureRoundTripsWhenEmpty() throws {
        try roundTrip(CreateSessionRequest())
        try roundTrip(ActivateSessionRequest())
        try roundTrip(EndpointDescription())
        try roundTrip(BrowseResponse(results: [BrowseResult(references: [ReferenceDescription()])]))
        try roundTrip(CreateMonitoredItemsRequest(itemsToCreate: [MonitoredItemCreateRequest()]))
        try roundTrip(TransferSubscriptionsResponse(results: [TransferResult(availableSequenceNumbers: [1])]))
        try roundTrip(ServerStatusDataType())
    }

    private func roundTrip<T: Structure>(_ value: T) throws { #expect(try decode(T.self, bytes(value)) == value) }
}
