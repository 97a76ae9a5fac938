import ConnectorKeys
import Crypto

/// The bytes of a vault file. Numbers are big-endian.
///
///      0   8  magic "PENVAULT"
///      8   2  version 1
///     10   1  what seals it: 1 master password, 2 data key of the key ring
///     11   1  log2 of scrypt's N; 0 with a data key
///     12   2  scrypt's r
///     14   2  scrypt's p
///     16  16  name of the sealing key, derived from it: a wrong password never passes for the right one
///     32  32  salt of the password (RFC 7914); zeros with a data key
///     64  32  salt of this file, random for every writing (HKDF, RFC 5869): with the key it is new, and so is the nonce
///     96   4  length of the sealed credentials with their tag
///    100   n  credentials (``VaultContents``) under AES-256-GCM; the tag vouches for the header too
///  100+n  32  SHA-256 of all before: damage is told from a wrong password, and before work is spent on it
enum VaultFormat {
    static let headerBytes = 100
    static let digestBytes = 32
    static let version = 1
    static let bytesMax = headerBytes + VaultContents.bytesMax + SealingKey.tagBytes + digestBytes
    private static let magic = Array("PENVAULT".utf8)
    private static let purpose = "penstock vault 1"

    /// What seals a vault.
    enum Lock: Equatable, Sendable {
        case password(ScryptCost, salt: [UInt8])
        case ring
    }

    /// A vault file that is whole; its credentials are still sealed.
    struct Sealed: Equatable, Sendable {
        var lock: Lock
        var keyID: KeyID
        var fileSalt: [UInt8]
        var header: [UInt8]
        var sealed: [UInt8]

        /// The credentials; nil when they are not what was sealed with this key.
        func open(_ key: DataKey) -> VaultContents? {
            let sealing = key.derived(salt: fileSalt, purpose: VaultFormat.purpose)
            let bytes = sealed.withUnsafeBytes { sealed in
                header.withUnsafeBytes { sealing.open(sealed, nonce: SealNonce(counter: 0), context: $0) }
            }
            return bytes.flatMap(VaultContents.init(decoding:))
        }
    }

    static func encode(_ contents: VaultContents, _ lock: Lock, _ key: DataKey) throws(VaultFailure) -> [UInt8] {
        let plaintext = try contents.encoded()
        let fileSalt = SealingKey.randomSalt()
        var bytes = magic
        bytes.append(number: version, bytes: 2)
        switch lock {
        case .password(let cost, let salt):
            bytes += [1, UInt8(cost.exponent)]
            bytes.append(number: cost.blockSize, bytes: 2)
            bytes.append(number: cost.parallelism, bytes: 2)
            bytes += keyName(key) + salt
        case .ring:
            bytes += [2, 0, 0, 0, 0, 0] + keyName(key) + [UInt8](repeating: 0, count: SealingKey.saltBytes)
        }
        bytes += fileSalt
        bytes.append(number: plaintext.count + SealingKey.tagBytes, bytes: 4)
        var sealed = [UInt8](repeating: 0, count: plaintext.count + SealingKey.tagBytes)
        let sealing = key.derived(salt: fileSalt, purpose: purpose)
        sealed.withUnsafeMutableBytes { sealed in
            plaintext.withUnsafeBytes { plaintext in
                bytes.withUnsafeBytes {
                    sealing.seal(plaintext, nonce: SealNonce(counter: 0), context: $0, into: sealed)
                }
            }
        }
        bytes += sealed
        return bytes + digest(bytes)
    }

    /// - Parameter bytes: anything.
    /// - Throws: when they are no vault, one of a newer version, damaged, or ask for more work than an honest one.
    static func decode(_ bytes: [UInt8], _ path: String) throws(VaultFailure) -> Sealed {
        guard bytes.count >= headerBytes + SealingKey.tagBytes + digestBytes,
            digest(Array(bytes.dropLast(digestBytes))) == Array(bytes.suffix(digestBytes))
        else { throw .damaged(path) }
        var rest = bytes[...]
        guard rest.take(magic.count) == magic, let version = rest.takeNumber(bytes: 2) else { throw .damaged(path) }
        guard version == Self.version else {
            throw VaultFailure("\(path) was written by a newer version: run the program that wrote it", .newer)
        }
        guard let kind = rest.takeNumber(bytes: 1), let exponent = rest.takeNumber(bytes: 1),
            let blockSize = rest.takeNumber(bytes: 2), let parallelism = rest.takeNumber(bytes: 2),
            let keyName = rest.take(KeyID.byteCount), let salt = rest.take(SealingKey.saltBytes),
            let fileSalt = rest.take(SealingKey.saltBytes), let length = rest.takeNumber(bytes: 4),
            let sealed = rest.take(length), sealed.count >= SealingKey.tagBytes, rest.count == digestBytes
        else { throw .damaged(path) }
        let lock: Lock
        switch kind {
        case 1:
            guard let cost = ScryptCost(checking: exponent, blockSize: blockSize, parallelism: parallelism) else {
                throw .damaged(path)
            }
            lock = .password(cost, salt: salt)
        case 2: lock = .ring
        default: throw VaultFailure("\(path) was written by a newer version: run the program that wrote it", .newer)
        }
        return Sealed(
            lock: lock, keyID: keyName.withUnsafeBytes { KeyID($0) }, fileSalt: fileSalt,
            header: Array(bytes.prefix(headerBytes)), sealed: sealed)
    }

    static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    private static func keyName(_ key: DataKey) -> [UInt8] {
        var name = [UInt8](repeating: 0, count: KeyID.byteCount)
        name.withUnsafeMutableBytes { key.id.write(to: $0) }
        return name
    }
}
