public import NIOCore

/// The assembler of whichever serial framing a line uses.
public enum SerialFrameAssembler: Sendable {
    case rtu(RTUFrameAssembler)
    case ascii(ASCIIFrameAssembler)

    /// nil for MBAP, which is no serial framing.
    public init?(_ framing: Framing, isServer: Bool) {
        switch framing {
        case .mbap: return nil
        case .rtu: self = .rtu(RTUFrameAssembler(isServer: isServer))
        case .ascii: self = .ascii(ASCIIFrameAssembler())
        }
    }

    /// Whether bytes have come that make no frame yet, so that silence would tell something.
    public var isUnfinished: Bool {
        switch self {
        case .rtu(let rtu): rtu.isUnfinished
        case .ascii(let ascii): ascii.isUnfinished
        }
    }

    /// Adds bytes as they arrived; call `next` until it returns nil before adding more.
    public mutating func append(_ bytes: ByteBuffer) {
        change({ $0.append(bytes) }, { $0.append(bytes) })
    }

    /// The line has been silent for `SerialTiming.silence`.
    public mutating func silenceReached() {
        change({ $0.silenceReached() }, { $0.silenceReached() })
    }

    /// The next frame, or what turned out to be none; nil when more bytes or silence are needed.
    public mutating func next() -> SerialEvent? {
        change({ $0.next() }, { $0.next() })
    }

    private mutating func change<Result>(
        _ rtu: (inout RTUFrameAssembler) -> Result, _ ascii: (inout ASCIIFrameAssembler) -> Result
    ) -> Result {
        switch self {
        case .rtu(var assembler):
            self = .ascii(ASCIIFrameAssembler())  // gives up the second reference to the bytes
            defer { self = .rtu(assembler) }
            return rtu(&assembler)
        case .ascii(var assembler):
            self = .rtu(RTUFrameAssembler(isServer: false))
            defer { self = .ascii(assembler) }
            return ascii(&assembler)
        }
    }
}
