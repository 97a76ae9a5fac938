import NIOCore
import OPCUASecurity
import OPCUATypes

/// Signs and encrypts the chunks of one security token. Every policy and mode is one case; the chunk layer asks it for
/// room, hands it each finished chunk, and knows nothing else of keys.
enum SecurityContext: Hashable, Sendable {
    /// Policy None: chunks travel as they are.
    case none
    /// Signed, or signed and encrypted, with keys derived from both nonces.
    case symmetric(SymmetricSecurity)

    /// - Parameters:
    ///   - ownNonce: what this side gave in OpenSecureChannel.
    ///   - peerNonce: what the other side gave.
    /// - Throws: BadNonceInvalid when the other side's nonce has not the length of the policy (Part 4, 5.6.2.2).
    init(_ security: ChannelSecurity, ownNonce: [UInt8], peerNonce: ByteString?) throws(OPCUAError) {
        guard security.isSecured else {
            self = .none
            return
        }
        let peerNonce = peerNonce?.bytes ?? []
        guard peerNonce.count == security.policy.nonceBytes else {
            throw OPCUAError(
                .badNonceInvalid,
                "a nonce of \(peerNonce.count) bytes came, \(security.policy.name) needs \(security.policy.nonceBytes)")
        }
        guard
            let keys = SymmetricSecurity(
                security.policy, security.mode, ownNonce: ownNonce, peerNonce: peerNonce)
        else {
            throw OPCUAError(.badSecurityModeRejected, "\(security.policy.name) has no mode \(security.mode.words)")
        }
        self = .symmetric(keys)
    }

    /// Most body bytes in a chunk of `chunkBytes` whose headers, sequence header included, take `headerBytes`.
    func bodyCapacity(chunkBytes: Int, headerBytes: Int) -> Int {
        switch self {
        case .none: chunkBytes - headerBytes
        case .symmetric(let keys): keys.bodyCapacity(chunkBytes: chunkBytes, headerBytes: headerBytes)
        }
    }

    /// Pads, signs and encrypts a chunk whose frame header is already written.
    /// - Parameter plainBytes: bytes at the front that stay readable, up to the sequence header.
    func seal(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        switch self {
        case .none: break
        case .symmetric(let keys): try keys.seal(&chunk, plainBytes: plainBytes)
        }
    }

    /// Decrypts a chunk, checks its signature and takes off padding and signature.
    func open(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        switch self {
        case .none: break
        case .symmetric(let keys): try keys.open(&chunk, plainBytes: plainBytes)
        }
    }
}
