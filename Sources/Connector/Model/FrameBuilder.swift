import ProtobufWire

/// The state of an intake while one batch from the wire is delivered: tags, the open frame, last values.
///
/// A reading costs the copy of a few varying fields; everything constant was paid when its tag was defined.
package struct FrameBuilder: ~Copyable {
    let encoder: RecordEncoder
    let sink: any FrameSink
    private var slots: [TagSlot] = []
    private var texts = TagTexts()
    private var kept = KeptValues()
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

    /// How many tags there are.
    var tagCount: Int { slots.count }

    /// Resolves a tag once; the same definition gives the same id.
    package mutating func define(_ tag: TagDefinition) -> TagID {
        let number = texts.number(of: tag)
        if number == slots.count {
            slots.append(TagSlot(prefix: sink.register(prefix: encoder.prefix(of: tag))))
            if encoder.showsUnscaled { unscalings.append(Unscaling(tag)) }
        }
        return TagID(index: number)
    }

    /// What a tag was defined as.
    package func definition(of tag: TagID) -> TagDefinition { texts[tag.index] }

    /// A tag with its last reading.
    func lastValue(of tag: TagID) -> LastValue {
        let last = slots[tag.index].last { kept[$0] }
        return LastValue(tag: texts[tag.index], reading: last?.reading, received: last?.received)
    }

    /// Adds a reading to the batch.
    /// - Parameter metadata: what varies from reading to reading beside the value; rare.
    package mutating func append(_ reading: Reading, of tag: TagID, metadata: [(key: String, value: String)] = []) {
        remember(reading, of: tag.index)
        counts.count(reading.status.quality)
        let start = entries.count
        readings.append(
            reading, receivedAt: received, metadata: metadata, prefix: slots[tag.index].prefix,
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

    @inline(__always)
    private mutating func remember(_ reading: Reading, of index: Int) {
        let kind: TagSlot.Kind
        let bits: UInt64
        switch reading.value {
        case .none: (kind, bits) = (.none, 0)
        case .bool(let value): (kind, bits) = (.bool, value ? 1 : 0)
        case .int(let value): (kind, bits) = (.int, UInt64(bitPattern: value))
        case .uint(let value): (kind, bits) = (.uint, value)
        case .float(let value): (kind, bits) = (.float, UInt64(value.bitPattern))
        case .double(let value): (kind, bits) = (.double, value.bitPattern)
        case .string, .json, .bytes, .named: (kind, bits) = (.kept, kept.keep(reading.value, for: slots[index]))
        }
        if kind != .kept { kept.release(slots[index]) }
        slots[index].take(reading, kind, bits, received: received)
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
