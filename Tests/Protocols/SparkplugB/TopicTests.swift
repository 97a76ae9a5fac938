import Testing

@testable import SparkplugB

@Suite struct TopicTests {
    @Test func topicsBothWays() {
        let id = EdgeNodeID(group: "Plant 1", node: "n")
        let rows: [(String, SparkplugTopic)] = [
            ("spBv1.0/Plant 1/NBIRTH/n", .message(.nodeBirth, id, device: nil)),
            ("spBv1.0/Plant 1/NDEATH/n", .message(.nodeDeath, id, device: nil)),
            ("spBv1.0/Plant 1/NDATA/n", .message(.nodeData, id, device: nil)),
            ("spBv1.0/Plant 1/NCMD/n", .message(.nodeCommand, id, device: nil)),
            ("spBv1.0/Plant 1/DBIRTH/n/d", .message(.deviceBirth, id, device: "d")),
            ("spBv1.0/Plant 1/DDEATH/n/d", .message(.deviceDeath, id, device: "d")),
            ("spBv1.0/Plant 1/DDATA/n/d", .message(.deviceData, id, device: "d")),
            ("spBv1.0/Plant 1/DCMD/n/d", .message(.deviceCommand, id, device: "d")),
            ("spBv1.0/STATE/host", .state(host: "host", isOld: false)),
            ("STATE/host", .state(host: "host", isOld: true)),
        ]
        for (text, topic) in rows {
            #expect(SparkplugTopic(text) == topic)
            #expect(topic.text == text)
        }
    }

    @Test(arguments: [
        "", "/", "spBv1.0", "spBv1.0/g", "spBv1.0/g/NBIRTH", "spBv1.0/g/NBIRTH/", "spBv1.0/g/NBIRTH/n/d",
        "spBv1.0/g/DBIRTH/n", "spBv1.0//NBIRTH/n", "spBv1.0/g/DDATA//d", "spBv1.0/g/DDATA/n/", "spBv1.0/g/XDATA/n",
        "spBv1.0/g/DDATA/n/d/e", "spAv1.0/g/NDATA/n", "plant/line/value", "STATE/", "spBv1.0/STATE/",
    ]) func otherTopics(_ text: String) {
        #expect(SparkplugTopic(text) == nil)
    }

    @Test func statesAreRead() {
        func read(_ text: String) -> HostState? { Array(text.utf8).withUnsafeBytes { HostState($0) } }
        #expect(
            read(#"{"online":true,"timestamp":1700000000000}"#)
                == HostState(isOnline: true, timestamp: 1_700_000_000_000))
        #expect(read(" { \"timestamp\" : 5 , \"online\" : false } ") == HostState(isOnline: false, timestamp: 5))
        #expect(read(#"{"online":true,"bdSeq":"x","timestamp":1}"#) == HostState(isOnline: true, timestamp: 1))
        #expect(read(#"{"online":true}"#) == HostState(isOnline: true, timestamp: nil))
        #expect(read("ONLINE") == HostState(isOnline: true, timestamp: nil))
        #expect(read("offline") == HostState(isOnline: false, timestamp: nil))
        for text in [
            "", "{", "{}", "online", "{\"online\":1}", "{\"online\":true", "[true]", "{\"online\":\"tr\\u0075e\"}",
            "{\"online\":true}x",
        ] where text != "online" {
            #expect(read(text) == nil, "\(text)")
        }
        let state = HostState(isOnline: true, timestamp: 7)
        #expect(read(state.text) == state)
        #expect(read(String(repeating: " ", count: HostState.bytesMax) + state.text) == nil)
    }

    @Test func namesOfTopics() {
        #expect(SparkplugTopic.fault(inName: "Plant 1") == nil)
        for name in ["", "a/b", "+", "a#", "a\u{7}"] { #expect(SparkplugTopic.fault(inName: name) != nil) }
    }
}
