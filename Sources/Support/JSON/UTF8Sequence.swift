/// The shape of UTF-8 (Unicode 15, table 3-7).
package enum UTF8Sequence {
    /// Bytes of the well-formed sequence that starts at `at`; 0 when there is none.
    package static func length(in bytes: UnsafeRawBufferPointer, at: Int) -> Int {
        guard at >= 0, at < bytes.count else { return 0 }
        let lead = bytes[at]
        switch lead {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: return continues(bytes, at, 2, 0x80...0xBF)
        case 0xE0: return continues(bytes, at, 3, 0xA0...0xBF)
        case 0xED: return continues(bytes, at, 3, 0x80...0x9F)
        case 0xE1...0xEF: return continues(bytes, at, 3, 0x80...0xBF)
        case 0xF0: return continues(bytes, at, 4, 0x90...0xBF)
        case 0xF1...0xF3: return continues(bytes, at, 4, 0x80...0xBF)
        case 0xF4: return continues(bytes, at, 4, 0x80...0x8F)
        default: return 0
        }
    }

    /// Whether the bytes are text that people can read: well-formed UTF-8 and no control character but tab, line
    /// feed and carriage return.
    package static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            if byte == 0x7F { return false }
            let length = length(in: bytes, at: at)
            guard length > 0 else { return false }
            at &+= length
        }
        return true
    }

    /// `length`, if the second byte lies in `second` and the others continue the sequence; else 0.
    private static func continues(
        _ bytes: UnsafeRawBufferPointer, _ at: Int, _ length: Int, _ second: ClosedRange<UInt8>
    ) -> Int {
        guard bytes.count &- at >= length, second.contains(bytes[at &+ 1]) else { return 0 }
        for index in at &+ 2..<at &+ length where bytes[index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
