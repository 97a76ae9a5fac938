import OPCUAClient
import OPCUATypes

/// Learns a server's own data types: reads their definitions, and those of the types in their fields (Part 3, 5.8).
struct TypeReader {
    let browser: AddressSpaceBrowser

    /// A type may lie below others, and its fields have types in turn; deeper than this no model goes.
    private static let roundsMax = 32

    /// What a server says of one type.
    private struct Description {
        var name: String
        var definition: ExtensionObject?
        var supertype: NodeId?
        var encodings: [NodeId] = []
        /// EnumStrings or EnumValues, of servers before DataTypeDefinition.
        var names: EnumDefinition?
    }

    /// Adds types, with all that their values need, to what is known.
    /// - Parameters:
    ///   - encodings: of ExtensionObjects whose type is wanted.
    func learn(_ types: [NodeId], encodings: [NodeId] = [], into known: DataTypes) async throws -> DataTypes {
        var dictionary = known.dictionary
        var wanted = types + (try await self.types(of: encodings, into: &dictionary))
        var descriptions: [NodeId: Description] = [:]
        for _ in 0..<Self.roundsMax {
            var seen: Set<NodeId> = []
            let open = (wanted + dictionary.missing).filter {
                !dictionary.isKnown($0) && !$0.isNull && descriptions[$0] == nil && seen.insert($0).inserted
            }
            guard !open.isEmpty else { break }
            guard descriptions.count + open.count <= DataTypeDictionary.maxTypes else { break }
            for (type, description) in zip(open, try await describe(open)) { descriptions[type] = description }
            wanted += open.compactMap { descriptions[$0]?.supertype }
            Self.add(descriptions, to: &dictionary)
        }
        return DataTypes(dictionary)
    }

    /// Adds what can be added: a type without a definition waits for its supertype.
    private static func add(_ descriptions: [NodeId: Description], to dictionary: inout DataTypeDictionary) {
        var changed = true
        while changed {
            changed = false
            for (type, description) in descriptions where !dictionary.isKnown(type) {
                // A definition that is malformed or too large leaves the type unknown; its values stay as they came.
                try? add(type, description, to: &dictionary)
                if dictionary.isKnown(type) { changed = true }
            }
        }
    }

    private static func add(
        _ type: NodeId, _ description: Description, to dictionary: inout DataTypeDictionary
    ) throws(DataTypeDefinitionError) {
        for encoding in description.encodings { try dictionary.add(encoding: encoding, of: type) }
        if let definition = description.definition {
            // Whether an enumeration is an option set is its supertype's to say.
            if let supertype = description.supertype, !dictionary.isKnown(supertype) { return }
            try dictionary.add(
                type, name: description.name, definition: definition, supertype: description.supertype)
        } else if let names = description.names {
            try dictionary.add(type, name: description.name, names)
        } else if let supertype = description.supertype {
            try dictionary.add(type, name: description.name, like: supertype)
        }
    }

    /// The types that have the encodings (inverse HasEncoding), with the encodings noted.
    private func types(of encodings: [NodeId], into dictionary: inout DataTypeDictionary) async throws -> [NodeId] {
        guard !encodings.isEmpty else { return [] }
        let results = try await browser.browse(
            encodings.map { $0.browse(.inverse, StandardNode.hasEncoding, classes: 0) })
        var types: [NodeId] = []
        for (encoding, result) in zip(encodings, results) {
            guard let type = result.references.first?.nodeId.ofThisServer else { continue }
            try dictionary.add(encoding: encoding, of: type)
            types.append(type)
        }
        return types
    }

    private func describe(_ types: [NodeId]) async throws -> [Description] {
        let values = try await browser.connection.read(
            types.flatMap { [($0, AttributeID.browseName), ($0, .dataTypeDefinition)] }, limits: browser.limits)
        var descriptions = types.indices.map { index in
            var description = Description(name: types[index].description)
            if case .qualifiedName(let name) = values[2 * index].value { description.name = name.name ?? "" }
            if case .extensionObject(let definition) = values[2 * index + 1].value {
                description.definition = definition
            }
            return description
        }
        let supertypes = try await browser.browse(
            types.map { $0.browse(.inverse, StandardNode.hasSubtype, classes: 0) })
        let encodings = try await browser.browse(
            types.map { $0.browse(.forward, StandardNode.hasEncoding, classes: 0) })
        let properties = try await browser.browse(types.map { .properties($0) })
        var named: [(index: Int, node: NodeId)] = []
        for index in types.indices {
            descriptions[index].supertype = supertypes[index].references.first?.nodeId.ofThisServer
            descriptions[index].encodings = encodings[index].references
                .filter { $0.browseName.name == "Default Binary" }.compactMap(\.nodeId.ofThisServer)
            let names = properties[index].references.first {
                $0.browseName.name == "EnumValues" || $0.browseName.name == "EnumStrings"
            }
            if let node = names?.nodeId.ofThisServer { named.append((index, node)) }
        }
        let words = try await browser.connection.read(named.map { ($0.node, .value) }, limits: browser.limits)
        for (place, value) in zip(named, words) {
            guard let names = ValueNames(property: value.value) else { continue }
            descriptions[place.index].names = EnumDefinition(
                fields: names.words.map { EnumField(value: $0.key, name: $0.value) })
        }
        return descriptions
    }
}
