public import OPCUASecurity
public import OPCUATypes

/// Says when certificates come to their end: 30, 7 and 1 days before, and when they have ended; each once.
public struct ExpiryWatch: Sendable {
    /// Days before the end at which something is said; 0 once it has ended.
    static let steps = [0, 1, 7, 30]

    private var said: [ApplicationCertificate: Int] = [:]

    public init() {}

    /// What to say now.
    /// - Parameter certificates: each with the words for it: `the own certificate`.
    /// - Returns: sentences, for those that came nearer to their end than was said before.
    public mutating func check(
        _ certificates: [(owner: String, certificate: ApplicationCertificate)], now: DateTime
    ) -> [String] {
        // Those that are gone are forgotten, so that this never grows.
        let present = Set(certificates.map(\.certificate))
        said = said.filter { present.contains($0.key) }
        var sentences: [String] = []
        for (owner, certificate) in certificates {
            let isOver = now > certificate.notAfter
            let left = certificate.daysLeft(at: now)
            guard let step = isOver ? 0 : Self.steps.dropFirst().first(where: { left <= $0 }),
                step < said[certificate] ?? .max
            else { continue }
            said[certificate] = step
            let when = certificate.notAfter.dateText
            sentences.append(
                isOver
                    ? "\(owner) \(certificate.subject) ended on \(when) and is refused; renew it"
                    : "\(owner) \(certificate.subject) ends on \(when), in \(Self.days(left)); renew it before")
        }
        return sentences
    }

    private static func days(_ count: Int) -> String {
        switch count {
        case ..<1: "less than a day"
        case 1: "one day"
        default: "\(count) days"
        }
    }
}
