import ModbusCore
import NIOCore
import TestRandomness
import Testing

@Suite struct MBAPTests {
    /// Transaction 0x1501, protocol 0, length 6, unit 0xFF, then the PDU of a read.
    private let wire: [UInt8] = [
        0x15, 0x01,  // transaction
        0x00, 0x00,  // protocol: Modbus
        0x00, 0x06,  // length: unit and PDU
        0xFF,  // unit
        0x03, 0x00, 0x04, 0x00, 0x01,  // PDU
    ]

    private var frame: MBAPFrame {
        MBAPFrame(transaction: 0x1501, unit: 255, pdu: ByteBuffer(bytes: [0x03, 0x00, 0x04, 0x00, 0x01]))
    }

    @Test func aFrameIsEncodedAsInTheStandard() {
        var buffer = ByteBuffer(bytes: [0xAA])
        MBAPFrame.encode(transaction: 0x1501, unit: 255, into: &buffer) {
            $0.writeBytes([0x03, 0x00, 0x04, 0x00, 0x01])
        }
        #expect(Array(buffer.readableBytesView) == [0xAA] + wire)
    }

    @Test func framesAreFoundHoweverTheBytesArrive() throws {
        let stream = wire + wire + wire
        for size in 1...stream.count {
            var decoder = MBAPDecoder()
            var found: [MBAPFrame] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                decoder.append(ByteBuffer(bytes: stream[start..<min(start + size, stream.count)]))
                while let frame = try decoder.next() { found.append(frame) }
            }
            #expect(found == [frame, frame, frame], "\(size) bytes at a time")
        }
    }

    @Test func anUnfinishedFrameIsNotDelivered() throws {
        for length in 0..<wire.count {
            var decoder = MBAPDecoder()
            decoder.append(ByteBuffer(bytes: wire[..<length]))
            #expect(try decoder.next() == nil)
        }
    }

    @Test func lengthsAreTakenUpToTheLimitAndNotBeyond() throws {
        var longest = MBAPDecoder()
        longest.append(ByteBuffer(bytes: [0, 1, 0, 0, 0, 254, 1] + [UInt8](repeating: 7, count: 253)))
        #expect(try longest.next()?.pdu.readableBytes == 253)
        for length in [0, 1, 255, 65_535] as [UInt16] {
            var decoder = MBAPDecoder()
            var bytes = ByteBuffer(bytes: [0, 1, 0, 0])
            bytes.writeInteger(length)
            decoder.append(bytes)
            #expect(throws: FramingError.length(Int(length))) { try decoder.next() }
        }
    }

    @Test func anotherProtocolIsRefusedForGood() {
        var decoder = MBAPDecoder()
        decoder.append(ByteBuffer(string: "GET / HTTP/1.1\r\n"))
        #expect(throws: FramingError.notModbus(0x5420)) { try decoder.next() }
        decoder.append(ByteBuffer(bytes: wire))
        #expect(throws: FramingError.notModbus(0x5420)) { try decoder.next() }
    }

    @Test func anyBytesAreReadWithoutATrap() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<5_000 {
            var decoder = MBAPDecoder()
            for _ in 0..<4 {
                let count = Int.random(in: 0...12, using: &random)
                decoder.append(
                    ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...2, using: &random) }))
                while let frame = try? decoder.next() { #expect(frame.pdu.readableBytes >= 1) }
            }
        }
    }
}
