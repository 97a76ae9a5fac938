import Crypto
import CryptoExtras
public import NIOCore
public import OPCUATypes

/// Signs and encrypts the chunks of one security token with the keys derived for it (Part 6, 6.7.2 and 6.7.5).
public struct SymmetricSecurity: Hashable, Sendable {
    private let profile: PolicyProfile
    private let encrypts: Bool
    private let own: DirectionKeys
    private let peer: DirectionKeys

    /// - Returns: nil for the policy None or the mode None, which have no keys.
    public init?(_ policy: SecurityPolicy, _ mode: MessageSecurityMode, ownNonce: [UInt8], peerNonce: [UInt8]) {
        guard let profile = policy.profile, mode == .sign || mode == .signAndEncrypt else { return nil }
        self.profile = profile
        encrypts = mode == .signAndEncrypt
        own = DirectionKeys(profile, secret: peerNonce, seed: ownNonce)
        peer = DirectionKeys(profile, secret: ownNonce, seed: peerNonce)
    }

    /// Most body bytes in a chunk of `chunkBytes` whose headers take `headerBytes`, the sequence header included.
    public func bodyCapacity(chunkBytes: Int, headerBytes: Int) -> Int {
        guard encrypts else { return chunkBytes - headerBytes - profile.signatureBytes }
        // The sequence header, the body, the padding with its size, and the signature fill whole blocks.
        let plain = headerBytes - Self.sequenceHeaderBytes
        let blocks = (chunkBytes - plain) / PolicyProfile.blockBytes * PolicyProfile.blockBytes
        return blocks - Self.sequenceHeaderBytes - profile.signatureBytes - 1
    }

    /// Sequence number and request id, which are encrypted with the body.
    private static let sequenceHeaderBytes = 8

    /// Pads, signs and encrypts a chunk, and corrects the size in its header.
    public func seal(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        if encrypts {
            let filled = chunk.readableBytes - plainBytes + 1 + profile.signatureBytes
            let padding = (PolicyProfile.blockBytes - filled % PolicyProfile.blockBytes) % PolicyProfile.blockBytes
            chunk.writeRepeatingByte(UInt8(padding), count: padding + 1)
        }
        let size = chunk.readableBytes + profile.signatureBytes
        chunk.setInteger(UInt32(truncatingIfNeeded: size), at: chunk.readerIndex + 4, endianness: .little)
        // Made before it is written: a second reference to the bytes would have all of them copied.
        let code = chunk.withUnsafeReadableBytes { profile.authenticationCode(of: $0, key: own.signing) }
        chunk.writeBytes(code)
        guard encrypts else { return }
        do {
            try chunk.withUnsafeMutableReadableBytes { bytes in
                try Self.encrypt(UnsafeMutableRawBufferPointer(rebasing: bytes[plainBytes...]), own)
            }
        } catch {
            throw OPCUAError(.badInternalError, "a message could not be encrypted")
        }
    }

    /// The cipher makes new bytes of old ones. In pieces of this size both stay in the nearest cache, so that putting
    /// them back costs next to nothing.
    private static let pieceBytes = 8 << 10

    private static func encrypt(_ bytes: UnsafeMutableRawBufferPointer, _ keys: DirectionKeys) throws {
        var vector = try AES._CBC.IV(ivBytes: keys.initializationVector)
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(start + pieceBytes, bytes.count)])
            let cipher = try AES._CBC.encrypt(
                UnsafeRawBufferPointer(piece), using: keys.encryption, iv: vector, noPadding: true)
            piece.copyBytes(from: cipher)
            // Each block is chained to the one before it.
            vector = try AES._CBC.IV(ivBytes: piece.suffix(PolicyProfile.blockBytes))
        }
    }

    private static func decrypt(_ bytes: UnsafeMutableRawBufferPointer, _ keys: DirectionKeys) throws {
        var vector = try AES._CBC.IV(ivBytes: keys.initializationVector)
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(start + pieceBytes, bytes.count)])
            let next = try AES._CBC.IV(ivBytes: piece.suffix(PolicyProfile.blockBytes))
            let plain = try AES._CBC.decrypt(
                UnsafeRawBufferPointer(piece), using: keys.encryption, iv: vector, noPadding: true)
            piece.copyBytes(from: plain)
            vector = next
        }
    }

    /// Decrypts a chunk, checks its signature, and takes off padding and signature.
    public func open(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        if encrypts { try decrypt(&chunk, plainBytes: plainBytes) }
        let signed = chunk.readableBytes - profile.signatureBytes
        guard signed >= plainBytes + Self.sequenceHeaderBytes,
            profile.isAuthentic(chunk, signedBytes: signed, key: peer.signing)
        else { throw Self.failure }
        var end = signed
        if encrypts {
            guard let padding = chunk.getInteger(at: chunk.readerIndex + signed - 1, as: UInt8.self),
                Int(padding) + 1 <= signed - plainBytes - Self.sequenceHeaderBytes
            else { throw Self.failure }
            end -= Int(padding) + 1
        }
        chunk.moveWriterIndex(to: chunk.readerIndex + end)
    }

    private func decrypt(_ chunk: inout ByteBuffer, plainBytes: Int) throws(OPCUAError) {
        let count = chunk.readableBytes - plainBytes
        guard count > 0, count % PolicyProfile.blockBytes == 0 else { throw Self.failure }
        do {
            try chunk.withUnsafeMutableReadableBytes { bytes in
                try Self.decrypt(UnsafeMutableRawBufferPointer(rebasing: bytes[plainBytes...]), peer)
            }
        } catch {
            throw Self.failure
        }
    }

    /// One failure for all: which check failed is nobody's business.
    private static let failure = OPCUAError(
        .badSecurityChecksFailed, "a message was altered on its way or sealed with other keys")
}

extension PolicyProfile {
    fileprivate func authenticationCode(of bytes: UnsafeRawBufferPointer, key: SymmetricKey) -> [UInt8] {
        switch hash {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        }
    }

    fileprivate func isAuthentic(_ chunk: ByteBuffer, signedBytes: Int, key: SymmetricKey) -> Bool {
        chunk.withUnsafeReadableBytes { bytes in
            let message = UnsafeRawBufferPointer(rebasing: bytes[..<signedBytes])
            let code = UnsafeRawBufferPointer(rebasing: bytes[signedBytes...])
            return switch hash {
            case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(code, authenticating: message, using: key)
            case .sha256: HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key)
            }
        }
    }
}
