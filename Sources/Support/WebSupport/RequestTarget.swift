/// Path and query of a request line, percent-decoded (RFC 3986 section 3.3 and 3.4).
struct RequestTarget: Equatable, Sendable {
    /// Decoded segments between slashes; empty for `/`.
    let segments: [String]
    /// Decoded name and value pairs in their order; a name without `=` has an empty value.
    let query: [(name: String, value: String)]

    /// Nil when an escape is malformed, does not give UTF-8, or smuggles in a NUL or a `..` segment.
    init?(_ target: String) {
        let withoutFragment = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let halves = withoutFragment.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves[0].hasPrefix("/") else { return nil }
        var segments: [String] = []
        for part in halves[0].split(separator: "/") {
            guard let text = PercentDecoder.decode(part, plusIsSpace: false), text != "..", !text.contains("\0")
            else { return nil }
            segments.append(text)
        }
        self.segments = segments
        var query: [(name: String, value: String)] = []
        for pair in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoder.decode(sides[0], plusIsSpace: true),
                let value = PercentDecoder.decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            else { return nil }
            query.append((name, value))
        }
        self.query = query
    }

    static func == (left: Self, right: Self) -> Bool {
        left.segments == right.segments && left.query.elementsEqual(right.query) { $0 == $1 }
    }
}

/// Percent-decoding of URL parts and of form bodies.
package enum PercentDecoder {
    /// The decoded text; nil for a malformed escape or bytes that are not UTF-8.
    package static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
