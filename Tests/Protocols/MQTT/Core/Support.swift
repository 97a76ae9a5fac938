import MQTTCore
import NIOCore

/// Bytes from hexadecimal digits; spaces and line breaks do not count.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func encoded(_ packet: Packet, _ version: MQTTVersion = .v5) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try buffer.writeMQTT(packet, version: version)
    return Array(buffer.readableBytesView)
}

/// The packets in some bytes, from a decoder that has them all at once.
func decoded(
    _ bytes: [UInt8], _ version: MQTTVersion? = .v5, limits: PacketLimits = PacketLimits()
) throws -> [Packet] {
    var decoder = PacketDecoder(version: version, limits: limits)
    var buffer = ByteBuffer(bytes: bytes)
    var packets: [Packet] = []
    while let packet = try decoder.next(&buffer) { packets.append(packet) }
    return packets
}

func text(_ string: String) -> ByteBuffer { ByteBuffer(string: string) }
