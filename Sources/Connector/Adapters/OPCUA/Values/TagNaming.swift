import ConnectorModel
import OPCUATypes

/// What a tag is called in rows and pages.
enum TagNaming {
    /// One definition each. Where several nodes have the same browse path, those after the first are told apart by
    /// their NodeId: an address means one tag.
    static func definitions(of tags: [TagTable.Tag]) -> [TagDefinition] {
        var taken: Set<String> = []
        return tags.map { tag in
            let variable = tag.variable
            var address = variable.path
            if !taken.insert(address).inserted {
                address += " (\(variable.node?.description ?? variable.name))"
                taken.insert(address)
            }
            return TagDefinition(
                address: address, name: variable.name, unit: tag.details.unit, metadata: metadata(of: tag))
        }
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
