import Crypto

/// Seals and opens parts of one file: AES-256-GCM (NIST SP 800-38D).
///
/// A nonce must not be used twice with one key; whoever owns the file says how that is kept.
package struct SealingKey: Sendable {
    /// Bytes that sealing adds.
    package static let tagBytes = 16
    /// Bytes of the salt that a key is derived with.
    package static let saltBytes = 32
    package static let nonceBytes = 12

    /// A salt from the system's generator.
    package static func randomSalt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var salt: [UInt8] = []
        while salt.count < saltBytes { withUnsafeBytes(of: generator.next() as UInt64) { salt += $0 } }
        return salt
    }

    private let key: SymmetricKey

    init(_ key: SymmetricKey) {
        self.key = key
    }

    /// Writes ciphertext and tag over `output`, which is ``tagBytes`` longer than `plaintext`.
    /// - Parameter context: bytes that stand beside it in the clear and must not be changed either.
    package func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: SealNonce, context: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) {
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: try nonce.value, authenticating: context)
            output.copyBytes(from: box.ciphertext)
            UnsafeMutableRawBufferPointer(rebasing: output[plaintext.count...]).copyBytes(from: box.tag)
        } catch {
            preconditionFailure("a key of 256 bits and a nonce of 96 always seal")
        }
    }

    /// The plaintext; nil when ciphertext, tag or context are not those that were sealed with this key and nonce.
    package func open(
        _ sealed: UnsafeRawBufferPointer, nonce: SealNonce, context: UnsafeRawBufferPointer
    ) -> [UInt8]? {
        let length = sealed.count - Self.tagBytes
        guard length >= 0 else { return nil }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: try nonce.value, ciphertext: UnsafeRawBufferPointer(rebasing: sealed[..<length]),
                tag: UnsafeRawBufferPointer(rebasing: sealed[length...]))
            return Array(try AES.GCM.open(box, using: key, authenticating: context))
        } catch {
            return nil
        }
    }
}

/// 96 bits that are used once with a key.
package struct SealNonce: Hashable, Sendable {
    private let bytes: [UInt8]

    /// A number that its owner counts.
    package init(counter: UInt64) {
        bytes = [0, 0, 0, 0] + Self.bytes(of: counter)
    }

    /// 96 of 128 random bits.
    package init(random first: UInt64, _ second: UInt64) {
        bytes = Array((Self.bytes(of: first) + Self.bytes(of: second)).prefix(SealingKey.nonceBytes))
    }

    /// As it stands in a file: `SealingKey.nonceBytes` of them.
    package init(_ stored: UnsafeRawBufferPointer) {
        bytes = Array(stored.prefix(SealingKey.nonceBytes))
    }

    package func write(to place: UnsafeMutableRawBufferPointer) {
        place.copyBytes(from: bytes)
    }

    var value: AES.GCM.Nonce {
        get throws { try AES.GCM.Nonce(data: bytes) }
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
