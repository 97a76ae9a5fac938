import ProtobufWire

/// Reads the fields of one protobuf message; whatever is wrong with the bytes is `PayloadError.malformed`.
///
/// A field of a known number with another wire type than its own is malformed; unknown fields are skipped.
struct FieldReader {
    private var wire: WireReader
    private var type = WireType.varint

    init(_ bytes: UnsafeRawBufferPointer) { wire = WireReader(bytes) }

    /// The number of the next field; nil at the end of the message.
    @inline(__always)
    mutating func next() throws(PayloadError) -> UInt32? {
        do {
            guard let tag = try wire.tag() else { return nil }
            type = tag.type
            return tag.field
        } catch {
            throw .malformed
        }
    }

    @inline(__always)
    mutating func varint() throws(PayloadError) -> UInt64 {
        guard type == .varint else { throw .malformed }
        do { return try wire.varint() } catch { throw .malformed }
    }

    /// 32 bits of a varint; writers that extend the sign of a negative number send ten bytes.
    @inline(__always)
    mutating func uint32() throws(PayloadError) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }

    @inline(__always)
    mutating func bool() throws(PayloadError) -> Bool { try varint() != 0 }

    @inline(__always)
    mutating func float() throws(PayloadError) -> Float {
        guard type == .fixed32 else { throw .malformed }
        do { return Float(bitPattern: try wire.fixed32()) } catch { throw .malformed }
    }

    @inline(__always)
    mutating func double() throws(PayloadError) -> Double {
        guard type == .fixed64 else { throw .malformed }
        do { return Double(bitPattern: try wire.fixed64()) } catch { throw .malformed }
    }

    @inline(__always)
    mutating func bytes() throws(PayloadError) -> UnsafeRawBufferPointer {
        guard type == .lengthDelimited else { throw .malformed }
        do { return try wire.lengthDelimited() } catch { throw .malformed }
    }

    mutating func string() throws(PayloadError) -> String { String(decoding: try bytes(), as: UTF8.self) }

    /// One number of a repeated field, or several that are packed.
    mutating func numbers(into numbers: inout [UInt32]) throws(PayloadError) {
        guard type == .lengthDelimited else { return numbers.append(try uint32()) }
        var packed = WireReader(try bytes())
        while !packed.isAtEnd {
            do { numbers.append(UInt32(truncatingIfNeeded: try packed.varint())) } catch { throw .malformed }
        }
    }

    mutating func skip() throws(PayloadError) {
        do { try wire.skip(type) } catch { throw .malformed }
    }
}
