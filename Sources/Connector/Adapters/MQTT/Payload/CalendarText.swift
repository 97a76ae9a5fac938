import ConnectorModel

/// Dates and times as ISO 8601 writes them, in the extended and the basic form.
enum CalendarText {
    /// The time of a text like `2023-11-14T22:13:20.123456+01:00`; nil when it is none.
    ///
    /// A space may stand for the T, seconds and fraction may be absent, and so may the time of day. Without an offset
    /// it is UTC. Digits after the microseconds are cut off. Years 1 to 9999.
    static func timestamp(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        var reader = Reader(text: text)
        guard let days = reader.date() else { return nil }
        var time: Int64 = 0
        var offset: Int64 = 0
        if !reader.isAtEnd {
            guard reader.take("T") || reader.take(" "), let taken = reader.timeOfDay() else { return nil }
            time = taken
            if !reader.isAtEnd {
                guard let taken = reader.offset() else { return nil }
                offset = taken
            }
        }
        guard reader.isAtEnd else { return nil }
        return Timestamp(microseconds: days * 86_400_000_000 + time - offset * 60_000_000)
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day is the last of its year; 400 years have 146,097 days.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        // 0000-03-01 lies 719,468 days before 1970-01-01.
        return marchYear * 365 + leapDays + (153 * marchMonth + 2) / 5 + day - 1 - 719_468
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        let text: UnsafeRawBufferPointer
        var at = 0

        var isAtEnd: Bool { at >= text.count }

        /// Takes a character, a letter in either case.
        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard at < text.count else { return false }
            let isLetter = character >= "A" && character <= "Z"
            guard UInt32(text[at]) == character.value || (isLetter && UInt32(text[at]) == character.value + 0x20) else {
                return false
            }
            at += 1
            return true
        }

        mutating func number(digits: Int, _ range: ClosedRange<Int64>) -> Int64? {
            guard text.count - at >= digits else { return nil }
            var value: Int64 = 0
            for index in at..<at + digits {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value * 10 + Int64(digit)
            }
            guard range.contains(value) else { return nil }
            at += digits
            return value
        }

        /// Days since 1970.
        mutating func date() -> Int64? {
            guard let year = number(digits: 4, 1...9999) else { return nil }
            let isExtended = take("-")
            guard let month = number(digits: 2, 1...12), !isExtended || take("-"),
                let day = number(digits: 2, 1...CalendarText.days(in: month, of: year))
            else { return nil }
            return CalendarText.days(year: year, month: month, day: day)
        }

        /// Microseconds since midnight.
        mutating func timeOfDay() -> Int64? {
            guard let hour = number(digits: 2, 0...23) else { return nil }
            let isExtended = take(":")
            guard let minute = number(digits: 2, 0...59) else { return nil }
            var microseconds = (hour * 60 + minute) * 60_000_000
            let hasSeconds = isExtended ? take(":") : !isAtEnd && text[at] &- UInt8(ascii: "0") <= 9
            guard hasSeconds else { return microseconds }
            // 60 is a leap second.
            guard let second = number(digits: 2, 0...60) else { return nil }
            microseconds += second * 1_000_000
            guard take(".") || take(",") else { return microseconds }
            var weight: Int64 = 100_000
            let first = at
            while at < text.count, text[at] &- UInt8(ascii: "0") <= 9 {
                microseconds += Int64(text[at] &- UInt8(ascii: "0")) * weight
                weight /= 10
                at += 1
            }
            return at > first ? microseconds : nil
        }

        /// Minutes east of Greenwich.
        mutating func offset() -> Int64? {
            _ = take(" ")
            if take("Z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+"), let hours = number(digits: 2, 0...23) else { return nil }
            var minutes = hours * 60
            if !isAtEnd {
                _ = take(":")
                guard let more = number(digits: 2, 0...59) else { return nil }
                minutes += more
            }
            return isWest ? -minutes : minutes
        }
    }
}
