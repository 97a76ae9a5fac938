import ProtobufWire

/// What a metric's bytes are, mostly of files (Sparkplug 3.0, 6.4.15).
public struct MetricMetadata: Hashable, Sendable {
    public var isMultiPart: Bool?
    public var contentType: String?
    public var size: UInt64?
    public var seq: UInt64?
    public var fileName: String?
    public var fileType: String?
    public var md5: String?
    public var description: String?

    public init(
        isMultiPart: Bool? = nil, contentType: String? = nil, size: UInt64? = nil, seq: UInt64? = nil,
        fileName: String? = nil, fileType: String? = nil, md5: String? = nil, description: String? = nil
    ) {
        self.isMultiPart = isMultiPart
        self.contentType = contentType
        self.size = size
        self.seq = seq
        self.fileName = fileName
        self.fileType = fileType
        self.md5 = md5
        self.description = description
    }

    /// Reads the encoded message.
    ///
    /// - Throws: `PayloadError.malformed`.
    public init(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
        self.init()
        var fields = FieldReader(bytes)
        while let field = try fields.next() {
            switch field {
            case 1: isMultiPart = try fields.bool()
            case 2: contentType = try fields.string()
            case 3: size = try fields.varint()
            case 4: seq = try fields.varint()
            case 5: fileName = try fields.string()
            case 6: fileType = try fields.string()
            case 7: md5 = try fields.string()
            case 8: description = try fields.string()
            default: try fields.skip()
            }
        }
    }

    func write(to writer: inout WireWriter) {
        if let isMultiPart { writer.field(1, bool: isMultiPart) }
        if let contentType { writer.field(2, string: contentType) }
        if let size { writer.field(3, unsigned: size) }
        if let seq { writer.field(4, unsigned: seq) }
        if let fileName { writer.field(5, string: fileName) }
        if let fileType { writer.field(6, string: fileType) }
        if let md5 { writer.field(7, string: md5) }
        if let description { writer.field(8, string: description) }
    }
}
