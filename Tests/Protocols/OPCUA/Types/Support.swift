import NIOCore
import OPCUATypes
import Testing

/// Bytes of a value.
func bytes(_ value: some BinaryEncodable) -> [UInt8] { Array(value.encoded().readableBytesView) }

/// A value of bytes.
func decode<T: BinaryDecodable>(
    _ type: T.Type, _ bytes: [UInt8], limits: DecodingLimits = DecodingLimits()
) throws(BinaryDecodingError) -> T {
    try T(decoding: ByteBuffer(bytes: bytes), limits: limits)
}

/// Both directions of one row of a byte table, and that no shorter prefix decodes or traps.
func expectBytes<T: BinaryDecodable & BinaryEncodable & Equatable>(
    _ value: T, _ expected: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(bytes(value) == expected, sourceLocation: sourceLocation)
    #expect(try decode(T.self, expected) == value, sourceLocation: sourceLocation)
    for length in 0..<expected.count {
        #expect(throws: BinaryDecodingError.truncated, sourceLocation: sourceLocation) {
            try decode(T.self, Array(expected.prefix(length)))
        }
    }
}
