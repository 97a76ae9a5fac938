import Crypto

/// A key of the ring: 256 random bits from which the keys of single files are derived.
package struct DataKey: Sendable {
    package static let byteCount = 32

    package let id: KeyID
    private let key: SymmetricKey

    /// - Parameter bytes: nil comes back unless they are ``byteCount``.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("penstock key id".utf8), outputByteCount: KeyID.byteCount)
        id = name.withUnsafeBytes { KeyID($0) }
    }

    /// A new key from the system's generator.
    package static func random() -> DataKey { DataKey(SymmetricKey(size: .bits256)) }

    /// The key of one file (HKDF with SHA-256, RFC 5869).
    /// - Parameters:
    ///   - salt: random bytes that stand in the file.
    ///   - purpose: what the file is, so that two kinds of files never share a key.
    package func derived(salt: [UInt8], purpose: String) -> SealingKey {
        SealingKey(
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key, salt: salt, info: Array(purpose.utf8), outputByteCount: Self.byteCount))
    }

    /// The secret itself, for key file and vault only.
    var bytes: [UInt8] { key.withUnsafeBytes { Array($0) } }
}
