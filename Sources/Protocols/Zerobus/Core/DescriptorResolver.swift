import SwiftProtobuf

/// Resolves the type names of a descriptor inside that descriptor.
///
/// The package is not transmitted, so a name is right when it starts with a dot and ends with the path of a nested
/// type, `.any.package.Outer.Inner`; the part in front of the outermost message must be the same everywhere.
struct DescriptorResolver {
    /// Messages in messages; deeper ones are refused, recursive ones have no column type anyway.
    private static let maxDepth = 16

    /// Fields of all messages together: nesting can multiply a short descriptor without end.
    private static let maxFields = 20_000

    let root: Google_Protobuf_DescriptorProto
    private var fieldsLeft = Self.maxFields

    init(root: Google_Protobuf_DescriptorProto) {
        self.root = root
    }

    mutating func fields(
        of message: Google_Protobuf_DescriptorProto, path: [String]
    ) throws(ZerobusError) -> [RecordDescriptor.Field] {
        guard path.count <= Self.maxDepth else { throw .invalid("messages are nested more than \(Self.maxDepth) deep") }
        fieldsLeft -= message.field.count
        guard fieldsLeft >= 0 else { throw .invalid("the nested messages have more than \(Self.maxFields) fields") }
        var fields: [RecordDescriptor.Field] = []
        var numbers: Set<Int32> = []
        var names: Set<String> = []
        for field in message.field {
            guard (1...536_870_911).contains(field.number), numbers.insert(field.number).inserted else {
                throw .invalid("field '\(field.name)' has the number \(field.number), which is taken or out of range")
            }
            guard !field.name.isEmpty, names.insert(field.name).inserted else {
                throw .invalid("two fields are named '\(field.name)'")
            }
            fields.append(
                RecordDescriptor.Field(
                    number: Int(field.number), name: field.name, isRequired: field.label == .required,
                    kind: try kind(of: field, path: path)))
        }
        return fields
    }

    private mutating func kind(
        of field: Google_Protobuf_FieldDescriptorProto, path: [String]
    ) throws(ZerobusError) -> RecordDescriptor.Kind {
        let element: RecordDescriptor.Element
        switch field.type {
        case .message:
            let (target, targetPath) = try message(named: field.typeName, for: field.name)
            if target.options.mapEntry {
                guard field.label == .repeated else { throw .invalid("map field '\(field.name)' is not repeated") }
                return try map(target, path: targetPath, field: field.name)
            }
            // A message inside itself has no end.
            guard !path.starts(with: targetPath) else {
                throw .invalid("message of field '\(field.name)' is recursive")
            }
            element = .message(try fields(of: target, path: path + [targetPath.last ?? ""]))
        case .enum:
            try checkEnum(named: field.typeName, for: field.name)
            element = .scalar(.enumeration)
        default:
            element = .scalar(try scalar(field))
        }
        return field.label == .repeated ? .repeated(element) : .one(element)
    }

    private mutating func map(
        _ entry: Google_Protobuf_DescriptorProto, path: [String], field: String
    ) throws(ZerobusError) -> RecordDescriptor.Kind {
        let parts = try fields(of: entry, path: path)
        guard let key = parts.first(where: { $0.number == 1 }), let value = parts.first(where: { $0.number == 2 }),
            parts.count == 2, case .one(.scalar(let keyType)) = key.kind, case .one(let element) = value.kind
        else { throw .invalid("the entry of map field '\(field)' is not a key 1 and a value 2") }
        switch keyType {
        case .double, .float, .bytes, .enumeration: throw .invalid("map field '\(field)' has \(keyType.rawValue) keys")
        default: return .map(key: keyType, value: element)
        }
    }

    private func scalar(_ field: Google_Protobuf_FieldDescriptorProto) throws(ZerobusError) -> RecordDescriptor.Scalar {
        switch field.type {
        case .double: .double
        case .float: .float
        case .int64: .int64
        case .uint64: .uint64
        case .int32: .int32
        case .fixed64: .fixed64
        case .fixed32: .fixed32
        case .bool: .bool
        case .string: .string
        case .bytes: .bytes
        case .uint32: .uint32
        case .sfixed32: .sfixed32
        case .sfixed64: .sfixed64
        case .sint32: .sint32
        case .sint64: .sint64
        case .group, .message, .enum: throw .invalid("field '\(field.name)' is a group")
        }
    }

    // MARK: Names

    private func message(
        named typeName: String, for field: String
    ) throws(ZerobusError) -> (Google_Protobuf_DescriptorProto, path: [String]) {
        for path in candidates(typeName) {
            var message = root
            var found = true
            for name in path.dropFirst() {
                guard let next = message.nestedType.first(where: { $0.name == name }) else {
                    found = false
                    break
                }
                message = next
            }
            if found { return (message, path) }
        }
        throw notSelfContained(typeName, field)
    }

    private func checkEnum(named typeName: String, for field: String) throws(ZerobusError) {
        for path in candidates(typeName) {
            guard let last = path.last, path.count > 1 else { continue }
            var message: Google_Protobuf_DescriptorProto? = root
            for name in path.dropFirst().dropLast() {
                message = message?.nestedType.first { $0.name == name }
            }
            if message?.enumType.contains(where: { $0.name == last }) == true { return }
        }
        throw notSelfContained(typeName, field)
    }

    /// The ways to read a full name as a path from the root: the package may hold the root's own name.
    private func candidates(_ typeName: String) -> [[String]] {
        guard typeName.hasPrefix(".") else { return [] }
        let parts = typeName.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return parts.indices.filter { parts[$0] == root.name }.map { Array(parts[$0...]) }
    }

    private func notSelfContained(_ typeName: String, _ field: String) -> ZerobusError {
        .invalid(
            "Proto validation error: Proto not self-contained for field \"\(field)\" with type name "
                + "\"\(typeName)\". Error Code: 4033, Error State: 4.")
    }
}
