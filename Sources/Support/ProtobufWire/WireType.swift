/// How the value after a tag is laid out on the wire (protobuf encoding guide, "Message Structure").
///
/// The group types 3 and 4 are deprecated and are treated as malformed.
@frozen
package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}

/// The key in front of every field: field number (1 to 2^29 - 1) and wire type.
@frozen
package struct WireTag: Equatable, Sendable {
    package let field: UInt32
    package let type: WireType

    @inlinable
    package init(field: UInt32, type: WireType) {
        self.field = field
        self.type = type
    }

    /// The tag's numeric form, `field << 3 | type`.
    @inlinable
    package var rawValue: UInt64 { UInt64(field) << 3 | UInt64(type.rawValue) }
}

/// Why bytes are not a protobuf message.
@frozen
package enum WireError: Error, Equatable, Sendable {
    /// The message ends inside a value.
    case truncated
    /// A varint is longer than ten bytes or exceeds 64 bits.
    case varintTooLong
    /// The field number is 0 or above 2^29 - 1, or the wire type is unknown or a group.
    case badTag
}
