extension Conditioning {
    /// The longest interval that can be configured: a year.
    package static let millisecondsMax = 366 * 86_400_000

    /// A number as people write it: `5`, not `5.0`.
    package static func text(of number: Double) -> String {
        if let whole = Int64(exactly: number), whole.magnitude < 1_000_000_000_000 { return "\(whole)" }
        return "\(number)"
    }
}

extension Conditioning.Deadband: CustomStringConvertible {
    /// Reads `0.5`, `2%` or `2% of 150`; nil when it is none of these.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first.flatMap({ Self.number($0) }) else { return nil }
        guard parts.count == 2 else {
            self = .absolute(first)
            return
        }
        let words = parts[1].split(separator: " ")
        guard first <= 100, words.isEmpty || (words.count == 2 && words[0].lowercased() == "of") else { return nil }
        if words.isEmpty {
            self = .percent(first, span: nil)
        } else if let span = Self.number(words[1]), span > 0 {
            self = .percent(first, span: span)
        } else {
            return nil
        }
    }

    private static func number(_ text: some StringProtocol) -> Double? {
        let words = text.split(separator: " ")
        guard words.count == 1, let number = Double(words[0]), number.isFinite, number >= 0 else { return nil }
        return number
    }

    package var description: String {
        switch self {
        case .absolute(let width): Conditioning.text(of: width)
        case .percent(let percent, nil): "\(Conditioning.text(of: percent))%"
        case .percent(let percent, let span?):
            "\(Conditioning.text(of: percent))% of \(Conditioning.text(of: span))"
        }
    }
}
