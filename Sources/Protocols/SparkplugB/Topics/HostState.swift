/// Whether a host application is there: the payload of a STATE message (Sparkplug 3.0, 6.4.26).
public struct HostState: Hashable, Sendable {
    public var isOnline: Bool
    /// Milliseconds of UTC since 1970: of the connection that says so; nil in the text form of 2.2.
    public var timestamp: UInt64?

    public init(isOnline: Bool, timestamp: UInt64?) {
        self.isOnline = isOnline
        self.timestamp = timestamp
    }

    /// Longest payload that is looked at, in bytes.
    public static let bytesMax = 1024

    /// Reads `{"online":true,"timestamp":1700000000000}`, with its members in any order and others beside them, or
    /// the text `ONLINE` or `OFFLINE` of 2.2; nil for anything else.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.bytesMax else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        switch text.uppercased() {
        case "ONLINE":
            self.init(isOnline: true, timestamp: nil)
            return
        case "OFFLINE":
            self.init(isOnline: false, timestamp: nil)
            return
        default: break
        }
        var members = FlatObject(text.utf8)
        guard let found = members.read(), let online = found["online"], online == "true" || online == "false" else {
            return nil
        }
        self.init(isOnline: online == "true", timestamp: found["timestamp"].flatMap(UInt64.init))
    }

    /// The JSON text of 3.0.
    public var text: String {
        "{\"online\":\(isOnline),\"timestamp\":\(timestamp ?? 0)}"
    }
}

/// Reads an object of JSON whose members are plain: enough for STATE, whose members are a flag and a number.
private struct FlatObject {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String.UTF8View) { bytes = Array(text) }

    /// Names and texts of the members, strings with their quotes; nil when it is no such object.
    mutating func read() -> [String: String]? {
        var members: [String: String] = [:]
        guard take(UInt8(ascii: "{")) else { return nil }
        if take(UInt8(ascii: "}")) { return atEnd ? members : nil }
        repeat {
            guard let name = string(), take(UInt8(ascii: ":")), let value = string() ?? word() else { return nil }
            members[name] = value
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) && atEnd ? members : nil
    }

    private var atEnd: Bool { bytes[place...].allSatisfy(Self.isSpace) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 || byte == 10 || byte == 13 }

    private mutating func skipSpace() { while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 } }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func string() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            // An escape never stands in what STATE says.
            guard bytes[place] >= 0x20, bytes[place] != UInt8(ascii: "\\") else { return nil }
            place += 1
        }
        guard place < bytes.count else { return nil }
        place += 1
        return String(decoding: bytes[start..<place - 1], as: UTF8.self)
    }

    private mutating func word() -> String? {
        skipSpace()
        let start = place
        while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
        return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }
}
