public import NIOCore
public import OPCUATypes

/// Signs and encrypts OpenSecureChannel chunks with the keys of both certificates (Part 6, 6.7.2 and 6.7.4).
///
/// These chunks are signed and encrypted in the mode Sign too.
public struct AsymmetricSecurity: Sendable {
    private let profile: PolicyProfile
    private let own: RSAPrivateKey
    private let peer: RSAPublicKey

    /// - Throws: BadCertificateInvalid when a key does not fit the policy.
    public init(_ policy: SecurityPolicy, own: RSAPrivateKey, peer: ApplicationCertificate) throws(OPCUAError) {
        guard let profile = policy.profile else {
            throw OPCUAError(.badSecurityPolicyRejected, "the security policy None has no keys")
        }
        self.profile = profile
        self.own = own
        self.peer = try peer.publicKey(for: policy)
    }

    /// Sequence number and request id, which are encrypted with the body.
    private static let sequenceHeaderBytes = 8

    /// Pads, signs and encrypts a chunk, and corrects the size in its header.
    public func seal(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        let block = peer.plainBlockBytes(profile.keyTransport)
        // Keys above 2048 bits need two bytes for the size of the padding (Part 6, 6.7.2.5).
        let sizeBytes = peer.bits > 2048 ? 2 : 1
        let filled = chunk.readableBytes - plainBytes + sizeBytes + own.bytes
        let padding = (block - filled % block) % block
        chunk.writeRepeatingByte(UInt8(truncatingIfNeeded: padding), count: padding + 1)
        if sizeBytes == 2 { chunk.writeInteger(UInt8(truncatingIfNeeded: padding >> 8)) }
        let blocks = (chunk.readableBytes - plainBytes + own.bytes) / block
        let size = plainBytes + blocks * peer.bytes
        chunk.setInteger(UInt32(truncatingIfNeeded: size), at: chunk.readerIndex + 4, endianness: .little)
        do throws(RSAFailure) {
            let signature = try own.sign(Array(chunk.readableBytesView), profile.asymmetricSignature)
            chunk.writeBytes(signature)
            let cipher = try peer.encrypt(
                Array(chunk.readableBytesView.dropFirst(plainBytes)), profile.keyTransport)
            chunk.moveWriterIndex(to: chunk.readerIndex + plainBytes)
            chunk.writeBytes(cipher)
        } catch {
            throw OPCUAError(.badInternalError, "the OpenSecureChannel message could not be sealed with this key")
        }
    }

    /// Decrypts a chunk, checks its signature, and takes off padding and signature.
    public func open(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        guard chunk.readableBytes > plainBytes else { throw Self.failure }
        // What could not be decrypted goes through the check of the signature too, and fails there in the same time.
        let opened = own.open(Array(chunk.readableBytesView.dropFirst(plainBytes)), profile.keyTransport)
        chunk.moveWriterIndex(to: chunk.readerIndex + plainBytes)
        chunk.writeBytes(opened.plain)
        // The size of the padding is told by the key that encrypted: our own.
        try Self.uncover(
            &chunk, plainBytes: plainBytes, signatureBytes: peer.bytes, sizeBytes: own.bits > 2048 ? 2 : 1
        ) { signature, signed in
            let isSigned = peer.isValid(signature, of: signed, profile.asymmetricSignature)
            return isSigned && opened.isWhole
        }
    }

    /// Takes signature and padding off a chunk that is decrypted.
    /// - Parameters:
    ///   - sizeBytes: bytes in front of the signature that tell the size of the padding.
    ///   - isGenuine: whether the first bytes are the signature of the second.
    static func uncover(
        _ chunk: inout ByteBuffer, plainBytes: Int, signatureBytes: Int, sizeBytes: Int,
        isGenuine: ([UInt8], [UInt8]) -> Bool
    ) throws(OPCUAError) {
        let signed = chunk.readableBytes - signatureBytes
        guard signed > plainBytes + sequenceHeaderBytes else { throw failure }
        let view = chunk.readableBytesView
        guard isGenuine(Array(view.dropFirst(signed)), Array(view.prefix(signed))) else { throw failure }
        let end = chunk.readerIndex + signed
        guard let low = chunk.getInteger(at: end - sizeBytes, as: UInt8.self),
            let last = chunk.getInteger(at: end - 1, as: UInt8.self)
        else { throw failure }
        let padding = sizeBytes == 2 ? Int(last) << 8 | Int(low) : Int(low)
        guard padding + sizeBytes <= signed - plainBytes - sequenceHeaderBytes else { throw failure }
        chunk.moveWriterIndex(to: end - padding - sizeBytes)
    }

    private static let failure = OPCUAError(
        .badSecurityChecksFailed, "the OpenSecureChannel message was altered or sealed for another certificate")
}
