/// Detail that a server adds to a status code; its numbers point into the response's string table (Part 6, 5.2.2.12).
public struct DiagnosticInfo: Hashable, Sendable {
    public var symbolicId: Int32?
    public var namespaceURI: Int32?
    public var locale: Int32?
    public var localizedText: Int32?
    public var additionalInfo: String?
    public var innerStatusCode: StatusCode?
    public var inner: Inner

    /// Diagnostics of the layer below.
    public indirect enum Inner: Hashable, Sendable {
        case none
        case some(DiagnosticInfo)
    }

    public init(
        symbolicId: Int32? = nil, namespaceURI: Int32? = nil, locale: Int32? = nil, localizedText: Int32? = nil,
        additionalInfo: String? = nil, innerStatusCode: StatusCode? = nil, inner: Inner = .none
    ) {
        self.symbolicId = symbolicId
        self.namespaceURI = namespaceURI
        self.locale = locale
        self.localizedText = localizedText
        self.additionalInfo = additionalInfo
        self.innerStatusCode = innerStatusCode
        self.inner = inner
    }
}

extension DiagnosticInfo: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        try reader.enter()
        let mask = try reader.readUInt8()
        symbolicId = mask & 0x01 == 0 ? nil : try reader.readInt32()
        namespaceURI = mask & 0x02 == 0 ? nil : try reader.readInt32()
        locale = mask & 0x08 == 0 ? nil : try reader.readInt32()
        localizedText = mask & 0x04 == 0 ? nil : try reader.readInt32()
        additionalInfo = mask & 0x10 == 0 ? nil : try String.read(from: &reader)
        innerStatusCode = mask & 0x20 == 0 ? nil : try StatusCode(from: &reader)
        inner = mask & 0x40 == 0 ? .none : .some(try DiagnosticInfo(from: &reader))
        reader.leave()
    }

    public func encode(to writer: inout BinaryWriter) {
        var mask: UInt8 = 0
        if symbolicId != nil { mask |= 0x01 }
        if namespaceURI != nil { mask |= 0x02 }
        if localizedText != nil { mask |= 0x04 }
        if locale != nil { mask |= 0x08 }
        if additionalInfo != nil { mask |= 0x10 }
        if innerStatusCode != nil { mask |= 0x20 }
        if case .some = inner { mask |= 0x40 }
        writer.write(mask)
        symbolicId?.encode(to: &writer)
        namespaceURI?.encode(to: &writer)
        locale?.encode(to: &writer)
        localizedText?.encode(to: &writer)
        if let additionalInfo { writer.write(string: additionalInfo) }
        innerStatusCode?.encode(to: &writer)
        if case .some(let info) = inner { info.encode(to: &writer) }
    }
}
