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
        /// The levels below that have a name.
        var children: [String: Int] = [:]
        /// The level `+` below.
        var single: Int?
        /// The level `#` below.
        var multi: Int?
        /// Few: clients under the same filter.
        var entries: [Entry] = []
        /// Of shared subscriptions under the same filter.
        var groups: [Group] = []

        var isUnused: Bool {
            entries.isEmpty && groups.isEmpty && children.isEmpty && single == nil && multi == nil
        }

        /// Where a level of a filter stands below.
        subscript(level: String) -> Int? {
            get {
                switch level {
                case "+": single
                case "#": multi
                default: children[level]
                }
            }
            set {
                switch level {
                case "+": single = newValue
                case "#": multi = newValue
                default: children[level] = newValue
                }
            }
        }
    }

    /// The clients that share a subscription (MQTT 5.0 section 4.8.2).
    private struct Group: Sendable {
        var name: String
        var members: [Entry] = []
        /// Whose turn it is.
        var turn = 0
    }

    /// Where a group stands; valid until the tree changes.
    struct GroupPlace: Sendable {
        fileprivate var node: Int
        fileprivate var group: Int
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
        if let name = entry.subscription.filter.shareName { return insert(entry, into: name, at: index) }
        if let place = nodes[index].entries.firstIndex(where: { $0.client == entry.client }) {
            nodes[index].entries[place] = entry
            return false
        }
        nodes[index].entries.append(entry)
        count += 1
        return true
    }

    private mutating func insert(_ entry: Entry, into name: String, at index: Int) -> Bool {
        let group: Int
        if let known = nodes[index].groups.firstIndex(where: { $0.name == name }) {
            group = known
        } else {
            group = nodes[index].groups.count
            nodes[index].groups.append(Group(name: name))
        }
        if let place = nodes[index].groups[group].members.firstIndex(where: { $0.client == entry.client }) {
            nodes[index].groups[group].members[place] = entry
            return false
        }
        nodes[index].groups[group].members.append(entry)
        count += 1
        return true
    }

    /// Takes a subscription out.
    ///
    /// - Returns: whether there was one.
    mutating func remove(_ filter: TopicFilter, of client: ClientKey) -> Bool {
        var index = 0
        for level in filter.levels {
            guard let next = nodes[index][level] else { return false }
            index = next
        }
        if let name = filter.shareName {
            guard let group = nodes[index].groups.firstIndex(where: { $0.name == name }),
                let place = nodes[index].groups[group].members.firstIndex(where: { $0.client == client })
            else { return false }
            nodes[index].groups[group].members.remove(at: place)
            if nodes[index].groups[group].members.isEmpty { nodes[index].groups.remove(at: group) }
        } else {
            guard let place = nodes[index].entries.firstIndex(where: { $0.client == client }) else { return false }
            nodes[index].entries.remove(at: place)
        }
        count -= 1
        prune(index)
        return true
    }

    /// Calls `found` for every subscription of one client that means this topic name.
    ///
    /// - Returns: the groups that share a subscription to it.
    @discardableResult
    func forEachMatch(_ topic: String, _ found: (Entry) -> Void) -> [GroupPlace] {
        guard !isEmpty else { return [] }
        var groups: [GroupPlace] = []
        walk(0, Substring(topic), isRoot: true, isReserved: topic.utf8.first == UInt8(ascii: "$")) { index in
            nodes[index].entries.forEach(found)
            for group in nodes[index].groups.indices { groups.append(GroupPlace(node: index, group: group)) }
        }
        return groups
    }

    /// Where the group of a shared subscription stands; nil when nobody is in it.
    func group(of filter: TopicFilter) -> GroupPlace? {
        var index = 0
        for level in filter.levels {
            guard let next = nodes[index][level] else { return nil }
            index = next
        }
        return nodes[index].groups.firstIndex { $0.name == filter.shareName }
            .map { GroupPlace(node: index, group: $0) }
    }

    /// The member of a group that gets the next message: of those that can take it best, the one whose turn it is.
    ///
    /// - Parameter rank: how well a member can take it, the lowest best; nil cannot.
    mutating func next(of place: GroupPlace, _ rank: (Entry) -> Int?) -> Entry? {
        let group = nodes[place.node].groups[place.group]
        var best: (rank: Int, index: Int)?
        for step in group.members.indices {
            let index = (group.turn + step) % group.members.count
            guard let rank = rank(group.members[index]), rank < best?.rank ?? .max else { continue }
            best = (rank, index)
            if rank == 0 { break }
        }
        guard let best else { return nil }
        nodes[place.node].groups[place.group].turn = best.index + 1
        return group.members[best.index]
    }

    /// Visits the nodes that mean the rest of a topic, nil behind its last level. Levels end at the byte of a slash,
    /// whatever follows it, and become strings only where a filter names one.
    private func walk(
        _ index: Int, _ topic: Substring?, isRoot: Bool, isReserved: Bool, _ found: (Int) -> Void
    ) {
        // Topics that start with $ are not meant by a wildcard in the first level (MQTT 5.0 section 4.7.2).
        let allowsWildcard = !(isRoot && isReserved)
        if allowsWildcard, let all = nodes[index].multi { found(all) }
        guard let topic else {
            found(index)
            return
        }
        let end = topic.utf8.firstIndex(of: UInt8(ascii: "/"))
        let rest = end.map { topic[topic.utf8.index(after: $0)...] }
        if !nodes[index].children.isEmpty,
            let next = nodes[index].children[String(topic[..<(end ?? topic.endIndex)])]
        {
            walk(next, rest, isRoot: false, isReserved: isReserved, found)
        }
        if allowsWildcard, let next = nodes[index].single {
            walk(next, rest, isRoot: false, isReserved: isReserved, found)
        }
    }

    private mutating func child(of parent: Int, named level: String) -> Int {
        if let existing = nodes[parent][level] { return existing }
        let node = Node(parent: parent, level: level)
        let index: Int
        if let free = freeNodes.popLast() {
            index = free
            nodes[index] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        nodes[parent][level] = index
        return index
    }

    private mutating func prune(_ start: Int) {
        var index = start
        while index != 0, nodes[index].isUnused {
            let parent = nodes[index].parent
            nodes[parent][nodes[index].level] = nil
            freeNodes.append(index)
            index = parent
        }
    }
}
