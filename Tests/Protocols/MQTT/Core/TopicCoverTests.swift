import MQTTCore
import TestRandomness
import Testing

@Suite struct TopicCoverTests {
    @Test(arguments: [
        ("#", "a", true), ("#", "a/+/#", true), ("#", "#", true), ("#", "$SYS/a", false), ("+/a", "$SYS/a", false),
        ("$SYS/#", "$SYS/+", true), ("a/#", "a", true), ("a/#", "a/b/c", true), ("a/#", "a/#", true),
        ("a/#", "#", false), ("a/+", "a/b", true), ("a/+", "a/+", true), ("a/+", "a/#", false), ("a/+", "a", false),
        ("a/+", "a/b/c", false), ("a/b", "a/b", true), ("a/b", "a/+", false), ("+/+", "a/#", false),
        ("a/+/c", "a/b/c", true), ("a/+/c", "a/+/+", false), ("a", "$share/g/a", true), ("a/+", "$share/g/a/#", false),
    ]) func covers(_ row: (filter: String, other: String, covers: Bool)) throws {
        #expect(try TopicFilter(row.filter).covers(TopicFilter(row.other)) == row.covers)
    }

    /// What is covered lets no topic through that the covering filter does not mean.
    @Test func agreesWithMatching() throws {
        var random = SeededRandom(seed: 11)
        let levels = ["a", "b", "", "$x", "+", "#"]
        func text(_ kinds: Int) -> String {
            (0..<Int.random(in: 1...3, using: &random)).map { _ in levels[Int.random(in: 0..<kinds, using: &random)] }
                .joined(separator: "/")
        }
        for _ in 0..<20_000 {
            guard let wide = try? TopicFilter(text(6)), let narrow = try? TopicFilter(text(6)) else { continue }
            let topic = text(4)
            if wide.covers(narrow), narrow.matches(topic) { #expect(wide.matches(topic), "\(wide) \(narrow) \(topic)") }
        }
    }
}
