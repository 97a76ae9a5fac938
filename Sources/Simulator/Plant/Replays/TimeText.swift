/// Times as recordings write them.
package enum TimeText {
    /// Seconds since whatever the text counts from; nil when it is not a time.
    ///
    /// A number below 10¹¹ is in seconds, below 10¹⁴ in milliseconds, above in microseconds; otherwise RFC 3339.
    package static func seconds(_ text: String) -> Double? {
        if let number = Double(text) {
            guard number.isFinite, abs(number) <= 1e17 else { return nil }
            return abs(number) < 1e11 ? number : abs(number) < 1e14 ? number / 1e3 : number / 1e6
        }
        return rfc3339(Array(text.utf8))
    }

    /// `2026-05-01T06:00:00`, with a fraction, and with `Z` or an offset such as `+02:00`.
    private static func rfc3339(_ text: [UInt8]) -> Double? {
        guard text.count >= 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            [UInt8(ascii: "T"), UInt8(ascii: " ")].contains(text[10]), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"), let year = digits(text[0..<4]), let month = digits(text[5..<7]),
            let day = digits(text[8..<10]), let hour = digits(text[11..<13]), let minute = digits(text[14..<16]),
            let second = digits(text[17..<19]), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        var rest = text[19...]
        var fraction = 0.0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let figures = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(figures.count), let value = digits(figures) else { return nil }
            fraction = Double(value)
            for _ in figures { fraction /= 10 }
            rest = rest.dropFirst(figures.count)
        }
        guard let offset = offset(Array(rest)) else { return nil }
        let days = daysSince1970(year, month, day)
        return Double((days * 24 + hour) * 60 + minute - offset) * 60 + Double(second) + fraction
    }

    /// Minutes east of UTC.
    private static func offset(_ text: [UInt8]) -> Int? {
        if text.isEmpty || text == [UInt8(ascii: "Z")] { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = digits(text[1..<3]),
            let minutes = digits(text[4..<6]), hours < 24, minutes < 60
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// The Gregorian calendar counted in years that begin in March, so that the leap day is the last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 719_468
    }
}
