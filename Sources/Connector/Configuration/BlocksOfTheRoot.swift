import YAMLSupport

/// Sources that files in use have as blocks at the root: `opcua`, `mqtt`, `modbus`, `rest` and `database`, each one source
/// named after its block.
extension SourceSection {
    static func blocksOfTheRoot(_ root: inout Section) -> [Section] {
        ["opcua", "mqtt", "modbus", "rest", "database"].compactMap { name in
            guard var block = root.blockInstead(name, of: "sources") else { return nil }
            block.put("name", name)
            block.put("protocol", name == "database" ? "sql" : name)
            return block
        }
    }
}
