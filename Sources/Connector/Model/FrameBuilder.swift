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
    private let preparing: (any TagPreparing)?
    private var qualities: QualityTable?
    private var conditioning: ConditioningTable

    /// - Parameter options: what is done with tags and readings on their way.
    init(encoder: RecordEncoder, sink: any FrameSink, options: IntakeOptions) {
        self.encoder = encoder
        self.sink = sink
        self.readings = ReadingEncoder(encoder)
        preparing = options.preparing
        conditioning = ConditioningTable(uptime: options.uptime)
        if let mapping = options.qualities, !mapping.isEmpty {
            qualities = QualityTable(mapping, name: encoder.source.statusName)
        }
    }

    /// How many tags there are.
    var tagCount: Int { slots.count }

    /// Resolves a tag once; the same definition gives the same id.
    package mutating func define(_ tag: TagDefinition) -> TagID {
        let number = texts.number(of: tag)
        if number == slots.count { add(tag) }
        return TagID(index: number)
    }

    private mutating func add(_ tag: TagDefinition) {
        let prepared = prepared(tag)
        if encoder.showsUnscaled { unscalings.append(Unscaling(prepared.definition)) }
        guard prepared.isWanted else {
            slots.append(TagSlot(prefix: 0, conditioner: ConditioningTable.excluded))
            return
        }
        if prepared.isRenamed { counts.renamedTags += 1 }
        let conditioner = prepared.conditioning.map {
            conditioning.add($0, for: prepared.definition, index: slots.count)
        }
        let prefix = sink.register(prefix: encoder.prefix(of: prepared.definition))
        slots.append(TagSlot(prefix: prefix, conditioner: conditioner ?? 0))
    }

    private func prepared(_ tag: TagDefinition) -> PreparedTag {
        preparing?.prepare(tag, of: encoder.source) ?? PreparedTag(tag)
    }

    /// What a tag was defined as.
    package func definition(of tag: TagID) -> TagDefinition { texts[tag.index] }

    /// A tag as it was defined, with its last reading.
    func lastValue(of tag: TagID) -> LastValue {
        let last = slots[tag.index].last { kept[$0] }
        return LastValue(tag: texts[tag.index], reading: last?.reading, received: last?.received)
    }

    /// Adds a reading to the batch.
    /// - Parameter metadata: what varies from reading to reading beside the value; rare.
    package mutating func append(_ reading: Reading, of tag: TagID, metadata: [(key: String, value: String)] = []) {
        if qualities != nil {
            appendMapped(reading, of: tag.index, metadata)
        } else {
            appendPlain(reading, of: tag.index, metadata)
        }
    }

    private mutating func appendMapped(
        _ reading: Reading, of index: Int, _ metadata: [(key: String, value: String)]
    ) {
        var reading = reading
        reading.status = qualities?.status(reading.status) ?? reading.status
        appendPlain(reading, of: index, metadata)
    }

    @inline(__always)
    private mutating func appendPlain(
        _ reading: Reading, of index: Int, _ metadata: [(key: String, value: String)]
    ) {
        counts.count(reading.status.quality)
        guard slots[index].conditioner == 0 else {
            appendConditioned(reading, of: index, metadata)
            return
        }
        remember(reading, of: index)
        write(reading, receivedAt: received, of: index, metadata)
    }

    /// A reading of a tag that has a conditioner: none, one or two become rows.
    private mutating func appendConditioned(
        _ reading: Reading, of index: Int, _ metadata: [(key: String, value: String)]
    ) {
        let number = slots[index].conditioner
        guard number != ConditioningTable.excluded else {
            counts.suppressed.count(.excluded)
            return
        }
        let outcome = conditioning.received(reading, at: received, number)
        let metadata = outcome.clamped.map { metadata + [("clamped", $0)] } ?? metadata
        remember(outcome.reading, of: index)
        switch outcome.action {
        case .pass: break
        case .suppress(let reason):
            counts.suppressed.count(reason)
            if reason == .swingingDoor { conditioning.hold(metadata, of: number) }
            return
        case .hold:
            conditioning.hold(metadata, of: number)
            return
        case .passHeld(let held):
            writeHeld(held, of: index, number)
            conditioning.hold(metadata, of: number)
            return
        case .passBoth(let held): writeHeld(held, of: index, number)
        case .passHeldOnly(let held):
            writeHeld(held, of: index, number)
            counts.suppressed.count(.swingingDoor)
            return
        case .passInsteadOfHeld:
            counts.suppressed.count(.swingingDoor)
            conditioning.hold([], of: number)
        }
        write(outcome.reading, receivedAt: received, of: index, metadata)
    }

    private mutating func writeHeld(_ held: TagConditioner.Held, of index: Int, _ number: UInt32) {
        write(held.reading, receivedAt: held.received, of: index, conditioning.takeMetadata(of: number))
    }

    /// Makes rows of what conditioners hold, because nothing follows it for now.
    mutating func flushHeld() {
        for (index, number, held) in conditioning.flush() { writeHeld(held, of: index, number) }
    }

    /// Whether a tag wants rows although nothing comes.
    var hasHeartbeats: Bool { conditioning.hasHeartbeats }

    /// Makes rows of the last readings of tags that had none for as long as their heartbeat.
    mutating func beat() {
        for index in conditioning.beat() {
            guard var reading = slots[index].last(kept: { kept[$0] })?.reading else { continue }
            // What was read then holds still: that is known as of now.
            reading.sourceTime = nil
            write(reading, receivedAt: received, of: index, [("heartbeat", "true")])
        }
    }

    @inline(__always)
    private mutating func write(
        _ reading: Reading, receivedAt: Timestamp, of index: Int, _ metadata: [(key: String, value: String)]
    ) {
        let start = entries.count
        readings.append(
            reading, receivedAt: receivedAt, metadata: metadata, prefix: slots[index].prefix,
            unscaling: encoder.showsUnscaled ? unscalings[index] : nil, to: &entries)
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
        if slots[index].changesType(reading) { counts.typeChanges += 1 }
        slots[index].take(reading, kind, bits, received: received)
    }

    mutating func begin(receivedAt: Timestamp) {
        received = receivedAt
        lastReceived = receivedAt
        conditioning.begin()
    }

    /// Begins a batch that nobody sent.
    mutating func beginOwn(at time: Timestamp) { received = time }

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
    /// Those of them that conditioning made no row of.
    package var suppressed = SuppressedCounts()
    /// Readings of another type than their tag's before.
    package var typeChanges = 0
    /// Tags whose path is distinct only by an addition, as another tag had it.
    package var renamedTags = 0

    package var all: Int { good + uncertain + bad }

    mutating func count(_ quality: Quality) {
        switch quality {
        case .good: good += 1
        case .uncertain: uncertain += 1
        case .bad: bad += 1
        }
    }
}
