package import ConnectorModel

/// Sizes of a journal.
package struct JournalOptions: Hashable, Sendable {
    /// The file size of a segment, reserved when it is created; only a larger single group exceeds it.
    package var segmentBytesMax: Int
    /// A larger group is sealed and written in portions: what was just sealed is still near the processor.
    package var portionBytesMax: Int
    /// When so much of a group is written, the disk begins with it while the rest is sealed. Less would cost it more
    /// requests than it gains.
    package var startedBytesMin: Int

    package init(
        segmentBytesMax: Int = 16 * 1024 * 1024, portionBytesMax: Int = 256 * 1024, startedBytesMin: Int = 1024 * 1024
    ) {
        self.segmentBytesMax = max(segmentBytesMax, 2 * JournalFormat.bodyStart)
        self.portionBytesMax = max(1, portionBytesMax)
        self.startedBytesMin = max(1, startedBytesMin)
    }
}

/// A frame on its way into the journal.
package struct JournalEntry: Sendable {
    /// The reference of the source's name in ``JournalTables/sources``.
    package var source: UInt32
    package var frame: EncodedFrame
    package var time: Timestamp

    package init(source: UInt32, frame: EncodedFrame, time: Timestamp) {
        self.source = source
        self.frame = frame
        self.time = time
    }

    /// Bytes in the segment, without a seal.
    package var bytes: Int { JournalFormat.frameHeadBytes + frame.entries.count }
}

/// Where a group of frames became durable: one behind the other from `location` on.
package struct JournalCommit: Equatable, Sendable {
    package var location: JournalLocation
    /// Bytes that each frame's seal adds to ``JournalEntry/bytes``.
    package var sealBytes: Int
    package var segmentID: UInt64
    /// The index in the segment of the group's first record.
    package var firstRecord: UInt32
}

