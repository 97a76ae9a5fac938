import ConnectorModel
import MQTTAdapter
import Testing

/// One payload, how it is to be read, and what comes of it.
private struct OptionRow: Sendable {
    var options: PayloadOptions
    var payload: String
    /// Empty when the payload cannot be decoded.
    var readings: [MappedReading]
    /// What the reason says then.
    var reason = ""

    init(_ options: PayloadOptions, _ payload: String, _ readings: [MappedReading]) {
        (self.options, self.payload, self.readings) = (options, payload, readings)
    }

    init(_ options: PayloadOptions, _ payload: String, refused reason: String) {
        (self.options, self.payload, readings, self.reason) = (options, payload, [], reason)
    }
}

private func place(_ text: String) -> JSONPlace {
    do {
        return try JSONPlace(text)
    } catch {
        Issue.record("\(error)")
        fatalError("\(error)")
    }
}

private let instant = Timestamp(microseconds: 1_700_000_000_000_000)
private let json = PayloadOptions(form: .json)
private let power = PayloadOptions(valueField: place("power"), timeField: place("when"))
private let deep = PayloadOptions(valueField: place("/data/0/value"), timeField: place("/meta/at"))
private let start = PayloadOptions(pointer: place("/payload/readings"))
private let mapped = PayloadOptions(fields: [
    .init(name: "active", place: place("/p/active")), .init(name: "voltage", place: place("u")),
])

