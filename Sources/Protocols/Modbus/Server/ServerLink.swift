package import ModbusCore
package import NIOCore

/// The server's end of a connection without its socket: bytes in, answers out.
package struct ServerLink {
    private enum Decoder {
        case mbap(MBAPDecoder)
        case rtu(SerialFrameAssembler)
        case ascii(SerialFrameAssembler)
    }

    private var decoder: Decoder
    private let responder: RequestResponder

    package init(framing: Framing, responder: RequestResponder) {
        self.responder = responder
        let serial = SerialFrameAssembler(framing, isServer: true)
        decoder = serial.map { framing == .ascii ? .ascii($0) : .rtu($0) } ?? .mbap(MBAPDecoder())
    }

    /// Whether a serial frame has begun and not ended, so that silence would tell something.
    package var isUnfinished: Bool {
        switch decoder {
        case .mbap: false
        case .rtu(let serial), .ascii(let serial): serial.isUnfinished
        }
    }

    /// Bytes came in; call `answer` before the next call.
    package mutating func bytesReceived(_ bytes: ByteBuffer) {
        withDecoder({ $0.append(bytes) }, { $0.append(bytes) })
    }

    /// Nothing has come for `SerialTiming.silence`.
    package mutating func silenceReached() {
        withDecoder({ _ in }, { $0.silenceReached() })
    }

    /// Appends the answers to all requests that are complete.
    ///
    /// - Throws: `FramingError` when the peer does not speak Modbus TCP.
    package mutating func answer(into buffer: inout ByteBuffer) throws(FramingError) {
        switch decoder {
        case .mbap(var mbap):
            decoder = .mbap(MBAPDecoder())  // gives up the second reference to the bytes
            defer { decoder = .mbap(mbap) }
            while let frame = try mbap.next() {
                MBAPFrame.encode(transaction: frame.transaction, unit: frame.unit, into: &buffer) {
                    responder.respond(to: frame.pdu, unit: frame.unit, into: &$0)
                }
            }
        case .rtu, .ascii:
            while let event = withDecoder({ _ in nil }, { $0.next() }) {
                if case .frame(let frame) = event { answer(frame, into: &buffer) }
            }
        }
    }

    /// On a serial line only the unit that is meant answers, and nobody answers a broadcast, which is for all to
    /// obey (Serial line V1.02, 2.1).
    private func answer(_ frame: SerialFrame, into buffer: inout ByteBuffer) {
        guard frame.unit != 0 || responder.defaultUnit != nil else {
            responder.obeyBroadcast(frame.pdu)
            return
        }
        guard responder.has(frame.unit) else { return }
        let write = { (pdu: inout ByteBuffer) in responder.respond(to: frame.pdu, unit: frame.unit, into: &pdu) }
        if case .ascii = decoder {
            SerialFrame.encodeASCII(unit: frame.unit, into: &buffer, writePDU: write)
        } else {
            SerialFrame.encodeRTU(unit: frame.unit, into: &buffer, writePDU: write)
        }
    }

    private mutating func withDecoder<Result>(
        _ mbapBody: (inout MBAPDecoder) -> Result, _ serialBody: (inout SerialFrameAssembler) -> Result
    ) -> Result {
        switch decoder {
        case .mbap(var mbap):
            decoder = .mbap(MBAPDecoder())
            defer { decoder = .mbap(mbap) }
            return mbapBody(&mbap)
        case .rtu(var serial):
            decoder = .mbap(MBAPDecoder())
            defer { decoder = .rtu(serial) }
            return serialBody(&serial)
        case .ascii(var serial):
            decoder = .mbap(MBAPDecoder())
            defer { decoder = .ascii(serial) }
            return serialBody(&serial)
        }
    }
}
