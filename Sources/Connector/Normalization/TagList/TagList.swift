package import ConnectorModel

/// The tags of a source as a file lists them: one line, one tag.
package struct TagList: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        /// Where it stands in the file, counted from 1.
        package var line: Int
        /// As the file has it.
        package var address: String
        package var setting: TagSetting
        /// What the columns of the protocol say, by their names; an empty field says nothing.
        package var own: [String: String]

        package init(line: Int, address: String, setting: TagSetting, own: [String: String] = [:]) {
            self.line = line
            self.address = address
            self.setting = setting
            self.own = own
        }
    }

    package private(set) var rows: [Row]
    /// Whether tags that the list lacks are not read: where the protocol brings tags by itself.
    package var selects = false
    /// The row of an address, a NodeId, or a NodeId without its namespace.
    private var index: [String: Int] = [:]

    package init(_ rows: [Row]) {
        self.rows = rows
        for (number, row) in rows.enumerated() { addIndex(row.address, number) }
    }

    package static func == (left: TagList, right: TagList) -> Bool {
        left.rows == right.rows && left.selects == right.selects && left.index == right.index
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(rows) }

    /// Says under which addresses the tags of a row are known to the connector, where the file calls them otherwise.
    package mutating func setAddresses(_ addresses: [String], of number: Int) {
        for address in addresses { addIndex(address, number) }
    }

    /// A setting of a row that the protocol has taken care of is not done a second time.
    package mutating func update(_ number: Int, _ change: (inout TagSetting) -> Void) { change(&rows[number].setting) }

    private mutating func addIndex(_ address: String, _ number: Int) {
        if index[address] == nil { index[address] = number }
        // The index of a namespace is not known before the server says it.
        guard address.hasPrefix("nsu="), let end = address.firstIndex(of: ";") else { return }
        let identifier = ";" + address[address.index(after: end)...]
        if index[identifier] == nil { index[identifier] = number }
    }

    private func number(of tag: TagDefinition) -> Int? {
        if let number = index[tag.address] { return number }
        guard let node = tag.metadata["node_id"] else { return nil }
        if let number = index[node] { return number }
        guard node.hasPrefix("ns="), let end = node.firstIndex(of: ";") else { return nil }
        return index[String(node[end...])]
    }

    package func contains(_ tag: TagDefinition) -> Bool { number(of: tag) != nil }

    package func setting(for tag: TagDefinition) -> TagSetting? { number(of: tag).map { rows[$0].setting } }
}
