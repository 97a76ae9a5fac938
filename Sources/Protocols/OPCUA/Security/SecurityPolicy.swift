/// A security policy of Part 7: which algorithms sign and encrypt. In the order of strength, weakest first.
public enum SecurityPolicy: String, Hashable, Sendable, CaseIterable, Comparable {
    case none = "None"
    case basic128Rsa15 = "Basic128Rsa15"
    case basic256 = "Basic256"
    case aes128Sha256RsaOaep = "Aes128_Sha256_RsaOaep"
    case basic256Sha256 = "Basic256Sha256"
    case aes256Sha256RsaPss = "Aes256_Sha256_RsaPss"

    private static let prefix = "http://opcfoundation.org/UA/SecurityPolicy#"

    /// The name of the standard, e.g. `Basic256Sha256`.
    public var name: String { rawValue }

    /// The URI that stands in messages.
    public var uri: String { Self.prefix + rawValue }

    /// - Parameter uri: as it stands in messages; nil for a policy that this stack does not have.
    public init?(uri: String) {
        guard uri.hasPrefix(Self.prefix) else { return nil }
        self.init(rawValue: String(uri.dropFirst(Self.prefix.count)))
    }

    /// - Parameter name: the standard's name in any case, with or without underscores; also the whole URI.
    public init?(named name: String) {
        let wanted = Self.folded(name.split(separator: "#").last.map(String.init) ?? name)
        guard let policy = Self.allCases.first(where: { Self.folded($0.rawValue) == wanted }) else { return nil }
        self = policy
    }

    private static func folded(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "-" } }

    /// Withdrawn by the OPC Foundation, because SHA-1 and PKCS #1 v1.5 encryption are broken.
    public var isDeprecated: Bool { self == .basic128Rsa15 || self == .basic256 }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The numbers and algorithms of a policy (Part 7, 6.6.161 to 6.6.166).
struct PolicyProfile: Hashable, Sendable {
    enum Hash: Hashable, Sendable { case sha1, sha256 }
    enum KeyTransport: Hashable, Sendable { case pkcs1, oaepSHA1, oaepSHA256 }
    enum AsymmetricSignature: Hashable, Sendable { case pkcs1SHA1, pkcs1SHA256, pssSHA256 }

    /// Of symmetric signatures (HMAC) and of key derivation (P_SHA).
    var hash: Hash
    var signingKeyBytes: Int
    var encryptionKeyBytes: Int
    /// Of a secure channel; both sides give as many.
    var nonceBytes: Int
    var keyTransport: KeyTransport
    var asymmetricSignature: AsymmetricSignature
    /// Sizes of RSA keys that the policy admits.
    var keyBits: ClosedRange<Int>

    /// Of AES in CBC mode.
    static let blockBytes = 16

    var signatureBytes: Int { hash == .sha1 ? 20 : 32 }

    /// The URI of the asymmetric signature, as SignatureData names it.
    var signatureURI: String {
        switch asymmetricSignature {
        case .pkcs1SHA1: "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        case .pkcs1SHA256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        case .pssSHA256: "http://opcfoundation.org/UA/security/rsa-pss-sha2-256"
        }
    }

    /// The URI of the asymmetric encryption, as user tokens name it.
    var encryptionURI: String {
        switch keyTransport {
        case .pkcs1: "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
        case .oaepSHA1: "http://www.w3.org/2001/04/xmlenc#rsa-oaep"
        case .oaepSHA256: "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256"
        }
    }
}

extension SecurityPolicy {
    /// nil for the policy None, which has no algorithms.
    var profile: PolicyProfile? {
        switch self {
        case .none: nil
        case .basic128Rsa15:
            PolicyProfile(
                hash: .sha1, signingKeyBytes: 16, encryptionKeyBytes: 16, nonceBytes: 16, keyTransport: .pkcs1,
                asymmetricSignature: .pkcs1SHA1, keyBits: 1024...2048)
        case .basic256:
            PolicyProfile(
                hash: .sha1, signingKeyBytes: 24, encryptionKeyBytes: 32, nonceBytes: 32, keyTransport: .oaepSHA1,
                asymmetricSignature: .pkcs1SHA1, keyBits: 1024...2048)
        case .aes128Sha256RsaOaep:
            PolicyProfile(
                hash: .sha256, signingKeyBytes: 32, encryptionKeyBytes: 16, nonceBytes: 32, keyTransport: .oaepSHA1,
                asymmetricSignature: .pkcs1SHA256, keyBits: 2048...4096)
        case .basic256Sha256:
            PolicyProfile(
                hash: .sha256, signingKeyBytes: 32, encryptionKeyBytes: 32, nonceBytes: 32, keyTransport: .oaepSHA1,
                asymmetricSignature: .pkcs1SHA256, keyBits: 2048...4096)
        case .aes256Sha256RsaPss:
            PolicyProfile(
                hash: .sha256, signingKeyBytes: 32, encryptionKeyBytes: 32, nonceBytes: 32, keyTransport: .oaepSHA256,
                asymmetricSignature: .pssSHA256, keyBits: 2048...4096)
        }
    }

    /// Bytes of a nonce of the secure channel; 0 for None.
    public var nonceBytes: Int { profile?.nonceBytes ?? 0 }

    /// Sizes of RSA keys that the policy admits; nil for None.
    public var keyBits: ClosedRange<Int>? { profile?.keyBits }
}
