import OPCUATypes

/// Nodes by number, and their numbers by NodeId. A plant has a hundred thousand variables that differ in little but
/// their names: those are kept in a row of 96 bytes, and a whole ``Node`` is made of it when somebody asks.
struct NodeStore: Sendable {
    private enum Row: Sendable {
        /// Index into ``whole``.
        case whole(Int32)
        case variable(PlainVariable)
    }

    private var rows: [Row] = []
    private var whole: [Node] = []
    private var index = NodeIndex()

    /// Number of nodes.
    var count: Int { rows.count }

    subscript(_ number: Int32) -> Node {
        switch rows[Int(number)] {
        case .whole(let place): whole[Int(place)]
        case .variable(let variable): variable.node
        }
    }

    /// The NodeId of a node, without the rest.
    func id(of number: Int32) -> NodeId {
        switch rows[Int(number)] {
        case .whole(let place): whole[Int(place)].id
        case .variable(let variable): variable.id
        }
    }

    /// The number of a node; nil for one that is not here.
    func number(of id: NodeId) -> Int32? { index.find(id.hashValue) { self.id(of: $0) == id } }

    /// Adds a node that is not here yet.
    mutating func append(_ node: Node) -> Int32 {
        if let variable = PlainVariable(node) {
            rows.append(.variable(variable))
        } else {
            rows.append(.whole(Int32(whole.count)))
            whole.append(node)
        }
        let number = Int32(rows.count - 1)
        index.insert(number, hash: node.id.hashValue)
        return number
    }

    /// Takes a node out of the index; its number is not given again.
    mutating func remove(_ number: Int32) {
        index.remove(number, hash: id(of: number).hashValue)
        change(number) { $0.references = [] }
    }

    /// Changes a node in place. One that was kept as a row is whole from then on, unless it still fits into one.
    mutating func change(_ number: Int32, _ body: (inout Node) -> Void) {
        switch rows[Int(number)] {
        case .whole(let place):
            body(&whole[Int(place)])
        case .variable(let variable):
            var node = variable.node
            body(&node)
            if let variable = PlainVariable(node) {
                rows[Int(number)] = .variable(variable)
            } else {
                rows[Int(number)] = .whole(Int32(whole.count))
                whole.append(node)
            }
        }
    }
}

/// A variable without children that belongs to one parent: what nearly all nodes of a plant are.
private struct PlainVariable: Sendable {
    private enum Identifier: Sendable {
        case numeric(UInt32)
        case string(String)
    }

    private let identifier: Identifier
    /// nil when the name is the end of the identifier.
    private let name: String?
    /// nil when it is the name.
    private let displayName: String?
    private let description: String?
    private let parent: Reference?
    private let type: Int32
    private let dataType: UInt32
    private let valueRank: Int32
    private let slot: Int32
    private let namespace: UInt16
    private let nameBytes: UInt16
    private let isWritable: Bool
    private let analog: Int32

    /// nil for a node that has more to it.
    init?(_ node: Node) {
        guard case .variable(let variable) = node.kind, variable.computed == nil,
            let dataType = variable.dataType.standard, node.browseName.namespace == node.id.namespace,
            let name = node.browseName.name, node.displayName.locale == nil, node.description.locale == nil,
            let shown = node.displayName.text, node.references.count <= 2
        else { return nil }
        switch node.id.identifier {
        case .numeric(let number): identifier = .numeric(number)
        case .string(let text): identifier = .string(text)
        default: return nil
        }
        var parent: Reference?
        var type: Int32 = -1
        for reference in node.references {
            switch (reference.type, reference.isForward) {
            case (Standard.hasTypeDefinition, true) where type < 0: type = reference.target
            case (_, false) where parent == nil && type < 0: parent = reference
            default: return nil
            }
        }
        self.parent = parent
        self.type = type
        self.dataType = dataType
        namespace = node.id.namespace
        displayName = shown == name ? nil : shown
        description = node.description.text
        valueRank = variable.valueRank
        slot = variable.slot
        isWritable = variable.isWritable
        analog = variable.analog
        if case .string(let text) = identifier, !name.isEmpty, let bytes = UInt16(exactly: name.utf8.count),
            text.utf8.suffix(name.utf8.count).elementsEqual(name.utf8)
        {
            self.name = nil
            nameBytes = bytes
        } else {
            self.name = name
            nameBytes = 0
        }
    }

    var id: NodeId {
        switch identifier {
        case .numeric(let number): NodeId(namespace: namespace, numeric: number)
        case .string(let text): NodeId(namespace: namespace, string: text)
        }
    }

    var node: Node {
        var name = name ?? ""
        if case .string(let text) = identifier, self.name == nil {
            name = String(Substring(text.utf8.suffix(Int(nameBytes))))
        }
        var references = parent.map { [$0] } ?? []
        if type >= 0 {
            references.append(Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
        }
        let variable = Node.Variable(
            dataType: NodeId(dataType), valueRank: valueRank, isWritable: isWritable, slot: slot, computed: nil,
            analog: analog)
        return Node(
            id: id, nodeClass: .variable, browseName: QualifiedName(name, namespace: namespace),
            displayName: LocalizedText(displayName ?? name), description: LocalizedText(description),
            kind: .variable(variable), references: references)
    }
}

/// A hash table that holds numbers only; what they stand for lies elsewhere. Open addressing, eight bytes an entry: with
/// the number a part of its hash, so that a search looks at other nodes only where it has found the one.
private struct NodeIndex: Sendable {
    private static let free: Int32 = -1
    private static let removed: Int32 = -2

    private struct Place: Sendable {
        var number = NodeIndex.free
        var hash: UInt32 = 0
    }

    /// A power of two many.
    private var places = [Place](repeating: Place(), count: 1024)
    /// Places that are not free: a search goes on behind a removed one.
    private var used = 0
    private var count = 0

    func find(_ hash: Int, _ matches: (Int32) -> Bool) -> Int32? {
        let hash = UInt32(truncatingIfNeeded: hash)
        let mask = places.count - 1
        var place = Int(hash) & mask
        while places[place].number != Self.free {
            let found = places[place]
            if found.hash == hash, found.number >= 0, matches(found.number) { return found.number }
            place = (place + 1) & mask
        }
        return nil
    }

    mutating func insert(_ number: Int32, hash: Int) {
        // At most three quarters full, so that a search ends soon.
        if used * 4 >= places.count * 3 {
            let old = places
            let size = count * 2 >= old.count ? old.count * 2 : old.count
            places = [Place](repeating: Place(), count: size)
            used = count
            for place in old where place.number >= 0 { put(place) }
        }
        put(Place(number: number, hash: UInt32(truncatingIfNeeded: hash)))
        used += 1
        count += 1
    }

    mutating func remove(_ number: Int32, hash: Int) {
        let mask = places.count - 1
        var place = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while places[place].number != Self.free {
            if places[place].number == number {
                places[place].number = Self.removed
                count -= 1
                return
            }
            place = (place + 1) & mask
        }
    }

    private mutating func put(_ entry: Place) {
        let mask = places.count - 1
        var place = Int(entry.hash) & mask
        while places[place].number != Self.free { place = (place + 1) & mask }
        places[place] = entry
    }
}
