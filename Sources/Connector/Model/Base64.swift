/// Base64 text of bytes (RFC 4648, section 4, with padding).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
            var end = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let second = start + 1 < bytes.count ? bytes[start + 1] : 0
                let third = start + 2 < bytes.count ? bytes[start + 2] : 0
                let group = UInt32(bytes[start]) << 16 | UInt32(second) << 8 | UInt32(third)
                text[end] = alphabet[Int(group >> 18 & 63)]
                text[end + 1] = alphabet[Int(group >> 12 & 63)]
                text[end + 2] = start + 1 < bytes.count ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                text[end + 3] = start + 2 < bytes.count ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
                end += 4
            }
            return end
        }
    }
}
