import SwiftProtobuf

/// The layout of a stream's protobuf records, parsed from the `DescriptorProto` that the client sent and checked to
/// stand on its own: every named type lies inside it and is named with its full path.
public struct RecordDescriptor: Equatable, Sendable {
    /// A field of the record or of a message nested in it.
    public struct Field: Equatable, Sendable {
        public let number: Int
        public let name: String
        /// Declared `required`.
        public let isRequired: Bool
        public let kind: Kind
    }

    /// What a field holds.
    public indirect enum Kind: Equatable, Sendable {
        case one(Element)
        case repeated(Element)
        /// A map; on the wire a repeated message of key 1 and value 2.
        case map(key: Scalar, value: Element)
    }

    /// What one element of a field is.
    public indirect enum Element: Equatable, Sendable {
        case scalar(Scalar)
        case message([Field])
    }

    /// The scalar types of protobuf; enums are their numbers.
    public enum Scalar: String, Equatable, Sendable {
        case double, float, int64, uint64, int32, fixed64, fixed32, bool, string, bytes, uint32, sfixed32, sfixed64
        case sint32, sint64
        case enumeration = "enum"
    }

    /// The message's name.
    public let name: String
    /// Fields in the order of the descriptor.
    public let fields: [Field]

    /// Parses and checks a serialized `google.protobuf.DescriptorProto`.
    public init(serialized bytes: [UInt8]) throws(ZerobusError) {
        guard bytes.count <= 1 << 20 else { throw .invalid("descriptor_proto is larger than 1 MiB") }
        let message: Google_Protobuf_DescriptorProto
        do {
            message = try .init(serializedBytes: bytes)
        } catch {
            throw .invalid("descriptor_proto is not a serialized google.protobuf.DescriptorProto")
        }
        guard !message.name.isEmpty else { throw .invalid("descriptor_proto has no message name") }
        name = message.name
        var resolver = DescriptorResolver(root: message)
        fields = try resolver.fields(of: message, path: [message.name])
        guard !fields.isEmpty else { throw .invalid("descriptor_proto has no fields") }
        guard fields.count <= ZerobusLimits.maxColumns else {
            throw .invalid("descriptor_proto has more than \(ZerobusLimits.maxColumns) fields")
        }
    }
}
