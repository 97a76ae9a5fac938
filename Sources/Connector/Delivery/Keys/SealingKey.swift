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
    /// Nil where sealing takes the way of the public interface.
    private let inPlace: SealingInPlace?

    init(_ key: SymmetricKey) {
        self.init(key, inPlace: SealingInPlace.make(key))
    }

    init(_ key: SymmetricKey, inPlace: SealingInPlace?) {
        self.key = key
        self.inPlace = inPlace
    }

    /// Writes ciphertext and tag over `output`, which is ``tagBytes`` longer than `plaintext`.
    /// - Parameter context: bytes that stand beside it in the clear and must not be changed either.
    package func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: SealNonce, context: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) {
        if let inPlace, inPlace.seal(plaintext, nonce: nonce, context: context, into: output) { return }
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
    // As they stand in a file, the first in the lowest byte.
    private let first: UInt32
    private let last: UInt64

    /// A number that its owner counts.
    package init(counter: UInt64) {
        first = 0
        last = counter.bigEndian
    }

    /// 96 of 128 random bits.
    package init(random first: UInt64, _ second: UInt64) {
        self.first = UInt32(truncatingIfNeeded: first)
        last = second
    }

    /// As it stands in a file: `SealingKey.nonceBytes` of them, zeros where there are fewer.
    package init(_ stored: UnsafeRawBufferPointer) {
        var bytes: (UInt32, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &bytes.0) { $0.copyBytes(from: stored.prefix(4)) }
        withUnsafeMutableBytes(of: &bytes.1) { $0.copyBytes(from: stored.dropFirst(4).prefix(8)) }
        (first, last) = bytes
    }

    package func write(to place: UnsafeMutableRawBufferPointer) {
        withBytes { place.copyMemory(from: $0) }
    }

    /// Calls `body` with the `SealingKey.nonceBytes`.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var bytes: (UInt64, UInt64) = (0, 0)
        return try withUnsafeMutableBytes(of: &bytes) { bytes in
            bytes.storeBytes(of: first, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: last, toByteOffset: 4, as: UInt64.self)
            return try body(UnsafeRawBufferPointer(rebasing: bytes[..<SealingKey.nonceBytes]))
        }
    }

    var value: AES.GCM.Nonce {
        get throws { try withBytes { try AES.GCM.Nonce(data: $0) } }
    }
}
