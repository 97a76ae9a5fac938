import ConnectorModel
import MQTTAdapter
import Testing

@Suite struct MQTTPayloadTimeTests {
    private func time(_ text: String) -> Int64? {
        var mapper = PayloadMapper()
        Array("{\"value\":1,\"timestamp\":\(text)}".utf8).withUnsafeBytes { mapper.map($0) }
        return mapper.readings.first?.time?.microseconds
    }

    /// Microseconds of 2023-11-14T22:13:20Z.
    static let base: Int64 = 1_700_000_000_000_000

    static let epochs: [(String, Int64?)] = [
        ("1700000000", base),
        ("1700000000.5", base + 500_000),
        ("1700000000.123456", base + 123_456),
        ("1700000000.1234564", base + 123_456),  // finer than a microsecond: to the nearest
        ("1700000000.1234567", base + 123_457),
        ("1700000000.9999999", base + 1_000_000),
        ("1700000000000", base),
        ("1700000000123.456", base + 123_456),
        ("1700000000123456", base + 123_456),
        ("1700000000123456.7", base + 123_457),
        ("1700000000123456789", base + 123_456),
        ("1.7e9", base),
        ("1.700000000123456e15", base + 123_456),
        ("1700000000123E0", base + 123_000),
        ("100000000", 100_000_000_000_000),  // the smallest that counts as seconds, 1973
        ("99999999", nil),
        ("99999999999", 99_999_999_999_000_000),  // the largest number of seconds
        ("100000000000", 100_000_000_000_000),  // the smallest number of milliseconds
        ("99999999999999", 99_999_999_999_999_000),
        ("100000000000000", 100_000_000_000_000),
        ("99999999999999999", 99_999_999_999_999_999),
        ("100000000000000000", 100_000_000_000_000),
        ("9999999999999999999", 9_999_999_999_999_999),
        ("99999999999999999999", nil), ("1e300", nil), ("0", nil), ("-1700000000", nil), ("21.5", nil),
        ("\"1700000000\"", base), ("\"1700000000.25\"", base + 250_000), ("\"1.7e9\"", base),
        ("true", nil), ("null", nil), ("[1700000000]", nil),
    ]

    @Test(arguments: epochs)
    func numberSinceTheEpoch(text: String, expected: Int64?) {
        #expect(time(text) == expected)
    }

    static let calendar: [(String, Int64?)] = [
        ("2023-11-14T22:13:20Z", base),
        ("2023-11-14T22:13:20", base),
        ("2023-11-14 22:13:20", base),
        ("2023-11-14t22:13:20z", base),
        ("2023-11-14T22:13:20.5Z", base + 500_000),
        ("2023-11-14T22:13:20,123456", base + 123_456),
        ("2023-11-14T22:13:20.123456789Z", base + 123_456),
        ("2023-11-14T23:13:20+01:00", base),
        ("2023-11-14T23:13:20+0100", base),
        ("2023-11-14T23:13:20+01", base),
        ("2023-11-14T16:43:20-05:30", base),
        ("2023-11-14 22:13:20 +0000", base),
        ("2023-11-14T22:13", base - 20_000_000),
        ("2023-11-14", base - 80_000_000_000),
        ("20231114T221320Z", base),
        ("20231114T221320.25", base + 250_000),
        ("20231114", base - 80_000_000_000),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),  // a leap second
        ("2023-02-29T00:00:00Z", nil), ("1900-02-29T00:00:00Z", nil), ("2023-13-01T00:00:00Z", nil),
        ("2023-00-10T00:00:00Z", nil), ("2023-04-31T00:00:00Z", nil), ("2023-11-14T24:00:00Z", nil),
        ("2023-11-14T22:60:00Z", nil), ("2023-11-14T22:13:61Z", nil), ("2023-11-14T22:13:20.Z", nil),
        ("2023-11-14T22:13:20X", nil), ("2023-11-14T", nil), ("2023-11-1", nil), ("2023-1114", nil),
        ("2023-11-14T22:13:20+", nil), ("2023-11-14T22:13:20+1", nil), ("2023-11-14T22:13:20Zjunk", nil),
        ("0000-01-01", nil), ("yesterday", nil), ("", nil), ("14.11.2023 22:13", nil),
    ]

    @Test(arguments: calendar)
    func calendarText(text: String, expected: Int64?) {
        #expect(time("\"\(text)\"") == expected)
    }

    @Test func theMostTellingTimeCounts() {
        var mapper = PayloadMapper()
        let payload = #"{"value":1,"time":1700000003,"t":1700000002,"timestamp":"no","ts":1700000001}"#
        Array(payload.utf8).withUnsafeBytes { mapper.map($0) }
        #expect(mapper.readings.first?.time == Timestamp(microseconds: 1_700_000_001_000_000))
    }

    static let qualities: [(String, Quality)] = [
        ("\"good\"", .good), ("\"GOOD\"", .good), ("\"Good, local override\"", .good), ("\"uncertain\"", .uncertain),
        ("\"Uncertain\"", .uncertain), ("\"bad\"", .bad), ("\"BadNoCommunication\"", .bad), ("\"stale\"", .good),
        ("true", .good), ("false", .bad), ("192", .good), ("64", .uncertain), ("0", .bad), ("24", .bad),
        ("100", .good), ("null", .good), ("0.5", .good), ("[\"bad\"]", .good),
    ]

    @Test(arguments: qualities)
    func qualityWords(text: String, expected: Quality) {
        var mapper = PayloadMapper()
        Array("{\"quality\":\(text),\"value\":1}".utf8).withUnsafeBytes { mapper.map($0) }
        #expect(mapper.readings.first?.quality == expected)
    }
}
