import ConnectorModel
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// How nodes are named in a configuration.
@Suite struct OPCUASettingsTests {
    private typealias Element = BrowsePathText.Element

    private func path(_ text: String) throws -> BrowsePathText { try #require(BrowsePathText(text)) }

    @Test func browsePathsBeginAtObjectsUnlessTheySayOtherwise() throws {
        let speed = [Element(namespace: .index(2), name: "Plant"), Element(namespace: .any, name: "Speed")]
        for text in [
            "/Objects/2:Plant/Speed", "2:Plant/Speed", "/2:Plant/Speed", "/Root/Objects/2:Plant/Speed",
            "0:Objects/2:Plant/Speed",
        ] {
            let path = try path(text)
            #expect(path.elements == speed && path.start == NodeId(85), "\(text)")
        }
        #expect(try path("/Types/X").start == NodeId(86))
        #expect(try path("/Views/X").start == NodeId(87))
        #expect(try path("/Objects").elements.isEmpty)
        // A name of the server's own that only looks like the standard's.
        #expect(try path("3:Objects/x").elements.count == 2)
    }

    @Test func namesKeepWhatIsEscapedAndTheirNamespace() throws {
        #expect(try path("a&/b").elements == [Element(namespace: .any, name: "a/b")])
        #expect(try path("10&:30").elements == [Element(namespace: .any, name: "10:30")])
        #expect(try path("a:b").elements == [Element(namespace: .any, name: "a:b")])
        #expect(
            try path("nsu=http://x/y%3Bz;Speed/b").elements == [
                Element(namespace: .uri("http://x/y;z"), name: "Speed"), Element(namespace: .any, name: "b"),
            ])
    }

    @Test(arguments: ["", "/", "a//b", "a/", "70000:x", "nsu=;x", "nsu=urn:x", "2:", "a&"])
    func whatIsNoPathIsRefused(text: String) {
        #expect(BrowsePathText(text) == nil)
    }

    @Test func pathsAreLimited() {
        let name = [String](repeating: "a", count: BrowsePathText.elementsMax)
        #expect(BrowsePathText(name.joined(separator: "/")) != nil)
        #expect(BrowsePathText((name + ["a"]).joined(separator: "/")) == nil)
    }

    @Test func namesFitByIndexURIOrAnyway() throws {
        let namespaces = ["http://opcfoundation.org/UA/", "urn:a", "urn:b"]
        let name = QualifiedName("Speed", namespace: 2)
        #expect(try path("Speed").elements[0].fits(name, in: namespaces))
        #expect(try path("2:Speed").elements[0].fits(name, in: namespaces))
        #expect(try path("nsu=urn:b;Speed").elements[0].fits(name, in: namespaces))
        #expect(try !path("1:Speed").elements[0].fits(name, in: namespaces))
        #expect(try !path("nsu=urn:a;Speed").elements[0].fits(name, in: namespaces))
        #expect(try !path("speed").elements[0].fits(name, in: namespaces))
        #expect(try !path("nsu=urn:b;Speed").elements[0].fits(QualifiedName("Speed", namespace: 9), in: namespaces))
        #expect(try path("nsu=urn:b;Speed").elements[0].qualified(in: namespaces) == name)
        #expect(try path("nsu=urn:c;Speed").elements[0].qualified(in: namespaces) == nil)
    }

    @Test(arguments: [
        "ns=2;s=a b;c", "i=85", "ns=3;i=7", "nsu=urn:x;s=a", "ns=1;g=72962B91-FA75-4AE6-8D28-B404DC7DAF63",
        "ns=1;b=AQID",
    ])
    func everyKindOfIdentifierIsTaken(text: String) throws {
        #expect(try NodeSelection(nodeID: text).text == text)
    }

    @Test(arguments: [
        ("Speed", "'Speed' is no node id"), ("ns=x;i=1", "is no node id"), ("ns=2;i=-1", "is no node id"),
        ("svr=1;i=85", "node of another server"),
    ])
    func whatIsNoNodeIdIsRefusedInWords(text: String, sentence: String) {
        #expect {
            try NodeSelection(nodeID: text)
        } throws: { error in
            "\(error)".contains(sentence)
        }
    }

    @Test func whatIsReadIsWhatIsIncludedAndNotExcluded() {
        let all = TagDiscovery()
        #expect(all.takes(path: "a/b", node: "i=1") && !all.skipsTree(below: "a"))
        let some = TagDiscovery(include: [Glob("plant/**"), Glob("ns=3;*")], exclude: [Glob("plant/archive/**")])
        #expect(some.takes(path: "plant/x", node: "i=1"))
        #expect(some.takes(path: "other", node: "ns=3;i=7"))
        #expect(!some.takes(path: "other", node: "ns=2;i=7"))
        #expect(!some.takes(path: "plant/archive/x", node: "ns=3;i=7"))
        #expect(some.skipsTree(below: "plant/archive") && !some.skipsTree(below: "plant"))
    }
}
