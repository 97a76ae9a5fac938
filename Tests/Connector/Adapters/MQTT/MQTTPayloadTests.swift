import ConnectorModel
import MQTTAdapter
import Testing

private func map(_ payload: [UInt8]) -> [MappedReading] {
    var mapper = PayloadMapper()
    payload.withUnsafeBytes { mapper.map($0) }
    return mapper.readings
}

private func map(_ payload: String) -> [MappedReading] { map(Array(payload.utf8)) }

private func at(_ microseconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds) }

/// 2023-11-14T22:13:20Z.
private let instant = at(1_700_000_000_000_000)

@Suite struct MQTTPayloadTests {
    static let table: [(String, [MappedReading])] = [
        // Scalars.
        ("12.5", [MappedReading(.double(12.5), .float64)]),
        (" 42\n", [MappedReading(.int(42), .int64)]),
        ("-7", [MappedReading(.int(-7), .int64)]),
        ("18446744073709551615", [MappedReading(.uint(.max), .uint64)]),
        ("true", [MappedReading(.bool(true), .bool)]),
        ("false", [MappedReading(.bool(false), .bool)]),
        ("null", [MappedReading(.none, .none)]),
        ("\"on\"", [MappedReading(.string("on"), .string)]),
        ("\"12.5\"", [MappedReading(.string("12.5"), .string)]),
        ("1e400", [MappedReading(.string("1e400"), .string)]),
        ("-Infinity", [MappedReading(.double(-.infinity), .float64)]),
        ("\u{FEFF}5", [MappedReading(.int(5), .int64)]),

        // No JSON: text.
        ("", [MappedReading(.string(""), .string)]),
        ("RUNNING", [MappedReading(.string("RUNNING"), .string)]),
        ("12,5", [MappedReading(.string("12,5"), .string)]),
        ("12.5 kW", [MappedReading(.string("12.5 kW"), .string)]),
        ("{\"value\": 1", [MappedReading(.string("{\"value\": 1"), .string)]),
        ("{'value': 1}", [MappedReading(.string("{'value': 1}"), .string)]),
        ("[1,2", [MappedReading(.string("[1,2"), .string)]),
        ("nan", [MappedReading(.string("nan"), .string)]),

        // Objects with a value field.
        (
            #"{"value": 12.5, "unit": "kW", "timestamp": 1700000000000}"#,
            [MappedReading(unit: "kW", .double(12.5), .float64, time: instant)]
        ),
        (
            #"{"timestamp":1700000000.25,"unit":"°C","value":7,"quality":"bad"}"#,
            [MappedReading(unit: "°C", .int(7), .int64, quality: .bad, time: at(1_700_000_000_250_000))]
        ),
        (#"{"value":null,"q":3}"#, [MappedReading(.none, .none)]),
        (#"{"value":"NaN"}"#, [MappedReading(.string("NaN"), .string)]),
        (#"{"value":Infinity,"unit":"A"}"#, [MappedReading(unit: "A", .double(.infinity), .float64)]),
        (#"{"value":{"a":1}}"#, [MappedReading(.json(#"{"a":1}"#), .json)]),
        (#"{"value":[1, 2]}"#, [MappedReading(.json("[1, 2]"), .json)]),
        (#"{"value":1,"value":2}"#, [MappedReading(.int(2), .int64)]),
        (#"{"v\u0061lue":3}"#, [MappedReading(.int(3), .int64)]),
        // A sensor simulator: what else it says of itself is the same each time.
        (
            """
            {"sensor": "pump_1", "value": 3.25, "unit": "bar", "quality": "GOOD", "timestamp": 1700000000.123456, \
            "industry": "mining", "plc": "plc-1", "plc_vendor": "x", "sensor_type": "pressure"}
            """,
            [MappedReading(unit: "bar", .double(3.25), .float64, time: at(1_700_000_000_123_456))]
        ),

        // Kepware's gateway, whole and flat.
        (
            """
            {"timestamp": 1700000000000, "values": [{"id": "Channel.Device.Tag", "v": 1.5, "q": true, \
            "t": 1700000000001}, {"id":"Channel.Device.Other","v":true,"q":false}]}
            """,
            [
                MappedReading(key: "Channel.Device.Tag", .double(1.5), .float64, time: at(1_700_000_000_001_000)),
                MappedReading(key: "Channel.Device.Other", .bool(true), .bool, quality: .bad, time: instant),
            ]
        ),
        (
            #"{"id":"Channel.Device.Tag","value":2,"quality":192,"timestamp":1700000000000}"#,
            [MappedReading(key: "Channel.Device.Tag", .int(2), .int64, time: instant)]
        ),
        (
            #"{"id":"Channel.Device.Tag","v":2,"q":false,"t":1700000000000}"#,
            [MappedReading(key: "Channel.Device.Tag", .int(2), .int64, quality: .bad, time: instant)]
        ),
        // An id without dots may be the message's own number: no part of the address.
        (#"{"id":"7f3a","value":2}"#, [MappedReading(.int(2), .int64)]),

        // Many values in one object.
        (
            #"{"temperature":21.5,"running":true,"state":"on","none":null,"timestamp":1700000000000,"quality":"uncertain"}"#,
            [
                MappedReading(key: "temperature", .double(21.5), .float64, quality: .uncertain, time: instant),
                MappedReading(key: "running", .bool(true), .bool, quality: .uncertain, time: instant),
                MappedReading(key: "state", .string("on"), .string, quality: .uncertain, time: instant),
                MappedReading(key: "none", .none, .none, quality: .uncertain, time: instant),
            ]
        ),
        // Honeywell's composite point.
        (
            #"{"PV":55.5,"PVEUHI":100,"PVUNITS":"degC","PVBAD":false,"MODE":"AUTO"}"#,
            [
                MappedReading(key: "PV", .double(55.5), .float64), MappedReading(key: "PVEUHI", .int(100), .int64),
                MappedReading(key: "PVUNITS", .string("degC"), .string),
                MappedReading(key: "PVBAD", .bool(false), .bool),
                MappedReading(key: "MODE", .string("AUTO"), .string),
            ]
        ),
        // t is no time here, v and i no short names.
        (
            #"{"t":21.5,"v":230,"i":3}"#,
            [
                MappedReading(key: "t", .double(21.5), .float64), MappedReading(key: "v", .int(230), .int64),
                MappedReading(key: "i", .int(3), .int64),
            ]
        ),
        (
            #"{"ts":1700000000,"motor":{"power":{"value":5,"unit":"kW"},"rpm":1450},"list":[1,2]}"#,
            [
                MappedReading(key: "motor/power", unit: "kW", .int(5), .int64, time: instant),
                MappedReading(key: "motor/rpm", .int(1450), .int64, time: instant),
                MappedReading(key: "list", .json("[1,2]"), .json, time: instant),
            ]
        ),
        (
            #"{"a":{"b":{"c":{"d":{"e":1}}}}}"#,
            [MappedReading(key: "a/b/c/d", .json(#"{"e":1}"#), .json)]
        ),
        ("{}", [MappedReading(.json("{}"), .json)]),
        (#"{"timestamp":1700000000000}"#, [MappedReading(.json(#"{"timestamp":1700000000000}"#), .json)]),
        (#"{"a":{}}"#, [MappedReading(key: "a", .json("{}"), .json)]),
        (#"{"values":[1,2]}"#, [MappedReading(key: "values", .json("[1,2]"), .json)]),
        (#"{"values":3}"#, [MappedReading(key: "values", .int(3), .int64)]),

        // Arrays.
        (
            #"[{"name":"a","value":1,"timestamp":1700000000000},{"id":"b","v":2,"q":64,"unit":"V"}]"#,
            [
                MappedReading(key: "a", .int(1), .int64, time: instant),
                MappedReading(key: "b", unit: "V", .int(2), .int64, quality: .uncertain),
            ]
        ),
        (
            #"[{"value":1,"ts":1700000000},{"value":2,"ts":1700000001}]"#,
            [
                MappedReading(.int(1), .int64, time: instant),
                MappedReading(.int(2), .int64, time: at(1_700_000_001_000_000)),
            ]
        ),
        (
            #"{"sensors":[{"name":"a","value":1}]}"#, [MappedReading(key: "sensors/a", .int(1), .int64)]
        ),
        ("[1,2,3]", [MappedReading(.json("[1,2,3]"), .json)]),
        ("[]", [MappedReading(.json("[]"), .json)]),
        (#"[{"value":1},2]"#, [MappedReading(.json(#"[{"value":1},2]"#), .json)]),
        (#"[{"value":1},{"other":2}]"#, [MappedReading(.json(#"[{"value":1},{"other":2}]"#), .json)]),
    ]

    @Test(arguments: table)
    func payloadHoldsTheseReadings(payload: String, expected: [MappedReading]) {
        #expect(map(payload) == expected)
    }

    @Test func notANumberIsANumberWithoutOne() throws {
        for payload in ["NaN", "{\"value\": NaN}"] {
            let reading = try #require(map(payload).first)
            #expect(reading.type == .float64)
            #expect(reading.value.text == "NaN")
            #expect(reading.value.number == nil)
        }
    }

    @Test func whatIsNoTextIsKeptAsBytes() {
        for payload: [UInt8] in [[0xFF, 0xFE], [0x00, 0x00, 0x00, 0x2A], [0x41, 0x80], [0x1B, 0x5B]] {
            #expect(map(payload) == [MappedReading(.bytes(payload), .bytes)])
        }
        #expect(map("two\r\nlines\tof text") == [MappedReading(.string("two\r\nlines\tof text"), .string)])
    }

    @Test func aMapperForgetsThePayloadBefore() {
        var mapper = PayloadMapper()
        for (payload, expected) in Self.table {
            Array(payload.utf8).withUnsafeBytes { mapper.map($0) }
            #expect(mapper.readings == expected)
        }
    }

    @Test func nestingBeyondTheLimitIsText() {
        let deep = String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65)
        #expect(map(deep) == [MappedReading(.string(deep), .string)])
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(map(deepest) == [MappedReading(.json(deepest), .json)])
    }

    @Test func everyTruncationAndMutationGivesAReading() {
        var state: UInt64 = 99
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for (payload, _) in Self.table {
            let bytes = Array(payload.utf8)
            for count in 0...bytes.count { #expect(!map(Array(bytes[..<count])).isEmpty) }
            for _ in 0..<200 where !bytes.isEmpty {
                var changed = bytes
                changed[Int(random() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random())
                #expect(!map(changed).isEmpty)
            }
        }
    }
}
