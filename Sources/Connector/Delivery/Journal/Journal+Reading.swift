package import ConnectorModel

/// A durable frame with its place in the journal.
package struct JournalFrame: Sendable {
    package var position: JournalPosition
    package var segmentID: UInt64
    package var firstRecord: UInt32
    package var source: UInt32
    package var time: Timestamp
    package var frame: EncodedFrame

    package init(
        position: JournalPosition, segmentID: UInt64, firstRecord: UInt32, source: UInt32, time: Timestamp,
        frame: EncodedFrame
    ) {
        self.position = position
        self.segmentID = segmentID
        self.firstRecord = firstRecord
        self.source = source
        self.time = time
        self.frame = frame
    }
}

/// What one call of ``Journal/read(from:recordsMax:bytesMax:)`` found.
package struct JournalReading: Sendable {
    package var frames: [JournalFrame] = []
    /// Where reading goes on; nil when every durable frame has been read.
    package var next: JournalLocation?
    /// Frames that could be read at the start and cannot any more.
    package var damage: [JournalDamage] = []
}

extension Journal {
    /// Reads durable frames in order, from `location` on, until one of the limits is reached.
    package func read(
        from location: JournalLocation, recordsMax: Int, bytesMax: Int
    ) throws(JournalFailure) -> JournalReading {
        var reading = JournalReading()
        var records = 0
        var bytes = 0
        var place = location
        for segment in state.segments where segment.number >= location.position.segment {
            if segment.number > place.position.segment {
                place = JournalLocation(
                    JournalPosition(segment: segment.number, frame: 0), offset: JournalFormat.bodyStart)
            }
            guard place.position.frame < segment.frames else { continue }
            var scanner = SegmentScanner(
                try file(of: segment.number), segmentID: segment.id, framesMax: segment.frames,
                offset: place.offset, frame: place.position.frame,
                windowBytes: min(1024 * 1024, max(4096, bytesMax)))
            while let item = try scanner.next() {
                switch item {
                case .gap(let gap):
                    reading.damage.append(
                        JournalDamage(
                            kind: .corrupt, segment: segment.number, offset: gap.offset, bytes: gap.bytes,
                            firstFrame: gap.firstFrame, frames: gap.frames, records: gap.records))
                case .frame(let head, let offset, let headBytes, let body):
                    guard let entries = FrameSealing.entries(of: head, body, headBytes: headBytes, segment.seal) else {
                        // The checksum holds and the seal does not: somebody has changed the frame.
                        reading.damage.append(
                            JournalDamage(
                                kind: .corrupt, segment: segment.number, offset: offset, bytes: head.bytes,
                                firstFrame: head.number, frames: 1, records: Int(head.records)))
                        continue
                    }
                    reading.frames.append(Self.frame(head, entries, of: segment))
                    records += Int(head.records)
                    bytes += head.bytes
                }
                if records >= recordsMax || bytes >= bytesMax {
                    reading.next = JournalLocation(
                        JournalPosition(segment: segment.number, frame: scanner.nextFrame), offset: scanner.offset)
                    return reading
                }
            }
        }
        return reading
    }

    private static func frame(
        _ head: FrameHead, _ entries: [UInt8], of segment: JournalState.Segment
    ) -> JournalFrame {
        JournalFrame(
            position: JournalPosition(segment: segment.number, frame: head.number), segmentID: segment.id,
            firstRecord: head.firstRecord, source: head.source, time: head.time,
            frame: EncodedFrame(entries: entries, count: Int(head.records)))
    }

    private func file(of number: UInt64) throws(JournalFailure) -> any StorageFile {
        if let reading, reading.number == number { return reading.file }
        stopReading()
        let file = try storage.open(JournalFormat.segmentName(number))
        reading = (number, file)
        return file
    }
}
