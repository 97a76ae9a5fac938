import ConnectorModel
import JSONSupport

/// What payloads write about the quality of a value.
enum PayloadQuality {
    /// The quality that a token states; nil when it states none.
    ///
    /// Words that begin with good, uncertain or bad in any case; true and false; and the quality bytes of classic
    /// OPC, whose two high bits are 11, 01 or 00 (192, 64, 0 and their sub-states).
    static func quality(_ token: JSONToken, _ scanner: JSONScanner) -> Quality? {
        switch token.kind {
        case .true: return .good
        case .false: return .bad
        case .string:
            let text = scanner.text(token)
            if begins(text, with: "good") { return .good }
            if begins(text, with: "uncertain") { return .uncertain }
            if begins(text, with: "bad") { return .bad }
            return nil
        case .number:
            guard case .int(let code) = scanner.number(token) else { return nil }
            switch code {
            case 192, 216: return .good
            case 64, 68, 80, 84, 88: return .uncertain
            case 0, 4, 8, 12, 16, 20, 24, 28: return .bad
            // A percentage, say.
            default: return nil
            }
        default: return nil
        }
    }

    private static func begins(_ text: UnsafeRawBufferPointer, with word: StaticString) -> Bool {
        guard text.count >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where text[index] | 0x20 != word.utf8Start[index] { return false }
        return true
    }
}
