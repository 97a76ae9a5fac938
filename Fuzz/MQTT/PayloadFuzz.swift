import ConnectorModel
import FuzzKit
import MQTTAdapter
import NIOCore

/// Throws bytes at the mapping of payloads: the first byte says how they are to be read.
enum PayloadFuzz {
    private static let ways: [PayloadOptions] = [
        PayloadOptions(), PayloadOptions(form: .json), PayloadOptions(form: .text, coerce: true),
        PayloadOptions(form: .bytes), PayloadOptions(coerce: true),
        PayloadOptions(valueField: place("v"), timeField: place("when")),
        PayloadOptions(valueField: place("/data/0/value"), timeField: place("/meta/at")),
        PayloadOptions(pointer: place("/payload/readings")),
        PayloadOptions(fields: [
            .init(name: "a", place: place("/p/a~1b")), .init(name: "b", place: place("u")),
            .init(name: "c", place: place("/list/2")),
        ]),
    ]

    private static func place(_ text: String) -> JSONPlace {
        do throws(JSONPlaceError) {
            return try JSONPlace(text)
        } catch {
            unexpected("\(error)")
        }
    }

    @Sendable static func payload(_ input: ByteBuffer) {
        var input = input
        guard let way: UInt8 = input.readInteger() else { return }
        let options = ways[Int(way) % ways.count]
        var mapper = PayloadMapper()
        let reason = input.withUnsafeReadableBytes { mapper.map($0, options) }
        demand((reason == nil) != mapper.readings.isEmpty, "neither readings nor a reason, or both")
        demand(mapper.readings.count <= input.readableBytes + 1, "more readings than bytes")
        let first = mapper.readings
        // The memory of the payload before says nothing about this one.
        demand(input.withUnsafeReadableBytes { mapper.map($0, options) } == reason, "another outcome")
        demand(mapper.readings.map { "\($0)" } == first.map { "\($0)" }, "other readings")
        for reading in first { _ = (reading.value.text, reading.value.number) }
    }

    /// A payload of every form that is known from the field.
    static var seeds: [[UInt8]] {
        let texts = [
            "12.5", "-7", "true", "null", "\"on\"", "\"42\"", "NaN", "-Infinity", "RUNNING", "",
            #"{"value": 12.5, "unit": "kW", "timestamp": 1700000000000}"#,
            #"{"value":1,"ts":"2023-11-14T22:13:20.123456+01:00","quality":"bad"}"#,
            #"{"timestamp": 1700000000000, "values": [{"id": "C.D.T", "v": 1.5, "q": true, "t": 1700000000001}]}"#,
            #"{"id":"C.D.T","value":2,"quality":192,"timestamp":1700000000}"#,
            #"{"PV":55.5,"PVEUHI":100,"PVUNITS":"degC","PVBAD":false,"MODE":"AUTO"}"#,
            #"{"sensor":"p","value":3.25,"unit":"bar","quality":"GOOD","timestamp":1700000000.123,"plc":"x"}"#,
            #"{"ts":1700000000,"motor":{"power":{"value":5,"unit":"kW"},"rpm":1450},"list":[1,2]}"#,
            #"[{"name":"a","value":1},{"id":"b","v":2,"q":64}]"#, #"{"v":5,"when":1700000000}"#,
            #"{"data":[{"value":7.5}],"meta":{"at":1700000000}}"#,
            #"{"payload":{"readings":[{"name":"a","value":1e3}]}}"#, #"{"p":{"a/b":3},"u":"\u00e9","list":[1,2,3]}"#,
        ]
        return texts.flatMap { text in ways.indices.map { [UInt8($0)] + Array(text.utf8) } }
    }
}
