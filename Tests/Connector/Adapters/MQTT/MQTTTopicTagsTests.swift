import ConnectorModel
import MQTTAdapter
import MQTTCore
import NIOCore
import Testing

@Suite struct MQTTTopicTagsTests {
    /// A table of tags with an intake behind it that remembers each definition.
    private final class Table {
        let intake = Intake(
            source: SourceIdentity(name: "s", protocolType: "mqtt", endpoint: "e", statusName: { _ in "" }),
            layout: .rawEvents, sink: MQTTFakeSink())
        var tags: TopicTags
        var definitions: [TagDefinition] = []

        init(limit: Int) { tags = TopicTags(limit: limit) }

        func index(_ topic: String) -> Int? { tags.index(of: ByteBuffer(string: topic)) }

        func tag(_ topic: Int, _ key: String?, _ unit: String?, _ delivery: TopicTags.Delivery) -> TagID? {
            tags.tag(topic: topic, key: key, unit: unit, delivery) { definition in
                definitions.append(definition)
                return intake.define(definition)
            }
        }
    }

    private let assured = TopicTags.Delivery(qos: .atLeastOnce, retain: false)
    private let retained = TopicTags.Delivery(qos: .atMostOnce, retain: true)

    @Test func aTagIsDefinedOnce() throws {
        let table = Table(limit: 10)
        // The topic is a slice of a larger buffer, as it comes from the wire.
        let wire = ByteBuffer(string: "xxplant/1yy")
        let topic = table.tags.index(of: try #require(wire.getSlice(at: 2, length: 7)))
        #expect(topic == 0)
        #expect(table.index("plant/1") == 0)
        let first = table.tag(0, nil, "kW", assured)
        #expect(first != nil)
        #expect(table.tag(0, nil, "kW", assured) == first)
        #expect(
            table.definitions == [
                TagDefinition(address: "plant/1", unit: "kW", metadata: ["qos": "1", "retain": "false"])
            ])
    }

    @Test func unitQoSAndRetainFlagBelongToTheTag() {
        let table = Table(limit: 10)
        #expect(table.index("a") == 0)
        let variants: [(String?, String?, TopicTags.Delivery)] = [
            (nil, "kW", assured), (nil, "kW", retained), (nil, nil, retained), ("k", nil, retained),
        ]
        let first = variants.map { table.tag(0, $0, $1, $2) }
        #expect(Set(first).count == 4)
        #expect(variants.map { table.tag(0, $0, $1, $2) } == first)
        #expect(table.definitions.map(\.address) == ["a", "a", "a", "a/k"])
        #expect(table.definitions[3].metadata == ["qos": "0", "retain": "true"])
        #expect(table.tags.count == 4)
    }

    @Test func theLimitHoldsForTopicsAndTags() {
        let table = Table(limit: 3)
        #expect(["a", "b", "c", "d", "c"].map(table.index) == [0, 1, 2, nil, 2])
        for key in ["1", "2", "3"] { #expect(table.tag(0, key, nil, assured) != nil) }
        #expect(table.tag(0, "4", nil, assured) == nil)
        #expect(table.tag(0, "1", "V", assured) == nil)
        #expect(table.tag(0, "1", nil, assured) != nil)
        #expect(table.definitions.count == 3)
    }
}
