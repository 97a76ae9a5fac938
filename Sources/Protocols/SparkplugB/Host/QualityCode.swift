/// The quality of a value: 192 good, 64 uncertain, 0 bad, and 500 of what a death made stale (Sparkplug 3.0, 6.4.24).
public struct QualityCode: RawRepresentable, Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case good
        case uncertain
        case bad
    }

    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let good = QualityCode(rawValue: 192)
    public static let uncertain = QualityCode(rawValue: 64)
    public static let bad = QualityCode(rawValue: 0)
    public static let stale = QualityCode(rawValue: 500)

    /// The two high bits of the classic byte decide; 500 is bad, and so are other numbers beyond a byte.
    public var verdict: Verdict {
        guard (0...255).contains(rawValue) else { return .bad }
        switch rawValue & 0xC0 {
        case 0xC0: return .good
        case 0x40: return .uncertain
        default: return .bad
        }
    }

    /// The name in words.
    public var name: String {
        switch rawValue {
        case 192: "Good"
        case 64: "Uncertain"
        case 0: "Bad"
        case 500: "Stale"
        default:
            switch verdict {
            case .good: "Good (\(rawValue))"
            case .uncertain: "Uncertain (\(rawValue))"
            case .bad: "Bad (\(rawValue))"
            }
        }
    }
}
