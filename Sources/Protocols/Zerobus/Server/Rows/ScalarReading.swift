import ProtobufWire
import ZerobusCore

/// One scalar as it came off the wire.
enum ScalarValue {
    case integer(Int64)
    case real(Double)
    case bool(Bool)
    case text(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)
}

/// Why one value was refused; the row decoder adds where.
struct ValueProblem: Error {
    let reason: String

    static let wrongType = ValueProblem(reason: "has the wrong type")
    static let malformed = ValueProblem(reason: "is not well-formed")
}

enum ScalarReading {
    /// The wire type of a scalar outside packed fields.
    static func wireType(_ scalar: RecordDescriptor.Scalar) -> WireType {
        switch scalar {
        case .double, .fixed64, .sfixed64: .fixed64
        case .float, .fixed32, .sfixed32: .fixed32
        case .string, .bytes: .lengthDelimited
        case .int64, .uint64, .int32, .bool, .uint32, .sint32, .sint64, .enumeration: .varint
        }
    }

    /// Reads the value behind a tag of ``wireType(_:)``.
    static func read(_ scalar: RecordDescriptor.Scalar, _ reader: inout WireReader) throws(WireError) -> ScalarValue {
        switch scalar {
        case .double: .real(Double(bitPattern: try reader.fixed64()))
        case .float: .real(Double(Float(bitPattern: try reader.fixed32())))
        case .int64, .uint64, .int32, .uint32, .enumeration: .integer(Int64(bitPattern: try reader.varint()))
        case .sint32, .sint64: .integer(zigzag(try reader.varint()))
        case .fixed64, .sfixed64: .integer(Int64(bitPattern: try reader.fixed64()))
        case .fixed32: .integer(Int64(try reader.fixed32()))
        case .sfixed32: .integer(Int64(Int32(bitPattern: try reader.fixed32())))
        case .bool: .bool(try reader.varint() != 0)
        case .string: .text(try reader.lengthDelimited())
        case .bytes: .bytes(try reader.lengthDelimited())
        }
    }

    private static func zigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Checks an integer against its protobuf type and its column.
    static func check(
        _ value: Int64, _ scalar: RecordDescriptor.Scalar, _ type: ColumnType
    ) throws(ValueProblem) {
        let range: ClosedRange<Int64> =
            switch type {
            case .tinyint: -128...127
            case .smallint: -32_768...32_767
            case .int, .date: Int64(Int32.min)...Int64(Int32.max)
            default:
                switch scalar {
                case .uint32: 0...Int64(UInt32.max)
                // Above 2^63 there is no such BIGINT.
                case .uint64, .fixed64: 0...Int64.max
                default: Int64.min...Int64.max
                }
            }
        guard range.contains(value) else { throw ValueProblem(reason: "is out of range for \(type.sql)") }
    }

    /// Checks that bytes are UTF-8, quickly for ASCII.
    static func checkText(_ bytes: UnsafeRawBufferPointer) throws(ValueProblem) {
        guard isASCII(bytes) || String(validating: bytes, as: UTF8.self) != nil else {
            throw ValueProblem(reason: "is not UTF-8")
        }
    }

    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var seen: UInt64 = 0
        var at = 0
        while at &+ 8 <= bytes.count {
            seen |= bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            at &+= 8
        }
        while at < bytes.count {
            seen |= UInt64(bytes[at])
            at &+= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
