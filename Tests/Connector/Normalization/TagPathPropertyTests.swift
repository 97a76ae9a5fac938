import ConnectorModel
import ConnectorNormalization
import TestRandomness
import Testing

/// Paths are stable, unique within a connector, never empty and valid UTF-8, whatever tags are called.
@Suite struct TagPathPropertyTests {
    private static let hostile: [String] = [
        "", " ", "/", "//", "..", ".", "_", "\u{0}", "\u{FEFF}", "\u{202E}evil", "a\u{301}", "\u{E1}", "\u{212B}",
        "\u{C5}",
        "A\u{30A}", "ｔｅｍｐ", "temp", "TEMP", "tëmp", "𝒯emp", "🏭", "👩‍🏭", "\u{1F1E9}\u{1F1EA}", "\u{D55C}",
        "\u{1112}\u{1161}\u{11AB}",
        "ﬁ", "ß", "ẞ", "İ", "ı", "\u{10FFFF}", "\u{E000}", "\u{FFFD}", "a\r\nb", "\"", "'", "{site}", "%2F",
        "x_0a1b2c3d",
        String(repeating: "z", count: 5000), String(repeating: "\u{300}", count: 300), "क्षि", "ไทย", "1", "٣",
    ]

    private static func name(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: hostile.randomElement(using: &random) ?? ""
        case 1: (hostile.randomElement(using: &random) ?? "") + "/" + (hostile.randomElement(using: &random) ?? "")
        case 2:
            String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
                    }))
        default: "tag\(Int.random(in: 0..<30, using: &random))"
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func pathsOfAPlant(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let registry = TagPathRegistry()
        let template = PathTemplate.presets.map(\.template).randomElement(using: &random) ?? "{tag_name}"
        var rules = NormalizationSettings()
        if seed % 3 != 0 { rules.template = try PathTemplate(template) }
        rules.letterCase = SegmentSanitizer.Case.allCases.randomElement(using: &random) ?? .keep
        rules.rules = [.init(pattern: try Pattern("^(?<area>[^/]*)/(?<line>.*)$"))]
        var paths: [String: String] = [:]
        var bytes: Set<[UInt8]> = []
        for source in 0..<3 {
            let identity = SourceIdentity(
                name: "s\(source)", protocolType: "mqtt", endpoint: "", statusName: { "\($0)" })
            var settings = SourceTagSettings()
            if Bool.random(using: &random) { settings.context = ["site": Self.name(&random)] }
            let normalizer = TagNormalizer(rules, settings, registry: registry)
            let tags = Dictionary(
                (0..<400).map { _ in
                    let address = Self.name(&random)
                    return (Array(address.utf8), TagDefinition(address: address, name: Self.name(&random)))
                }, uniquingKeysWith: { first, _ in first }
            ).sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
            var found: [String] = []
            for tag in tags {
                let path = try #require(normalizer.prepare(tag, of: identity).definition.metadata["tag_path"])
                #expect(!path.isEmpty)
                #expect(!path.hasPrefix("/") && !path.hasSuffix("/") && !path.contains("//"))
                #expect(String(validating: Array(path.utf8), as: UTF8.self) == path)
                #expect(path.unicodeScalars.allSatisfy { $0 == "/" || $0 == "_" || $0.value > 0x2F })
                #expect(path.utf8.count <= 8 * (SegmentSanitizer.bytesMax + 1) + 20)
                let isNew = bytes.insert(Array(path.utf8)).inserted
                #expect(isNew)
                // Swift compares texts as people do: equal whatever way letters and marks are written.
                let other = paths.updateValue(tag.address, forKey: path)
                #expect(other == nil)
                found.append(path)
            }
            // Asked again, backwards, by another normalizer: the same.
            let again = TagNormalizer(rules, settings, registry: registry)
            for (tag, path) in zip(tags, found).reversed() {
                #expect(again.prepare(tag, of: identity).definition.metadata["tag_path"] == path)
            }
        }
    }
}
