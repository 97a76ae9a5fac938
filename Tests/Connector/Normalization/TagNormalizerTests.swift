import ConnectorModel
import ConnectorNormalization
import Synchronization
import Testing

@Suite struct TagNormalizerTests {
    private let source = SourceIdentity(
        name: "plc1", protocolType: "opcua", endpoint: "opc.tcp://h", statusName: { "\($0)" })

    private func prepare(
        _ tag: TagDefinition, _ settings: SourceTagSettings = SourceTagSettings(),
        _ rules: NormalizationSettings = NormalizationSettings()
    ) -> PreparedTag {
        TagNormalizer(rules, settings, registry: TagPathRegistry()).prepare(tag, of: source)
    }

    @Test func partsBecomePathAndColumns() {
        var settings = SourceTagSettings()
        settings.context = ["site": "Plant 1", "area": "production", "line": "line1", "equipment": "plc1"]
        let prepared = prepare(TagDefinition(address: "A/reactor_temp", name: "reactor_temp", unit: "°C"), settings)
        #expect(
            prepared.definition.metadata == [
                "site": "Plant 1", "area": "production", "line": "line1", "equipment": "plc1",
                "signal_type": "temperature",
                "tag_path": "Plant_1/production/line1/plc1/temperature/reactor_temp",
            ])
        #expect(prepared.isWanted && !prepared.isRenamed && prepared.conditioning == nil)
    }

    /// Tag setting, source context, topic template, rules, default context.
    @Test func whoSaysAPartFirstIsBelieved() throws {
        let address = "r_enterprise/r_site/r_level/r_area/r_line"
        let tag = TagDefinition(
            address: address, name: "t",
            // From a topic template.
            metadata: ["level": "topic", "area": "topic", "line": "topic", "equipment": ""])
        var settings = SourceTagSettings()
        settings.context = ["site": "context", "level": "context"]
        settings.selected = [
            .init(match: Glob("r_*/**"), setting: TagSetting(parts: ["enterprise": "tag"])),
            .init(match: Glob("**"), setting: TagSetting(parts: ["enterprise": "late", "level": "tag"])),
        ]
        var rules = NormalizationSettings()
        rules.rules = [
            .init(
                pattern: try Pattern("^(?<enterprise>[^/]+)/(?<site>[^/]+)/[^/]+/(?<area>[^/]+)"),
                parts: ["equipment": "rule"]),
            .init(pattern: try Pattern("."), sources: [Glob("other*")], parts: ["equipment": "no"]),
            .init(pattern: try Pattern("."), parts: ["equipment": "late", "line": "rule"]),
        ]
        rules.defaultContext = ["equipment": "default", "signal_type": "default"]
        let prepared = prepare(tag, settings, rules)
        let metadata = prepared.definition.metadata
        #expect(metadata["enterprise"] == "tag")
        #expect(metadata["level"] == "tag")
        #expect(metadata["site"] == "context")
        #expect(metadata["area"] == "topic")
        #expect(metadata["line"] == "topic")
        #expect(metadata["equipment"] == "rule")
        #expect(metadata["signal_type"] == "default")
    }

    @Test func aRuleMayNameTheTag() throws {
        var rules = NormalizationSettings()
        rules.rules = [.init(pattern: try Pattern("^(?<line>[^/]+)/(?<equipment>[^/]+)/(?<tag_name>.+)$"))]
        let prepared = prepare(TagDefinition(address: "Line1/Motor7/Speed", name: "Speed"), SourceTagSettings(), rules)
        #expect(prepared.definition.metadata["tag_path"] == "Line1/Motor7/speed/Speed")
        #expect(prepared.definition.name == "Speed")
    }

    @Test func namesAndUnitsOfTheListReplaceTheDevices() {
        var settings = SourceTagSettings()
        settings.list = TagList([
            .init(line: 2, address: "nsu=urn:x;s=a", setting: TagSetting(name: "boiler", unit: "bar"), own: [:])
        ])
        let tag = TagDefinition(address: "A/b", name: "b", unit: "x", metadata: ["node_id": "ns=3;s=a"])
        let prepared = prepare(tag, settings)
        #expect(prepared.definition.name == "boiler")
        #expect(prepared.definition.unit == "bar")
        #expect(prepared.definition.metadata["tag_path"] == "pressure/boiler")
        // The identity is of the address.
        #expect(prepared.definition.tagIdentity(in: source) == tag.tagIdentity(in: source))
    }

    @Test func whatIsNotWantedIsSaid() {
        var settings = SourceTagSettings()
        settings.include = [Glob("a/**")]
        settings.exclude = [Glob("a/x*")]
        settings.selected = [.init(match: Glob("a/off"), setting: TagSetting(isEnabled: false))]
        func isWanted(_ address: String) -> Bool { prepare(TagDefinition(address: address), settings).isWanted }
        #expect(isWanted("a/b"))
        #expect(!isWanted("a/x1"))
        #expect(!isWanted("b"))
        #expect(!isWanted("a/off"))
        settings = SourceTagSettings()
        settings.list = TagList([.init(line: 2, address: "a", setting: TagSetting(), own: [:])])
        #expect(isWanted("b"))
        settings.list?.selects = true
        #expect(isWanted("a"))
        #expect(!isWanted("b"))
    }

    @Test func switchedOffItNamesNothing() {
        var settings = SourceTagSettings()
        settings.context = ["site": "s"]
        settings.conditioning.scale = 2
        let tag = TagDefinition(address: "a")
        var rules = NormalizationSettings()
        rules.isEnabled = false
        let prepared = prepare(tag, settings, rules)
        #expect(prepared.definition == tag)
        #expect(prepared.conditioning == Conditioning(scale: 2))
    }

    @Test func aPathThatIsTakenBecomesAnother() {
        let warnings = Mutex<[String]>([])
        let registry = TagPathRegistry()
        let normalizer = TagNormalizer(NormalizationSettings(), SourceTagSettings(), registry: registry) { text in
            warnings.withLock { $0.append(text) }
        }
        let first = normalizer.prepare(TagDefinition(address: "L1/Speed", name: "Speed"), of: source)
        let second = normalizer.prepare(TagDefinition(address: "L2/Speed", name: "Speed"), of: source)
        let third = normalizer.prepare(TagDefinition(address: "L3/Speed", name: "Speed"), of: source)
        #expect(first.definition.metadata["tag_path"] == "speed/Speed")
        // tag_id: SHA-256("opcua:plc1:L2/Speed").
        let identity = TagDefinition(address: "L2/Speed").tagIdentity(in: source)
        #expect(second.definition.metadata["tag_path"] == "speed/Speed_\(identity.prefix(8))")
        #expect(second.isRenamed && third.isRenamed && !first.isRenamed)
        #expect(warnings.withLock { $0.count } == 1)
        #expect(warnings.withLock { $0.first?.contains("L2/Speed") } == true)
        // The same tags again, in whatever order, are the same.
        #expect(normalizer.prepare(TagDefinition(address: "L2/Speed", name: "Speed"), of: source) == second)
        #expect(normalizer.prepare(TagDefinition(address: "L1/Speed", name: "Speed"), of: source) == first)
        // The address makes the tag; what else is known of it may change.
        let retained = TagDefinition(address: "L1/Speed", name: "Speed", metadata: ["retain": "true"])
        #expect(normalizer.prepare(retained, of: source).definition.metadata["tag_path"] == "speed/Speed")
    }

    @Test func aDisputedPathStaysWithItsFirstOwnerOverRestarts() {
        let disputes = Mutex<[TagPathRegistry.Reservation]>([])
        func registry() -> TagPathRegistry {
            TagPathRegistry(disputes.withLock { $0 }) { reservation in disputes.withLock { $0.append(reservation) } }
        }
        let (a, b) = (String(repeating: "a", count: 16), String(repeating: "b", count: 16))
        let before = registry()
        #expect(before.path("x", for: a) == ("x", false))
        #expect(before.path("x", for: b) == ("x_bbbbbbbb", true))
        #expect(disputes.withLock { $0.count } == 1)
        let after = registry()
        #expect(after.path("x", for: b) == ("x_bbbbbbbb", true))
        #expect(after.path("x", for: a) == ("x", false))
        #expect(disputes.withLock { $0.count } == 1)
    }

    @Test func whoTakesTheNameOfAnothersIdentityDoesNotGetIt() {
        let registry = TagPathRegistry()
        let (a, b) = (String(repeating: "a", count: 16), String(repeating: "b", count: 16))
        let c = String(repeating: "c", count: 16)
        for path in ["x", "x_bbbbbbbb", "x_\(b)", "x_\(b)_2"] { #expect(registry.path(path, for: c).path == path) }
        #expect(registry.path("x", for: b) == ("x_\(b)_3", true))
        #expect(registry.path("x", for: a).path == "x_aaaaaaaa")
    }
}
