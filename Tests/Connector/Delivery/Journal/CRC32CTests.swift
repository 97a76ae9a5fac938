import Testing

@testable import ConnectorJournal

@Suite struct CRC32CTests {
    /// One bit at a time, as the definition says.
    private func reference(_ bytes: [UInt8], from start: UInt32 = 0) -> UInt32 {
        var sum = ~start
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
        }
        return ~sum
    }

    private func checksum(_ bytes: [UInt8], from start: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { CRC32C.checksum($0, from: start) }
    }

    @Test func knownValues() {
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, appendix B.4.
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(checksum([]) == 0)
    }

    @Test func everyLengthAgreesWithTheDefinition() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(checksum(bytes) == reference(bytes))
        }
    }

    /// Whatever this processor can do, both ways are tried, from every alignment.
    @Test func tablesAgreeWithTheInstruction() {
        let bytes = (0..<13_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ 3) }
        bytes.withUnsafeBytes { bytes in
            for first in 0..<9 {
                let part = UnsafeRawBufferPointer(rebasing: bytes[first...])
                #expect(CRC32C.checksumFromTables(part, from: 7) == CRC32C.checksum(part, from: 7))
            }
            #expect(CRC32C.checksumFromTables(bytes) == reference(Array(bytes)))
        }
    }

    @Test func partsChain() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 91) }
        for cut in [0, 1, 7, 8, 9, 50, 100] {
            #expect(checksum(Array(bytes[cut...]), from: checksum(Array(bytes[..<cut]))) == checksum(bytes))
        }
    }
}
