import OPCUAClient
import OPCUATypes

/// Reads what a server says of variables: in batches, once.
struct DetailReader {
    let browser: AddressSpaceBrowser

    private enum Property: String {
        case unit = "EngineeringUnits"
        case range = "EURange"
        case instrumentRange = "InstrumentRange"
        case strings = "EnumStrings"
        case values = "EnumValues"
        case trueState = "TrueState"
        case falseState = "FalseState"
        case version = "NodeVersion"
    }

    /// Nodes that are asked about at once: the answers on all of a large server's take many times the room of what
    /// is kept of them.
    private static let nodesMax = 4_096

    /// One result each, in order; what a server does not say stays unknown.
    func details(of nodes: [NodeId]) async throws -> [TagDetails] {
        var details: [TagDetails] = []
        details.reserveCapacity(nodes.count)
        for start in stride(from: 0, to: nodes.count, by: Self.nodesMax) {
            details += try await self.details(of: nodes[start..<min(nodes.count, start + Self.nodesMax)])
        }
        return details
    }

    private func details(of nodes: ArraySlice<NodeId>) async throws -> [TagDetails] {
        var details = try await attributes(of: nodes)
        let results = try await browser.browse(nodes.map { .properties($0) })
        var found: [(index: Int, property: Property, node: NodeId)] = []
        for (index, result) in results.enumerated() {
            for reference in result.references {
                guard let property = reference.browseName.name.flatMap(Property.init),
                    let node = reference.nodeId.ofThisServer
                else { continue }
                found.append((index, property, node))
            }
        }
        guard !found.isEmpty else { return details }
        let values = try await browser.connection.read(found.map { ($0.node, .value) }, limits: browser.limits)
        var states: [Int: [Int64: String]] = [:]
        for (place, value) in zip(found, values) {
            switch place.property {
            case .trueState, .falseState:
                guard case .localizedText(let text) = value.value, let word = text.text else { continue }
                states[place.index, default: [:]][place.property == .trueState ? 1 : 0] = word
            case .version: details[place.index].version = .init(node: place.node, text: value.value)
            default: Self.take(value.value, as: place.property, into: &details[place.index])
            }
        }
        for (index, words) in states where details[index].names == nil {
            details[index].names = ValueNames(words.map { ($0, $1) })
        }
        return details
    }

    private func attributes(of nodes: ArraySlice<NodeId>) async throws -> [TagDetails] {
        let wanted: [AttributeID] = [.dataType, .valueRank, .description]
        let values = try await browser.connection.read(
            nodes.flatMap { node in wanted.map { (node, $0) } }, limits: browser.limits)
        return (0..<nodes.count).map { index in
            var details = TagDetails.unknown
            if case .nodeId(let type) = values[3 * index].value { details.dataType = type }
            if case .int32(let rank) = values[3 * index + 1].value { details.valueRank = rank }
            if case .localizedText(let text) = values[3 * index + 2].value, text.text != "" {
                details.description = text.text
            }
            return details
        }
    }

    private static func take(_ value: Variant, as property: Property, into details: inout TagDetails) {
        func structure<T: Structure>(_ type: T.Type) -> T? {
            guard case .extensionObject(let object) = value else { return nil }
            // A property that cannot be read says nothing; the variable itself is read all the same.
            return try? object.decode(as: type)
        }
        switch property {
        case .unit: details.unit = structure(EUInformation.self)?.displayName.text
        case .range: details.range = structure(ValueRange.self)
        case .instrumentRange: details.instrumentRange = structure(ValueRange.self)
        case .strings, .values: details.names = ValueNames(property: value) ?? details.names
        case .trueState, .falseState, .version: break
        }
    }
}
