import ConnectorModel
import OPCUATypes

/// What tags are called in rows and pages. Where several nodes have the same browse path, those after the first are
/// told apart by their NodeId: an address means one tag.
struct TagNaming {
    private var taken: Set<String> = []

    /// An address that a tag has already.
    mutating func isTaken(_ address: String) { taken.insert(address) }

    /// The address of a tag that has none yet.
    mutating func address(of variable: Variable) -> String {
        if taken.insert(variable.path).inserted { return variable.path }
        let address = Self.second(variable)
        taken.insert(address)
        return address
    }

    /// What a variable is called when another has its path.
    static func second(_ variable: Variable) -> String {
        "\(variable.path) (\(variable.node?.description ?? variable.name))"
    }

    static func definition(of tag: TagTable.Tag, at address: String) -> TagDefinition {
        TagDefinition(
            address: address, name: tag.variable.name, unit: tag.details.unit, metadata: metadata(of: tag))
    }

    private static func metadata(of tag: TagTable.Tag) -> [String: String] {
        var metadata: [String: String] = [:]
        if let node = tag.variable.node {
            metadata["node_id"] = node.description
            metadata["namespace"] = "\(node.namespace)"
        }
        metadata["description"] = tag.details.description
        metadata["eu_low"] = tag.details.range.map { "\($0.low)" }
        metadata["eu_high"] = tag.details.range.map { "\($0.high)" }
        metadata["instrument_low"] = tag.details.instrumentRange.map { "\($0.low)" }
        metadata["instrument_high"] = tag.details.instrumentRange.map { "\($0.high)" }
        return metadata
    }
}
