public import NIOCore

/// The client's end of a connection without its socket: requests become frames, frames become outcomes.
///
/// A pure machine over one `TransactionTable` and one framing. After every event its owner drains `nextResponse`,
/// then writes what `nextToSend` gives, and sets its timer to `nextDeadline`.
public struct ClientLink: ~Copyable {
    private let framing: Framing
    private let timing: SerialTiming
    /// Of no account for a serial framing.
    private var network = MBAPDecoder()
    /// nil for MBAP.
    private var serial: SerialFrameAssembler?
    private var table: TransactionTable
    /// Before this no request goes out, so that there is a pause between two frames.
    private var quietUntil: NIODeadline?
    /// When the line will have been silent for so long that an unfinished frame is given up.
    private var silentAt: NIODeadline?

    /// - Parameter timing: of MBAP only the gap counts, as a pause between two requests.
    public init(framing: Framing, timing: SerialTiming = .overNetwork, table: consuming TransactionTable) {
        self.framing = framing
        self.timing = timing
        self.table = table
        serial = SerialFrameAssembler(framing, isServer: false)
    }

    /// Takes a request; its time runs from the moment it is sent.
    public mutating func submit(
        _ request: ModbusRequest, unit: UnitID, id: TransactionTable.RequestID, timeout: TimeAmount
    ) -> TransactionTable.SubmitAction {
        table.submit(request, unit: unit, id: id, timeout: timeout)
    }

    /// Appends the frame of a request that may go out now; false when there is none.
    public mutating func nextToSend(now: NIODeadline, into buffer: inout ByteBuffer) -> Bool {
        if let quietUntil {
            if now < quietUntil { return false }
            self.quietUntil = nil
        }
        guard let next = table.nextToSend(now: now) else { return false }
        switch framing {
        case .mbap:
            MBAPFrame.encode(next.request, transaction: next.transaction, unit: next.unit, into: &buffer)
            if timing.interFrameGap > .zero { quietUntil = now + timing.interFrameGap }
        case .rtu: SerialFrame.encodeRTU(unit: next.unit, into: &buffer) { next.request.encode(into: &$0) }
        case .ascii: SerialFrame.encodeASCII(unit: next.unit, into: &buffer) { next.request.encode(into: &$0) }
        }
        return true
    }

    /// Bytes came in; drain `nextResponse` before the next call.
    public mutating func bytesReceived(_ bytes: ByteBuffer, now: NIODeadline) {
        guard serial == nil else {
            serial?.append(bytes)
            silentAt = now + timing.silence
            quietUntil = now + timing.interFrameGap
            return
        }
        network.append(bytes)
    }

    /// What to do about the next frame of those that have come in; nil when more bytes are needed.
    ///
    /// - Throws: `FramingError` when the peer does not speak Modbus TCP; serial framings recover by themselves.
    public mutating func nextResponse() throws(FramingError) -> TransactionTable.ResponseAction? {
        guard serial == nil else { return nextSerialResponse() }
        guard let frame = try network.next() else { return nil }
        return table.responseReceived(frame)
    }

    private mutating func nextSerialResponse() -> TransactionTable.ResponseAction? {
        let event = serial?.next()
        if serial?.isUnfinished == false { silentAt = nil }
        return switch event {
        case .frame(let frame): table.responseReceived(frame)
        case .corrupt: table.corruptFrameReceived()
        case nil: nil
        }
    }

    /// Time has passed: to be called first. A frame may turn out whole or broken, so drain `nextResponse` after it.
    public mutating func silenceReached(now: NIODeadline) {
        guard let silentAt, silentAt <= now else { return }
        self.silentAt = nil
        serial?.silenceReached()
    }

    /// Time has passed: to be called after `silenceReached`.
    public mutating func deadlineReached(now: NIODeadline) -> TransactionTable.DeadlineAction {
        table.deadlineReached(now: now)
    }

    /// Whether a request has been sent and not answered yet.
    public var hasUnderWay: Bool { table.hasUnderWay }

    /// When the owner has to come back; nil while there is nothing to wait for.
    public var nextDeadline: NIODeadline? {
        var deadline = table.nextDeadline
        if let silentAt { deadline = min(deadline ?? silentAt, silentAt) }
        // With a request under way nothing else goes out on a serial line, so its pause need not be waited for.
        if let quietUntil, deadline == nil || serial == nil, table.hasWaiting {
            deadline = min(deadline ?? quietUntil, quietUntil)
        }
        return deadline
    }

    /// The caller of a batch has gone.
    public mutating func cancelled(batch: UInt64) {
        table.cancelled(batch: batch)
    }

    /// The connection is gone. Returns every request that has had no answer.
    public mutating func connectionClosed() -> [TransactionTable.RequestID] {
        table.connectionClosed()
    }
}
