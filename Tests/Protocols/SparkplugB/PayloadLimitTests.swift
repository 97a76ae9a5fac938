import NIOCore
import ProtobufWire
import Testing

@testable import SparkplugB

/// Bytes that are no payload, and payloads beyond the limits.
@Suite struct PayloadLimitTests {
    static let sample = Payload(
        timestamp: 1_700_000_000_000,
        metrics: [
            Metric(
                "a", alias: 1, timestamp: 1, .double, .double(1), properties: PropertySet([.init("q", .int32, .int(1))])
            ),
            Metric("d", .dataSet, .dataSet(DataSet(columns: ["c"], types: [.boolean], rows: [[.boolean(true)]]))),
            Metric("t", .template, .template(Template(metrics: [Metric("m", .stringArray, .array(.strings(["x"])))]))),
        ], seq: 3)

    @Test func everyCutIsReadOrRefused() throws {
        let whole = Array(Self.sample.encoded().readableBytesView)
        for length in 0..<whole.count {
            // A cut between two fields leaves a shorter payload; any other is refused.
            if let cut = try? Payload(ByteBuffer(bytes: whole[..<length])) { #expect(cut != Self.sample) }
        }
        #expect(try Payload(ByteBuffer(bytes: whole)) == Self.sample)
    }

    @Test func everyFlippedByteIsReadOrRefused() {
        let whole = Array(Self.sample.encoded().readableBytesView)
        for index in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[index] ^= 1 << UInt8(bit)
                _ = try? Payload(ByteBuffer(bytes: changed))
            }
        }
    }

    @Test(
        arguments: [
            [0x0A, 0x01, 0x00],  // timestamp as a text
            [0x10, 0x01],  // metrics as a number
            [0x12, 0x05, 0x0A],  // a metric longer than the payload
            [0x12, 0x02, 0x60, 0x01],  // float_value as a varint
            [0x12, 0x02, 0x68, 0x01],  // double_value as a varint
            [0x00],  // field 0
            [0x0B],  // a group
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],  // more than 64 bits
        ] as [[UInt8]]) func malformed(_ bytes: [UInt8])
    {
        #expect(throws: PayloadError.malformed) { try Payload(ByteBuffer(bytes: bytes)) }
    }

    @Test func unknownFieldsAreSkipped() throws {
        // field 100 of each wire type, in the payload and in the metric
        let unknown: [UInt8] = [
            0xA0, 0x06, 1, 0xA1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xA2, 0x06, 1, 9, 0xA5, 0x06, 1, 2, 3, 4,
        ]
        let metric = unknown + [0x70, 1]
        let payload = try Payload(ByteBuffer(bytes: unknown + [0x12, UInt8(metric.count)] + metric))
        #expect(payload.metrics == [Metric(nil, nil, .boolean(true))])
    }

    @Test func metricsAtTheLimit() throws {
        let limits = PayloadLimits(metricsMax: 3)
        let metrics = (0..<4).map { Metric(alias: $0, .boolean, .boolean(true)) }
        #expect(try Payload(Payload(metrics: Array(metrics[..<3])).encoded(), limits: limits).metrics.count == 3)
        #expect(throws: PayloadError.tooManyMetrics(limit: 3)) {
            try Payload(Payload(metrics: metrics).encoded(), limits: limits)
        }
    }

    @Test func elementsAtTheLimit() throws {
        let limits = PayloadLimits(elementsMax: 4)
        func payload(_ count: Int) -> ByteBuffer {
            Payload(metrics: [Metric("a", .uint8Array, .array(.uints(Array(repeating: 1, count: count))))]).encoded()
        }
        #expect(try Payload(payload(4), limits: limits).metrics.count == 1)
        #expect(throws: PayloadError.tooManyElements(limit: 4)) { try Payload(payload(5), limits: limits) }
        let properties = PropertySet([.init("a", .boolean, .boolean(true)), .init("b", .boolean, .boolean(true))])
        #expect(
            try Payload(Payload(metrics: [Metric(nil, nil, .null, properties: properties)]).encoded(), limits: limits)
                .metrics
                .count == 1)
        let more = PropertySet(properties.properties + properties.properties)
        #expect(throws: PayloadError.tooManyElements(limit: 4)) {
            try Payload(Payload(metrics: [Metric(nil, nil, .null, properties: more)]).encoded(), limits: limits)
        }
    }

    @Test func depthAtTheLimit() throws {
        func nested(_ levels: Int) -> ByteBuffer {
            var value = MetricValue.boolean(true)
            var type = DataType.boolean
            for _ in 0..<levels {
                value = .template(Template(metrics: [Metric("m", type, value)]))
                type = .template
            }
            return Payload(metrics: [Metric("t", type, value)]).encoded()
        }
        #expect(try Payload(nested(8)).metrics.count == 1)
        #expect(throws: PayloadError.tooDeep(limit: 8)) { try Payload(nested(9)) }
    }

    @Test func brokenTablesAndArrays() {
        func dataSet(_ bytes: [UInt8]) -> ByteBuffer {
            let metric: [UInt8] = [0x20, 16, 0x8A, 0x01, UInt8(bytes.count)] + bytes
            return ByteBuffer(bytes: [0x12, UInt8(metric.count)] + metric)
        }
        // A column without a type; a type that does not exist; rows with too few and too many cells.
        for bytes: [UInt8] in [
            [0x12, 1, 0x61], [0x12, 1, 0x61, 0x18, 99], [0x12, 1, 0x61, 0x18, 11, 0x22, 0],
            [0x12, 1, 0x61, 0x18, 11, 0x22, 8, 0x0A, 2, 0x28, 1, 0x0A, 2, 0x28, 1],
        ] {
            #expect(throws: PayloadError.inconsistent) { try Payload(dataSet(bytes)) }
        }
        for (type, bytes): (DataType, [UInt8]) in [
            (.int16Array, [1]), (.doubleArray, [1, 2, 3]), (.booleanArray, [1, 0, 0]),
            (.booleanArray, [9, 0, 0, 0, 255]),
            (.booleanArray, [255, 255, 255, 255, 1]), (.stringArray, [0x41]),
        ] {
            let payload = Payload(metrics: [Metric("a", .bytes, .bytes(bytes))]).encoded()
            var changed = Array(payload.readableBytesView)
            if let place = changed.firstIndex(of: 17) { changed[place] = UInt8(type.rawValue) }
            #expect(throws: PayloadError.badArray(type)) { try Payload(ByteBuffer(bytes: changed)) }
        }
        // Keys without values.
        #expect(throws: PayloadError.inconsistent) {
            try Payload(ByteBuffer(bytes: [0x12, 5, 0x4A, 3, 0x0A, 1, 0x71]))
        }
    }
}
