/// A sequence of bytes (Part 6, 5.2.2.7). A null ByteString is `nil` of `ByteString?`.
public struct ByteString: Hashable, Sendable, Nullable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    public static func read(from reader: inout BinaryReader) throws(BinaryDecodingError) -> ByteString? {
        guard let bytes = try reader.readLengthPrefixed() else { return nil }
        return ByteString(bytes)
    }

    public static func write(_ value: ByteString?, to writer: inout BinaryWriter) {
        writer.write(lengthPrefixed: value?.bytes)
    }

    /// Base64 of RFC 4648 with padding, as in the text form of an opaque NodeId.
    public var base64: String {
        var text = ""
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var bits: UInt32 = 0
            for position in 0..<3 {
                let offset = index + position
                bits = bits << 8 | (offset < bytes.count ? UInt32(bytes[offset]) : 0)
            }
            for position in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * position) & 63)
                text.unicodeScalars.append(position <= group.count ? Self.alphabet[digit] : "=")
            }
            index += 3
        }
        return text
    }

    /// Bytes of Base64 text; nil when it is not Base64.
    public init?(base64 text: some StringProtocol) {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for scalar in text.unicodeScalars {
            if scalar == "=" {
                padding += 1
                continue
            }
            guard padding == 0, let digit = Self.digit(scalar) else { return nil }
            bits = bits << 6 | digit
            count += 1
            if count % 4 == 0 {
                bytes += [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8)]
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits = 0
            }
        }
        switch count % 4 {
        case 0: guard padding == 0 else { return nil }
        case 2:
            guard padding == 2 || padding == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            guard padding == 1 || padding == 0 else { return nil }
            bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return nil
        }
        self.bytes = bytes
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)

    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "A"..."Z": scalar.value - 65
        case "a"..."z": scalar.value - 71
        case "0"..."9": scalar.value + 4
        case "+": 62
        case "/": 63
        default: nil
        }
    }
}

/// An XML fragment as text (Part 6, 5.2.2.8). A null XmlElement is `nil` of `XmlElement?`.
public struct XmlElement: Hashable, Sendable, Nullable {
    public var text: String

    public init(_ text: String) { self.text = text }

    public static func read(from reader: inout BinaryReader) throws(BinaryDecodingError) -> XmlElement? {
        try String.read(from: &reader).map(XmlElement.init)
    }

    public static func write(_ value: XmlElement?, to writer: inout BinaryWriter) { writer.write(string: value?.text) }
}