/// The store of one lane on disk: frames in order, synced in groups, deleted in whole segments.
///
/// Synchronous and used by one thread at a time. What it decides is in ``JournalState``, what is on disk in
/// ``JournalFormat``. After any failure nothing that was durable is lost and the call may be made again.
package final class Journal {
    package let tables: JournalTables
    package internal(set) var state = JournalState()
    let storage: any Storage
    let sealing: JournalSealing
    let options: JournalOptions
    let randomID: () -> UInt64
    var tagFile: TagFile
    var watermarkFile: WatermarkFile
    var appending: AppendingSegment?
    var reading: (number: UInt64, file: any StorageFile)?
    private var buffer = RawBuffer(capacity: 64 * 1024)

    /// The segment that frames are appended to.
    struct AppendingSegment {
        var number: UInt64
        var id: UInt64
        var salt: UInt32
        var seal: FileSeal?
        var file: any StorageFile
    }

    /// - Parameter randomID: 64 random bits: the ids of files, and with them the identities of records; salts and
    ///   nonces too.
    package init(
        storage: any Storage, options: JournalOptions = JournalOptions(), sealing: JournalSealing = .none,
        tables: JournalTables = JournalTables(), randomID: @escaping () -> UInt64
    ) {
        self.storage = storage
        self.sealing = sealing
        self.options = options
        self.tables = tables
        self.randomID = randomID
        tagFile = TagFile(storage: storage, sealing: sealing, tables: tables)
        watermarkFile = WatermarkFile(storage: storage, sealing: sealing, random: randomID)
    }

    /// Bytes that the segments take.
    package var bytes: Int { state.bytes }

    // MARK: Writing

    /// Appends a group of frames and makes it durable, together with everything registered in the tables.
    ///
    /// All or nothing as far as the caller is concerned: after a failure the same group is given again.
    package func commit(_ group: [JournalEntry]) throws(JournalFailure) -> JournalCommit? {
        try tagFile.persist(random: randomID)
        guard !group.isEmpty else { return nil }
        let bytes = group.reduce(0) { $0 + $1.bytes + FrameSealing.extraBytes(appending?.seal) }
        if let open = state.open, open.end > JournalFormat.bodyStart, open.end + bytes > options.segmentBytesMax {
            closeSegment()
        }
        let segment = if let appending { appending } else { try openSegment() }
        guard let before = state.open else { throw JournalFailure(.device, "the segment is gone") }
        let after: JournalState.Segment
        do {
            after = try write(group, to: segment, after: before)
            try segment.file.sync()
        } catch {
            // A place is written once: under the same seal other bytes must never follow. And a file whose sync
            // failed is never synced again.
            abandonSegment()
            throw error
        }
        state.appended(
            frames: group.count, records: Int(after.records - before.records), end: after.end)
        return JournalCommit(
            location: JournalLocation(
                JournalPosition(segment: segment.number, frame: before.frames), offset: before.end),
            sealBytes: FrameSealing.extraBytes(segment.seal),
            segmentID: segment.id, firstRecord: before.records)
    }

    /// Writes the group's frames, unsynced.
    /// - Returns: what the segment would be with them.
    private func write(
        _ group: [JournalEntry], to segment: AppendingSegment, after before: JournalState.Segment
    ) throws(JournalFailure) -> JournalState.Segment {
        var after = before
        var next = group.startIndex
        var started = before.end
        while next < group.endIndex {
            buffer.clear()
            repeat {
                encode(group[next], into: segment, number: after.frames, firstRecord: after.records, before)
                after.frames += 1
                after.records += UInt32(group[next].frame.count)
                next += 1
            } while next < group.endIndex && buffer.count + group[next].bytes <= options.portionBytesMax
            try segment.file.write(buffer.bytes, at: after.end)
            after.end += buffer.count
            // The turn of what is left at the end comes with the sync.
            if next < group.endIndex, after.end - started >= options.startedBytesMin {
                segment.file.startWriting(from: started, count: after.end - started)
                started = after.end
            }
            // A huge frame is rare; what it took is given back.
            if buffer.count > 4 * 1024 * 1024 { buffer = RawBuffer(capacity: 64 * 1024) }
        }
        return after
    }

    /// Appends a frame to the buffer.
    private func encode(
        _ entry: JournalEntry, into segment: AppendingSegment, number: UInt32, firstRecord: UInt32,
        _ before: JournalState.Segment
    ) {
        let place = buffer.extend(by: entry.bytes + FrameSealing.extraBytes(segment.seal))
        let body = UnsafeMutableRawBufferPointer(rebasing: place[JournalFormat.frameHeadBytes...])
        let headBytes = UnsafeMutableRawBufferPointer(rebasing: place[..<JournalFormat.frameHeadBytes])
        var head = FrameHead(
            bodyBytes: body.count, number: number, records: UInt32(entry.frame.count),
            firstRecord: firstRecord, source: entry.source, time: entry.time, syncedFrames: before.frames,
            prefixes: UInt32(tagFile.syncedPrefixes), bodyChecksum: 0)
        head.encodeFields(into: headBytes)
        entry.frame.entries.withUnsafeBytes { entries in
            FrameSealing.write(
                entries, of: number, head: UnsafeRawBufferPointer(headBytes), segment.seal, to: body)
        }
        head.bodyChecksum = CRC32C.checksum(UnsafeRawBufferPointer(body), from: segment.salt)
        head.encode(into: headBytes, salt: segment.salt)
    }

    /// Creates the next segment; its header is durable before any frame is written.
    private func openSegment() throws(JournalFailure) -> AppendingSegment {
        let number = state.numberTaken()
        let id = randomID()
        let previous = state.segments.last
        let seal = sealing.newSeal(.segment, random: randomID)
        let header = FileHeader(
            magic: JournalFormat.segmentMagic, id: id, number: number, created: .now(),
            previous: previous?.number ?? 0, previousFrames: previous?.frames ?? 0,
            previousSynced: previous?.syncedFrames ?? 0, seal: seal)
        let name = JournalFormat.segmentName(number)
        let file = try storage.create(name)
        do {
            try file.preallocate(options.segmentBytesMax)
            var copies = RawBuffer(capacity: JournalFormat.bodyStart)
            header.encode(into: copies.extend(by: JournalFormat.headerBytes))
            header.encode(into: copies.extend(by: JournalFormat.headerBytes))
            try file.write(copies.bytes, at: 0)
            try file.sync()
            try storage.syncDirectory()
        } catch {
            file.close()
            deleteUnused(name)
            throw error
        }
        state.opened(number: number, id: id, seal: seal)
        let segment = AppendingSegment(number: number, id: id, salt: CRC32C.salt(id), seal: seal, file: file)
        appending = segment
        return segment
    }

    /// Removes a segment that could not be set up.
    private func deleteUnused(_ name: String) {
        do {
            try storage.delete(name)
        } catch {
            // The failure that led here is reported; an empty segment left behind goes at the next start.
        }
    }

    /// The segment is full: gives back what it reserved and did not need.
    func closeSegment() {
        guard let segment = appending, let open = state.open else { return }
        do {
            try segment.file.truncate(to: open.end)
        } catch {
            // Only a saving was missed: the tail is found by checksum whatever the file's length.
        }
        segment.file.close()
        appending = nil
        state.closed()
    }

    /// The segment's file failed: what is durable in it stays readable, it is never written or synced again.
    private func abandonSegment() {
        appending?.file.close()
        appending = nil
        state.closed()
    }

    // MARK: Releasing

    /// Everything up to `position` is acknowledged: writes the watermark and deletes what nobody needs.
    /// - Parameter durable: sync the watermark now. Unsynced it survives the end of the process only.
    package func acknowledged(upTo position: JournalPosition, durable: Bool = false) throws(JournalFailure) {
        if state.acknowledged(upTo: position) || watermarkFile.isLost, let watermark = state.watermark {
            try watermarkFile.write(watermark)
        }
        try release(durable: durable)
    }

    /// Deletes the segments that are not needed any more, each for good before the next.
    func release(durable: Bool) throws(JournalFailure) {
        // A deletion may outlive the watermark's last write at a power failure; then frames that were written
        // twice (after a failed sync) could come back. So the watermark is made durable first.
        if durable || state.deletable != nil { try watermarkFile.sync() }
        while let number = state.deletable {
            if reading?.number == number { stopReading() }
            do {
                try storage.delete(JournalFormat.segmentName(number))
            } catch  where error.kind == .notFound {
                // Gone is what it should be.
            }
            try storage.syncDirectory()
            state.deleted(number: number)
        }
    }

    /// Ends the use of the journal. Everything durable stays for the next start.
    /// - Throws: when the watermark could not be made durable; the journal is closed all the same.
    package func close() throws(JournalFailure) {
        closeSegment()
        defer {
            stopReading()
            tagFile.close()
            watermarkFile.close()
            storage.unlock()
        }
        try release(durable: true)
    }

    /// Gives the directory back as it is, after a failure to start.
    package func abandon() {
        stopReading()
        tagFile.close()
        watermarkFile.close()
        storage.unlock()
    }

    func stopReading() {
        reading?.file.close()
        reading = nil
    }
}
