/// A name with the namespace it belongs to (Part 6, 5.2.2.13).
public struct QualifiedName: Hashable, Sendable, BinaryCodable {
    public var namespace: UInt16
    public var name: String?

    public static let null = QualifiedName(nil)

    public init(_ name: String?, namespace: UInt16 = 0) {
        self.namespace = namespace
        self.name = name
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        namespace = try reader.readUInt16()
        name = try String.read(from: &reader)
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(namespace)
        writer.write(string: name)
    }
}

extension QualifiedName: CustomStringConvertible {
    /// `2:name`, or `name` in namespace 0.
    public var description: String { namespace == 0 ? name ?? "" : "\(namespace):\(name ?? "")" }
}

/// Text in a language (Part 6, 5.2.2.14).
public struct LocalizedText: Hashable, Sendable, BinaryCodable {
    public var locale: String?
    public var text: String?

    public static let null = LocalizedText(nil)

    public init(_ text: String?, locale: String? = nil) {
        self.locale = locale
        self.text = text
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        let mask = try reader.readUInt8()
        locale = mask & 1 == 0 ? nil : try String.read(from: &reader)
        text = mask & 2 == 0 ? nil : try String.read(from: &reader)
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write((locale == nil ? 0 : 1) | (text == nil ? 0 : 2) as UInt8)
        if let locale { writer.write(string: locale) }
        if let text { writer.write(string: text) }
    }
}
