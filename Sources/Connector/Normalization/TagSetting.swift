package import ConnectorModel

/// What is set for single tags, by a line of a tag list or by an entry of `tags`; nil leaves a thing as it is.
package struct TagSetting: Hashable, Sendable {
    package var name: String?
    package var unit: String?
    /// By the names of ``NormalizationSettings/parts``.
    package var parts: [String: String]
    package var isEnabled: Bool?
    package var conditioning: Conditioning

    package init(
        name: String? = nil, unit: String? = nil, parts: [String: String] = [:], isEnabled: Bool? = nil,
        conditioning: Conditioning = Conditioning()
    ) {
        self.name = name
        self.unit = unit
        self.parts = parts
        self.isEnabled = isEnabled
        self.conditioning = conditioning
    }

    /// This setting, with the other's where this one says nothing.
    package func over(_ other: TagSetting) -> TagSetting {
        TagSetting(
            name: name ?? other.name, unit: unit ?? other.unit, parts: other.parts.merging(parts) { $1 },
            isEnabled: isEnabled ?? other.isEnabled, conditioning: conditioning.over(other.conditioning))
    }
}

/// What a source sets for its tags: its place, which of them are read, and what is done with their readings.
package struct SourceTagSettings: Hashable, Sendable {
    /// An entry of the list `tags`.
    package struct Selected: Hashable, Sendable {
        /// Addresses, names or NodeIds.
        package var match: Glob
        package var setting: TagSetting

        package init(match: Glob, setting: TagSetting) {
            self.match = match
            self.setting = setting
        }
    }

    /// The key `context`.
    package var context: [String: String] = [:]
    package var include: [Glob] = []
    package var exclude: [Glob] = []
    /// Where several fit, the first that says a thing counts.
    package var selected: [Selected] = []
    /// For all tags of the source.
    package var conditioning = Conditioning()
    package var list: TagList?

    package init() {}

    /// What holds for a tag.
    package func setting(for tag: TagDefinition) -> TagSetting {
        var setting = setting(ofTag: tag)
        setting.conditioning = setting.conditioning.over(conditioning)
        return setting
    }

    /// What is set for the tag itself, by the list or by patterns, not for all tags of the source.
    package func setting(ofTag tag: TagDefinition) -> TagSetting {
        var setting = list?.setting(for: tag) ?? TagSetting()
        for selected in selected where Self.fits(selected.match, tag) { setting = setting.over(selected.setting) }
        return setting
    }

    /// Whether the globs and the list let a tag through.
    package func takes(_ tag: TagDefinition) -> Bool {
        guard include.isEmpty || include.contains(where: { Self.fits($0, tag) }) else { return false }
        if exclude.contains(where: { Self.fits($0, tag) }) { return false }
        return list.map { $0.selects ? $0.contains(tag) : true } ?? true
    }

    private static func fits(_ glob: Glob, _ tag: TagDefinition) -> Bool {
        glob.matches(tag.address) || (tag.name != tag.address && glob.matches(tag.name))
            || tag.metadata["node_id"].map { glob.matches($0) } ?? false
    }
}
