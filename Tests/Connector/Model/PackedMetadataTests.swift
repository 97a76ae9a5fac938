import Testing

@testable import ConnectorModel

@Suite struct PackedMetadataTests {
    @Test(arguments: [
        [:], ["unit": "kW"], ["a": "", "": "b"], ["ünit": "°C", "node_id": "ns=2;s=x"],
        ["long": String(repeating: "x", count: 70_000), "k": "v"],
    ]) func givesBackWhatWasPutIn(_ pairs: [String: String]) {
        #expect(PackedMetadata(pairs).pairs == pairs)
        #expect(TagDefinition(address: "a", metadata: pairs).metadata == pairs)
    }

    /// The same pairs are the same tag, in whatever order they came.
    @Test func orderDoesNotCount() {
        let keys = (0..<50).map { "key\($0)" }
        var (one, other): ([String: String], [String: String]) = ([:], [:])
        for key in keys { one[key] = key }
        for key in keys.reversed() { other[key] = key }
        #expect(PackedMetadata(one) == PackedMetadata(other))
        #expect(PackedMetadata(one) != PackedMetadata(["key1": "key1"]))
    }
}
