import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct FrameTests {
    static let hello: [UInt8] =
        [0x48, 0x45, 0x4C, 0x46]  // HEL, F
        + [0x2F, 0, 0, 0]  // 47 bytes
        + [0, 0, 0, 0]  // protocol version
        + [0, 0, 1, 0] + [0, 0, 1, 0]  // receive and send buffers of 65,536 bytes
        + [0, 0, 0, 0] + [0, 0, 0, 0]  // any message, any number of chunks
        + [15, 0, 0, 0] + Array("opc.tcp://h:1/p".utf8)  // the URL

    @Test func helloByBytes() throws {
        let hello = Hello(limits: TransportLimits(), endpointURL: "opc.tcp://h:1/p")
        #expect(Array(Frame.handshake(.hello, hello).readableBytesView) == Self.hello)
        let frame = try #require(try frames(ByteBuffer(bytes: Self.hello)).first)
        #expect(frame.type == .hello && frame.kind == .final)
        #expect(try frame.decode(Hello.self) == hello)
    }

    @Test func errorByBytes() throws {
        let expected: [UInt8] =
            [0x45, 0x52, 0x52, 0x46, 18, 0, 0, 0]  // ERR, F, 18 bytes
            + [0, 0, 0x7F, 0x80] + [2, 0, 0, 0, 0x6E, 0x6F]  // BadTcpSecureChannelUnknown, "no"
        let error = ErrorMessage(status: .badTcpSecureChannelUnknown, reason: "no")
        #expect(Array(Frame.handshake(.error, error).readableBytesView) == expected)
    }

    @Test(arguments: [1, 2, 7, 8, 9, 46, 47, 48, 1000])
    func framesSurviveEveryFragmentation(size: Int) throws {
        let stream = [UInt8]((0..<5).map { _ in Self.hello }.joined())
        var decoder = FrameDecoder(maxFrameBytes: 100)
        var seen = 0
        for start in stride(from: 0, to: stream.count, by: size) {
            decoder.append(ByteBuffer(bytes: stream[start..<min(start + size, stream.count)]))
            while let frame = try decoder.next() {
                #expect(Array(frame.bytes.readableBytesView) == Self.hello)
                seen += 1
            }
        }
        #expect(seen == 5)
    }

    @Test func frameSizeIsLimitedAtTheLimit() throws {
        #expect(try frames(ByteBuffer(bytes: Self.hello), max: 47).count == 1)
        let error = #expect(throws: OPCUAError.self) { try frames(ByteBuffer(bytes: Self.hello), max: 46) }
        #expect(error?.status == .badTcpMessageTooLarge)
        #expect(throws: OPCUAError.self) {
            try frames(ByteBuffer(bytes: [0x48, 0x45, 0x4C, 0x46, 7, 0, 0, 0]))
        }
    }

    @Test func otherProtocolsAreNamed() {
        let error = #expect(throws: OPCUAError.self) { try frames(ByteBuffer(string: "HTTP/1.1 400 Bad Request")) }
        #expect(error?.status == .badTcpMessageTypeInvalid)
    }

    @Test func sequenceNumbersWrap() {
        var number = SequenceNumber(after: 4_294_966_270)
        #expect(number.next() == 4_294_966_271)
        #expect(number.next() == 1)
        var received = SequenceNumber(after: 4_294_966_271)
        let low = received.accept(1023)
        #expect(low)
        received = SequenceNumber(after: 4_294_966_271)
        let high = received.accept(1024)
        #expect(!high)
        received = SequenceNumber(after: 5)
        let same = received.accept(5)
        #expect(!same)
        received = SequenceNumber()
        let any = received.accept(51)
        let next = received.accept(52)
        #expect(any && next)
    }
}
