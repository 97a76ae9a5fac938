import ConnectorModel
import JSONSupport

// Documents of which only some places are read: JSON pointers and field mapping.

extension PayloadMapper {
    /// Maps the places that the options name.
    /// - Returns: why nothing could be read; nil when something was.
    mutating func mapPlaces(_ payload: UnsafeRawBufferPointer) throws(JSONError) -> String? {
        // The whole document is checked first: one that was cut short has no place to be believed.
        var checker = JSONScanner(payload, takesNonFinite: true)
        _ = try checker.whole(try checker.next())
        try Self.expectEnd(&checker)

        var root = payload
        var context = try self.context(of: payload)
        if let pointer = options.pointer {
            guard let found = try pointer.find(in: payload) else { return "there is nothing at \(pointer)" }
            root = found
        }
        if let time = options.timeField, time.isPointer { context.time = try self.time(at: time, payload) }
        if !options.fields.isEmpty { return try mapFields(root, context) }
        if let value = options.valueField, value.isPointer {
            guard let found = try value.find(in: root) else { return "there is no value at \(value)" }
            try append(found, context)
        } else {
            try mapJSON(root, context)
        }
        return nil
    }

    private mutating func mapFields(
        _ root: UnsafeRawBufferPointer, _ context: PayloadContext
    ) throws(JSONError) -> String? {
        for field in options.fields {
            guard let found = try field.place.find(in: root) else { continue }
            var own = context
            own.key = field.name
            try append(found, own)
        }
        guard readings.isEmpty else { return nil }
        return "it has none of the fields \(options.fields.map(\.place.description).joined(separator: ", "))"
    }

    /// Appends the value that is the whole of a text.
    private mutating func append(_ text: UnsafeRawBufferPointer, _ context: PayloadContext) throws(JSONError) {
        var scanner = JSONScanner(text, takesNonFinite: true)
        let token = try scanner.next()
        if token.kind == .beginObject || token.kind == .beginArray {
            readings.append(Self.json(text, context))
        } else {
            readings.append(scalar(token, scanner, context))
        }
    }

    private func time(at place: JSONPlace, _ payload: UnsafeRawBufferPointer) throws(JSONError) -> Timestamp? {
        guard let found = try place.find(in: payload) else { return nil }
        var scanner = JSONScanner(found, takesNonFinite: true)
        return PayloadTime.time(try scanner.next(), scanner)
    }

    /// Time and quality that the outermost object states.
    private mutating func context(of payload: UnsafeRawBufferPointer) throws(JSONError) -> PayloadContext {
        var scanner = JSONScanner(payload, takesNonFinite: true)
        guard try scanner.next().kind == .beginObject else { return PayloadContext() }
        defer { members.removeAll(keepingCapacity: true) }
        try collectMembers(&scanner)
        return PayloadObject(members[...], scanner).context(below: PayloadContext(), isElement: false)
    }
}
