package import ConnectorKeys

/// How a journal's files are sealed and opened.
package struct JournalSealing: Sendable {
    /// Keys with which files can be opened.
    package let ring: KeyRing
    /// The key for new files; nil when they are written in the clear.
    let key: DataKey?

    /// - Parameter seals: whether new files are sealed, with the ring's current key.
    package init(_ ring: KeyRing, seals: Bool = true) {
        self.ring = ring
        key = seals ? ring.current : nil
    }

    /// Nothing is sealed, and nothing sealed can be read.
    package static let none = JournalSealing(.none, seals: false)

    /// A seal for a new file; nil when files are written in the clear.
    func newSeal(_ purpose: FileSeal.Purpose, random: () -> UInt64) -> FileSeal? {
        key.map { FileSeal($0, salt: RandomBytes.take(SealingKey.saltBytes, from: random), purpose) }
    }
}

/// The seal of one file: its own key, derived from a data key and a random salt that stand in its header.
package struct FileSeal: Equatable, Sendable {
    /// What a file is; no two kinds share a key.
    enum Purpose: String {
        case segment = "penstock journal segment 1"
        case tags = "penstock journal tags 1"
        case watermark = "penstock journal watermark 1"
        case letters = "penstock dead letters 1"
    }

    /// The flag of a sealed file.
    static let flag: UInt16 = 1

    package let keyID: KeyID
    let salt: [UInt8]
    let key: SealingKey

    init(_ data: DataKey, salt: [UInt8], _ purpose: Purpose) {
        keyID = data.id
        self.salt = salt
        key = data.derived(salt: salt, purpose: purpose.rawValue)
    }

    package static func == (left: FileSeal, right: FileSeal) -> Bool {
        left.keyID == right.keyID && left.salt == right.salt
    }

    // MARK: Headers

    /// Where the seal stands in a header, and how many bytes before the tag it vouches for.
    private enum Place {
        static let keyID = 56
        static let salt = 72
        static let tag = 104
    }

    /// Writes key id, salt and a tag that vouches for all before it over a header that is complete otherwise.
    func write(toHeader bytes: UnsafeMutableRawBufferPointer) {
        keyID.write(to: UnsafeMutableRawBufferPointer(rebasing: bytes[Place.keyID...]))
        UnsafeMutableRawBufferPointer(rebasing: bytes[Place.salt...]).copyBytes(from: salt)
        let tag = UnsafeMutableRawBufferPointer(rebasing: bytes[Place.tag..<Place.tag + SealingKey.tagBytes])
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        key.seal(
            nothing, nonce: Self.headerNonce, context: UnsafeRawBufferPointer(bytes).slice(0..<Place.tag), into: tag)
    }

    /// What a header says of its seal.
    enum Found {
        case seal(FileSeal)
        case unknownKey(KeyID)
        /// The key is known and does not vouch for these bytes.
        case invalid
    }

    static func find(inHeader bytes: UnsafeRawBufferPointer, _ purpose: Purpose, _ ring: KeyRing) -> Found {
        let id = KeyID(bytes.slice(Place.keyID..<Place.salt))
        guard let data = ring[id] else { return .unknownKey(id) }
        let seal = FileSeal(data, salt: Array(bytes.slice(Place.salt..<Place.tag)), purpose)
        let tag = bytes.slice(Place.tag..<Place.tag + SealingKey.tagBytes)
        guard seal.key.open(tag, nonce: headerNonce, context: bytes.slice(0..<Place.tag)) != nil else {
            return .invalid
        }
        return .seal(seal)
    }

    /// No frame has this number.
    private static let headerNonce = SealNonce(counter: .max)
}

/// Random bytes from a source of random words.
enum RandomBytes {
    static func take(_ count: Int, from random: () -> UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { withUnsafeBytes(of: random()) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }
}
