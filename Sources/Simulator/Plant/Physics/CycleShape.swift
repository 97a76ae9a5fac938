/// The shapes that a work cycle can have: −1 to +1 over a position in the cycle of 0 ..< 1.
enum CycleShape {
    /// A batch: heat up, hold, cool down, wait.
    static func batch(_ position: Double) -> Double {
        switch position {
        case ..<0.1: -0.95 + 19 * position
        case ..<0.55: 0.95
        case ..<0.7: 0.95 - (position - 0.55) / 0.15 * 1.9
        default: -0.95
        }
    }

    /// A vessel that fills slowly and is emptied faster.
    static func fill(_ position: Double) -> Double {
        position < 0.7 ? -0.95 + position / 0.7 * 1.9 : 0.95 - (position - 0.7) / 0.3 * 1.9
    }
}
