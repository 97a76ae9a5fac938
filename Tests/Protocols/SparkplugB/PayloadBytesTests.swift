import NIOCore
import Testing

@testable import SparkplugB

/// Values and their bytes, both ways.
@Suite struct PayloadBytesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var type: DataType
        var value: MetricValue
        /// The fields behind name and type in the metric.
        var bytes: [UInt8]

        init(_ type: DataType, _ value: MetricValue, _ bytes: [UInt8]) {
            self.type = type
            self.value = value
            self.bytes = bytes
        }

        var testDescription: String { "\(type.name) \(value)" }
    }

    /// The bytes of a value's field in a metric: field number and wire type, then the value.
    static let rows: [Row] = [
        // int_value 10, varint: two's complement of 32 bits
        Row(.int8, .int(-1), [0x50, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        Row(.int8, .int(127), [0x50, 0x7F]),
        Row(.int16, .int(-32_768), [0x50, 0x80, 0x80, 0xFE, 0xFF, 0x0F]),
        Row(.int32, .int(-2), [0x50, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
        Row(.uint8, .uint(255), [0x50, 0xFF, 0x01]),
        Row(.uint16, .uint(65_535), [0x50, 0xFF, 0xFF, 0x03]),
        Row(.uint32, .uint(4_294_967_295), [0x50, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        // long_value 11, varint: two's complement of 64 bits
        Row(.int64, .int(-1), [0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        Row(.uint64, .uint(.max), [0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        Row(.dateTime, .dateTime(1_700_000_000_000), [0x58, 0x80, 0xD0, 0x95, 0xFF, 0xBC, 0x31]),
        // float_value 12, four bytes; double_value 13, eight bytes
        Row(.float, .float(1.5), [0x65, 0x00, 0x00, 0xC0, 0x3F]),
        Row(.double, .double(-2), [0x69, 0, 0, 0, 0, 0, 0, 0x00, 0xC0]),
        // boolean_value 14
        Row(.boolean, .boolean(true), [0x70, 0x01]),
        Row(.boolean, .boolean(false), [0x70, 0x00]),
        // string_value 15, length, text
        Row(.string, .string("hä"), [0x7A, 0x03, 0x68, 0xC3, 0xA4]),
        Row(.text, .string(""), [0x7A, 0x00]),
        Row(.uuid, .string("1b"), [0x7A, 0x02, 0x31, 0x62]),
        // bytes_value 16, length, bytes
        Row(.bytes, .bytes([1, 0, 255]), [0x82, 0x01, 0x03, 1, 0, 255]),
        Row(.file, .bytes([]), [0x82, 0x01, 0x00]),
        // arrays, in bytes_value: packed and little-endian (Sparkplug 3.0, 6.4.17)
        Row(.int8Array, .array(.ints([-23, 123])), [0x82, 0x01, 0x02, 0xE9, 0x7B]),
        Row(.int16Array, .array(.ints([-30_000, 30_000])), [0x82, 0x01, 0x04, 0xD0, 0x8A, 0x30, 0x75]),
        Row(
            .int32Array, .array(.ints([-1, 315_338_746])),
            [0x82, 0x01, 0x08, 255, 255, 255, 255, 0xFA, 0xAF, 0xCB, 0x12]),
        Row(.int64Array, .array(.ints([-2])), [0x82, 0x01, 0x08, 0xFE, 255, 255, 255, 255, 255, 255, 255]),
        Row(.uint8Array, .array(.uints([23, 250])), [0x82, 0x01, 0x02, 0x17, 0xFA]),
        Row(.uint16Array, .array(.uints([30, 52_360])), [0x82, 0x01, 0x04, 0x1E, 0x00, 0x88, 0xCC]),
        Row(.uint32Array, .array(.uints([52])), [0x82, 0x01, 0x04, 0x34, 0, 0, 0]),
        Row(.uint64Array, .array(.uints([1])), [0x82, 0x01, 0x08, 1, 0, 0, 0, 0, 0, 0, 0]),
        Row(.floatArray, .array(.floats([1.23])), [0x82, 0x01, 0x04, 0xA4, 0x70, 0x9D, 0x3F]),
        Row(.doubleArray, .array(.doubles([1])), [0x82, 0x01, 0x08, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
        // twelve booleans: their number in four bytes, then the first one in the highest bit
        Row(
            .booleanArray,
            .array(
                .booleans([false, false, true, true, false, true, false, false, true, true, false, true])),
            [0x82, 0x01, 0x06, 0x0C, 0, 0, 0, 0x34, 0xD0]),
        // each text with a zero behind it
        Row(.stringArray, .array(.strings(["ABC", ""])), [0x82, 0x01, 0x05, 0x41, 0x42, 0x43, 0, 0]),
        Row(.stringArray, .array(.strings([])), [0x82, 0x01, 0x00]),
        Row(
            .dateTimeArray, .array(.dateTimes([1_256_102_875_335])),
            [0x82, 0x01, 0x08, 0xC7, 0xD0, 0x90, 0x75, 0x24, 0x01, 0, 0]),
        // is_null 7, and no value
        Row(.double, .null, [0x38, 0x01]),
    ]

    @Test(arguments: rows) func everyTypeBothWays(_ row: Row) throws {
        // metric: name 1 "a", datatype 4
        let metric: [UInt8] = [0x0A, 0x01, 0x61, 0x20, UInt8(row.type.rawValue)] + row.bytes
        // payload: metrics 2, length
        let bytes: [UInt8] = [0x12, UInt8(metric.count)] + metric
        let payload = Payload(metrics: [Metric("a", row.type, row.value)])
        #expect(Array(payload.encoded().readableBytesView) == bytes)
        #expect(try Payload(ByteBuffer(bytes: bytes)) == payload)
    }

    @Test func fieldsBesideTheMetrics() throws {
        let payload = Payload(
            timestamp: 5,
            metrics: [Metric(alias: 300, timestamp: 7, .uint8, .uint(1), isHistorical: true, isTransient: true)],
            seq: 255, uuid: "u", body: [9])
        let bytes: [UInt8] = [
            0x08, 5,  // timestamp 1
            0x12, 13,  // metrics 2, length
            0x10, 0xAC, 0x02,  // alias 2: 300
            0x18, 7,  // timestamp 3
            0x20, 5,  // datatype 4: UInt8
            0x28, 1,  // is_historical 5
            0x30, 1,  // is_transient 6
            0x50, 1,  // int_value 10
            0x18, 0xFF, 0x01,  // seq 3: 255
            0x22, 1, 0x75,  // uuid 4
            0x2A, 1, 9,  // body 5
        ]
        #expect(Array(payload.encoded().readableBytesView) == bytes)
        #expect(try Payload(ByteBuffer(bytes: bytes)) == payload)
        let reader = try bytes.withUnsafeBytes { bytes throws(PayloadError) in try PayloadReader(bytes) }
        #expect(reader.seq == 255 && reader.timestamp == 5 && reader.metricCount == 1)
    }

    @Test func dataSet() throws {
        let payload = Payload(metrics: [
            Metric(
                "d", .dataSet,
                .dataSet(
                    DataSet(
                        columns: ["a", "b"], types: [.int8, .string],
                        rows: [[.int(-1), .string("x")], [.int(2), .string("")]])))
        ])
        let set: [UInt8] = [
            0x08, 2,  // num_of_columns 1
            0x12, 1, 0x61, 0x12, 1, 0x62,  // columns 2
            0x18, 1, 0x18, 12,  // types 3: Int8, String
            0x22, 13,  // rows 4
            0x0A, 6, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F,  // elements 1: int_value 1
            0x0A, 3, 0x32, 1, 0x78,  // string_value 6
            0x22, 8, 0x0A, 2, 0x08, 2, 0x0A, 2, 0x32, 0,
        ]
        let metric: [UInt8] = [0x0A, 1, 0x64, 0x20, 16, 0x8A, 0x01, UInt8(set.count)] + set
        let bytes: [UInt8] = [0x12, UInt8(metric.count)] + metric
        #expect(Array(payload.encoded().readableBytesView) == bytes)
        #expect(try Payload(ByteBuffer(bytes: bytes)) == payload)
        // Types may be packed.
        let packed: [UInt8] = [0x12, 1, 0x61, 0x12, 1, 0x62, 0x1A, 2, 1, 12]
        let packedMetric: [UInt8] = [0x20, 16, 0x8A, 0x01, UInt8(packed.count)] + packed
        let read = try Payload(ByteBuffer(bytes: [0x12, UInt8(packedMetric.count)] + packedMetric))
        #expect(
            read.metrics.first?.value == .dataSet(DataSet(columns: ["a", "b"], types: [.int8, .string], rows: [])))
    }

    @Test func template() throws {
        let payload = Payload(metrics: [
            Metric(
                "t", .template,
                .template(
                    Template(
                        version: "1", metrics: [Metric("m", .boolean, .boolean(true))],
                        parameters: [.init(name: "p", type: .float, value: .float(1.5))], reference: "Motor")))
        ])
        let template: [UInt8] = [
            0x0A, 1, 0x31,  // version 1
            0x12, 7, 0x0A, 1, 0x6D, 0x20, 11, 0x70, 1,  // metrics 2
            // parameters 3: name 1, type 2, float_value 5
            0x1A, 10, 0x0A, 1, 0x70, 0x10, 9, 0x2D, 0x00, 0x00, 0xC0, 0x3F,
            0x22, 5, 0x4D, 0x6F, 0x74, 0x6F, 0x72,  // template_ref 4
            0x28, 0,  // is_definition 5
        ]
        let metric: [UInt8] = [0x0A, 1, 0x74, 0x20, 19, 0x92, 0x01, UInt8(template.count)] + template
        let bytes: [UInt8] = [0x12, UInt8(metric.count)] + metric
        #expect(Array(payload.encoded().readableBytesView) == bytes)
        #expect(try Payload(ByteBuffer(bytes: bytes)) == payload)
    }

    @Test func propertiesAndMetadata() throws {
        let inner = PropertySet([.init("low", .double, .double(0))])
        let payload = Payload(metrics: [
            Metric(
                "m", .int32, .int(1),
                metadata: MetricMetadata(
                    isMultiPart: false, contentType: "c", size: 1, seq: 2, fileName: "f", fileType: "t", md5: "5",
                    description: "d"),
                properties: PropertySet([
                    .init("Quality", .int32, .int(192)), .init("engUnit", .string, .string("kW")),
                    .init("none", .int64, .null), .init("limits", .propertySet, .properties(inner)),
                    .init("list", .propertySetList, .propertySets([inner, inner])),
                ]))
        ])
        let read = try Payload(payload.encoded())
        #expect(read == payload)
        #expect(read.metrics.first?.properties?["engunit"]?.value == .string("kW"))
        let bytes = Array(
            Payload(metrics: [Metric(nil, nil, .null, properties: PropertySet([.init("q", .int32, .int(5))]))])
                .encoded()
                .readableBytesView)
        // is_null 7; properties 9: keys 1 "q", values 2: type 1, is_null 2, int_value 3
        #expect(bytes == [0x12, 15, 0x38, 1, 0x4A, 11, 0x0A, 1, 0x71, 0x12, 6, 0x08, 3, 0x10, 0, 0x18, 5])
    }

    @Test func writersDifferInNegativeNumbers() throws {
        // Int8 -1 as 255, as 32 bits, and as 64 bits in long_value.
        for bytes: [UInt8] in [
            [0x20, 1, 0x50, 0xFF, 0x01], [0x20, 1, 0x50, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x20, 1, 0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x20, 1, 0x50, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] {
            let payload = try Payload(ByteBuffer(bytes: [0x12, UInt8(bytes.count)] + bytes))
            #expect(payload.metrics.first?.value == .int(-1))
        }
    }
}
