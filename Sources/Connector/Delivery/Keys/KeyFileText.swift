import Crypto

/// The text of a key file, as it stands on disk; see ``KeyFile`` for the two forms.
enum KeyFileText {
    /// A key ring as read.
    enum Read {
        case plain([DataKey])
        case wrapped(WrappedKeys)
    }

    static func plain(_ keys: [DataKey]) -> String {
        ([plainLine] + keys.map { "key \($0.id) \(Hexadecimal.text($0.bytes))" }).joined(separator: "\n") + "\n"
    }

    /// - Parameter salt: random bytes, `SealingKey.saltBytes` of them, new for every text.
    static func wrapped(
        _ keys: [DataKey], _ password: MasterPassword, _ cost: ScryptCost, salt: [UInt8]
    ) throws(KeyFailure) -> String {
        let wrapping = try cost.key(password, salt: salt)
        let head = wrappedLine + "\n" + costLine(cost, salt: salt, wrapping.id)
        var text = head + "\n"
        for (number, key) in keys.enumerated() {
            let sealed = WrappedKeys.seal(key, wrapping, salt: salt, number: number, head: head)
            text += "wrapped \(key.id) \(Hexadecimal.text(sealed))\n"
        }
        return text + "check \(check(of: text))\n"
    }

    /// - Throws: when the text is none of ours, of a newer version, or damaged.
    static func read(_ text: String, _ path: String) throws(KeyFailure) -> Read {
        var lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }[...]
        guard let first = lines.popFirst(), first.hasPrefix("penstock-keys ") else {
            throw KeyFailure("\(path) is no key file: put the right one back; data that it sealed needs it")
        }
        let damaged = KeyFailure("\(path) is damaged: put a copy of it back; data that it sealed needs it")
        switch first {
        case plainLine: break
        case wrappedLine:
            guard let wrapped = wrapped(text, lines) else { throw damaged }
            return .wrapped(wrapped)
        default: throw KeyFailure("\(path) was written by a newer version: run the program that wrote it")
        }
        var keys: [DataKey] = []
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "key", let bytes = Hexadecimal.bytes(words[2]),
                let key = DataKey(bytes: bytes), key.id.description == words[1].lowercased()
            else { throw damaged }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw KeyFailure("\(path) holds no key: put a copy of it back") }
        return .plain(keys)
    }

    private static let plainLine: Substring = "penstock-keys 1"
    private static let wrappedLine: Substring = "penstock-keys 2"

    private static func costLine(_ cost: ScryptCost, salt: [UInt8], _ id: KeyID) -> String {
        "scrypt \(cost.exponent) \(cost.blockSize) \(cost.parallelism) \(Hexadecimal.text(salt)) \(id)"
    }

    private static func check(of text: some StringProtocol) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)).prefix(16))
    }

    private static func wrapped(_ text: String, _ lines: ArraySlice<Substring>) -> WrappedKeys? {
        guard let costLine = lines.first, let last = lines.last, last.hasPrefix("check "), lines.count >= 3,
            text.hasSuffix("\n" + last + "\n"),
            last.dropFirst("check ".count) == check(of: text.dropLast(last.count + 1))
        else { return nil }
        let words = costLine.split(separator: " ")
        guard words.count == 6, words[0] == "scrypt", let exponent = Int(words[1]), let blockSize = Int(words[2]),
            let parallelism = Int(words[3]), let salt = Hexadecimal.bytes(words[4]),
            salt.count == SealingKey.saltBytes,
            let cost = ScryptCost(checking: exponent, blockSize: blockSize, parallelism: parallelism)
        else { return nil }
        var keys: [WrappedKeys.Entry] = []
        for line in lines.dropFirst().dropLast() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "wrapped", let sealed = Hexadecimal.bytes(words[2]) else { return nil }
            keys.append(WrappedKeys.Entry(id: String(words[1]), sealed: sealed))
        }
        return WrappedKeys(
            cost: cost, salt: salt, wrappingID: String(words[5]), keys: keys, head: "\(wrappedLine)\n\(costLine)")
    }
}

/// A key ring that is wrapped by the master password: AES-256-GCM under a key that scrypt makes of it.
struct WrappedKeys {
    struct Entry {
        var id: String
        var sealed: [UInt8]
    }

    var cost: ScryptCost
    var salt: [UInt8]
    /// The name of the key that the right password gives.
    var wrappingID: String
    var keys: [Entry]
    /// The lines before the keys; each seal vouches for them.
    var head: String

    /// - Throws: when the password is another one, or the keys are not what was wrapped.
    func open(_ password: MasterPassword, _ path: String) throws(KeyFailure) -> [DataKey] {
        let wrapping = try cost.key(password, salt: salt)
        guard wrapping.id.description == wrappingID.lowercased() else {
            throw .wrongPassword(path)
        }
        let sealing = wrapping.derived(salt: salt, purpose: Self.purpose)
        var opened: [DataKey] = []
        for (number, entry) in keys.enumerated() {
            let bytes = entry.sealed.withUnsafeBytes { sealed in
                Array(head.utf8).withUnsafeBytes {
                    sealing.open(sealed, nonce: SealNonce(counter: UInt64(number)), context: $0)
                }
            }
            guard let bytes, let key = DataKey(bytes: bytes), key.id.description == entry.id.lowercased() else {
                throw KeyFailure("\(path) is damaged: put a copy of it back; data that it sealed needs it")
            }
            opened.append(key)
        }
        return opened
    }

    /// The salt is new for every file, and with it the key: the number of the line is a nonce that does not come twice.
    static func seal(_ key: DataKey, _ wrapping: DataKey, salt: [UInt8], number: Int, head: String) -> [UInt8] {
        let sealing = wrapping.derived(salt: salt, purpose: purpose)
        var sealed = [UInt8](repeating: 0, count: DataKey.byteCount + SealingKey.tagBytes)
        sealed.withUnsafeMutableBytes { output in
            key.bytes.withUnsafeBytes { plaintext in
                Array(head.utf8).withUnsafeBytes {
                    sealing.seal(plaintext, nonce: SealNonce(counter: UInt64(number)), context: $0, into: output)
                }
            }
        }
        return sealed
    }

    private static let purpose = "penstock key ring 1"
}
