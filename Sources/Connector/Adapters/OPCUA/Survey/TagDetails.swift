import OPCUATypes

/// What a server says of a variable once; it becomes a tag's metadata and the form of its values.
struct TagDetails: Hashable, Sendable {
    /// The display name of its EngineeringUnits (Part 8, 5.6.3.2).
    var unit: String?
    /// EURange (Part 8, 5.6.2.2): what the value is in normal operation.
    var range: ValueRange?
    /// InstrumentRange: what the instrument can give.
    var instrumentRange: ValueRange?
    var description: String?
    var dataType = NodeId.null
    /// -1 scalar, 1 one dimension (Part 3, 8.6).
    var valueRank: Int32 = -1
    /// Names of the variable's own numbers (MultiStateDiscrete, TwoStateDiscrete; Part 8, 5.3.3).
    var names: ValueNames?

    var version: Version?

    static let unknown = TagDetails()

    /// The NodeVersion of a variable (Part 3, 9.32.2): another one says that what is known of it may no longer hold.
    struct Version: Hashable, Sendable {
        /// The property.
        var node: NodeId
        var text: Variant
    }
}

/// Words for numbers.
struct ValueNames: Hashable, Sendable {
    /// A server may describe an enumeration as large as it likes.
    static let namesMax = 10_000

    private(set) var words: [Int64: String] = [:]

    /// The word of each number from 0 on (EnumStrings; Part 3, 8.40).
    init(strings: [String?]) {
        for (index, word) in strings.prefix(Self.namesMax).enumerated() {
            if let word, !word.isEmpty { words[Int64(index)] = word }
        }
    }

    /// - Parameter values: numbers with their words (EnumValues, EnumDefinition; Part 3, 8.39 and 8.51).
    init(_ values: some Sequence<(Int64, String?)>) {
        for (value, word) in values.prefix(Self.namesMax) {
            if let word, !word.isEmpty { words[value] = word }
        }
    }

    var isEmpty: Bool { words.isEmpty }

    subscript(number: Int64) -> String? { words[number] }

    /// The words in a property's value: LocalizedTexts or EnumValueTypes; nil for anything else.
    init?(property value: Variant) {
        guard case .array(let array) = value else { return nil }
        switch array.elements {
        case .localizedText(let texts): self.init(strings: texts.map(\.text))
        case .extensionObject(let objects):
            self.init(
                objects.compactMap { object in
                    guard let value = try? object.decode(as: EnumValueType.self) else { return nil }
                    return (value.value, value.displayName.text)
                })
        default: return nil
        }
        if isEmpty { return nil }
    }

    init(_ definition: EnumDefinition) {
        self.init(definition.fields.map { ($0.value, $0.name ?? $0.displayName.text) })
    }
}
