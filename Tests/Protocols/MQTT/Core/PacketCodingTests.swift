import MQTTCore
import NIOCore
import TestRandomness
import Testing

@Suite struct PacketCodingTests {
    @Test(arguments: packetTable) func writes(_ row: PacketRow) throws {
        #expect(try encoded(row.packet, row.version) == bytes(row.hex))
    }

    @Test(arguments: packetTable) func reads(_ row: PacketRow) throws {
        let version = row.packet.type == .connect ? nil : row.version
        #expect(try decoded(bytes(row.hex), version) == [row.packet])
    }

    /// The same bytes, one at a time.
    @Test(arguments: packetTable) func readsDripped(_ row: PacketRow) throws {
        var decoder = PacketDecoder(version: row.packet.type == .connect ? nil : row.version)
        var buffer = ByteBuffer()
        let wire = bytes(row.hex)
        for (index, byte) in wire.enumerated() {
            buffer.writeInteger(byte)
            let packet = try decoder.next(&buffer)
            #expect(packet == (index == wire.count - 1 ? row.packet : nil))
        }
        #expect(buffer.readableBytes == 0)
    }

    /// Every packet cut short, its length made to fit: an error, or a shorter valid packet, never a trap.
    @Test(arguments: packetTable) func truncated(_ row: PacketRow) throws {
        let wire = bytes(row.hex)
        for length in 0..<(wire.count - 2) {
            var short = Array(wire[..<(2 + length)])
            short[1] = UInt8(length)
            let version = row.packet.type == .connect ? nil : row.version
            if let packets = try? decoded(short, version) { #expect(packets.count == 1) }
        }
    }

    @Test func garbageNeverTraps() {
        var random = SeededRandom(seed: 1)
        for round in 0..<20_000 {
            var wire = (0..<Int.random(in: 2...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            // Most rounds get a plausible header, so that the body is looked at.
            if round % 4 != 0 { wire[1] = UInt8(wire.count - 2) }
            for version in [MQTTVersion.v311, .v5, nil] { _ = try? decoded(wire, version) }
        }
    }

    /// Valid packets with one bit flipped: read or refused, never a trap.
    @Test(arguments: packetTable) func bitFlips(_ row: PacketRow) {
        let wire = bytes(row.hex)
        for bit in 0..<(wire.count * 8) {
            var broken = wire
            broken[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? decoded(broken, row.packet.type == .connect ? nil : row.version)
        }
    }

    @Test func severalPacketsInOneRead() throws {
        let wire = try encoded(.pingReq) + encoded(.pubAck(Acknowledgement(9))) + encoded(.pingResp)
        #expect(try decoded(wire) == [.pingReq, .pubAck(Acknowledgement(9)), .pingResp])
    }

    @Test func topicAndPayloadShareTheReadBytes() throws {
        var decoder = PacketDecoder(version: .v311)
        var buffer = ByteBuffer(bytes: bytes("30 06 00 01 61 01 02 03"))
        let base = buffer.withUnsafeReadableBytes { $0.baseAddress }
        guard case .publish(let publish) = try decoder.next(&buffer) else {
            Issue.record("no PUBLISH")
            return
        }
        #expect(publish.topic.withUnsafeReadableBytes { $0.baseAddress } == base.map { $0 + 4 })
        #expect(publish.payload.withUnsafeReadableBytes { $0.baseAddress } == base.map { $0 + 5 })
    }

    @Test func remainingLengthAtItsSteps() throws {
        for payload in [123, 124, 125, 126, 16_379, 16_380, 16_381, 2_097_147, 2_097_148, 2_097_149] {
            let packet = Packet.publish(Publish(topic: "a", payload: ByteBuffer(repeating: 7, count: payload)))
            #expect(try decoded(encoded(packet, .v311), .v311) == [packet])
            let properties: Properties = [
                .userProperty(name: "n", value: String(repeating: "x", count: min(payload, 65_535)))
            ]
            let acknowledgement = Packet.pubAck(Acknowledgement(1, reason: .quotaExceeded, properties: properties))
            #expect(try decoded(encoded(acknowledgement)) == [acknowledgement])
        }
    }
}
