public import NIOCore

/// Cuts the bytes of a serial line into RTU frames, however they arrive.
///
/// The standard ends a frame by a silence of 3.5 characters, which no program behind an operating system can hear
/// reliably. So the length is told from the function, the checksum decides, and silence is used only where those
/// two do not help: for functions that are not known here and to get rid of what will never become a frame. After a
/// wrong checksum the next frame may begin at any byte, so each is tried.
///
/// Holds at most `SerialFrame.rtuBytesMax` bytes once `next` has returned nil.
public struct RTUFrameAssembler: Sendable {
    private let isServer: Bool
    private var received = ByteBuffer()
    /// Bytes passed over since the last event.
    private var skipped = 0
    private var isSilent = false

    /// - Parameter isServer: whether requests come in, rather than answers.
    public init(isServer: Bool) {
        self.isServer = isServer
    }

    /// Whether bytes wait for the rest of their frame, or have been passed over without having been reported.
    public var isUnfinished: Bool { received.readableBytes > 0 || skipped > 0 }

    /// Adds bytes as they arrived; call `next` until it returns nil before adding more.
    public mutating func append(_ bytes: ByteBuffer) {
        isSilent = false
        if received.readableBytes == 0 {
            received = bytes
        } else {
            var bytes = bytes
            received.discardReadBytes()
            received.writeBuffer(&bytes)
        }
    }

    /// The line has been silent for longer than a frame may be interrupted: what is unfinished will stay so.
    public mutating func silenceReached() {
        isSilent = true
        // The one place where a function that is not known here can be received: a frame is all between two silences.
        guard skipped == 0, received.readableBytes <= SerialFrame.rtuBytesMax else { return }
        wholeFrame = frame(pduLength: received.readableBytes - 3)
    }

    private var wholeFrame: SerialFrame?

    /// The next frame, or what turned out to be none; nil when more bytes or silence are needed.
    public mutating func next() -> SerialEvent? {
        if let frame = wholeFrame {
            wholeFrame = nil
            received.clear()
            return .frame(frame)
        }
        while received.readableBytes > 0 {
            if let frame = firstFrame() {
                received.moveReaderIndex(forwardBy: frame.pdu.readableBytes + 3)
                skipped = 0
                return .frame(frame)
            }
            guard isSilent || !mayBecomeFrame else { return nil }
            received.moveReaderIndex(forwardBy: 1)
            skipped += 1
        }
        guard isSilent, skipped > 0 else { return nil }
        defer { skipped = 0 }
        return .corrupt(bytes: skipped)
    }

    private var length: PDULength {
        let function = received.readerIndex + 1
        return isServer ? PDULength.ofRequest(received, at: function) : PDULength.ofResponse(received, at: function)
    }

    /// Whether more bytes could make a frame that begins at the first byte.
    private var mayBecomeFrame: Bool {
        switch length {
        case .known(let length):
            length + 3 <= SerialFrame.rtuBytesMax && received.readableBytes < length + 3
        case .unknownYet, .unknowable: received.readableBytes < SerialFrame.rtuBytesMax
        }
    }

    private func firstFrame() -> SerialFrame? {
        guard case .known(let length) = length else { return nil }
        return frame(pduLength: length)
    }

    /// The frame at the first byte with a PDU of that length, if it is all there and its checksum is right.
    private func frame(pduLength: Int) -> SerialFrame? {
        guard pduLength >= 1, pduLength + 3 <= min(received.readableBytes, SerialFrame.rtuBytesMax),
            let body = received.viewBytes(at: received.readerIndex, length: pduLength + 1),
            received.getInteger(at: received.readerIndex + pduLength + 1, endianness: .little)
                == SerialChecksum.crc(body),
            let unit = body.first,
            let pdu = received.getSlice(at: received.readerIndex + 1, length: pduLength)
        else { return nil }
        return SerialFrame(unit: UnitID(rawValue: unit), pdu: pdu)
    }
}
