import ProtobufWire

/// The state of an intake while one batch from the wire is delivered: tags, the open frame, last values.
///
/// A reading costs the copy of a few varying fields; everything constant was paid when its tag was defined.
package struct FrameBuilder: ~Copyable {
    /// What the intake keeps of one tag.
    struct TagSlot {
        var definition: TagDefinition
        var prefixReference: UInt32
        /// The tag defined before whose definition has the same hash, -1 for none.
        var sameHash: Int32
        var last: Reading?
        var lastReceived: Timestamp?
    }

    let encoder: RecordEncoder
    let sink: any FrameSink
    private(set) var slots: [TagSlot] = []
    /// By the hash of a definition, the last tag that has it.
    private var indexes: [Int: Int32] = [:]
    private(set) var counts = ReadingCounts()
    private(set) var lastReceived: Timestamp?
    private var received = Timestamp(microseconds: 0)
    private var entries = WireWriter(capacity: EncodedFrame.bytesMax)
    private var entryCount = 0
    private var finished: [EncodedFrame] = []
    private var refused: [RefusedPayload] = []
    private var readings: ReadingEncoder
    /// One for each tag, when the layout shows what registers held.
    private var unscalings: [Unscaling] = []

    init(encoder: RecordEncoder, sink: any FrameSink) {
        self.encoder = encoder
        self.sink = sink
        self.readings = ReadingEncoder(encoder)
    }

    /// Resolves a tag once; the same definition gives the same id.
    package mutating func define(_ tag: TagDefinition) -> TagID {
        let hash = tag.hashValue
        let first = indexes[hash] ?? -1
        var known = first
        while known >= 0 {
            if slots[Int(known)].definition == tag { return TagID(index: Int(known)) }
            known = slots[Int(known)].sameHash
        }
        let id = TagID(index: slots.count)
        let reference = sink.register(prefix: encoder.prefix(of: tag))
        slots.append(TagSlot(definition: tag, prefixReference: reference, sameHash: first))
        indexes[hash] = Int32(id.index)
        if encoder.showsUnscaled { unscalings.append(Unscaling(tag)) }
        return id
    }

    /// Adds a reading to the batch.
    /// - Parameter metadata: what varies from reading to reading beside the value; rare.
    package mutating func append(_ reading: Reading, of tag: TagID, metadata: [(key: String, value: String)] = []) {
        slots[tag.index].last = reading
        slots[tag.index].lastReceived = received
        counts.count(reading.status.quality)
        let start = entries.count
        readings.append(
            reading, receivedAt: received, metadata: metadata, prefix: slots[tag.index].prefixReference,
            unscaling: encoder.showsUnscaled ? unscalings[tag.index] : nil, to: &entries)
        if entries.count - start > EncodedFrame.bytesMax, start > 0 { closeFrame(before: start) }
        entryCount += 1
        if entries.count >= EncodedFrame.bytesMax - RecordEncoder.usualSuffixBytesMax { closeFrame() }
    }

    /// Puts a payload of which no reading can be made among the dead letters, under the ticket of this batch.
    package mutating func refuse(_ bytes: [UInt8], topic: String, reason: String) {
        refused.append(RefusedPayload(topic: topic, reason: reason, time: received, bytes: bytes))
    }

    mutating func takeRefused() -> [RefusedPayload] {
        guard !refused.isEmpty else { return [] }
        defer { refused = [] }
        return refused
    }

    mutating func begin(receivedAt: Timestamp) {
        received = receivedAt
        lastReceived = receivedAt
    }

    mutating func finish() -> [EncodedFrame] {
        closeFrame()
        defer { finished = [] }
        return finished
    }

    /// A large record goes alone: whoever has no room for it drops none of its neighbours with it.
    private mutating func closeFrame(before start: Int) {
        let bytes = entries.takeBytes()
        finished.append(EncodedFrame(entries: Array(bytes[..<start]), count: entryCount))
        entries.raw(Array(bytes[start...]))
        entryCount = 0
    }

    private mutating func closeFrame() {
        guard entryCount > 0 else { return }
        finished.append(EncodedFrame(entries: entries.takeBytes(), count: entryCount))
        entryCount = 0
    }
}

/// How many readings an intake has taken, by quality.
package struct ReadingCounts: Hashable, Sendable {
    package var good = 0
    package var uncertain = 0
    package var bad = 0

    package var all: Int { good + uncertain + bad }

    mutating func count(_ quality: Quality) {
        switch quality {
        case .good: good += 1
        case .uncertain: uncertain += 1
        case .bad: bad += 1
        }
    }
}
