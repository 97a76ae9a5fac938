import NIOCore
import TestRandomness
import Testing

@testable import ModbusCore

@Suite struct SerialFrameTests {
    /// The example of the standard: unit 17, function 3, address 0x6B, 3 registers.
    private let request = ByteBuffer(bytes: [0x03, 0x00, 0x6B, 0x00, 0x03])
    private let rtu = bytes(
        [0x11],  // unit
        [0x03], [0x00, 0x6B], [0x00, 0x03],  // function, address, count
        [0x76, 0x87]  // CRC, low byte first
    )
    private let ascii = ByteBuffer(string: ":1103006B00037E\r\n")

    private func events(_ framing: Framing, isServer: Bool = true, _ parts: ByteBuffer...) throws -> [SerialEvent] {
        var assembler = try #require(SerialFrameAssembler(framing, isServer: isServer))
        var events: [SerialEvent] = []
        for part in parts {
            assembler.append(part)
            while let event = assembler.next() { events.append(event) }
        }
        assembler.silenceReached()
        while let event = assembler.next() { events.append(event) }
        #expect(!assembler.isUnfinished)
        return events
    }

    private func answer(_ words: [UInt16], unit: UnitID = 17, _ framing: Framing) -> ByteBuffer {
        encoded { buffer in
            let write = { (pdu: inout ByteBuffer) in
                ResponseEncoder.registers(words, function: .readHoldingRegisters, into: &pdu)
            }
            if framing == .rtu {
                SerialFrame.encodeRTU(unit: unit, into: &buffer, writePDU: write)
            } else {
                SerialFrame.encodeASCII(unit: unit, into: &buffer, writePDU: write)
            }
        }
    }

    @Test func framesAreThoseOfTheStandard() throws {
        let pdu = request
        #expect(encoded { SerialFrame.encodeRTU(unit: 17, into: &$0) { $0.writeImmutableBuffer(pdu) } } == rtu)
        #expect(encoded { SerialFrame.encodeASCII(unit: 17, into: &$0) { $0.writeImmutableBuffer(pdu) } } == ascii)
        #expect(try events(.rtu, rtu) == [.frame(SerialFrame(unit: 17, pdu: request))])
        #expect(try events(.ascii, ascii) == [.frame(SerialFrame(unit: 17, pdu: request))])
        #expect(try events(.ascii, ByteBuffer(string: ":1103006b00037e\r\n")).count == 1)
    }

    @Test func framesMayArriveInAnyPieces() throws {
        for (framing, frame) in [(Framing.rtu, answer([1, 2, 3], .rtu)), (.ascii, answer([1, 2, 3], .ascii))] {
            var whole = ByteBuffer()
            for _ in 0..<3 { whole.writeImmutableBuffer(frame) }
            for size in [1, 2, 3, 7, 100] {
                var assembler = try #require(SerialFrameAssembler(framing, isServer: false))
                var rest = whole
                var frames = 0
                while rest.readableBytes > 0, let part = rest.readSlice(length: min(size, rest.readableBytes)) {
                    assembler.append(part)
                    while case .frame(let frame)? = assembler.next() {
                        #expect(frame.unit == 17 && frame.pdu.readableBytes == 8)
                        frames += 1
                    }
                }
                #expect(frames == 3, "\(framing), \(size) bytes at a time")
            }
        }
    }

    @Test func aWrongChecksumIsToldAfterTheSilenceAndTheNextFrameIsFound() throws {
        for framing in [Framing.rtu, .ascii] {
            var broken = answer([1, 2, 3], framing)
            broken.setInteger(UInt8(ascii: "7"), at: 5)
            let good = answer([4], framing)
            #expect(try events(framing, isServer: false, broken) == [.corrupt(bytes: broken.readableBytes)])
            let frames = try events(framing, isServer: false, broken, good).filter {
                if case .frame = $0 { true } else { false }
            }
            #expect(frames.count == 1, "\(framing)")
        }
    }

    @Test func garbageBeforeAndFramesCutShortDoNotHideTheNext() throws {
        for framing in [Framing.rtu, .ascii] {
            let good = answer([4, 5], framing)
            for garbage in [
                [0x00], [0xFF, 0x03, 0xF0], [0x11, 0x03], [0x3A, 0x31], [UInt8](repeating: 3, count: 600),
            ] {
                let frames = try events(framing, isServer: false, ByteBuffer(bytes: garbage), good).compactMap {
                    if case .frame(let frame) = $0 { frame } else { nil }
                }
                #expect(frames.last?.unit == 17 && frames.last?.pdu.readableBytes == 6, "\(framing) \(garbage.count)")
            }
            for length in 1..<good.readableBytes {
                let cut = try #require(good.getSlice(at: good.readerIndex, length: length))
                #expect(try events(framing, isServer: false, cut) == [.corrupt(bytes: length)])
            }
        }
    }

