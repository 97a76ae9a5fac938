import Synchronization

/// Where a source delivers: it turns readings into record bytes and submits them to the source's lane.
///
/// One intake serves one source for its whole life, over all its connections. Its lock is taken once per
/// batch; a source delivers from one event loop at a time, so it is free except when a page looks.
package final class Intake: Sendable {
    package let source: SourceIdentity
    private let builder: Mutex<FrameBuilder>
    private let link: Mutex<Link>
    private let sink: any FrameSink
    private let preparing: (any TagPreparing)?
    /// Tags as they were shown, by number: a page looks at the same ones every second, and a tag always becomes the
    /// same. Those beyond the first ``shownMax`` are prepared anew, rather than kept for every tag.
    private let shown = Mutex<[Int: PreparedTag]>([:])
    private static let shownMax = 1_000

    private struct Link {
        var connectedSince: Timestamp?
        var onConnected: (@Sendable () -> Void)?
        var listener: (any LaneListener)?
        var open = true
        var skippedPolls = 0
        var missedMessages = 0
        var redeliveredMessages = 0
        var diagnostics: (@Sendable () -> SourceDiagnostics)?
        var decoder: (@Sendable (RefusedPayload) -> Bool)?
    }

    package init(
        source: SourceIdentity, layout: RecordLayout, sink: any FrameSink, options: IntakeOptions = IntakeOptions()
    ) {
        self.source = source
        self.sink = sink
        preparing = options.preparing
        let encoder = RecordEncoder(layout: layout, source: source)
        self.builder = Mutex(FrameBuilder(encoder: encoder, sink: sink, options: options))
        self.link = Mutex(Link())
    }

    // MARK: What a source calls

    /// Resolves a tag outside a batch.
    package func define(_ tag: TagDefinition) -> TagID {
        builder.withLock { $0.define(tag) }
    }

    /// Delivers one batch from the wire. Readings appended in `body` are admitted together, in order.
    /// - Returns: the ticket to wait for before the protocol acknowledges; nil when nothing was appended or refused.
    @discardableResult
    package func deliver(
        receivedAt: Timestamp = .now(), _ body: (inout FrameBuilder) throws -> Void
    ) rethrows -> Ticket? {
        try builder.withLock { builder in
            builder.begin(receivedAt: receivedAt)
            do {
                try body(&builder)
            } catch {
                // What was appended before the failure is a reading like any other.
                submit(&builder)
                throw error
            }
            return submit(&builder)
        }
    }

    /// The link works: the supervisor shows the source as running and forgets earlier failures.
    package func connected() {
        let notify = link.withLock { link in
            link.connectedSince = link.connectedSince ?? .now()
            return link.onConnected
        }
        notify?()
    }

    /// Who hears of durability and demand on this connection; called with the present demand at once.
    package func listen(_ listener: any LaneListener) {
        var open = link.withLock { link in
            link.listener = listener
            return link.open
        }
        // The lane may change its mind between look and call; its own call must not be the one that is overruled.
        while true {
            listener.demand(open: open)
            let latest = link.withLock { $0.open }
            guard latest != open else { return }
            open = latest
        }
    }

    /// A poll was due while the lane had no room.
    package func pollSkipped() {
        link.withLock { $0.skippedPolls += 1 }
    }

    /// The other side no longer has messages that never arrived.
    package func missed(_ messages: Int) {
        link.withLock { $0.missedMessages += messages }
    }

    /// The other side sent messages again: what they bring may be here already.
    package func redelivered(_ messages: Int) {
        link.withLock { $0.redeliveredMessages += messages }
    }

    /// Who is asked for diagnostics; stays until another is named.
    package func diagnose(with diagnostics: @escaping @Sendable () -> SourceDiagnostics) {
        link.withLock { $0.diagnostics = diagnostics }
    }

    /// Who tries refused payloads once more, on the lane's thread: delivers their readings, or refuses them again, and
    /// returns true; false when it cannot just now. Stays until another is named.
    package func decodeAgain(with decoder: @escaping @Sendable (RefusedPayload) -> Bool) {
        link.withLock { $0.decoder = decoder }
    }

    // MARK: What the supervisor calls

    /// Sets what happens when the source reports a working link.
    package func onConnected(_ action: @escaping @Sendable () -> Void) {
        link.withLock { $0.onConnected = action }
    }

    /// The link is gone. One reading without a value per tag says so, unless the link never worked.
    package func disconnected(reportQuality: Bool) {
        let wasConnected = link.withLock { link in
            defer {
                link.connectedSince = nil
                link.listener = nil
            }
            return link.connectedSince != nil
        }
        guard wasConnected else { return }
        guard reportQuality else {
            own { $0.flushHeld() }
            return
        }
        deliver { builder in
            for index in 0..<builder.tagCount {
                builder.append(Reading(.none, .none, status: .noCommunication), of: TagID(index: index))
            }
        }
    }

    /// Repeats the last readings of tags that had no row for as long as their heartbeat, while the link works.
    package func beat() {
        guard link.withLock({ $0.connectedSince != nil && $0.open }) else { return }
        own { if $0.hasHeartbeats { $0.beat() } }
    }

    /// Submits what did not come from the wire just now.
    private func own(_ body: (inout FrameBuilder) -> Void) {
        builder.withLock { builder in
            builder.beginOwn(at: .now())
            body(&builder)
            submit(&builder)
        }
    }

    /// Counts and times for pages and metrics.
    package func snapshot() -> IntakeSnapshot {
        let link = link.withLock { $0 }
        let diagnostics = link.diagnostics?()
        return builder.withLock { builder in
            IntakeSnapshot(
                counts: builder.counts, tags: builder.tagCount, lastReceived: builder.lastReceived,
                connectedSince: link.connectedSince, skippedPolls: link.skippedPolls,
                missedMessages: link.missedMessages, redeliveredMessages: link.redeliveredMessages,
                diagnostics: diagnostics)
        }
    }

    /// The last reading of up to `limit` tags, in the order in which they were defined.
    package func lastValues(limit: Int, offset: Int = 0) -> [LastValue] {
        let (first, values) = builder.withLock { builder in
            let first = min(max(0, offset), builder.tagCount)
            let last = first + min(max(0, limit), builder.tagCount - first)
            return (first, (first..<last).map { builder.lastValue(of: TagID(index: $0)) })
        }
        guard let preparing else { return values }
        return values.enumerated().map { place, value in
            let prepared = shown(first + place, value.tag, preparing)
            var value = value
            value.tag = prepared.definition
            value.isWanted = prepared.isWanted
            return value
        }
    }

    /// A tag as its rows show it.
    private func shown(_ index: Int, _ tag: TagDefinition, _ preparing: any TagPreparing) -> PreparedTag {
        if let known = shown.withLock({ $0[index] }) { return known }
        // Outside the lock: a template may take its time.
        let prepared = preparing.prepare(tag, of: source)
        shown.withLock { if $0.count < Self.shownMax { $0[index] = prepared } }
        return prepared
    }

    @discardableResult
    private func submit(_ builder: inout FrameBuilder) -> Ticket? {
        let frames = builder.finish()
        let refused = builder.takeRefused()
        let ticket = frames.isEmpty ? nil : sink.submit(frames, from: source.name)
        guard !refused.isEmpty else { return ticket }
        // The later ticket stands for both, and the lane's word on the readings holds for the batch.
        var last = sink.refuse(refused, from: source.name)
        last.isRejected = ticket?.isRejected ?? false
        return last
    }
}

