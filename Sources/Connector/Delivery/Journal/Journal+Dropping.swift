/// A segment whose unacknowledged frames were given up to make room.
package struct DroppedSegment: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        package var frames = 0
        package var records = 0
        package var bytes = 0
    }

    package var number: UInt64
    /// By the number of their source.
    package var parts: [UInt32: Part] = [:]

    /// Durable frames and records in the segments behind it.
    package var framesAfter = 0
    package var recordsAfter = 0
}

extension Journal {
    /// Gives up what is not acknowledged of the oldest segment and deletes it.
    /// - Parameter mayDrop: whether records of a source may be given up.
    /// - Returns: nil when that segment is still written, or holds frames of a source that gives nothing up.
    package func dropOldestSegment(
        mayDrop: (UInt32) -> Bool
    ) throws(JournalFailure) -> DroppedSegment? {
        guard let first = state.segments.first, !first.isOpen, first.frames > 0 else { return nil }
        var dropped = DroppedSegment(number: first.number)
        let file = try storage.open(JournalFormat.segmentName(first.number))
        defer { file.close() }
        var scanner = SegmentScanner(file, segmentID: first.id, framesMax: first.frames)
        while let item = try scanner.next() {
            guard case .frame(let head, _, _, _) = item,
                !state.isAcknowledged(JournalPosition(segment: first.number, frame: head.number))
            else { continue }
            guard mayDrop(head.source) else { return nil }
            dropped.parts[head.source, default: DroppedSegment.Part()].frames += 1
            dropped.parts[head.source, default: DroppedSegment.Part()].records += Int(head.records)
            dropped.parts[head.source, default: DroppedSegment.Part()].bytes +=
                head.bytes - FrameSealing.extraBytes(first.seal)
        }
        for segment in state.segments.dropFirst() {
            dropped.framesAfter += Int(segment.frames)
            dropped.recordsAfter += Int(segment.records)
        }
        try acknowledged(upTo: JournalPosition(segment: first.number, frame: first.frames - 1), durable: true)
        return dropped
    }
}