    @Test func aFunctionThatIsNotKnownEndsWithTheSilence() throws {
        let frame = encoded { SerialFrame.encodeRTU(unit: 9, into: &$0) { $0.writeBytes([0x41, 1, 2, 3]) } }
        #expect(try events(.rtu, frame) == [.frame(SerialFrame(unit: 9, pdu: ByteBuffer(bytes: [0x41, 1, 2, 3])))])
    }

    @Test func theLongestFramesAreTakenAndNoLongerOnes() throws {
        let words = [UInt16](repeating: 0x5555, count: 125)
        for framing in [Framing.rtu, .ascii] {
            #expect(try events(framing, isServer: false, answer(words, framing)).count == 1)
        }
        let longest = encoded { SerialFrame.encodeRTU(unit: 1, into: &$0) { $0.writeRepeatingByte(0x41, count: 253) } }
        #expect(longest.readableBytes == SerialFrame.rtuBytesMax)
        #expect(try events(.rtu, longest).count == 1)
        // 255 bytes of PDU claimed: no frame can be that long.
        #expect(
            try events(.rtu, isServer: false, ByteBuffer(bytes: [1, 3, 253, 0, 0])) == [.corrupt(bytes: 5)])
        let endless = ByteBuffer(string: ":" + String(repeating: "00", count: 1_000) + "\r\n")
        #expect(
            try events(.ascii, endless).allSatisfy { if case .corrupt = $0 { true } else { false } })
    }

    @Test func lengthsOfEveryFunctionAreKnown() throws {
        let requests: [[UInt8]] = [
            [1, 0, 0, 0, 1], [2, 0, 0, 0, 1], [3, 0, 0, 0, 1], [4, 0, 0, 0, 1], [5, 0, 0, 0xFF, 0], [6, 0, 0, 0, 7],
            [15, 0, 0, 0, 3, 1, 5], [16, 0, 0, 0, 1, 2, 0, 9], [22, 0, 0, 0, 1, 0, 2],
            [23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 9], [43, 14, 1, 0],
        ]
        let responses: [[UInt8]] = [
            [1, 1, 5], [2, 1, 5], [3, 2, 0, 1], [4, 2, 0, 1], [5, 0, 0, 0xFF, 0], [6, 0, 0, 0, 7], [15, 0, 0, 0, 3],
            [16, 0, 0, 0, 1], [22, 0, 0, 0, 1, 0, 2], [23, 2, 0, 9], [0x83, 2],
            [43, 14, 1, 1, 0, 0, 2, 0, 1, 65, 1, 2, 66, 67],
        ]
        for (isServer, list) in [(true, requests), (false, responses)] {
            // All in one piece, so that each must end where it does for the next to be found.
            var stream = ByteBuffer()
            for pdu in list { SerialFrame.encodeRTU(unit: 1, into: &stream) { $0.writeBytes(pdu) } }
            let expected = list.map { SerialEvent.frame(SerialFrame(unit: 1, pdu: ByteBuffer(bytes: $0))) }
            #expect(try events(.rtu, isServer: isServer, stream) == expected)
        }
    }

    @Test func noiseNeverTraps() throws {
        var random = SeededRandom(seed: 9)
        for framing in [Framing.rtu, .ascii] {
            for isServer in [true, false] {
                var assembler = try #require(SerialFrameAssembler(framing, isServer: isServer))
                for _ in 0..<500 {
                    let count = Int.random(in: 0...40, using: &random)
                    // Small numbers are functions and lengths, so that the noise gets somewhere.
                    assembler.append(
                        ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...64, using: &random) }))
                    while assembler.next() != nil {}
                    if Bool.random(using: &random) { assembler.silenceReached() }
                    while assembler.next() != nil {}
                }
            }
        }
    }

    @Test func pausesFollowFromTheBaudRate() throws {
        let slow = try #require(SerialSettings(baud: 9_600, parity: .even))
        #expect(slow.bitsPerCharacter == 11)
        #expect(SerialTiming(slow, framing: .rtu).interFrameGap == .nanoseconds(1_145_833 * 7 / 2))
        let fast = try #require(SerialSettings(baud: 115_200))
        #expect(SerialTiming(fast, framing: .rtu).interFrameGap == .microseconds(1_750))
        #expect(SerialTiming(fast, framing: .ascii) == SerialTiming(interFrameGap: .zero, silence: .seconds(1)))
        #expect(
            SerialSettings(baud: 1) == nil && SerialSettings(stopBits: 3) == nil && SerialSettings(dataBits: 9) == nil)
    }
}
