package import ConnectorModel
import Synchronization

/// Makes the names, places and paths of one source's tags, and says what is done with their readings.
package final class TagNormalizer: TagPreparing {
    private let rules: NormalizationSettings
    private let settings: SourceTagSettings
    private let registry: TagPathRegistry
    private let sanitizer: SegmentSanitizer
    private let warn: @Sendable (String) -> Void
    private let hasWarned = Atomic(false)

    /// - Parameters:
    ///   - registry: one for all sources of a connector.
    ///   - warn: told once, when a tag's path is another's already.
    package init(
        _ rules: NormalizationSettings, _ settings: SourceTagSettings, registry: TagPathRegistry,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.rules = rules
        self.settings = settings
        self.registry = registry
        self.warn = warn
        sanitizer = SegmentSanitizer(rules.letterCase)
    }

    package func prepare(_ tag: TagDefinition, of source: SourceIdentity) -> PreparedTag {
        let setting = settings.setting(for: tag)
        guard settings.takes(tag), setting.isEnabled ?? true else { return PreparedTag(tag, isWanted: false) }
        var named = tag
        named.name = setting.name ?? tag.name
        named.unit = setting.unit ?? tag.unit
        if let name = setting.name { named.metadata["name"] = name }
        let conditioning = setting.conditioning.isEmpty ? nil : setting.conditioning
        guard rules.isEnabled else { return PreparedTag(named, conditioning: conditioning) }
        let parts = parts(of: tag, named, setting, source)
        let identity = tag.tagIdentity(in: source)
        let (path, isRenamed) = registry.path(wantedPath(of: named, parts, source, identity), for: identity)
        if isRenamed { warnOnce(of: tag, path, source) }
        for name in NormalizationSettings.parts { named.metadata[name] = parts[name] ?? named.metadata[name] }
        named.metadata["tag_path"] = path
        return PreparedTag(named, conditioning: conditioning, isRenamed: isRenamed)
    }

    // MARK: Parts

    /// Tag setting, source context, topic template, rules, default context: who says it first is believed.
    private func parts(
        of tag: TagDefinition, _ named: TagDefinition, _ setting: TagSetting, _ source: SourceIdentity
    ) -> [String: String] {
        // What a topic template found stands in the tag's metadata, under any name that the template has.
        var parts = setting.parts.merging(settings.context) { own, _ in own }
        for name in NormalizationSettings.parts where parts[name] == nil { parts[name] = Self.text(tag.metadata[name]) }
        for (name, value) in ruled(tag, source) where parts[name] == nil { parts[name] = value }
        for (name, value) in rules.defaultContext where parts[name] == nil { parts[name] = value }
        if parts[NormalizationSettings.signalType] == nil {
            parts[NormalizationSettings.signalType] = rules.signalTypes.type(
                name: parts[NormalizationSettings.tagName] ?? named.name, unit: named.unit)
        }
        return parts
    }

    private func ruled(_ tag: TagDefinition, _ source: SourceIdentity) -> [String: String] {
        var found: [String: String] = [:]
        for rule in rules.rules where rule.sources.isEmpty || rule.sources.contains(where: { $0.matches(source.name) })
        {
            let field: String? =
                switch rule.field {
                case .address: tag.address
                case .name: tag.name
                case .unit: tag.unit
                case .nodeID: tag.metadata["node_id"]
                }
            guard let groups = field.flatMap({ rule.pattern.groups(in: $0) }) else { continue }
            found.merge(groups.merging(rule.parts) { group, _ in group }) { earlier, _ in earlier }
        }
        return found
    }

    private static func text(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text
    }

    // MARK: The path

    private func wantedPath(
        of tag: TagDefinition, _ parts: [String: String], _ source: SourceIdentity, _ identity: String
    ) -> String {
        let name = Self.text(parts[NormalizationSettings.tagName]) ?? Self.text(tag.name) ?? Self.text(tag.address)
        let path = rules.template.path(sanitizer) { part in
            switch part {
            case NormalizationSettings.tagName: name ?? identity
            case "source": source.name
            case "protocol": source.protocolType
            case "unit": Self.text(tag.unit)
            case "tag_id": identity
            default: Self.text(parts[part] ?? tag.metadata[part])
            }
        }
        return path.isEmpty ? sanitizer.segment(name ?? identity) ?? identity : path
    }

    private func warnOnce(of tag: TagDefinition, _ path: String, _ source: SourceIdentity) {
        guard !hasWarned.exchange(true, ordering: .relaxed) else { return }
        warn(
            "source \(source.name): the path of \(tag.address) is another tag's, so it is \(path); "
                + "give normalization.path_template more parts, or the tags a context, to tell them apart")
    }
}
