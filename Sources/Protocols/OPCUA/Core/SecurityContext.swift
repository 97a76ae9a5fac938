import NIOCore

/// The URIs of the security policies (Part 7).
public enum SecurityPolicyURI {
    public static let none = "http://opcfoundation.org/UA/SecurityPolicy#None"
}

/// Signs and encrypts the chunks of one security token. Every policy and mode is one case; the chunk layer asks it for
/// room, hands it each finished chunk, and knows nothing else of keys.
public enum SecurityContext: Hashable, Sendable {
    /// Policy None: chunks travel as they are.
    case none

    /// Most body bytes in a chunk of `chunkBytes` whose headers, sequence header included, take `headerBytes`.
    func bodyCapacity(chunkBytes: Int, headerBytes: Int) -> Int {
        switch self {
        case .none: chunkBytes - headerBytes
        }
    }

    /// Pads, signs and encrypts a chunk whose frame header is already written.
    /// - Parameter plainBytes: bytes at the front that stay readable, up to the sequence header.
    func seal(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        switch self {
        case .none: break
        }
    }

    /// Decrypts a chunk, checks its signature and takes off padding and signature.
    func open(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        switch self {
        case .none: break
        }
    }
}
