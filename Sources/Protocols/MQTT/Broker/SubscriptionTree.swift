import MQTTCore

/// The subscriptions of all clients, by the levels of their topic filters.
///
/// A message walks down the levels of its topic, so that its cost depends on the depth of the topic and on the
/// wildcards met, not on the number of subscriptions.
struct SubscriptionTree: Sendable {
    /// One client's subscription under one filter.
    struct Entry: Equatable, Sendable {
        var client: ClientKey
        var subscription: Subscription
        var identifier: Int?
    }

    private struct Node: Sendable {
        var parent: Int
        var level: String
        var children: [String: Int] = [:]
        /// Few: clients under the same filter.
        var entries: [Entry] = []
    }

    private var nodes: [Node] = [Node(parent: -1, level: "")]
    private var freeNodes: [Int] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Adds or replaces a subscription.
    ///
    /// - Returns: whether it is new.
    mutating func insert(_ entry: Entry) -> Bool {
        var index = 0
        for level in entry.subscription.filter.levels { index = child(of: index, named: level) }
        if let place = nodes[index].entries.firstIndex(where: { $0.client == entry.client }) {
            nodes[index].entries[place] = entry
            return false
        }
        nodes[index].entries.append(entry)
        count += 1
        return true
    }

    /// Takes a subscription out.
    ///
    /// - Returns: whether there was one.
    mutating func remove(_ filter: TopicFilter, of client: ClientKey) -> Bool {
        var index = 0
        for level in filter.levels {
            guard let next = nodes[index].children[level] else { return false }
            index = next
        }
        guard let place = nodes[index].entries.firstIndex(where: { $0.client == client }) else { return false }
        nodes[index].entries.remove(at: place)
        count -= 1
        prune(index)
        return true
    }

    /// Calls `found` for every subscription that means this topic name.
    func forEachMatch(_ topic: String, _ found: (Entry) -> Void) {
        guard !isEmpty else { return }
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        walk(0, levels[...], isRoot: true, isReserved: topic.utf8.first == UInt8(ascii: "$"), found)
    }

    private func walk(
        _ index: Int, _ levels: ArraySlice<String>, isRoot: Bool, isReserved: Bool, _ found: (Entry) -> Void
    ) {
        // Topics that start with $ are not meant by a wildcard in the first level (MQTT 5.0 section 4.7.2).
        let allowsWildcard = !(isRoot && isReserved)
        if allowsWildcard, let all = nodes[index].children["#"] { nodes[all].entries.forEach(found) }
        guard let level = levels.first else {
            nodes[index].entries.forEach(found)
            return
        }
        let rest = levels.dropFirst()
        if let next = nodes[index].children[level] {
            walk(next, rest, isRoot: false, isReserved: isReserved, found)
        }
        if allowsWildcard, let next = nodes[index].children["+"] {
            walk(next, rest, isRoot: false, isReserved: isReserved, found)
        }
    }

    private mutating func child(of parent: Int, named level: String) -> Int {
        if let existing = nodes[parent].children[level] { return existing }
        let node = Node(parent: parent, level: level)
        let index: Int
        if let free = freeNodes.popLast() {
            index = free
            nodes[index] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        nodes[parent].children[level] = index
        return index
    }

    private mutating func prune(_ start: Int) {
        var index = start
        while index != 0, nodes[index].entries.isEmpty, nodes[index].children.isEmpty {
            let parent = nodes[index].parent
            nodes[parent].children[nodes[index].level] = nil
            freeNodes.append(index)
            index = parent
        }
    }
}
