import OPCUATypes

/// One line of the table of namespace 0.
struct StandardNode {
    var id: UInt32
    var nodeClass: NodeClass
    var name: String
    var parent: UInt32
    var reference: UInt32
    var type: UInt32
    var dataType: UInt32
    var valueRank: Int32
    var isAbstract: Bool
    var inverseName: String?

    /// The whole table.
    static var all: [StandardNode] {
        standardNodeTable.description.split(separator: "\n").compactMap { StandardNode($0.split(separator: " ")) }
    }

    private init?(_ words: [Substring]) {
        guard words.count >= 8, let id = UInt32(words[0]), let nodeClass = Self.classes[words[1]],
            let parent = UInt32(words[3]), let reference = UInt32(words[4]), let type = UInt32(words[5]),
            let dataType = UInt32(words[6]), let valueRank = Int32(words[7])
        else { return nil }
        self.id = id
        self.nodeClass = nodeClass
        name = String(words[2])
        self.parent = parent
        self.reference = reference
        self.type = type
        self.dataType = dataType
        self.valueRank = valueRank
        let rest = words.dropFirst(8)
        isAbstract = rest.contains("abstract")
        inverseName = rest.first { $0 != "abstract" }.map(String.init)
    }

    private static let classes: [Substring: NodeClass] = [
        "O": .object, "V": .variable, "T": .objectType, "U": .variableType, "D": .dataType, "R": .referenceType,
        "M": .method,
    ]
}
