/// Reads a payload metric by metric, in place.
///
/// The fields beside the metrics are read first, so that a receiver knows the sequence number before any value.
public struct PayloadReader {
    /// Milliseconds of UTC since 1970, when the message was sent.
    public private(set) var timestamp: UInt64?
    /// 0 to 255; nil where there is none, as in NDEATH.
    public private(set) var seq: UInt64?
    public private(set) var uuid: UnsafeRawBufferPointer?
    public private(set) var body: UnsafeRawBufferPointer?
    public private(set) var metricCount = 0
    private var fields: FieldReader

    /// - Throws: `PayloadError` when the outermost message is malformed or has too many metrics.
    public init(_ bytes: UnsafeRawBufferPointer, limits: PayloadLimits = PayloadLimits()) throws(PayloadError) {
        fields = FieldReader(bytes)
        var scan = fields
        while let field = try scan.next() {
            switch field {
            case 1: timestamp = try scan.varint()
            case 2:
                _ = try scan.bytes()
                metricCount += 1
            case 3: seq = try scan.varint()
            case 4: uuid = try scan.bytes()
            case 5: body = try scan.bytes()
            default: try scan.skip()
            }
        }
        guard metricCount <= limits.metricsMax else { throw .tooManyMetrics(limit: limits.metricsMax) }
    }

    /// The next metric; nil behind the last.
    public mutating func next() throws(PayloadError) -> MetricView? {
        while let field = try fields.next() {
            guard field == 2 else {
                try fields.skip()
                continue
            }
            return try MetricView(try fields.bytes())
        }
        return nil
    }
}
