import MQTTCore
import TestRandomness
import Testing

@testable import MQTTBroker

@Suite struct SubscriptionTreeTests {
    private func entry(_ client: ClientKey, _ filter: String, _ qos: QoS = .atMostOnce) throws -> SubscriptionTree.Entry
    {
        .init(client: client, subscription: Subscription(try TopicFilter(filter), qos: qos), identifier: nil)
    }

    private func clients(_ tree: SubscriptionTree, _ topic: String) -> [ClientKey] {
        var found: [ClientKey] = []
        tree.forEachMatch(topic) { found.append($0.client) }
        return found.sorted()
    }

    @Test func replacesAndRemoves() throws {
        var tree = SubscriptionTree()
        #expect(try tree.insert(entry(1, "a/+")) == true)
        #expect(try tree.insert(entry(1, "a/+", .atLeastOnce)) == false)
        #expect(try tree.insert(entry(2, "a/#")) == true)
        #expect(tree.count == 2)
        #expect(clients(tree, "a/b") == [1, 2])
        #expect(clients(tree, "a") == [2])
        #expect(try tree.remove(TopicFilter("a/+"), of: 1) == true)
        #expect(try tree.remove(TopicFilter("a/+"), of: 1) == false)
        #expect(try tree.remove(TopicFilter("a/b/c"), of: 1) == false)
        #expect(clients(tree, "a/b") == [2])
        #expect(try tree.remove(TopicFilter("a/#"), of: 2) == true)
        #expect(tree.isEmpty)
        #expect(clients(tree, "a/b") == [])
    }

    /// A combining mark behind a slash makes one character with it, and is the next level all the same.
    @Test func levelsEndAtTheByteOfASlash() throws {
        var tree = SubscriptionTree()
        #expect(try tree.insert(entry(1, "a/+/c")) == true)
        #expect(try tree.insert(entry(2, "a/\u{301}b/c")) == true)
        #expect(try TopicFilter("a/\u{301}b/c").levels == ["a", "\u{301}b", "c"])
        #expect(clients(tree, "a/\u{301}b/c") == [1, 2])
        #expect(clients(tree, "a/b/c") == [1])
    }

    /// Random filters and topics: the tree agrees with the filter's own rule, also after removals.
    @Test func agreesWithTheFilters() throws {
        var random = SeededRandom(seed: 7)
        let levels = ["a", "b", "", "$x", "+", "#"]
        func text(wildcards: Bool) -> String {
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                levels[Int.random(in: 0..<(wildcards ? 6 : 4), using: &random)]
            }.joined(separator: "/")
        }
        var tree = SubscriptionTree()
        var filters: [ClientKey: TopicFilter] = [:]
        for round in 1...2000 {
            let key = ClientKey(Int.random(in: 1...50, using: &random))
            if let old = filters.removeValue(forKey: key) {
                #expect(tree.remove(old, of: key) == true)
            } else if let filter = try? TopicFilter(text(wildcards: true)) {
                filters[key] = filter
                #expect(tree.insert(.init(client: key, subscription: Subscription(filter), identifier: nil)) == true)
            }
            if round % 5 == 0 {
                let topic = text(wildcards: false)
                guard !topic.isEmpty else { continue }
                #expect(clients(tree, topic) == filters.filter { $0.value.matches(topic) }.keys.sorted(), "\(topic)")
            }
        }
        for (key, filter) in filters { #expect(tree.remove(filter, of: key) == true) }
        #expect(tree.isEmpty)
    }
}
