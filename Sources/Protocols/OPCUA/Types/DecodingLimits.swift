/// What a decoder accepts from a peer before it gives up. Every bound is checked before memory is taken.
public struct DecodingLimits: Hashable, Sendable {
    /// Longest String, ByteString or XmlElement in bytes.
    public var maxStringBytes: Int
    /// Most elements of one array.
    public var maxArrayLength: Int
    /// Deepest nesting of Variant, DataValue, DiagnosticInfo and structures (Part 6, 5.2.2.12 recommends at least 100 for peers
    /// that need it; ours are shallow).
    public var maxDepth: Int
    /// Most fields and elements of one value whose structures are taken apart by ``DataTypeDictionary``, nested ones
    /// included; elements of an array of a built-in type count as one.
    public var maxStructureFields: Int
    /// Most memory in bytes that the arrays and nested values of one message may take: elements that are one byte on the
    /// wire take a hundred here. Counted before it is taken.
    public var maxMemoryBytes: Int
    /// Largest message in bytes, all its chunks together.
    public var maxMessageBytes: Int
    /// Most chunks of one message.
    public var maxChunkCount: Int

    public init(
        maxStringBytes: Int = 1 << 20, maxArrayLength: Int = 1 << 20, maxDepth: Int = 32,
        maxStructureFields: Int = 1 << 18, maxMemoryBytes: Int = 128 << 20, maxMessageBytes: Int = 64 << 20,
        maxChunkCount: Int = 4096
    ) {
        self.maxStringBytes = maxStringBytes
        self.maxArrayLength = maxArrayLength
        self.maxDepth = maxDepth
        self.maxStructureFields = maxStructureFields
        self.maxMemoryBytes = maxMemoryBytes
        self.maxMessageBytes = maxMessageBytes
        self.maxChunkCount = maxChunkCount
    }
}

/// Why bytes of a peer could not be decoded.
public enum BinaryDecodingError: Error, Hashable, Sendable {
    /// The bytes end inside a value.
    case truncated
    /// A string, array, nesting or message is larger than ``DecodingLimits`` allows.
    case limitExceeded(Limit)
    /// A byte that the encoding does not allow, with what was being read.
    case invalid(What)

    /// The limit that was exceeded.
    public enum Limit: Hashable, Sendable { case string, array, depth, structure, memory, message, chunks }
    /// The value that was malformed.
    public enum What: Hashable, Sendable {
        case nodeId, variant, extensionObject, arrayDimensions, boolean, message
        /// The body of a structure does not fit the definition of its type.
        case structure
        /// A structure has a field whose type is not known.
        case dataType
    }

    /// The status code that a server answers with (Part 4, 7.39).
    public var statusCode: StatusCode {
        if case .limitExceeded = self { .badEncodingLimitsExceeded } else { .badDecodingError }
    }
}