extension Intake: LaneListener {
    package func durable(upTo ticket: Ticket) {
        link.withLock { $0.listener }?.durable(upTo: ticket)
    }

    package func demand(open: Bool) {
        let listener = link.withLock { link in
            link.open = open
            return link.listener
        }
        listener?.demand(open: open)
    }

    package func retry(_ payload: RefusedPayload) -> Bool {
        link.withLock { $0.decoder }?(payload) ?? false
    }
}

/// What an intake has taken so far.
package struct IntakeSnapshot: Sendable {
    package var counts: ReadingCounts
    package var tags: Int
    package var lastReceived: Timestamp?
    package var connectedSince: Timestamp?
    package var skippedPolls: Int
    /// Messages that the other side sent and no longer had when they were asked for again.
    package var missedMessages: Int
    /// Messages that the other side sent again after a broken link.
    package var redeliveredMessages = 0
    /// Nil for sources that have none.
    package var diagnostics: SourceDiagnostics?
}

/// A tag with its last reading.
package struct LastValue: Sendable {
    package var tag: TagDefinition
    package var reading: Reading?
    package var received: Timestamp?
    /// False for a tag whose readings are not delivered, by its source's settings.
    package var isWanted = true
}

/// What an intake does with tags and readings on their way, as far as it is configured.
package struct IntakeOptions: Sendable {
    package var preparing: (any TagPreparing)?
    package var qualities: QualityMapping?
    /// Milliseconds of a clock that does not jump; heartbeats are measured by it.
    package var uptime: @Sendable () -> Int64

    package init(
        preparing: (any TagPreparing)? = nil, qualities: QualityMapping? = nil,
        uptime: @escaping @Sendable () -> Int64 = Uptime.milliseconds
    ) {
        self.preparing = preparing
        self.qualities = qualities
        self.uptime = uptime
    }
}
