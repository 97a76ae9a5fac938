/// Sizes of encoded values, in bytes.
package enum WireSize {
    /// Bytes of a varint, 1 to 10.
    @inlinable
    package static func varint(_ value: UInt64) -> Int {
        // Seven bits a byte; zero takes one byte too.
        let bits = 64 &- (value | 1).leadingZeroBitCount
        return (bits &+ 6) / 7
    }

    /// Bytes of a field with tag, length and `count` bytes of content.
    @inlinable
    package static func lengthDelimited(field: UInt32, count: Int) -> Int {
        varint(UInt64(field) << 3) + varint(UInt64(count)) + count
    }
}
