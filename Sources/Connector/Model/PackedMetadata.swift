/// Keys and values of a tag's metadata, one after the other in one piece of memory, sorted by key.
///
/// A plant has a hundred thousand tags, and each keeps its metadata for as long as it lives; as a dictionary it would
/// take four times the room.
struct PackedMetadata: Hashable, Sendable {
    /// Key and value in turn, each with its length as four bytes before it.
    private let bytes: [UInt8]

    init(_ pairs: [String: String]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pairs.reduce(0) { $0 + 8 + $1.key.utf8.count + $1.value.utf8.count })
        for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
            for text in [key, value] {
                withUnsafeBytes(of: UInt32(clamping: text.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: text.utf8)
            }
        }
        self.bytes = bytes
    }

    var pairs: [String: String] {
        var pairs: [String: String] = [:]
        var place = 0
        while place < bytes.count {
            let key = text(&place)
            pairs[key] = text(&place)
        }
        return pairs
    }

    private func text(_ place: inout Int) -> String {
        let length = bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        place += 4 + length
        return String(decoding: bytes[place - length..<place], as: UTF8.self)
    }
}
