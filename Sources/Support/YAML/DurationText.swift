/// Times as people write them in a configuration.
enum DurationText {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("us", 0.000_001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]
    /// A year; longer is a slip of the hand, and keeps the arithmetic in range.
    private static let secondsMax = 31_536_000.0

    /// Reads seconds (`2`, `0.5`) or a number with a unit (`500ms`, `1m`); nil for anything else.
    static func parse(_ text: String) -> Duration? {
        let text = text.trimmingPrefix(while: { $0 == " " })
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
        let seconds = number * (unit?.seconds ?? 1)
        return seconds <= secondsMax ? .seconds(seconds) : nil
    }

    /// The time as people write it, exact to a microsecond: `2s`, `500ms`.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = attoseconds / 1_000_000_000_000
        if microseconds == 0 {
            if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
            return seconds > 60 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
        }
        if microseconds % 1000 == 0 { return "\(seconds * 1000 + microseconds / 1000)ms" }
        return "\(seconds * 1_000_000 + microseconds)us"
    }
}
