import MQTTCore
import NIOCore
import Testing

@Suite struct LimitTests {
    @Test func packetSizeIsCheckedAtTheHeader() throws {
        let limits = PacketLimits(maximumPacketSize: 10)
        // Ten bytes in all: allowed.
        #expect(try decoded(bytes("30 08 00 01 61 01 02 03 04 05"), .v311, limits: limits).count == 1)
        // Eleven: refused as soon as the header is there, before any of the body.
        #expect(throws: MQTTDecodingError.self) { try decoded(bytes("30 09"), .v311, limits: limits) }
        do {
            _ = try decoded(bytes("30 FF FF FF 7F"), .v311)
            Issue.record("accepted")
        } catch let error as MQTTDecodingError {
            #expect(error.reason == .packetTooLarge)
        }
    }

    @Test func properties() throws {
        let limits = PacketLimits(maximumProperties: 3)
        func packet(_ count: Int) -> Packet {
            .pubAck(
                Acknowledgement(
                    1, reason: .quotaExceeded,
                    properties: Properties((0..<count).map { .userProperty(name: "n", value: "\($0)") })))
        }
        #expect(try decoded(encoded(packet(3)), limits: limits) == [packet(3)])
        #expect(throws: MQTTDecodingError.self) { try decoded(encoded(packet(4)), limits: limits) }
    }

    @Test func topicFilters() throws {
        let limits = PacketLimits(maximumTopicFilters: 2)
        func packet(_ count: Int) -> Packet {
            .unsubscribe(Unsubscribe(packetID: 1, filters: (0..<count).map { filter("\($0)") }))
        }
        #expect(try decoded(encoded(packet(2)), limits: limits) == [packet(2)])
        #expect(throws: MQTTDecodingError.self) { try decoded(encoded(packet(3)), limits: limits) }
        let reasons = Packet.subAck(SubAck(packetID: 1, reasons: [.success, .success, .success]))
        #expect(throws: MQTTDecodingError.self) { try decoded(encoded(reasons), limits: limits) }
    }

    @Test func fieldsThatAreTooLongAreNotWritten() throws {
        var buffer = ByteBuffer(string: "before")
        let long = String(repeating: "x", count: 65_536)
        #expect(throws: MQTTEncodingError.fieldTooLong(field: "client id", bytes: 65_536)) {
            try buffer.writeMQTT(.connect(Connect(clientID: long)), version: .v5)
        }
        #expect(throws: MQTTEncodingError.fieldTooLong(field: "topic name", bytes: 65_536)) {
            try buffer.writeMQTT(.publish(Publish(topic: long, payload: ByteBuffer())), version: .v5)
        }
        #expect(buffer == ByteBuffer(string: "before"))
    }

    @Test func versionsAreKeptApart() throws {
        #expect(throws: MQTTEncodingError.self) { try encoded(.auth(Auth()), .v311) }
        #expect(throws: MQTTDecodingError.self) { try decoded(bytes("F0 00"), .v311) }
        #expect(throws: MQTTDecodingError.self) { try decoded(bytes("C0 00"), nil) }
        #expect(throws: MQTTEncodingError.self) {
            try encoded(.connect(Connect(version: .v311, clientID: "a", password: text("p"))), .v311)
        }
    }
}
