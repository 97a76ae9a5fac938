import Crypto
import CryptoExtras

// The only file that touches the underscored RSA of swift-crypto, which may change its shape between versions.

/// Why a key could not be used. Says nothing of what was in the message, so that it tells an attacker nothing.
struct RSAFailure: Error, Hashable {}

/// A public RSA key.
struct RSAPublicKey: Sendable {
    private let key: _RSA.Signing.PublicKey

    /// - Parameter spki: SubjectPublicKeyInfo in DER. Keys of 1024 bits are admitted here: the policy decides.
    init(spki: some Collection<UInt8>) throws(RSAFailure) {
        do { key = try _RSA.Signing.PublicKey(unsafeDERRepresentation: Array(spki)) } catch { throw RSAFailure() }
    }

    fileprivate init(_ key: _RSA.Signing.PublicKey) { self.key = key }

    var bits: Int { key.keySizeInBits }
    var bytes: Int { (key.keySizeInBits + 7) / 8 }

    /// SubjectPublicKeyInfo in DER.
    var spki: [UInt8] { Array(key.derRepresentation) }

    func isValid(_ signature: [UInt8], of message: [UInt8], _ algorithm: PolicyProfile.AsymmetricSignature) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return switch algorithm {
        case .pkcs1SHA1:
            key.isValidSignature(signature, for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
        case .pkcs1SHA256:
            key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case .pssSHA256: key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .PSS)
        }
    }

    /// Signatures of certificates and of revocation lists, which also come with the larger hashes.
    func isValid(_ signature: [UInt8], of message: [UInt8], certificateHash: CertificateHash) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return switch certificateHash {
        case .sha1:
            key.isValidSignature(signature, for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
        case .sha256: key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case .sha384: key.isValidSignature(signature, for: SHA384.hash(data: message), padding: .insecurePKCS1v1_5)
        case .sha512: key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5)
        }
    }

    /// Bytes of plain text that one block takes.
    func plainBlockBytes(_ transport: PolicyProfile.KeyTransport) -> Int {
        switch transport {
        case .pkcs1: bytes - 11
        case .oaepSHA1: bytes - 42
        case .oaepSHA256: bytes - 66
        }
    }

    /// Encrypts block by block (Part 6, 6.7.2.4): the result is whole blocks of the key's size.
    func encrypt(_ plain: [UInt8], _ transport: PolicyProfile.KeyTransport) throws(RSAFailure) -> [UInt8] {
        let block = plainBlockBytes(transport)
        guard block > 0 else { throw RSAFailure() }
        var result: [UInt8] = []
        result.reserveCapacity((plain.count / block + 1) * bytes)
        do {
            let key = try _RSA.Encryption.PublicKey(unsafeDERRepresentation: spki)
            for start in stride(from: 0, to: plain.count, by: block) {
                let part = plain[start..<min(start + block, plain.count)]
                result += try key.encrypt(part, padding: transport.padding)
            }
        } catch {
            throw RSAFailure()
        }
        return result
    }
}

/// A private RSA key.
public struct RSAPrivateKey: Sendable {
    private let key: _RSA.Signing.PrivateKey

    /// Makes a new key.
    /// - Parameter bits: 2048, 3072 or 4096; 1024 only for tests of the deprecated policies.
    public init(bits: Int) throws {
        key = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))
    }

    /// - Parameter pem: PKCS #8 or PKCS #1 in PEM, without a password.
    public init(pem: String) throws {
        key = try _RSA.Signing.PrivateKey(unsafePEMRepresentation: pem)
    }

    /// - Parameter der: PKCS #8 or PKCS #1 in DER.
    public init(der: [UInt8]) throws {
        key = try _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)
    }

    /// PKCS #8 in PEM.
    public var pem: String { key.pkcs8PEMRepresentation }
    public var bits: Int { key.keySizeInBits }
    var bytes: Int { (key.keySizeInBits + 7) / 8 }
    var publicKey: RSAPublicKey { RSAPublicKey(key.publicKey) }

    func sign(
        _ message: [UInt8], _ algorithm: PolicyProfile.AsymmetricSignature
    ) throws(RSAFailure) -> [UInt8] {
        do {
            let signature =
                switch algorithm {
                case .pkcs1SHA1:
                    try key.signature(for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
                case .pkcs1SHA256: try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
                case .pssSHA256: try key.signature(for: SHA256.hash(data: message), padding: .PSS)
                }
            return Array(signature.rawRepresentation)
        } catch {
            throw RSAFailure()
        }
    }

    /// Decrypts whole blocks. Every block is tried, whatever became of those before it, and one that cannot be opened
    /// stands as zero bytes: the caller goes on with them and does the same work for a forged message as for a true one,
    /// so that neither the answer nor its time tells which of the paddings was right (Bleichenbacher's attack).
    /// - Returns: the plain text, and whether every block could be opened.
    func open(_ cipher: [UInt8], _ transport: PolicyProfile.KeyTransport) -> (plain: [UInt8], isWhole: Bool) {
        let block = bytes
        let room = max(publicKey.plainBlockBytes(transport), 0)
        guard !cipher.isEmpty, cipher.count % block == 0,
            let key = try? _RSA.Encryption.PrivateKey(unsafeDERRepresentation: Array(key.derRepresentation))
        else { return ([UInt8](repeating: 0, count: room), false) }
        var plain: [UInt8] = []
        plain.reserveCapacity(cipher.count)
        var isWhole = true
        for start in stride(from: 0, to: cipher.count, by: block) {
            if let part = try? key.decrypt(cipher[start..<start + block], padding: transport.padding) {
                plain += part
            } else {
                plain += [UInt8](repeating: 0, count: room)
                isWhole = false
            }
        }
        return (plain, isWhole)
    }
}

extension PolicyProfile.KeyTransport {
    fileprivate var padding: _RSA.Encryption.Padding {
        switch self {
        case .pkcs1: ._WEAK_AND_INSECURE_PKCS_V1_5
        case .oaepSHA1: .PKCS1_OAEP
        case .oaepSHA256: .PKCS1_OAEP_SHA256
        }
    }
}

/// The hash under a certificate's signature.
enum CertificateHash: Hashable, Sendable { case sha1, sha256, sha384, sha512 }
