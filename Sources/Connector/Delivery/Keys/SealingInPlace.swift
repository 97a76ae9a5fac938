import CPenstock
import Crypto

/// A sealing key in the form that seals straight into the caller's buffer.
///
/// It does what `AES.GCM.seal` does, without its new memory for every frame and the two copies out of it. Where the
/// cryptography of the program lacks the functions, or they do something else, there is none.
final class SealingInPlace: Sendable {
    // The library never changes a key between making and freeing it, and lets several threads use one.
    nonisolated(unsafe) private let key: OpaquePointer

    private init(_ key: OpaquePointer) {
        self.key = key
    }

    deinit { aes_gcm_key_free(key) }

    /// - Parameter key: of 256 bits.
    static func make(_ key: SymmetricKey) -> SealingInPlace? {
        isAsPublished ? unchecked(key) : nil
    }

    private static func unchecked(_ key: SymmetricKey) -> SealingInPlace? {
        key.withUnsafeBytes { bytes in
            guard bytes.count == DataKey.byteCount else { return nil }
            return aes_gcm_key_make(bytes.baseAddress).map(SealingInPlace.init)
        }
    }

    /// Writes ciphertext and tag over `output`, which is `SealingKey.tagBytes` longer than `plaintext`.
    /// - Returns: false when the library refuses; nothing of use was written then.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: SealNonce, context: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let place = output.baseAddress, output.count == plaintext.count + SealingKey.tagBytes else {
            return false
        }
        return nonce.withBytes { nonce in
            aes_gcm_seal(
                key, nonce.baseAddress, plaintext.baseAddress, plaintext.count, context.baseAddress, context.count,
                place)
        }
    }

    /// Whether a sample comes out as swift-crypto's public interface seals it: the functions are reached past that, so it
    /// is asked once in every process.
    static let isAsPublished: Bool = {
        let key = SymmetricKey(data: (0..<UInt8(DataKey.byteCount)).map { $0 })
        let nonce = SealNonce(counter: 0x0123_4567_89AB_CDEF)
        let (plaintext, context) = ((0..<100).map { UInt8($0) }, Array("vouched for".utf8))
        guard let sealing = unchecked(key) else { return false }
        var sealed = [UInt8](repeating: 0, count: plaintext.count + SealingKey.tagBytes)
        let isSealed = sealed.withUnsafeMutableBytes { output in
            plaintext.withUnsafeBytes { plaintext in
                context.withUnsafeBytes { sealing.seal(plaintext, nonce: nonce, context: $0, into: output) }
            }
        }
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: try nonce.value, authenticating: context)
            return isSealed && sealed == Array(box.ciphertext + box.tag)
        } catch {
            return false
        }
    }()
}
