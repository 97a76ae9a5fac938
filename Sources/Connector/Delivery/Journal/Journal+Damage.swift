extension Journal {
    /// Bytes of one damaged place that are kept at most.
    private static let damageBytesMax = 1024 * 1024

    /// The raw bytes of a damaged place, sealed if the segment is; none when they cannot be read at all.
    package func bytes(of damage: JournalDamage) -> [UInt8] {
        let wanted = min(max(0, damage.bytes), Self.damageBytesMax)
        var buffer = RawBuffer(capacity: wanted)
        let room = buffer.extend(by: wanted)
        do {
            let file = try storage.open(JournalFormat.segmentName(damage.segment))
            defer { file.close() }
            buffer.truncate(to: try file.read(into: room, at: damage.offset))
            return Array(buffer.bytes)
        } catch {
            // The damage itself is reported; what lies there is only kept when it can be had.
            return []
        }
    }
}
