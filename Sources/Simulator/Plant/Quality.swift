/// How far a value can be trusted, as the sensor itself says.
package enum Quality: UInt8, Sendable, Equatable, CaseIterable {
    case good
    case uncertain
    /// The sensor has failed; the value means nothing.
    case bad
    /// No value comes at all; what stands in its place is the last one.
    case missing

    /// The word used in payloads, in the truth log and in the API. Whoever gets no value has `bad`.
    package var word: String {
        switch self {
        case .good: "good"
        case .uncertain: "uncertain"
        case .bad, .missing: "bad"
        }
    }

    /// Reads a word, in any case; nil when it is none. Words of OPC UA that begin with one of ours are understood.
    package init?(word: String) {
        let word = word.lowercased()
        guard let found = [Quality.good, .uncertain, .bad].first(where: { word.hasPrefix($0.word) }) else { return nil }
        self = found
    }

    /// Higher is worse.
    var rank: UInt8 { rawValue }
}
