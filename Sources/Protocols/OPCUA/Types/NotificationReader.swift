public import NIOCore

/// One value of a data change notification, as the stream is read; numbers unboxed, times as ticks.
public struct MonitoredItemSample: Sendable {
    /// The number that the client gave the item.
    public var clientHandle: UInt32
    public var status: StatusCode
    /// ``DateTime/null`` when the server gave none.
    public var sourceTimestamp: DateTime
    /// ``DateTime/null`` when the server gave none.
    public var serverTimestamp: DateTime
    public var value: Variant
}

/// A NotificationMessage (Part 4, 7.26) read in place: its items are visited one by one, never gathered.
public struct NotificationReader: Sendable {
    public let sequenceNumber: UInt32
    public let publishTime: DateTime
    /// True when the message carries nothing: a keep-alive, whose number is that of the next message to come.
    public let isKeepAlive: Bool
    /// Number of values in all data change notifications of the message.
    public let count: Int
    /// Set when the server ended or moved the subscription (StatusChangeNotification).
    public let statusChange: StatusCode?
    /// Notifications that are not data changes, events among them.
    public let skipped: Int
    /// The bytes from the first notification on.
    private let body: ByteBuffer
    private let limits: DecodingLimits

    /// Reads the head and finds the ends; every value inside is read by ``forEach(_:)``.
    /// - Parameters:
    ///   - message: the bytes; reading starts at `offset` bytes after the reader index.
    ///   - end: set to the offset after the message.
    public init(
        _ message: ByteBuffer, offset: Int = 0, limits: DecodingLimits = DecodingLimits(), end: inout Int
    ) throws(BinaryDecodingError) {
        var reached = end
        let head = message.withUnsafeReadableBytes { bytes -> Result<Head, BinaryDecodingError> in
            var reader = BinaryReader(bytes, limits: limits)
            do throws(BinaryDecodingError) {
                try reader.skip(offset)
                let head = try Head(from: &reader)
                reached = reader.offset
                return .success(head)
            } catch {
                return .failure(error)
            }
        }
        let read = try head.get()
        end = reached
        sequenceNumber = read.sequenceNumber
        publishTime = read.publishTime
        isKeepAlive = read.isKeepAlive
        count = read.count
        statusChange = read.statusChange
        skipped = read.skipped
        body =
            message.getSlice(at: message.readerIndex + read.bodyOffset, length: reached - read.bodyOffset)
            ?? ByteBuffer()
        self.limits = limits
    }

    /// Visits every value in the order of the message. Nothing but strings, arrays and structures allocates.
    public func forEach(_ visit: (MonitoredItemSample) throws -> Void) throws {
        try body.withUnsafeReadableBytes { bytes in
            var reader = BinaryReader(bytes, limits: limits)
            let notifications = try reader.readArrayLength() ?? 0
            for _ in 0..<notifications {
                let (kind, end) = try Head.readExtensionObject(from: &reader)
                if kind == DataChangeNotification.binaryEncodingId {
                    let items = try reader.readArrayLength() ?? 0
                    for _ in 0..<items { try visit(try MonitoredItemSample(from: &reader)) }
                }
                guard end >= reader.offset else { throw BinaryDecodingError.truncated }
                try reader.skip(end - reader.offset)
            }
        }
    }

