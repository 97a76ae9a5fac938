/// The Castagnoli checksum (reflected polynomial 0x82F63B78), eight bytes a step.
///
/// The check value of `123456789` is 0xE3069283. Checksums chain: the checksum of a whole is that of its second
/// part, started with that of its first.
package enum CRC32C {
    // Eight tables of 256 words, one behind the other: table k advances a byte by k further zero bytes. Built
    // once, never freed, read-only afterwards.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
            tables[byte] = value
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return UnsafePointer(tables)
    }()

    /// The checksum of `bytes`, continuing `start`, the checksum of what comes before them.
    package static func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
        guard var cursor = bytes.baseAddress else { return start }
        let tables = tables
        var left = bytes.count
        var sum = ~start
        while left >= 8 {
            let low = UInt32(littleEndian: cursor.loadUnaligned(as: UInt32.self)) ^ sum
            let high = UInt32(littleEndian: cursor.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let first = tables[7 * 256 + Int(low & 0xFF)] ^ tables[6 * 256 + Int(low >> 8 & 0xFF)]
            let second = tables[5 * 256 + Int(low >> 16 & 0xFF)] ^ tables[4 * 256 + Int(low >> 24)]
            let third = tables[3 * 256 + Int(high & 0xFF)] ^ tables[2 * 256 + Int(high >> 8 & 0xFF)]
            let fourth = tables[256 + Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
            sum = first ^ second ^ third ^ fourth
            cursor += 8
            left &-= 8
        }
        while left > 0 {
            sum = sum >> 8 ^ tables[Int((sum ^ UInt32(cursor.load(as: UInt8.self))) & 0xFF)]
            cursor += 1
            left &-= 1
        }
        return ~sum
    }

    /// The checksum of a number's eight little-endian bytes: salts the checksums of one file with its id, so that
    /// bytes of another file are never taken for its own.
    static func salt(_ id: UInt64) -> UInt32 {
        withUnsafeBytes(of: id.littleEndian) { checksum($0) }
    }
}
