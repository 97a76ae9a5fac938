public import NIOCore

/// A value that can be read from the OPC UA binary encoding.
public protocol BinaryDecodable {
    init(from reader: inout BinaryReader) throws(BinaryDecodingError)
}

/// A value that can be written in the OPC UA binary encoding.
public protocol BinaryEncodable {
    func encode(to writer: inout BinaryWriter)
}

public typealias BinaryCodable = BinaryDecodable & BinaryEncodable

extension BinaryDecodable {
    /// Decodes one value from the readable bytes of a buffer; bytes after it are ignored, as newer peers may append.
    public init(decoding buffer: ByteBuffer, limits: DecodingLimits = DecodingLimits()) throws(BinaryDecodingError) {
        let result = buffer.withUnsafeReadableBytes { bytes -> Result<Self, BinaryDecodingError> in
            var reader = BinaryReader(bytes, limits: limits)
            do throws(BinaryDecodingError) {
                return .success(try Self(from: &reader))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

extension BinaryEncodable {
    /// The value's bytes.
    public func encoded() -> ByteBuffer {
        var writer = BinaryWriter()
        encode(to: &writer)
        return writer.buffer
    }
}

/// A structured type with a binary encoding of its own (Part 6, 5.2.6).
public protocol Structure: BinaryCodable, Hashable, Sendable {
    /// Numeric NodeId in namespace 0 of the binary encoding; 0 when the structure never travels alone.
    static var binaryEncodingId: UInt32 { get }
}

/// A request of a service (Part 4, 5).
public protocol ServiceRequest: Structure {
    associatedtype Response: ServiceResponse
    var requestHeader: RequestHeader { get set }
}

/// A response of a service (Part 4, 5).
public protocol ServiceResponse: Structure {
    var responseHeader: ResponseHeader { get set }
}

extension FixedWidthInteger where Self: BitwiseCopyable {
    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        self = try reader.readInteger()
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(self) }
}

extension Int8: BinaryCodable {}
extension UInt8: BinaryCodable {}
extension Int16: BinaryCodable {}
extension UInt16: BinaryCodable {}
extension Int32: BinaryCodable {}
extension UInt32: BinaryCodable {}
extension Int64: BinaryCodable {}
extension UInt64: BinaryCodable {}

extension Bool: BinaryCodable {
    /// Any byte but 0 is true (Part 6, 5.2.2.1).
    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        self = try reader.readUInt8() != 0
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(self ? 1 as UInt8 : 0) }
}

extension Float: BinaryCodable {
    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        self.init(bitPattern: try reader.readUInt32())
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(bitPattern) }
}

extension Double: BinaryCodable {
    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        self.init(bitPattern: try reader.readUInt64())
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(bitPattern) }
}

/// A type whose encoding has a null: String, ByteString, XmlElement.
public protocol Nullable {
    static func read(from reader: inout BinaryReader) throws(BinaryDecodingError) -> Self?
    static func write(_ value: Self?, to writer: inout BinaryWriter)
}

extension Optional: BinaryDecodable where Wrapped: Nullable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) { self = try Wrapped.read(from: &reader) }
}

extension Optional: BinaryEncodable where Wrapped: Nullable {
    public func encode(to writer: inout BinaryWriter) { Wrapped.write(self, to: &writer) }
}

extension String: Nullable {
    /// UTF-8 text; bytes that are not UTF-8 become U+FFFD, as one bad name must not cost the whole message.
    public static func read(from reader: inout BinaryReader) throws(BinaryDecodingError) -> String? {
        guard let bytes = try reader.readLengthPrefixed() else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
    public static func write(_ value: String?, to writer: inout BinaryWriter) { writer.write(string: value) }
}

extension Array: BinaryDecodable where Element: BinaryDecodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        self = try reader.readArray(Element.self)
    }
}

extension Array: BinaryEncodable where Element: BinaryEncodable {
    public func encode(to writer: inout BinaryWriter) { writer.write(array: self) }
}
