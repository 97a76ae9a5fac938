/// Reads the parts of a DNS message; checks every length before it is used.
struct DNSReader {
    private let bytes: [UInt8]
    private var position = 0
    /// Bytes of the header, to which no name can point.
    private static let headerBytes = 12

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func integer<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) throws(DNSDecodingError) -> Number {
        let size = Number.bitWidth / 8
        guard bytes.count - position >= size else { throw .truncated }
        var number: Number = 0
        for byte in bytes[position..<position + size] { number = number << 8 | Number(byte) }
        position += size
        return number
    }

    mutating func question() throws(DNSDecodingError) -> DNSQuestion {
        let name = try name()
        let type = RecordType(rawValue: try integer())
        let kind: UInt16 = try integer()
        return DNSQuestion(name, type, wantsUnicast: kind & 0x8000 != 0, recordClass: kind & 0x7FFF)
    }

    mutating func records(_ count: Int) throws(DNSDecodingError) -> [DNSRecord] {
        var records: [DNSRecord] = []
        for _ in 0..<count { records.append(try record()) }
        return records
    }

    private mutating func record() throws(DNSDecodingError) -> DNSRecord {
        let name = try name()
        let type = RecordType(rawValue: try integer())
        let kind: UInt16 = try integer()
        let seconds: UInt32 = try integer()
        let length = Int(try integer() as UInt16)
        guard bytes.count - position >= length else { throw .truncated }
        let end = position + length
        let data = try data(type, end: end)
        guard position == end else { throw .wrongLength(type) }
        return DNSRecord(
            name, data, secondsToLive: seconds, isUnique: kind & 0x8000 != 0, recordClass: kind & 0x7FFF)
    }

    private mutating func data(_ type: RecordType, end: Int) throws(DNSDecodingError) -> RecordData {
        switch type {
        case .a:
            guard end - position == 4 else { throw .wrongLength(type) }
            return .address(.ipv4(try integer()))
        case .aaaa:
            guard end - position == 16 else { throw .wrongLength(type) }
            return .address(.ipv6(try integer(), try integer()))
        case .ptr: return .pointer(try name())
        case .srv:
            return .service(
                priority: try integer(), weight: try integer(), port: try integer(), target: try name())
        case .txt: return .text(try strings(end: end))
        default:
            defer { position = end }
            return .other(type, Array(bytes[position..<end]))
        }
    }

    private mutating func strings(end: Int) throws(DNSDecodingError) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        while position < end {
            let length = Int(bytes[position])
            guard end - position > length else { throw .wrongLength(.txt) }
            strings.append(Array(bytes[position + 1..<position + 1 + length]))
            position += 1 + length
        }
        // Without any string it means the same as with an empty one (RFC 6763, 6.1).
        return strings.isEmpty ? [[]] : strings
    }

    /// A name, following its pointers (RFC 1035, 4.1.4). Each must point before where the one before it led, so there is
    /// an end.
    private mutating func name() throws(DNSDecodingError) -> DNSName {
        var labels: [[UInt8]] = []
        var length = 1
        var at = position
        var lowest = position
        var afterwards: Int?
        while true {
            guard at < bytes.count else { throw .truncated }
            let head = Int(bytes[at])
            switch head >> 6 {
            case 0 where head == 0:
                position = afterwards ?? at + 1
                return DNSName.read(labels)
            case 0:
                guard bytes.count - at > head else { throw .truncated }
                length += head + 1
                guard length <= DNSName.bytesMax else { throw .nameTooLong }
                labels.append(Array(bytes[at + 1..<at + 1 + head]))
                at += 1 + head
            case 3:
                guard bytes.count - at > 1 else { throw .truncated }
                let target = (head & 0x3F) << 8 | Int(bytes[at + 1])
                guard target < lowest, target >= Self.headerBytes else { throw .pointerNotBackwards }
                if afterwards == nil { afterwards = at + 2 }
                at = target
                lowest = target
            default: throw .unknownLabel
            }
        }
    }
}
