import NIOCore

/// Reads the fields of one packet; every field that is missing or wrong is an error, never a trap.
struct PacketReader {
    private(set) var bytes: ByteBuffer

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    var isAtEnd: Bool { bytes.readableBytes == 0 }
    var remaining: Int { bytes.readableBytes }

    mutating func byte(_ field: StaticString) throws(MQTTDecodingError) -> UInt8 {
        guard let value: UInt8 = bytes.readInteger() else { throw missing(field) }
        return value
    }

    mutating func uint16(_ field: StaticString) throws(MQTTDecodingError) -> UInt16 {
        guard let value: UInt16 = bytes.readInteger() else { throw missing(field) }
        return value
    }

    mutating func uint32(_ field: StaticString) throws(MQTTDecodingError) -> UInt32 {
        guard let value: UInt32 = bytes.readInteger() else { throw missing(field) }
        return value
    }

    /// A number that names a packet; 0 is not one (MQTT 5.0 section 2.2.1).
    mutating func packetID() throws(MQTTDecodingError) -> PacketID {
        let id = try uint16("packet identifier")
        guard id != 0 else { throw .protocolError("packet identifier 0") }
        return id
    }

    mutating func variableByteInteger(_ field: StaticString) throws(MQTTDecodingError) -> Int {
        switch VariableByteInteger.peek(in: bytes, at: bytes.readerIndex) {
        case .value(let value, let size):
            guard size == VariableByteInteger.size(of: value) else {
                throw .malformed("\(field) is not in its shortest form")
            }
            bytes.moveReaderIndex(forwardBy: size)
            return value
        case .incomplete: throw missing(field)
        case .malformed: throw .malformed("\(field) has more than four bytes")
        }
    }

    mutating func slice(_ count: Int, _ field: StaticString) throws(MQTTDecodingError) -> ByteBuffer {
        guard count >= 0, let slice = bytes.readSlice(length: count) else { throw missing(field) }
        return slice
    }

    /// Binary data: a 16-bit length and that many bytes (MQTT 5.0 section 1.5.6).
    mutating func binary(_ field: StaticString) throws(MQTTDecodingError) -> ByteBuffer {
        try slice(Int(try uint16(field)), field)
    }

    mutating func string(_ field: StaticString) throws(MQTTDecodingError) -> String {
        let slice = try binary(field)
        if let fault = StrictText.fault(in: slice) { throw .malformed("\(field) \(fault.words)") }
        return String(buffer: slice)
    }

    /// The bytes of a topic name, checked but not copied.
    mutating func topicName() throws(MQTTDecodingError) -> ByteBuffer {
        let slice = try binary("topic name")
        if let fault = StrictText.fault(in: slice, isTopicName: true) {
            throw MQTTDecodingError(
                reason: fault == .wildcard ? .topicNameInvalid : .malformedPacket,
                message: "topic name \(fault.words)")
        }
        return slice
    }

    mutating func rest() -> ByteBuffer {
        let rest = bytes.slice()
        bytes.moveReaderIndex(to: bytes.writerIndex)
        return rest
    }

    private func missing(_ field: StaticString) -> MQTTDecodingError { .malformed("the packet ends in its \(field)") }
}

extension ByteBuffer {
    mutating func writeMQTTString(_ text: String, _ field: StaticString) throws(MQTTEncodingError) {
        let count = text.utf8.count
        guard let length = UInt16(exactly: count) else { throw .fieldTooLong(field: "\(field)", bytes: count) }
        if let fault = StrictText.fault(in: text) { throw .invalid("\(field) \(fault.words)") }
        writeInteger(length)
        writeString(text)
    }

    mutating func writeMQTTBinary(_ data: ByteBuffer, _ field: StaticString) throws(MQTTEncodingError) {
        guard let length = UInt16(exactly: data.readableBytes) else {
            throw .fieldTooLong(field: "\(field)", bytes: data.readableBytes)
        }
        writeInteger(length)
        writeImmutableBuffer(data)
    }
}
