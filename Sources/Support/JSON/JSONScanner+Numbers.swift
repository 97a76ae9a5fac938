// Numbers (RFC 8259 section 6): the grammar is checked when scanned, the value computed when asked for.

extension JSONScanner {
    /// Reads a number whose first byte, a digit or minus sign, is at `position`.
    mutating func number() throws(JSONError) -> JSONToken {
        let start = position
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        let digits = at
        at = skipDigits(from: at)
        guard at > digits else { throw badNumber(at) }
        // A zero stands alone.
        if bytes[digits] == UInt8(ascii: "0"), at &- digits > 1 { throw JSONError(.badNumber, at: digits) }
        var isInteger = true
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            isInteger = false
            let fraction = at &+ 1
            at = skipDigits(from: fraction)
            guard at > fraction else { throw badNumber(at) }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at &+= 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at &+= 1 }
            let exponent = at
            at = skipDigits(from: exponent)
            guard at > exponent else { throw badNumber(at) }
        }
        position = at
        return JSONToken(.number, start, at, flag: isInteger)
    }

    private func badNumber(_ at: Int) -> JSONError {
        JSONError(at < bytes.count ? .badNumber : .truncated, at: at)
    }

    private func skipDigits(from start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") <= 9 { at &+= 1 }
        return at
    }

    /// The value of a number token.
    package func number(_ token: JSONToken) -> JSONNumber {
        JSONNumber(text(token), isInteger: token.isInteger)
    }
}
