import OPCUATypes

/// The properties of AnalogItems (Part 8, 5.3.2.3), which are nodes only when somebody looks at them: an item costs 24
/// bytes here, where two nodes with their values would cost a kilobyte.
struct AnalogProperties: Sendable {
    /// Which property of an item.
    enum Kind: Int32, CaseIterable, Sendable {
        case range = 0
        case units = 1

        var name: String { self == .range ? "EURange" : "EngineeringUnits" }
        var dataType: UInt32 { self == .range ? Standard.rangeType : Standard.euInformationType }
    }

    private struct Item: Sendable {
        var range: ValueRange
        /// Number of the item's node.
        var node: Int32
        /// Index into ``units``.
        var unit: Int32
    }

    private var items: [Item] = []
    private var units: [EUInformation] = []
    private var unitIndexes: [EUInformation: Int32] = [:]

    /// Adds an item and returns its number here.
    mutating func append(node: Int32, range: ValueRange, unit: EUInformation) -> Int32 {
        let index = unitIndexes[unit] ?? Int32(units.count)
        if index == units.count {
            units.append(unit)
            unitIndexes[unit] = index
        }
        items.append(Item(range: range, node: node, unit: index))
        return Int32(items.count - 1)
    }

    /// The number that the property of an item has as a node; below 0, where no kept node has its number.
    static func number(_ analog: Int32, _ kind: Kind) -> Int32 { -1 - (analog * 2 + kind.rawValue) }

    /// The item and property that a number below 0 stands for.
    static func property(_ number: Int32) -> (analog: Int32, kind: Kind) {
        let place = -1 - number
        return (place / 2, place % 2 == 0 ? .range : .units)
    }

    /// The node of the item that a property belongs to.
    func item(_ analog: Int32) -> Int32 { items[Int(analog)].node }

    func value(_ analog: Int32, _ kind: Kind) -> Variant {
        let item = items[Int(analog)]
        return switch kind {
        case .range: .extensionObject(ExtensionObject(item.range))
        case .units: .extensionObject(ExtensionObject(units[Int(item.unit)]))
        }
    }

    /// The NodeId of a property: the item's with the property's name after a dot.
    static func id(_ kind: Kind, of item: NodeId) -> NodeId {
        NodeId(namespace: item.namespace, string: "\(item.identifierText).\(kind.name)")
    }

    /// What a NodeId may be a property of: the items that would give their property this NodeId.
    static func candidates(_ id: NodeId) -> (kind: Kind, items: [NodeId])? {
        guard case .string(let text) = id.identifier,
            let kind = Kind.allCases.first(where: { text.hasSuffix("." + $0.name) })
        else { return nil }
        let item = String(text.dropLast(kind.name.count + 1))
        let others = ["i", "g", "b"].compactMap { NodeId("ns=\(id.namespace);\($0)=\(item)") }
        return (kind, [NodeId(namespace: id.namespace, string: item)] + others)
    }
}
