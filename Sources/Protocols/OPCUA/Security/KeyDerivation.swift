import Crypto

/// P_SHA1 and P_SHA256 (Part 6, 6.7.5; RFC 5246, 5): bytes drawn from a secret and a seed.
func pseudoRandom(_ hash: PolicyProfile.Hash, secret: [UInt8], seed: [UInt8], count: Int) -> [UInt8] {
    switch hash {
    case .sha1: pseudoRandom(Insecure.SHA1.self, secret: secret, seed: seed, count: count)
    case .sha256: pseudoRandom(SHA256.self, secret: secret, seed: seed, count: count)
    }
}

private func pseudoRandom<H: HashFunction>(
    _ hash: H.Type, secret: [UInt8], seed: [UInt8], count: Int
) -> [UInt8] {
    let key = SymmetricKey(data: secret)
    var link = seed
    var result: [UInt8] = []
    while result.count < count {
        link = Array(HMAC<H>.authenticationCode(for: link, using: key))
        result += Array(HMAC<H>.authenticationCode(for: link + seed, using: key))
    }
    return Array(result.prefix(count))
}

/// The keys with which one side signs and encrypts (Part 6, 6.7.5).
struct DirectionKeys: Sendable, Hashable {
    var signing: SymmetricKey
    var encryption: SymmetricKey
    var initializationVector: [UInt8]

    /// - Parameters:
    ///   - secret: the nonce of the other side.
    ///   - seed: the nonce of the side whose keys these are.
    init(_ profile: PolicyProfile, secret: [UInt8], seed: [UInt8]) {
        let first = profile.signingKeyBytes
        let second = first + profile.encryptionKeyBytes
        let bytes = pseudoRandom(
            profile.hash, secret: secret, seed: seed, count: second + PolicyProfile.blockBytes)
        signing = SymmetricKey(data: bytes[..<first])
        encryption = SymmetricKey(data: bytes[first..<second])
        initializationVector = Array(bytes[second...])
    }

    static func == (left: Self, right: Self) -> Bool {
        left.signing == right.signing && left.encryption == right.encryption
            && left.initializationVector == right.initializationVector
    }

    func hash(into hasher: inout Hasher) { hasher.combine(initializationVector) }
}

/// Where a machine gets its random bytes: handed in, so that a test can repeat a run.
public struct NonceSource: Sendable {
    /// Makes so many random bytes.
    public var make: @Sendable (Int) -> [UInt8]

    public init(_ make: @escaping @Sendable (Int) -> [UInt8]) { self.make = make }

    /// The system's generator.
    public static let system = NonceSource { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
