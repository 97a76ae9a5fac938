/// What a journal held when it was opened.
package struct JournalRecovery: Equatable, Sendable {
    /// Frames, records and bytes above the watermark.
    package var frames = 0
    package var records = 0
    /// Records above the watermark, by the number of their source.
    package var recordsBySource: [UInt32: Int] = [:]
    /// Bytes above the watermark, by the number of their source.
    package var bytesBySource: [UInt32: Int] = [:]
    /// The first frame above the watermark; nil when there is none.
    package var first: JournalLocation?
    /// Damaged places, the first ``damageMax`` of them.
    package var damage: [JournalDamage] = []
    /// Records that had been durable and cannot be read, as far as known.
    package var lostRecords = 0
    /// Prefixes and source names that cannot be read: records that need them are lost.
    package var lostTags = 0

    package static let damageMax = 100

    mutating func add(_ found: JournalDamage) {
        if found.kind != .torn { lostRecords += found.records }
        if damage.count < Self.damageMax { damage.append(found) }
    }
}

extension Journal {
    /// Takes the directory and finds out what it holds. Frames are checked, not kept: they are read again in order
    /// with ``read(from:recordsMax:bytesMax:)``.
    /// - Throws: when another process has the journal, it cannot be used, or a newer version wrote it.
    package func open() throws(JournalFailure) -> JournalRecovery {
        try storage.lock()
        do {
            return try recover()
        } catch {
            abandon()
            throw error
        }
    }

    private func recover() throws(JournalFailure) -> JournalRecovery {
        var recovery = JournalRecovery()
        // What a killed process wrote is visible though perhaps not durable; from here on it is built upon.
        try storage.syncDirectory()
        try tagFile.load()
        if let watermark = try watermarkFile.load() { state.recovered(watermark: watermark) }
        for name in try storage.names() where name.hasSuffix(JournalFormat.replacementSuffix) {
            try storage.delete(name)
        }
        let segments = try openSegments(&recovery)
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1].header : nil
            try scan(segment, next: next, &recovery)
            segment.file.close()
        }
        recovery.lostTags = tagFile.lostEntries
        try release(durable: false)
        return recovery
    }

    private struct FoundSegment {
        var header: FileHeader
        var file: any StorageFile
    }

    /// Opens all segments whose header is readable, in order; sets the others aside or deletes them if empty.
    private func openSegments(_ recovery: inout JournalRecovery) throws(JournalFailure) -> [FoundSegment] {
        var found: [FoundSegment] = []
        for number in try storage.names().compactMap(JournalFormat.segmentNumber(of:)).sorted() {
            let name = JournalFormat.segmentName(number)
            state.found(number: number)
            let file = try storage.open(name)
            switch try FileHeader.read(file, magic: JournalFormat.segmentMagic, sealing.ring) {
            case .newer(let version):
                throw JournalFailure.newer(version, path: storage.path, name: name)
            case .unknownKey(let id):
                throw JournalFailure.unknownKey(id, path: storage.path, name: name, ring: sealing.ring)
            case .header(let header) where header.number == number:
                state.found(number: number, id: header.id)
                found.append(FoundSegment(header: header, file: file))
            case .header, .invalid:
                let size = try file.size()
                let isEmpty = try isZero(file, size)
                file.close()
                if isEmpty {
                    // Its creation was interrupted: headers are durable before the first frame.
                    try storage.delete(name)
                } else {
                    try storage.rename(name, to: name + JournalFormat.damagedSuffix)
                    recovery.add(
                        JournalDamage(
                            kind: .header, segment: number, offset: 0, bytes: size, firstFrame: 0, frames: 0,
                            records: 0))
                }
                try storage.syncDirectory()
            }
        }
        return found
    }

    /// Whether nothing but zeros follows the header.
    private func isZero(_ file: any StorageFile, _ size: Int) throws(JournalFailure) -> Bool {
        var offset = JournalFormat.bodyStart
        while offset < size {
            var buffer = RawBuffer(capacity: 1024 * 1024)
            let room = buffer.extend(by: min(1024 * 1024, size - offset))
            buffer.truncate(to: try file.read(into: room, at: offset))
            guard !buffer.bytes.isEmpty else { return true }
            guard buffer.bytes.allSatisfy({ $0 == 0 }) else { return false }
            offset += buffer.count
        }
        return true
    }

    /// Checks one segment and adds it to the state.
    private func scan(
        _ found: FoundSegment, next: FileHeader?, _ recovery: inout JournalRecovery
    ) throws(JournalFailure) {
        let header = found.header
        var segment = JournalState.Segment(number: header.number, id: header.id, seal: header.seal)
        let follower = next.flatMap { $0.previous == header.number ? $0 : nil }
        let limit = follower?.previousFrames
        var scanner = SegmentScanner(found.file, segmentID: header.id, framesMax: limit ?? .max)
        var gaps: [SegmentScanner.Gap] = []
        var syncedFrames: UInt32 = min(follower?.previousSynced ?? 0, limit ?? 0)
        while let item = try scanner.next() {
            switch item {
            case .gap(let gap): gaps.append(gap)
            case .frame(let head, let offset, _, _):
                segment.frames = head.number + 1
                segment.records = head.firstRecord + head.records
                segment.end = scanner.offset
                syncedFrames = max(syncedFrames, head.syncedFrames)
                tagFile.reserve(.prefix, upTo: Int(head.prefixes))
                tagFile.reserve(.source, upTo: Int(head.source) + 1)
                let position = JournalPosition(segment: header.number, frame: head.number)
                guard !state.isAcknowledged(position) else { continue }
                if recovery.first == nil { recovery.first = JournalLocation(position, offset: offset) }
                recovery.frames += 1
                recovery.records += Int(head.records)
                recovery.recordsBySource[head.source, default: 0] += Int(head.records)
                recovery.bytesBySource[head.source, default: 0] += head.bytes - FrameSealing.extraBytes(header.seal)
            }
        }
        for gap in gaps {
            let kind: JournalDamage.Kind = gap.firstFrame < syncedFrames ? .corrupt : .torn
            let last = JournalPosition(
                segment: header.number, frame: gap.firstFrame &+ UInt32(max(0, gap.frames - 1)))
            guard !state.isAcknowledged(last) else { continue }
            recovery.add(
                JournalDamage(
                    kind: kind, segment: header.number, offset: gap.offset, bytes: gap.bytes,
                    firstFrame: gap.firstFrame, frames: gap.frames, records: gap.records))
        }
        if limit == nil, segment.frames > syncedFrames { try found.file.sync() }
        segment.syncedFrames = syncedFrames
        state.recovered(segment)
    }
}
