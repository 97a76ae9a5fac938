package import NIOCore

/// A number below 2^28 in one to four bytes of seven bits, the lowest first (MQTT 5.0 section 1.5.5).
package enum VariableByteInteger {
    /// The largest value, which is also the largest remaining length of a packet.
    package static let maximum = 268_435_455

    /// What stands at a place of a buffer.
    package enum Found: Equatable {
        /// A value and the number of its bytes.
        case value(Int, size: Int)
        /// The bytes end before the number does.
        case incomplete
        /// Four bytes went by and the number goes on.
        case malformed
    }

    /// Looks at the number at `index` without moving the reader.
    package static func peek(in buffer: ByteBuffer, at index: Int) -> Found {
        var value = 0
        for position in 0..<4 {
            guard let byte: UInt8 = buffer.getInteger(at: index + position) else { return .incomplete }
            value |= Int(byte & 0x7F) << (7 * position)
            if byte & 0x80 == 0 { return .value(value, size: position + 1) }
        }
        return .malformed
    }

    /// The number of bytes that `value` takes.
    package static func size(of value: Int) -> Int {
        switch value {
        case ..<128: 1
        case ..<16_384: 2
        case ..<2_097_152: 3
        default: 4
        }
    }
}

extension ByteBuffer {
    /// Writes a number of at most `VariableByteInteger.maximum`.
    package mutating func writeVariableByteInteger(_ value: Int) {
        var rest = UInt32(clamping: value)
        repeat {
            let byte = UInt8(rest & 0x7F)
            rest >>= 7
            writeInteger(rest == 0 ? byte : byte | 0x80)
        } while rest != 0
    }

    /// Writes what `body` writes, with its length in front of it.
    ///
    /// The length gets one byte first; a longer one moves the bytes behind it, which is rare and cheap for the
    /// packets that are written this way (PUBLISH computes its length instead).
    mutating func writeWithVariableByteLength(
        _ body: (inout ByteBuffer) throws(MQTTEncodingError) -> Void
    ) throws(MQTTEncodingError) {
        let start = writerIndex
        writeInteger(UInt8(0))
        try body(&self)
        let length = writerIndex - start - 1
        guard length <= VariableByteInteger.maximum else {
            throw .packetTooLarge(bytes: length, limit: VariableByteInteger.maximum)
        }
        let extra = VariableByteInteger.size(of: length) - 1
        if extra > 0 {
            let content = getBytes(at: start + 1, length: length) ?? []
            moveWriterIndex(to: start)
            writeVariableByteInteger(length)
            writeBytes(content)
        } else {
            setInteger(UInt8(truncatingIfNeeded: length), at: start)
        }
    }
}
