import ProtobufWire

/// Which tags belong to one of a target's streams: a tag always uses the same one, so that its rows stay in order.
///
/// Decided by what names a tag in its record's constant part, so a unit or a comment that changes moves nothing.
struct StreamTags: Sendable {
    let stream: Int
    let streams: Int
    /// Numbers of the fields that name a tag.
    let identity: Set<UInt32>

    /// All tags.
    static let all = StreamTags(stream: 0, streams: 1, identity: [])

    /// Whether every record is the stream's.
    var areAll: Bool { streams == 1 }

    /// What belongs to no tag any more is the first stream's to count.
    var takesLost: Bool { stream == 0 }

    func contains(_ prefix: UnsafeRawBufferPointer) -> Bool {
        areAll || Self.hash(prefix, identity) % UInt64(streams) == UInt64(stream)
    }

    /// FNV-1a over the fields that name the tag; over everything when the prefix cannot be read.
    private static func hash(_ prefix: UnsafeRawBufferPointer, _ identity: Set<UInt32>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        var reader = WireReader(prefix)
        var start = 0
        do {
            while let tag = try reader.tag() {
                try reader.skip(tag.type)
                if identity.contains(tag.field) { add(prefix[start..<reader.offset]) }
                start = reader.offset
            }
        } catch {
            add(prefix)
        }
        // The lowest bits of FNV differ too little between neighbours.
        return (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15 >> 32
    }
}
