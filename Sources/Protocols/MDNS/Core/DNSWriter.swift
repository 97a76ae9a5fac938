import NIOCore

/// Writes the parts of a DNS message and remembers where names stand.
struct DNSWriter {
    /// Where the message begins.
    private let start: Int
    /// Ends of names, and how far from the start they stand.
    private var places: [ArraySlice<[UInt8]>: Int] = [:]
    /// Pointers have 14 bits.
    private static let placeMax = 0x3FFF

    init(start: Int) { self.start = start }

    mutating func write(_ question: DNSQuestion, into buffer: inout ByteBuffer) {
        write(question.name, into: &buffer)
        buffer.writeInteger(question.type.rawValue)
        buffer.writeInteger(question.recordClass & 0x7FFF | (question.wantsUnicast ? 0x8000 : 0))
    }

    mutating func write(_ record: DNSRecord, into buffer: inout ByteBuffer) {
        write(record.name, into: &buffer)
        buffer.writeInteger(record.type.rawValue)
        buffer.writeInteger(record.recordClass & 0x7FFF | (record.isUnique ? 0x8000 : 0))
        buffer.writeInteger(record.secondsToLive)
        let lengthPlace = buffer.writerIndex
        buffer.writeInteger(UInt16(0))
        switch record.data {
        case .pointer(let name): write(name, into: &buffer)
        case .service(let priority, let weight, let port, let target):
            for number in [priority, weight, port] { buffer.writeInteger(number) }
            // May be compressed in multicast DNS (RFC 6762, 18.14).
            write(target, into: &buffer)
        case .types(let types):
            write(record.name, into: &buffer)
            buffer.writeBytes(Self.bitmap(types))
        default: buffer.writeBytes(record.data.plainBytes(name: record.name))
        }
        buffer.setInteger(UInt16(truncatingIfNeeded: buffer.writerIndex - lengthPlace - 2), at: lengthPlace)
    }

    private mutating func write(_ name: DNSName, into buffer: inout ByteBuffer) {
        var rest = name.labels[...]
        while let label = rest.first {
            if let place = places[rest] {
                buffer.writeInteger(0xC000 | UInt16(place))
                return
            }
            let place = buffer.writerIndex - start
            if place <= Self.placeMax { places[rest] = place }
            buffer.writeInteger(UInt8(label.count))
            buffer.writeBytes(label)
            rest = rest.dropFirst()
        }
        buffer.writeInteger(UInt8(0))
    }

    /// Types below 256 as the one block of a bitmap (RFC 6762, 6.1).
    fileprivate static func bitmap(_ types: [RecordType]) -> [UInt8] {
        var bits: [UInt8] = []
        for type in types where type.rawValue < 256 {
            let byte = Int(type.rawValue / 8)
            while bits.count <= byte { bits.append(0) }
            bits[byte] |= 0x80 >> UInt8(type.rawValue % 8)
        }
        return [0, UInt8(bits.count)] + bits
    }
}

extension RecordData {
    /// The data without compression, as two of them are compared (RFC 6762, 8.2.1).
    func plainBytes(name: DNSName) -> [UInt8] {
        switch self {
        case .address(.ipv4(let address)): return Self.bytes(address)
        case .address(.ipv6(let high, let low)): return Self.bytes(high) + Self.bytes(low)
        case .pointer(let name): return name.bytes
        case .service(let priority, let weight, let port, let target):
            return Self.bytes(priority) + Self.bytes(weight) + Self.bytes(port) + target.bytes
        case .text(let strings):
            let written = strings.isEmpty ? [[]] : strings
            return written.flatMap { [UInt8(clamping: $0.count)] + $0.prefix(255) }
        case .types(let types): return name.bytes + DNSWriter.bitmap(types)
        case .other(_, let bytes): return bytes
        }
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
