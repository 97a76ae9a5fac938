/// The identifier of a node in a server's address space (Part 3, 8.2; Part 6, 5.2.2.9).
public struct NodeId: Hashable, Sendable {
    /// Index into the server's namespace array; 0 is the standard's own namespace.
    public var namespace: UInt16
    public var identifier: Identifier

    /// The four kinds of identifier.
    public enum Identifier: Hashable, Sendable {
        case numeric(UInt32)
        case string(String)
        case guid(Guid)
        case opaque(ByteString)
    }

    public static let null = NodeId(0)

    public init(namespace: UInt16, identifier: Identifier) {
        self.namespace = namespace
        self.identifier = identifier
    }

    /// A node of the standard's own namespace.
    public init(_ numeric: UInt32) { self.init(namespace: 0, identifier: .numeric(numeric)) }
    public init(namespace: UInt16, numeric: UInt32) { self.init(namespace: namespace, identifier: .numeric(numeric)) }
    public init(namespace: UInt16, string: String) { self.init(namespace: namespace, identifier: .string(string)) }

    /// True for the null NodeId of every kind (Part 3, 8.2.4).
    public var isNull: Bool {
        guard namespace == 0 else { return false }
        return switch identifier {
        case .numeric(let number): number == 0
        case .string(let text): text.isEmpty
        case .guid(let guid): guid == .zero
        case .opaque(let bytes): bytes.bytes.isEmpty
        }
    }

    /// The identifier when it is a number of namespace 0, else nil.
    @inlinable public var standard: UInt32? {
        if namespace == 0, case .numeric(let number) = identifier { number } else { nil }
    }
}

/// First byte of a NodeId: its form in the low six bits, and two flags of ExpandedNodeId (Part 6, table 16).
enum NodeIdForm {
    static let twoByte: UInt8 = 0
    static let fourByte: UInt8 = 1
    static let numeric: UInt8 = 2
    static let string: UInt8 = 3
    static let guid: UInt8 = 4
    static let byteString: UInt8 = 5
    static let serverIndexFlag: UInt8 = 0x40
    static let namespaceURIFlag: UInt8 = 0x80
}

extension NodeId: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        let form = try reader.readUInt8()
        // The flags belong to ExpandedNodeId only.
        guard form & 0xC0 == 0 else { throw .invalid(.nodeId) }
        try self.init(form: form, from: &reader)
    }

    init(form: UInt8, from reader: inout BinaryReader) throws(BinaryDecodingError) {
        switch form & 0x3F {
        case NodeIdForm.twoByte:
            self.init(UInt32(try reader.readUInt8()))
        case NodeIdForm.fourByte:
            let namespace = UInt16(try reader.readUInt8())
            self.init(namespace: namespace, numeric: UInt32(try reader.readUInt16()))
        case NodeIdForm.numeric:
            let namespace = try reader.readUInt16()
            self.init(namespace: namespace, numeric: try reader.readUInt32())
        case NodeIdForm.string:
            let namespace = try reader.readUInt16()
            self.init(namespace: namespace, string: try String.read(from: &reader) ?? "")
        case NodeIdForm.guid:
            let namespace = try reader.readUInt16()
            self.init(namespace: namespace, identifier: .guid(try Guid(from: &reader)))
        case NodeIdForm.byteString:
            let namespace = try reader.readUInt16()
            let bytes = try ByteString.read(from: &reader) ?? ByteString([])
            self.init(namespace: namespace, identifier: .opaque(bytes))
        default:
            throw .invalid(.nodeId)
        }
    }

    public func encode(to writer: inout BinaryWriter) { encode(flags: 0, to: &writer) }

    /// Writes the shortest form that holds the identifier.
    func encode(flags: UInt8, to writer: inout BinaryWriter) {
        switch identifier {
        case .numeric(let number):
            if namespace == 0, number <= 0xFF {
                writer.write(NodeIdForm.twoByte | flags)
                writer.write(UInt8(truncatingIfNeeded: number))
            } else if namespace <= 0xFF, number <= 0xFFFF {
                writer.write(NodeIdForm.fourByte | flags)
                writer.write(UInt8(truncatingIfNeeded: namespace))
                writer.write(UInt16(truncatingIfNeeded: number))
            } else {
                writer.write(NodeIdForm.numeric | flags)
                writer.write(namespace)
                writer.write(number)
            }
        case .string(let text):
            writer.write(NodeIdForm.string | flags)
            writer.write(namespace)
            writer.write(string: text)
        case .guid(let guid):
            writer.write(NodeIdForm.guid | flags)
            writer.write(namespace)
            guid.encode(to: &writer)
        case .opaque(let bytes):
            writer.write(NodeIdForm.byteString | flags)
            writer.write(namespace)
            writer.write(lengthPrefixed: bytes.bytes)
        }
    }
}
