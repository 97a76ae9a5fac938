public import NIOCore

/// The client's end of a connection without its socket: requests become frames, frames become outcomes.
///
/// A pure machine over one `TransactionTable` and one framing. After every event its owner drains `nextResponse`,
/// then writes what `nextToSend` gives, and sets its timer to `nextDeadline`.
public struct ClientLink: ~Copyable {
    /// What the decoder of either family of frames holds.
    private enum Decoder {
        case mbap(MBAPDecoder)
        case serial(SerialFrameAssembler)
    }

    private let framing: Framing
    private let timing: SerialTiming
    private var decoder: Decoder
    private var table: TransactionTable
    /// Before this no request goes out, so that the line has its pause between two frames.
    private var quietUntil: NIODeadline?
    /// When the line will have been silent for so long that an unfinished frame is given up.
    private var silentAt: NIODeadline?

    /// - Parameter timing: of no account for MBAP.
    public init(framing: Framing, timing: SerialTiming = .overNetwork, table: consuming TransactionTable) {
        self.framing = framing
        self.timing = timing
        self.table = table
        decoder =
            SerialFrameAssembler(framing, isServer: false).map { .serial($0) } ?? .mbap(MBAPDecoder())
    }

    /// Takes a request; its time runs from the moment it is sent.
    public mutating func submit(
        _ request: ModbusRequest, unit: UnitID, id: TransactionTable.RequestID, timeout: TimeAmount
    ) -> TransactionTable.SubmitAction {
        table.submit(request, unit: unit, id: id, timeout: timeout)
    }

    /// Appends the frame of a request that may go out now; false when there is none.
    public mutating func nextToSend(now: NIODeadline, into buffer: inout ByteBuffer) -> Bool {
        if let quietUntil, now < quietUntil { return false }
        guard let next = table.nextToSend(now: now) else { return false }
        switch framing {
        case .mbap:
            MBAPFrame.encode(transaction: next.transaction, unit: next.unit, into: &buffer) {
                next.request.encode(into: &$0)
            }
        case .rtu: SerialFrame.encodeRTU(unit: next.unit, into: &buffer) { next.request.encode(into: &$0) }
        case .ascii: SerialFrame.encodeASCII(unit: next.unit, into: &buffer) { next.request.encode(into: &$0) }
        }
        return true
    }

    /// Bytes came in; drain `nextResponse` before the next call.
    public mutating func bytesReceived(_ bytes: ByteBuffer, now: NIODeadline) {
        switch decoder {
        case .mbap(var mbap):
            decoder = .mbap(MBAPDecoder())  // gives up the second reference to the bytes
            mbap.append(bytes)
            decoder = .mbap(mbap)
        case .serial(var serial):
            decoder = .mbap(MBAPDecoder())
            serial.append(bytes)
            decoder = .serial(serial)
            silentAt = now + timing.silence
            quietUntil = now + timing.interFrameGap
        }
    }

    /// What to do about the next frame of those that have come in; nil when more bytes are needed.
    ///
    /// - Throws: `FramingError` when the peer does not speak Modbus TCP; serial framings recover by themselves.
    public mutating func nextResponse() throws(FramingError) -> TransactionTable.ResponseAction? {
        switch decoder {
        case .mbap(var mbap):
            decoder = .mbap(MBAPDecoder())
            defer { decoder = .mbap(mbap) }
            return try mbap.next().map { table.responseReceived($0) }
        case .serial(var serial):
            decoder = .mbap(MBAPDecoder())
            defer {
                if !serial.isUnfinished { silentAt = nil }
                decoder = .serial(serial)
            }
            switch serial.next() {
            case .frame(let frame): return table.responseReceived(frame)
            case .corrupt: return table.corruptFrameReceived()
            case nil: return nil
            }
        }
    }

    /// Time has passed: to be called first. A frame may turn out whole or broken, so drain `nextResponse` after it.
    public mutating func silenceReached(now: NIODeadline) {
        guard let silentAt, silentAt <= now, case .serial(var serial) = decoder else { return }
        self.silentAt = nil
        serial.silenceReached()
        decoder = .serial(serial)
    }

    /// Time has passed: to be called after `silenceReached`.
    public mutating func deadlineReached(now: NIODeadline) -> TransactionTable.DeadlineAction {
        table.deadlineReached(now: now)
    }

    /// When the owner has to come back; nil while there is nothing to wait for.
    public var nextDeadline: NIODeadline? {
        var deadline = table.nextDeadline
        if let silentAt { deadline = min(deadline ?? silentAt, silentAt) }
        // With a request under way nothing else goes out on a serial line, so its pause need not be waited for.
        if let quietUntil, deadline == nil, table.hasWaiting { deadline = quietUntil }
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
