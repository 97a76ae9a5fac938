import CPenstock

/// The Castagnoli checksum (reflected polynomial 0x82F63B78): by the processor's own instruction where there is one, else
/// sixteen bytes a step from tables.
///
/// The check value of `123456789` is 0xE3069283. Checksums chain: the checksum of a whole is that of its second
/// part, started with that of its first.
package enum CRC32C {
    // Sixteen tables of 256 words, one behind the other: table k advances a byte by k further zero bytes. Built
    // once, never freed, read-only afterwards.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
            tables[byte] = value
        }
        for index in 256..<(16 * 256) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return UnsafePointer(tables)
    }()

    private static let hasInstruction = crc32c_prepare_instruction()

    /// The checksum of `bytes`, continuing `start`, the checksum of what comes before them.
    package static func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
        guard hasInstruction else { return checksumFromTables(bytes, from: start) }
        return ~crc32c_with_instruction(~start, bytes.baseAddress, bytes.count)
    }

    /// The same on any processor.
    static func checksumFromTables(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
        guard var cursor = bytes.baseAddress else { return start }
        let tables = tables
        var left = bytes.count
        var sum = ~start
        while left >= 16 {
            let first = UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self)) ^ UInt64(sum)
            let second = UInt64(littleEndian: cursor.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            sum = fold(first, tables + 8 * 256) ^ fold(second, tables)
            cursor += 16
            left &-= 16
        }
        if left >= 8 {
            sum = fold(UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self)) ^ UInt64(sum), tables)
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

    /// What eight bytes come to, the last of them through the first table.
    @inline(__always)
    private static func fold(_ word: UInt64, _ tables: UnsafePointer<UInt32>) -> UInt32 {
        // Four pairs that do not wait for each other.
        let first = entry(word, 0, tables) ^ entry(word, 1, tables)
        let second = entry(word, 2, tables) ^ entry(word, 3, tables)
        let third = entry(word, 4, tables) ^ entry(word, 5, tables)
        let fourth = entry(word, 6, tables) ^ entry(word, 7, tables)
        return (first ^ second) ^ (third ^ fourth)
    }

    @inline(__always)
    private static func entry(_ word: UInt64, _ byte: Int, _ tables: UnsafePointer<UInt32>) -> UInt32 {
        tables[(7 &- byte) &* 256 &+ Int(truncatingIfNeeded: word >> UInt64(8 &* byte) & 0xFF)]
    }

    /// The checksum of a number's eight little-endian bytes: salts the checksums of one file with its id, so that
    /// bytes of another file are never taken for its own.
    static func salt(_ id: UInt64) -> UInt32 {
        withUnsafeBytes(of: id.littleEndian) { checksum($0) }
    }
}
