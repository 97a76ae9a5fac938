import GRPCCore
import ZerobusCore

/// A message on its way out: envelope and content stay apart until they are copied into the transport's buffer.
enum OutgoingMessage: Sendable {
    /// The stream's first message, whole.
    case create([UInt8])
    case ingest(IngestHeader, content: [UInt8])

    var content: [UInt8] {
        switch self {
        case .create(let bytes), .ingest(_, let bytes): bytes
        }
    }
}

/// Hands finished bytes to the transport: records are encoded long before.
struct PassThroughSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: OutgoingMessage) throws -> Bytes {
        switch message {
        case .create(let message):
            return Bytes(message)
        case .ingest(let header, let content):
            let start = header.count
            var bytes = Bytes(repeating: 0, count: start + content.count)
            bytes.withUnsafeMutableBytes { target in
                header.write(to: target)
                UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyBytes(from: content)
            }
            return bytes
        }
    }
}

/// Takes the answer's bytes as they are.
struct PassThroughDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
