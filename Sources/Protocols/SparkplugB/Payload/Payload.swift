public import NIOCore
import ProtobufWire

/// The payload of a message, apart from its bytes (Sparkplug 3.0, 6.4.1).
public struct Payload: Hashable, Sendable {
    /// Milliseconds of UTC since 1970.
    public var timestamp: UInt64?
    public var metrics: [Metric]
    public var seq: UInt64?
    public var uuid: String?
    public var body: [UInt8]?

    public init(
        timestamp: UInt64? = nil, metrics: [Metric] = [], seq: UInt64? = nil, uuid: String? = nil,
        body: [UInt8]? = nil
    ) {
        self.timestamp = timestamp
        self.metrics = metrics
        self.seq = seq
        self.uuid = uuid
        self.body = body
    }

    /// Reads a whole payload; a receiver of many reads it in place with `PayloadReader`.
    ///
    /// - Throws: `PayloadError`.
    public init(_ bytes: UnsafeRawBufferPointer, limits: PayloadLimits = PayloadLimits()) throws(PayloadError) {
        var budget = DecodingBudget(limits)
        var reader = try PayloadReader(bytes, limits: limits)
        self.init(
            timestamp: reader.timestamp, seq: reader.seq,
            uuid: reader.uuid.map { String(decoding: $0, as: UTF8.self) }, body: reader.body.map(Array.init))
        while let view = try reader.next() { metrics.append(try Metric(view, &budget)) }
    }

    /// Reads a whole payload from a buffer.
    ///
    /// - Throws: `PayloadError`.
    public init(_ buffer: ByteBuffer, limits: PayloadLimits = PayloadLimits()) throws(PayloadError) {
        self = try buffer.withUnsafeReadableBytes { bytes throws(PayloadError) in
            try Payload(bytes, limits: limits)
        }
    }

    /// The protobuf message.
    public func encoded() -> ByteBuffer {
        var writer = WireWriter(capacity: 64 + metrics.count * 32)
        if let timestamp { writer.field(1, unsigned: timestamp) }
        for metric in metrics {
            let open = writer.beginNested(2)
            metric.write(to: &writer)
            writer.endNested(open)
        }
        if let seq { writer.field(3, unsigned: seq) }
        if let uuid { writer.field(4, string: uuid) }
        if let body { writer.field(5, bytes: body) }
        return writer.withBytes { ByteBuffer(bytes: $0) }
    }
}
