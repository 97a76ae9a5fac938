import NIOCore

/// A structure with the NodeId of its encoding; the body stays opaque until someone knows the type (Part 6, 5.2.2.15).
public struct ExtensionObject: Hashable, Sendable {
    /// NodeId of the encoding, not of the data type.
    public var typeId: NodeId
    public var body: Body

    /// How the body came.
    public enum Body: Hashable, Sendable {
        case none
        case binary(ByteString)
        case xml(XmlElement)
    }

    public static let null = ExtensionObject(typeId: .null, body: .none)

    public init(typeId: NodeId, body: Body) {
        self.typeId = typeId
        self.body = body
    }

    /// Wraps a structure of the standard.
    public init<T: Structure>(_ structure: T) {
        typeId = NodeId(T.binaryEncodingId)
        body = .binary(ByteString(structure.encoded().readableBytesView))
    }

    /// The structure, when the object holds one of this type; nil for another type.
    public func decode<T: Structure>(
        as type: T.Type, limits: DecodingLimits = DecodingLimits()
    ) throws(BinaryDecodingError) -> T? {
        guard typeId.standard == T.binaryEncodingId, case .binary(let bytes) = body else { return nil }
        return try T(decoding: ByteBuffer(bytes: bytes.bytes), limits: limits)
    }
}

extension ExtensionObject: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        typeId = try NodeId(from: &reader)
        switch try reader.readUInt8() {
        case 0: body = .none
        case 1: body = .binary(try ByteString.read(from: &reader) ?? ByteString([]))
        case 2: body = .xml(try XmlElement.read(from: &reader) ?? XmlElement(""))
        default: throw .invalid(.extensionObject)
        }
    }

    public func encode(to writer: inout BinaryWriter) {
        typeId.encode(to: &writer)
        switch body {
        case .none:
            writer.write(0 as UInt8)
        case .binary(let bytes):
            writer.write(1 as UInt8)
            writer.write(lengthPrefixed: bytes.bytes)
        case .xml(let element):
            writer.write(2 as UInt8)
            writer.write(string: element.text)
        }
    }
}
