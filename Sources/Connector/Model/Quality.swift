/// How far a reading may be trusted, beside the protocol's own status.
package enum Quality: UInt8, Sendable, CaseIterable {
    case good
    case uncertain
    case bad

    /// The word used in records, metrics and pages.
    package var name: String {
        switch self {
        case .good: "good"
        case .uncertain: "uncertain"
        case .bad: "bad"
        }
    }
}
