import ConnectorModel
import JSONSupport

/// The time formats of payloads: ISO 8601 text, or a number since 1970 whose unit its size tells.
enum PayloadTime {
    /// The time that a token states; nil when it states none.
    static func time(_ token: JSONToken, _ scanner: JSONScanner) -> Timestamp? {
        switch token.kind {
        case .number: epoch(scanner.text(token))
        case .string: epoch(scanner.text(token)) ?? CalendarText.timestamp(scanner.text(token))
        default: nil
        }
    }

    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size: each unit is taken from
    /// 1973 on, where it cannot be mistaken for a smaller one. Smaller numbers are no times.
    ///
    /// Digits are read as they stand, without a detour over binary fractions, and rounded to the nearest microsecond.
    static func epoch(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        var whole: UInt64 = 0
        var at = 0
        while at < text.count, let digit = digit(text[at]) {
            guard whole < 1_000_000_000_000_000_000 else { return nil }
            whole = whole * 10 + digit
            at += 1
        }
        guard at > 0 else { return nil }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") { return exponent(text) }
        let fraction = at + 1
        if at < text.count {
            guard text[at] == UInt8(ascii: ".") else { return nil }
            at = fraction
            while at < text.count, digit(text[at]) != nil { at += 1 }
            if at < text.count {
                return text[at] | 0x20 == UInt8(ascii: "e") ? exponent(text) : nil
            }
        }
        func microseconds(_ digits: Int, _ scale: UInt64) -> Timestamp {
            // Below 10^17: no unit reaches the limits of 64 bits.
            Timestamp(microseconds: Int64(whole * scale + rounded(text, from: fraction, digits: digits)))
        }
        switch whole {
        case 100_000_000..<100_000_000_000: return microseconds(6, 1_000_000)
        case 100_000_000_000..<100_000_000_000_000: return microseconds(3, 1000)
        case 100_000_000_000_000..<100_000_000_000_000_000: return microseconds(0, 1)
        case 100_000_000_000_000_000...: return Timestamp(microseconds: Int64(whole / 1000))
        default: return nil
        }
    }

    /// The first digits of a fraction as a number, rounded by the digit that follows them.
    private static func rounded(_ text: UnsafeRawBufferPointer, from start: Int, digits: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + digits {
            value = value * 10 + (index < text.count ? digit(text[index]) ?? 0 : 0)
        }
        let next = start + digits
        return value + (next < text.count && (digit(text[next]) ?? 0) >= 5 ? 1 : 0)
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        let digit = byte &- UInt8(ascii: "0")
        return digit <= 9 ? UInt64(digit) : nil
    }

    /// A number with an exponent, which only comes from a binary fraction in the first place.
    private static func exponent(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        // A string may hold anything; a number token has been checked.
        guard isNumber(text) else { return nil }
        let value = JSONNumber.double(text)
        switch value {
        case 1e8..<1e11: return Timestamp(microseconds: Int64((value * 1e6).rounded()))
        case 1e11..<1e14: return Timestamp(microseconds: Int64((value * 1e3).rounded()))
        case 1e14..<1e17: return Timestamp(microseconds: Int64(value.rounded()))
        case 1e17..<9e18: return Timestamp(microseconds: Int64((value / 1e3).rounded(.down)))
        default: return nil
        }
    }

    private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        var scanner = JSONScanner(text)
        do throws(JSONError) {
            let token = try scanner.next()
            let isWhole = token.kind == .number && token.start == 0 && token.end == text.count
            let rest = try scanner.next()
            return isWhole && rest.kind == .end
        } catch {
            return false
        }
    }
}
