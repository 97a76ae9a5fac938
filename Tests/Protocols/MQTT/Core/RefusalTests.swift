import MQTTCore
import NIOCore
import Testing

/// Bytes that the standard forbids, with the code to close with.
struct RefusedRow: Sendable, CustomTestStringConvertible {
    var name: String
    var version: MQTTVersion?
    var hex: String
    var reason: ReasonCode

    var testDescription: String { name }
}

private let refused: [RefusedRow] = [
    RefusedRow(name: "packet type 0", version: .v5, hex: "00 00", reason: .malformedPacket),
    RefusedRow(name: "a second CONNECT", version: .v311, hex: "10 00", reason: .protocolError),
    RefusedRow(name: "SUBSCRIBE flags", version: .v5, hex: "80 00", reason: .malformedPacket),
    RefusedRow(name: "QoS 3", version: .v5, hex: "36 03 00 01 61", reason: .malformedPacket),
    RefusedRow(name: "QoS 0 with DUP", version: .v5, hex: "38 03 00 01 61", reason: .malformedPacket),
    RefusedRow(name: "packet identifier 0", version: .v311, hex: "32 05 00 01 61 00 00", reason: .protocolError),
    RefusedRow(name: "empty topic", version: .v311, hex: "30 02 00 00", reason: .topicNameInvalid),
    RefusedRow(name: "empty topic without alias", version: .v5, hex: "30 03 00 00 00", reason: .topicNameInvalid),
    RefusedRow(name: "wildcard in topic", version: .v311, hex: "30 03 00 01 23", reason: .topicNameInvalid),
    RefusedRow(name: "null in topic", version: .v311, hex: "30 03 00 01 00", reason: .malformedPacket),
    RefusedRow(name: "surrogate in topic", version: .v311, hex: "30 05 00 03 ED A0 80", reason: .malformedPacket),
    RefusedRow(name: "overlong UTF-8", version: .v311, hex: "30 04 00 02 C0 80", reason: .malformedPacket),
    RefusedRow(name: "UTF-8 cut short", version: .v311, hex: "30 04 00 02 E2 82", reason: .malformedPacket),
    RefusedRow(name: "topic alias 0", version: .v5, hex: "30 07 00 01 61 03 23 00 00", reason: .topicAliasInvalid),
    RefusedRow(name: "length of five bytes", version: .v5, hex: "30 80 80 80 80 01", reason: .malformedPacket),
    RefusedRow(
        name: "property length not shortest", version: .v5, hex: "40 05 00 01 00 80 00", reason: .malformedPacket),
    RefusedRow(name: "unknown property", version: .v5, hex: "40 06 00 01 00 02 7F 00", reason: .malformedPacket),
    RefusedRow(
        name: "property at the wrong place", version: .v5, hex: "40 07 00 01 00 03 21 00 01", reason: .protocolError),
    RefusedRow(
        name: "property twice", version: .v5, hex: "40 0C 00 01 00 08 1F 00 01 61 1F 00 01 62",
        reason: .protocolError),
    RefusedRow(name: "receive maximum 0", version: .v5, hex: "20 06 00 00 03 21 00 00", reason: .protocolError),
    RefusedRow(name: "flag of 2", version: .v5, hex: "20 05 00 00 02 25 02", reason: .protocolError),
    RefusedRow(
        name: "authentication data alone", version: .v5, hex: "F0 06 18 04 16 00 01 64", reason: .protocolError),
    RefusedRow(
        name: "wildcard in response topic", version: .v5, hex: "30 08 00 01 61 04 08 00 01 2B",
        reason: .protocolError),
    RefusedRow(name: "no topic filter", version: .v5, hex: "82 03 00 01 00", reason: .protocolError),
    RefusedRow(
        name: "bad topic filter", version: .v311, hex: "82 07 00 01 00 02 61 23 00", reason: .topicFilterInvalid),
    RefusedRow(name: "reserved option", version: .v311, hex: "82 06 00 01 00 01 61 04", reason: .malformedPacket),
    RefusedRow(name: "retain handling 3", version: .v5, hex: "82 07 00 01 00 00 01 61 30", reason: .malformedPacket),
    RefusedRow(name: "bytes too many", version: .v5, hex: "C0 01 00", reason: .malformedPacket),
    RefusedRow(name: "PUBLISH before CONNECT", version: nil, hex: "30 03 00 01 61", reason: .protocolError),
    RefusedRow(
        name: "level 3", version: nil, hex: "10 0D 00 04 4D 51 54 54 03 02 00 3C 00 01 61",
        reason: .unsupportedProtocolVersion),
    RefusedRow(
        name: "MQIsdp", version: nil, hex: "10 0F 00 06 4D 51 49 73 64 70 03 02 00 3C 00 01 61",
        reason: .unsupportedProtocolVersion),
    RefusedRow(
        name: "reserved connect flag", version: nil, hex: "10 0D 00 04 4D 51 54 54 04 03 00 3C 00 01 61",
        reason: .malformedPacket),
    RefusedRow(
        name: "will QoS without will", version: nil, hex: "10 0D 00 04 4D 51 54 54 04 0A 00 3C 00 01 61",
        reason: .malformedPacket),
]

@Suite struct RefusalTests {
    @Test(arguments: refused) func isRefused(_ row: RefusedRow) {
        do {
            let packets = try decoded(bytes(row.hex), row.version)
            Issue.record("read as \(packets)")
        } catch let error as MQTTDecodingError {
            #expect(error.reason == row.reason, "\(error)")
        } catch {
            Issue.record("\(error)")
        }
    }

    /// A 3.1.1 broker answers the level of 5.0 in its own short form.
    @Test func oldFormOfConnAckIsUnderstood() throws {
        #expect(
            try decoded(bytes("20 02 00 01"), .v5) == [.connAck(ConnAck(reason: .unsupportedProtocolVersion))])
    }

    @Test func unknownReasonsAreKeptAndSpoken() throws {
        #expect(try decoded(bytes("E0 01 F3"), .v5) == [.disconnect(Disconnect(reason: ReasonCode(rawValue: 0xF3)))])
        #expect(ReasonCode(rawValue: 0xF3).description == "unknown failure (0xF3)")
        #expect(ReasonCode.success.description == "success (0x00)")
    }
}
