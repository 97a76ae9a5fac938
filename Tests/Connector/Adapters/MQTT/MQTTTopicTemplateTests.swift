import ConnectorModel
import MQTTAdapter
import MQTTCore
import NIOCore
import Testing

@Suite struct MQTTTopicTemplateTests {
    @Test func partsOfATopic() throws {
        let usual = try TopicTemplate("{site}/{area}/{line}/{equipment}/{tag_name}")
        #expect(
            usual.parts(of: "plant1/production/line1/plc1/reactor_temp") == [
                "site": "plant1", "area": "production", "line": "line1", "equipment": "plc1",
                "tag_name": "reactor_temp",
            ])
        // The last name takes the rest; names behind a short topic have no value.
        #expect(usual.parts(of: "s/a/l/e/x/y/z")["tag_name"] == "x/y/z")
        #expect(usual.parts(of: "s/a") == ["site": "s", "area": "a"])
        #expect(usual.parts(of: "s//l") == ["site": "s", "line": "l"])
        let fixed = try TopicTemplate("v1/+/{line}/data/{tag_name}")
        #expect(fixed.parts(of: "v1/x/l3/data/t") == ["line": "l3", "tag_name": "t"])
        #expect(fixed.parts(of: "v1/x/l3/other/t") == [:])
        #expect(fixed.parts(of: "v2/x/l3/data/t") == [:])
    }

    @Test(arguments: ["", "a/b", "{a}/{a}", "{A}", "{}", "x{a}", "{a}y", "{a", "#/{a}", "a+/{a}", "{a-b}"])
    func badTemplates(_ text: String) {
        #expect(throws: TopicTemplateError.self) { try TopicTemplate(text) }
    }

    /// The template's parts are metadata of the tag, the tag's name its name.
    @Test func tagsOfATopic() throws {
        let rules = TopicRules([
            TopicRule(
                filter: try TopicFilter("plant/+/#"), template: try TopicTemplate("{site}/{line}/{tag_name}")),
            TopicRule(filter: try TopicFilter("#")),
        ])
        var tags = TopicTags(limit: 10, rules: rules)
        var defined: [TagDefinition] = []
        func define(_ definition: TagDefinition) -> TagID {
            defined.append(definition)
            return TagID(index: defined.count - 1)
        }
        let delivery = TopicTags.Delivery(qos: .atLeastOnce, retain: false)
        let wanted: [(String, String?)] = [
            ("plant/l1/motor", nil), ("plant/l1/motor", "rpm"), ("other/l1/motor", nil),
        ]
        for (topic, key) in wanted {
            let found = tags.index(of: ByteBuffer(string: topic))
            let index = try #require(found)
            let tag = tags.tag(topic: index, key: key, unit: nil, delivery, define: define)
            #expect(tag != nil)
        }
        let place = ["site": "plant", "line": "l1", "qos": "1", "retain": "false"]
        #expect(
            defined == [
                TagDefinition(address: "plant/l1/motor", name: "motor", metadata: place),
                TagDefinition(address: "plant/l1/motor/rpm", name: "motor/rpm", metadata: place),
                TagDefinition(address: "other/l1/motor", metadata: ["qos": "1", "retain": "false"]),
            ])
    }
}
