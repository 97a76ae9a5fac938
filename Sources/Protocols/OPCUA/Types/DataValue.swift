/// A value with its quality and times (Part 6, 5.2.2.17).
public struct DataValue: Hashable, Sendable {
    /// `.null` when there is none.
    public var value: Variant
    public var status: StatusCode
    /// When the value was true at its source; nil when not given.
    public var sourceTimestamp: DateTime?
    /// When the server last knew the value to be true; nil when not given.
    public var serverTimestamp: DateTime?
    /// Tens of picoseconds to add to the source timestamp.
    public var sourcePicoseconds: UInt16
    /// Tens of picoseconds to add to the server timestamp.
    public var serverPicoseconds: UInt16

    public init(
        _ value: Variant = .null, status: StatusCode = .good, sourceTimestamp: DateTime? = nil,
        serverTimestamp: DateTime? = nil, sourcePicoseconds: UInt16 = 0, serverPicoseconds: UInt16 = 0
    ) {
        self.value = value
        self.status = status
        self.sourceTimestamp = sourceTimestamp
        self.serverTimestamp = serverTimestamp
        self.sourcePicoseconds = sourcePicoseconds
        self.serverPicoseconds = serverPicoseconds
    }
}

/// The bits of a DataValue's first byte (Part 6, table 27).
enum DataValueMask {
    static let value: UInt8 = 0x01
    static let status: UInt8 = 0x02
    static let sourceTimestamp: UInt8 = 0x04
    static let serverTimestamp: UInt8 = 0x08
    static let sourcePicoseconds: UInt8 = 0x10
    static let serverPicoseconds: UInt8 = 0x20
}

extension DataValue: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        try reader.enter()
        let mask = try reader.readUInt8()
        value = mask & DataValueMask.value == 0 ? .null : try Variant(from: &reader)
        status = mask & DataValueMask.status == 0 ? .good : try StatusCode(from: &reader)
        sourceTimestamp = mask & DataValueMask.sourceTimestamp == 0 ? nil : try DateTime(from: &reader)
        sourcePicoseconds = mask & DataValueMask.sourcePicoseconds == 0 ? 0 : try reader.readUInt16()
        serverTimestamp = mask & DataValueMask.serverTimestamp == 0 ? nil : try DateTime(from: &reader)
        serverPicoseconds = mask & DataValueMask.serverPicoseconds == 0 ? 0 : try reader.readUInt16()
        reader.leave()
    }

    public func encode(to writer: inout BinaryWriter) {
        var mask: UInt8 = 0
        if !value.isNull { mask |= DataValueMask.value }
        if status != .good { mask |= DataValueMask.status }
        if sourceTimestamp != nil { mask |= DataValueMask.sourceTimestamp }
        if serverTimestamp != nil { mask |= DataValueMask.serverTimestamp }
        if sourcePicoseconds != 0 { mask |= DataValueMask.sourcePicoseconds }
        if serverPicoseconds != 0 { mask |= DataValueMask.serverPicoseconds }
        writer.write(mask)
        if !value.isNull { value.encode(to: &writer) }
        if status != .good { writer.write(status.rawValue) }
        if let sourceTimestamp { writer.write(sourceTimestamp.ticks) }
        if sourcePicoseconds != 0 { writer.write(sourcePicoseconds) }
        if let serverTimestamp { writer.write(serverTimestamp.ticks) }
        if serverPicoseconds != 0 { writer.write(serverPicoseconds) }
    }
}
