/// How far a value can be trusted, as the sensor itself says.
package enum Quality: UInt8, Sendable, Equatable, CaseIterable {
    case good
    case uncertain
    case bad

    /// The word used in payloads, in the truth log and in the API.
    package var word: String {
        switch self {
        case .good: "good"
        case .uncertain: "uncertain"
        case .bad: "bad"
        }
    }
}
