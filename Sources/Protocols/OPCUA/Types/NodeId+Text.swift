/// Text form of Part 6, 5.3.1.10: `ns=2;s=mining/crusher`, `i=85`, `ns=1;g=…`, `ns=1;b=` Base64.
extension NodeId: CustomStringConvertible, LosslessStringConvertible {
    public init?(_ text: String) { self.init(parsing: text[...]) }

    init?(parsing text: Substring) {
        var rest = text
        var namespace: UInt16 = 0
        if rest.hasPrefix("ns=") {
            guard let end = rest.firstIndex(of: ";") else { return nil }
            let digits = rest[rest.index(rest.startIndex, offsetBy: 3)..<end]
            guard let number = decimal(digits, as: UInt16.self) else { return nil }
            namespace = number
            rest = rest[rest.index(after: end)...]
        }
        guard let identifier = Identifier(parsing: rest) else { return nil }
        self.init(namespace: namespace, identifier: identifier)
    }

    public var description: String { namespace == 0 ? identifier.text : "ns=\(namespace);\(identifier.text)" }
}

extension NodeId.Identifier {
    init?(parsing text: Substring) {
        let body = text.dropFirst(2)
        switch text.prefix(2) {
        case "i=":
            guard let number = decimal(body, as: UInt32.self) else { return nil }
            self = .numeric(number)
        case "s=":
            self = .string(String(body))
        case "g=":
            guard let guid = Guid(body) else { return nil }
            self = .guid(guid)
        case "b=":
            guard let bytes = ByteString(base64: body) else { return nil }
            self = .opaque(bytes)
        default:
            return nil
        }
    }

    var text: String {
        switch self {
        case .numeric(let number): "i=\(number)"
        case .string(let text): "s=\(text)"
        case .guid(let guid): "g=\(guid)"
        case .opaque(let bytes): "b=\(bytes.base64)"
        }
    }
}

/// A decimal number of plain digits: no sign, no space.
func decimal<T: FixedWidthInteger>(_ text: Substring, as type: T.Type) -> T? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
        return nil
    }
    return T(text)
}
