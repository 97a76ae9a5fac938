import NIOCore

/// The rules for text on the wire (MQTT 5.0 section 1.5.4): well-formed UTF-8, no surrogates, no U+0000.
///
/// Control characters and non-characters are only discouraged there, so they pass.
enum StrictText {
    /// What is wrong with some bytes.
    enum Fault: Equatable {
        case illFormed
        case null
        case wildcard

        var words: String {
            switch self {
            case .illFormed: "is not well-formed UTF-8"
            case .null: "contains U+0000"
            case .wildcard: "contains a wildcard"
            }
        }
    }

    /// Finds the first fault, in one pass; `#` and `+` count as faults in topic names.
    static func fault(in bytes: UnsafeRawBufferPointer, isTopicName: Bool) -> Fault? {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                if byte == 0 { return .null }
                if isTopicName && (byte == UInt8(ascii: "#") || byte == UInt8(ascii: "+")) { return .wildcard }
                index += 1
            } else {
                let length = sequenceLength(at: index, in: bytes)
                if length == 0 { return .illFormed }
                index += length
            }
        }
        return nil
    }

    static func fault(in buffer: ByteBuffer, isTopicName: Bool = false) -> Fault? {
        buffer.withUnsafeReadableBytes { fault(in: $0, isTopicName: isTopicName) }
    }

    static func fault(in text: String, isTopicName: Bool = false) -> Fault? {
        var text = text
        return text.withUTF8 { fault(in: UnsafeRawBufferPointer($0), isTopicName: isTopicName) }
    }

    /// The bytes of a well-formed sequence of several bytes (Unicode table 3-7); 0 when it is ill-formed.
    private static func sequenceLength(at index: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        let first = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return 0 }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