    /// The events of the message (EventNotificationList; Part 4, 7.25.3), gathered: they are rare.
    public func events() throws(BinaryDecodingError) -> [EventFieldList] {
        guard skipped > 0 else { return [] }
        let result = body.withUnsafeReadableBytes { bytes -> Result<[EventFieldList], BinaryDecodingError> in
            var reader = BinaryReader(bytes, limits: limits)
            do throws(BinaryDecodingError) {
                var events: [EventFieldList] = []
                for _ in 0..<(try reader.readArrayLength() ?? 0) {
                    let (kind, end) = try Head.readExtensionObject(from: &reader)
                    if kind == EventNotificationList.binaryEncodingId {
                        events += try EventNotificationList(from: &reader).events
                    }
                    guard end >= reader.offset else { throw .truncated }
                    try reader.skip(end - reader.offset)
                }
                return .success(events)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension MonitoredItemSample: BinaryDecodable {
    @inline(__always)
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        clientHandle = try reader.readUInt32()
        let mask = try reader.readUInt8()
        value = mask & DataValueMask.value == 0 ? .null : try Variant(from: &reader)
        status = mask & DataValueMask.status == 0 ? .good : StatusCode(try reader.readUInt32())
        sourceTimestamp = mask & DataValueMask.sourceTimestamp == 0 ? .null : DateTime(ticks: try reader.readInt64())
        if mask & DataValueMask.sourcePicoseconds != 0 { _ = try reader.readUInt16() }
        serverTimestamp = mask & DataValueMask.serverTimestamp == 0 ? .null : DateTime(ticks: try reader.readInt64())
        if mask & DataValueMask.serverPicoseconds != 0 { _ = try reader.readUInt16() }
    }
}

/// What is known of a NotificationMessage before its values are read.
private struct Head {
    var sequenceNumber: UInt32
    var publishTime: DateTime
    var isKeepAlive: Bool
    var count = 0
    var statusChange: StatusCode?
    var skipped = 0
    var bodyOffset: Int

    init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        sequenceNumber = try reader.readUInt32()
        publishTime = try DateTime(from: &reader)
        bodyOffset = reader.offset
        let notifications = try reader.readArrayLength() ?? 0
        isKeepAlive = notifications == 0
        for _ in 0..<notifications {
            let (kind, end) = try Self.readExtensionObject(from: &reader)
            switch kind {
            case DataChangeNotification.binaryEncodingId: count &+= try reader.readArrayLength() ?? 0
            case StatusChangeNotification.binaryEncodingId: statusChange = try StatusCode(from: &reader)
            default: skipped &+= 1
            }
            guard end >= reader.offset else { throw .truncated }
            try reader.skip(end - reader.offset)
        }
    }

    /// The number of the encoding of a binary ExtensionObject (0 for any other) and the offset where it ends.
    static func readExtensionObject(
        from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> (kind: UInt32, end: Int) {
        let typeId = try NodeId(from: &reader)
        let encoding = try reader.readUInt8()
        guard encoding <= 2 else { throw .invalid(.extensionObject) }
        guard encoding != 0 else { return (0, reader.offset) }
        // Not bound by the string limit: the body is read in place, and the message has its own limit.
        let length = Int(try reader.readInt32())
        guard length >= 0 else { return (0, reader.offset) }
        guard length <= reader.remaining else { throw .truncated }
        return (encoding == 1 ? typeId.standard ?? 0 : 0, reader.offset + length)
    }
}

/// A PublishResponse (Part 4, 5.14.5) with its notification message read in place.
public struct PublishResponseReader: Sendable {
    public let responseHeader: ResponseHeader
    public let subscriptionId: UInt32
    /// Sequence numbers that the server still holds for Republish.
    public let availableSequenceNumbers: [UInt32]
    public let moreNotifications: Bool
    public let notification: NotificationReader
    /// Outcome of each acknowledgement of the request.
    public let results: [StatusCode]

    /// - Parameter body: the message after the NodeId of its type.
    public init(_ body: ByteBuffer, limits: DecodingLimits = DecodingLimits()) throws(BinaryDecodingError) {
        var offset = 0
        let head = try Self.decode(body, from: &offset, limits) {
            reader throws(BinaryDecodingError) -> (ResponseHeader, UInt32, [UInt32], Bool) in
            (
                try ResponseHeader(from: &reader), try reader.readUInt32(), try reader.readArray(UInt32.self),
                try Bool(from: &reader)
            )
        }
        (responseHeader, subscriptionId, availableSequenceNumbers, moreNotifications) = head
        notification = try NotificationReader(body, offset: offset, limits: limits, end: &offset)
        results = try Self.decode(body, from: &offset, limits) { reader throws(BinaryDecodingError) -> [StatusCode] in
            try reader.readArray(StatusCode.self)
        }
    }

    private static func decode<T>(
        _ body: ByteBuffer, from offset: inout Int, _ limits: DecodingLimits,
        _ read: (inout BinaryReader) throws(BinaryDecodingError) -> T
    ) throws(BinaryDecodingError) -> T {
        var reached = offset
        let result = body.withUnsafeReadableBytes { bytes -> Result<T, BinaryDecodingError> in
            var reader = BinaryReader(bytes, limits: limits)
            do throws(BinaryDecodingError) {
                try reader.skip(reached)
                let value = try read(&reader)
                reached = reader.offset
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        offset = reached
        return try result.get()
    }
}
