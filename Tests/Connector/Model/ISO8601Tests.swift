import ConnectorModel
import Foundation
import TestRandomness
import Testing

@Suite struct ISO8601Tests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
        (-11_644_473_600_000_000, "1601-01-01T00:00:00.000000Z"),
    ])
    func knownTimes(microseconds: Int64, text: String) {
        #expect(ISO8601.text(of: Timestamp(microseconds: microseconds)) == text)
    }

    @Test func agreesWithFoundation() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        var generator = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -10_000_000_000...10_000_000_000, using: &generator)
            let own = ISO8601.text(of: Timestamp(microseconds: seconds * 1_000_000))
            let theirs = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(own.replacingOccurrences(of: ".000000Z", with: "Z") == theirs)
        }
    }

    @Test func extremesDoNotTrap() {
        _ = ISO8601.text(of: Timestamp(microseconds: .min))
        _ = ISO8601.text(of: Timestamp(microseconds: .max))
    }
}
