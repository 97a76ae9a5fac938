import GRPCCore

/// A message on its way out: envelope and content stay apart until they are copied into the transport's buffer.
struct OutgoingMessage: Sendable {
    let header: [UInt8]
    let content: [UInt8]
}

/// Hands finished bytes to the transport: records are encoded long before.
struct PassThroughSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: OutgoingMessage) throws -> Bytes {
        var bytes = Bytes(repeating: 0, count: message.header.count + message.content.count)
        bytes.withUnsafeMutableBytes { target in
            target.copyBytes(from: message.header)
            UnsafeMutableRawBufferPointer(rebasing: target[message.header.count...]).copyBytes(from: message.content)
        }
        return bytes
    }
}

/// Takes the answer's bytes as they are.
struct PassThroughDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
