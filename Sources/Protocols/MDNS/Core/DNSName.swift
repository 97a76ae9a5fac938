/// A domain name (RFC 1035, 3.1), in multicast DNS UTF-8 (RFC 6762, 16). Names that differ in the case of ASCII letters
/// only are equal.
public struct DNSName: Hashable, Sendable, CustomStringConvertible {
    /// Most bytes of a label.
    public static let labelBytesMax = 63
    /// Most bytes of a name on the wire, with the length bytes and the root.
    public static let bytesMax = 255

    /// From the left, each of 1 to 63 bytes.
    public let labels: [[UInt8]]

    /// nil when a label is empty or too long, or the whole is.
    public init?(_ labels: [[UInt8]]) {
        var length = 1
        for label in labels {
            guard !label.isEmpty, label.count <= Self.labelBytesMax else { return nil }
            length += label.count + 1
        }
        guard length <= Self.bytesMax else { return nil }
        self.labels = labels
    }

    /// Labels as texts; dots in them are theirs, as in the name of a service's instance.
    public init?(labels: [String]) { self.init(labels.map { Array($0.utf8) }) }

    /// A name with dots between its labels: `_http._tcp.local`.
    public init?(_ text: String) {
        self.init(labels: text.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    private init(known labels: [[UInt8]]) { self.labels = labels }

    /// For labels whose lengths were checked while they were read.
    static func read(_ labels: [[UInt8]]) -> DNSName { DNSName(known: labels) }

    /// The name below another: its label before theirs. nil when it becomes too long.
    public func below(_ parent: DNSName) -> DNSName? { DNSName(labels + parent.labels) }

    /// The first label as text; empty for the root.
    public var first: String { labels.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// With dots between the labels; dots and backslashes within a label are escaped.
    public var description: String {
        labels.map { label in
            String(decoding: label, as: UTF8.self).reduce(into: "") { text, character in
                if character == "." || character == "\\" { text.append("\\") }
                text.append(character)
            }
        }.joined(separator: ".")
    }

    /// The name uncompressed, as it is compared (RFC 6762, 8.2.1).
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for label in labels {
            bytes.append(UInt8(label.count))
            bytes += label
        }
        bytes.append(0)
        return bytes
    }

    public static func == (left: DNSName, right: DNSName) -> Bool {
        left.labels.count == right.labels.count
            && zip(left.labels, right.labels).allSatisfy { left, right in
                left.count == right.count && zip(left, right).allSatisfy { folded($0) == folded($1) }
            }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(labels.count)
        for label in labels {
            for byte in label { hasher.combine(Self.folded(byte)) }
        }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
}
