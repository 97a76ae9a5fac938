/// The credentials of a vault in the clear, and their bytes.
///
/// Bytes, numbers big-endian: count (4), then for each credential in the order of the names: length of the name (2), name,
/// length of the value (4), value.
struct VaultContents: Equatable, Sendable {
    static let countMax = 10_000
    static let valueBytesMax = 64 * 1024
    static let bytesMax = 4 * 1024 * 1024

    var values: [CredentialName: String] = [:]

    /// - Throws: when there is more than a vault holds.
    func encoded() throws(VaultFailure) -> [UInt8] {
        guard values.count <= Self.countMax else {
            throw VaultFailure("a vault holds \(Self.countMax) credentials at the most")
        }
        var bytes: [UInt8] = []
        bytes.append(number: values.count, bytes: 4)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard value.utf8.count <= Self.valueBytesMax else {
                throw VaultFailure("\(name): a credential has \(Self.valueBytesMax) bytes at the most")
            }
            bytes.append(number: name.text.utf8.count, bytes: 2)
            bytes += name.text.utf8
            bytes.append(number: value.utf8.count, bytes: 4)
            bytes += value.utf8
        }
        guard bytes.count <= Self.bytesMax else {
            throw VaultFailure("a vault holds \(Self.bytesMax / 1024 / 1024) MiB at the most")
        }
        return bytes
    }

    init(_ values: [CredentialName: String] = [:]) {
        self.values = values
    }

    /// Nil when the bytes are not exactly what ``encoded()`` makes.
    init?(decoding bytes: [UInt8]) {
        var rest = bytes[...]
        guard let count = rest.takeNumber(bytes: 4), count <= Self.countMax else { return nil }
        for _ in 0..<count {
            guard let nameLength = rest.takeNumber(bytes: 2), let name = rest.takeText(nameLength),
                let valueLength = rest.takeNumber(bytes: 4), valueLength <= Self.valueBytesMax,
                let value = rest.takeText(valueLength)
            else { return nil }
            do {
                guard values.updateValue(value, forKey: try CredentialName(name)) == nil else { return nil }
            } catch {
                return nil
            }
        }
        guard rest.isEmpty else { return nil }
    }
}

extension [UInt8] {
    /// Appends the low bytes of a number, the highest first.
    mutating func append(number: Int, bytes count: Int) {
        for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }
}

extension ArraySlice<UInt8> {
    /// A big-endian number of at most four bytes; nil when there are fewer.
    mutating func takeNumber(bytes count: Int) -> Int? {
        guard self.count >= count else { return nil }
        let number = prefix(count).reduce(0) { $0 << 8 | Int($1) }
        removeFirst(count)
        return number
    }

    /// Bytes; nil when there are fewer.
    mutating func take(_ count: Int) -> [UInt8]? {
        guard self.count >= count else { return nil }
        defer { removeFirst(count) }
        return Array(prefix(count))
    }

    /// UTF-8 text of so many bytes; nil when there are fewer or they are none.
    mutating func takeText(_ count: Int) -> String? {
        take(count).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
