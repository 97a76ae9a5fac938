import MQTTCore
import NIOCore
import Testing

@Suite struct TopicTests {
    @Test(arguments: [
        ("sport/tennis/#", "sport/tennis", true), ("sport/tennis/#", "sport/tennis/a/b", true),
        ("sport/#", "sports", false), ("#", "a/b", true), ("#", "/", true), ("+", "a", true), ("+", "a/b", false),
        ("+", "", true), ("/+", "/finance", true), ("+/+", "/finance", true), ("+", "/finance", false),
        ("sport/+", "sport", false), ("sport/+", "sport/", true), ("a/+/c", "a/b/c", true),
        ("a/+/c", "a/b/d", false), ("a/b", "a/b", true), ("a/b", "a/b/", false), ("a//b", "a//b", true),
        ("#", "$SYS/a", false), ("+/a", "$SYS/a", false), ("$SYS/#", "$SYS/a", true), ("$SYS/+", "$SYS/a", true),
        ("a/#", "a/$b", true), ("ä/+", "ä/ö", true), ("A", "a", false),
        ("$share/g/a/+", "a/b", true), ("$share/g/a/+", "$share/g/a/b", false),
    ]) func matching(_ row: (filter: String, topic: String, matches: Bool)) throws {
        let filter = try TopicFilter(row.filter)
        #expect(filter.matches(row.topic) == row.matches)
        #expect(filter.matches(ByteBuffer(string: row.topic)) == row.matches)
    }

    @Test(arguments: [
        "", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+/c", "a\0", "$share", "$share/", "$share/g", "$share//a",
        "$share/g/", "$share/g+/a", "$share/#/a",
    ]) func badFilters(_ text: String) {
        #expect(throws: TopicError.self) { try TopicFilter(text) }
    }

    @Test func longestFilter() throws {
        #expect(try TopicFilter(String(repeating: "x", count: 65_535)).levels.count == 1)
        #expect(throws: TopicError.self) { try TopicFilter(String(repeating: "x", count: 65_536)) }
        #expect(throws: TopicError.self) { try TopicName.validate(String(repeating: "x", count: 65_536)) }
    }

    @Test func sharedSubscriptions() throws {
        let shared = try TopicFilter("$share/group/a/+/#")
        #expect(shared.shareName == "group")
        #expect(shared.levels == ["a", "+", "#"])
        #expect(shared.text == "$share/group/a/+/#")
        #expect(try TopicFilter("a/$share/b").shareName == nil)
    }

    @Test(arguments: ["", "a/+", "#", "a\0b"]) func badNames(_ text: String) {
        #expect(throws: TopicError.self) { try TopicName.validate(text) }
    }

    @Test(arguments: ["a", "/", "a b", "ä/ö/😀", "$SYS/x"]) func goodNames(_ text: String) throws {
        try TopicName.validate(text)
    }
}