private let optionTable: [OptionRow] = [
    // The form json.
    OptionRow(json, "12.5", [MappedReading(.double(12.5), .float64)]),
    OptionRow(json, #"{"value":1}"#, [MappedReading(.int(1), .int64)]),
    OptionRow(json, "RUNNING", refused: "no JSON: a character that cannot stand here, at byte 0"),
    OptionRow(json, #"{"value":1"#, refused: "no JSON: the text ends inside a value, at byte 10"),
    OptionRow(json, #"{"value":01}"#, refused: "no JSON: not a number, at byte 9"),
    OptionRow(json, "", refused: "no JSON: the text ends inside a value, at byte 0"),
    OptionRow(json, "{\"a\":\"\u{01}\"}", refused: "no JSON: a control character inside a string, at byte 6"),

    // The form text.
    OptionRow(PayloadOptions(form: .text), "12.5", [MappedReading(.string("12.5"), .string)]),
    OptionRow(PayloadOptions(form: .text), #"{"value":1}"#, [MappedReading(.string(#"{"value":1}"#), .string)]),
    OptionRow(PayloadOptions(form: .text), "", [MappedReading(.string(""), .string)]),
    OptionRow(PayloadOptions(form: .text, coerce: true), " 12.50\n", [MappedReading(.double(12.5), .float64)]),
    OptionRow(PayloadOptions(form: .text, coerce: true), "12,5", [MappedReading(.string("12,5"), .string)]),

    // The form bytes.
    OptionRow(PayloadOptions(form: .bytes), "12", [MappedReading(.bytes([0x31, 0x32]), .bytes)]),

    // Text that looks like a number.
    OptionRow(PayloadOptions(coerce: true), #""42""#, [MappedReading(.int(42), .int64)]),
    OptionRow(PayloadOptions(coerce: true), #"{"value":"-1.5e3"}"#, [MappedReading(.double(-1500), .float64)]),
    OptionRow(PayloadOptions(coerce: true), #"{"value":"NaN"}"#, [MappedReading(.double(.infinity), .float64)]),
    OptionRow(PayloadOptions(coerce: true), #"{"value":"0x1F"}"#, [MappedReading(.string("0x1F"), .string)]),
    OptionRow(PayloadOptions(coerce: true), #"{"value":"007"}"#, [MappedReading(.string("007"), .string)]),
    OptionRow(PayloadOptions(coerce: true), #"{"value":"true"}"#, [MappedReading(.string("true"), .string)]),
    OptionRow(PayloadOptions(coerce: true), "21.5 C", [MappedReading(.string("21.5 C"), .string)]),
    OptionRow(PayloadOptions(), #"{"value":"42"}"#, [MappedReading(.string("42"), .string)]),

    // Other names of the members.
    OptionRow(
        power, #"{"power":5,"unit":"kW","when":1700000000,"value":9,"timestamp":1}"#,
        [MappedReading(unit: "kW", .int(5), .int64, time: instant)]),
    // Without that member the usual names are values like any other.
    OptionRow(
        power, #"{"value":9,"when":1700000000}"#, [MappedReading(key: "value", .int(9), .int64, time: instant)]),
    OptionRow(power, #"{"p\u006fwer":5}"#, [MappedReading(.int(5), .int64)]),
    OptionRow(power, "nothing of it", [MappedReading(.string("nothing of it"), .string)]),

    // JSON pointers to value and time.
    OptionRow(
        deep, #"{"data":[{"value":7.5},{"value":8}],"meta":{"at":"2023-11-14T22:13:20Z"}}"#,
        [MappedReading(.double(7.5), .float64, time: instant)]),
    OptionRow(deep, #"{"data":[{"value":{"a":1}}]}"#, [MappedReading(.json(#"{"a":1}"#), .json)]),
    OptionRow(deep, #"{"data":[]}"#, refused: "there is no value at /data/0/value"),
    OptionRow(deep, #"{"data":[{"value":1}]"#, refused: "no JSON: the text ends inside a value, at byte 21"),
    OptionRow(deep, "7.5", refused: "there is no value at /data/0/value"),

    // Readings that begin inside the document; time and quality of the whole hold for all.
    OptionRow(
        start, #"{"timestamp":1700000000,"payload":{"readings":[{"name":"a","value":1},{"name":"b","value":2}]}}"#,
        [
            MappedReading(key: "a", .int(1), .int64, time: instant),
            MappedReading(key: "b", .int(2), .int64, time: instant),
        ]),
    OptionRow(
        start, #"{"quality":"bad","payload":{"readings":{"x":1,"y":true}}}"#,
        [
            MappedReading(key: "x", .int(1), .int64, quality: .bad),
            MappedReading(key: "y", .bool(true), .bool, quality: .bad),
        ]),
    OptionRow(start, #"{"payload":{}}"#, refused: "there is nothing at /payload/readings"),

    // Named fields.
    OptionRow(
        mapped, #"{"p":{"active":3.5,"reactive":1},"u":230,"ts":1700000000,"noise":9}"#,
        [
            MappedReading(key: "active", .double(3.5), .float64, time: instant),
            MappedReading(key: "voltage", .int(230), .int64, time: instant),
        ]),
    OptionRow(mapped, #"{"u":null}"#, [MappedReading(key: "voltage", .none, .none)]),
    OptionRow(mapped, #"{"i":1}"#, refused: "it has none of the fields /p/active, u"),
    OptionRow(mapped, "text", refused: "no JSON: a character that cannot stand here, at byte 0"),
]

@Suite struct MQTTPayloadOptionsTests {
    @Test func payloadsAreReadAsTold() {
        var mapper = PayloadMapper()
        for row in optionTable {
            let reason = Array(row.payload.utf8).withUnsafeBytes { mapper.map($0, row.options) }
            #expect((reason ?? "") == row.reason, "\(row.payload)")
            if row.payload.contains("\"NaN\"") {
                #expect(mapper.readings.first?.value.text == "NaN")
                #expect(mapper.readings.first?.value.number == nil)
            } else {
                #expect(mapper.readings == row.readings, "\(row.payload)")
            }
        }
    }

    @Test func textThatIsNoUTF8() {
        var mapper = PayloadMapper()
        let reason = [UInt8]([0x41, 0xFF]).withUnsafeBytes { mapper.map($0, PayloadOptions(form: .text)) }
        #expect(reason == "the text is not UTF-8")
        #expect(mapper.readings.isEmpty)
    }

    /// RFC 6901, section 5, and what it forbids.
    @Test func jsonPointers() throws {
        let document = #"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8," ":7,"c%d":2,"k\"l":6,"a":{"a":{"a":3}}}"#
        let table: [(String, MappedReading?)] = [
            ("/foo", MappedReading(.json(#"["bar","baz"]"#), .json)),
            ("/foo/0", MappedReading(.string("bar"), .string)),
            ("/foo/1", MappedReading(.string("baz"), .string)), ("/foo/2", nil), ("/foo/01", nil), ("/foo/-", nil),
            ("/foo/-1", nil), ("/", MappedReading(.int(0), .int64)), ("/a~1b", MappedReading(.int(1), .int64)),
            ("/m~0n", MappedReading(.int(8), .int64)), ("/ ", MappedReading(.int(7), .int64)),
            ("/c%d", MappedReading(.int(2), .int64)), (#"/k"l"#, MappedReading(.int(6), .int64)),
            ("/a/a/a", MappedReading(.int(3), .int64)), ("/a/a/a/a", nil), ("/none", nil),
        ]
        var mapper = PayloadMapper()
        for (pointer, expected) in table {
            let options = PayloadOptions(valueField: try JSONPlace(pointer))
            let reason = Array(document.utf8).withUnsafeBytes { mapper.map($0, options) }
            #expect(mapper.readings == (expected.map { [$0] } ?? []), "\(pointer)")
            #expect((reason == nil) == (expected != nil))
        }
        for text in ["", "/a~", "/a~2b", "/~~"] { #expect(throws: JSONPlaceError.self) { try JSONPlace(text) } }
    }

    /// Whatever the bytes are, there is a reading or a reason.
    @Test func mutationsGiveAReadingOrAReason() {
        var state: UInt64 = 7
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var mapper = PayloadMapper()
        for row in optionTable {
            let bytes = Array(row.payload.utf8)
            for round in 0..<200 where !bytes.isEmpty {
                var changed = bytes
                if round % 2 == 0 { changed.removeLast(Int(random() % UInt64(bytes.count))) }
                changed[Int(random() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random())
                let reason = changed.withUnsafeBytes { mapper.map($0, row.options) }
                #expect((reason == nil) != mapper.readings.isEmpty)
            }
        }
    }
}
