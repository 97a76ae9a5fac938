package import ConnectorModel

/// The block `normalization`: how tags of all sources are named.
package struct NormalizationSettings: Hashable, Sendable {
    /// Names of parts that contexts, tag settings and rules may give.
    package static let parts = ["enterprise", "site", "level", "area", "line", "equipment", "signal_type"]
    /// Names of parts that every tag has.
    package static let ownParts = ["tag_name", "source", "protocol", "unit", "tag_id"]
    package static let tagName = "tag_name"
    package static let signalType = "signal_type"

    /// Gives parts to the tags whose address, name or unit it fits.
    package struct Rule: Hashable, Sendable {
        package enum Field: String, Hashable, Sendable, CaseIterable {
            /// What `topic_or_path` shows: browse path, topic, `unit/type/address`.
            case address
            case name
            case unit
            /// The NodeId of an OPC UA tag.
            case nodeID = "node_id"
        }

        package var pattern: Pattern
        package var field: Field
        /// The sources whose tags it is for; empty means all.
        package var sources: [Glob]
        /// Parts that it gives beside those of its named groups.
        package var parts: [String: String]

        package init(pattern: Pattern, field: Field = .address, sources: [Glob] = [], parts: [String: String] = [:]) {
            self.pattern = pattern
            self.field = field
            self.sources = sources
            self.parts = parts
        }
    }

    package var isEnabled = true
    package var template = PathTemplate.usual
    package var letterCase = SegmentSanitizer.Case.keep
    package var defaultContext: [String: String] = [:]
    /// For each part the first rule counts that gives it.
    package var rules: [Rule] = []
    package var signalTypes = SignalTypes.usual
    /// By protocol.
    package var qualityMappings: [String: QualityMapping] = [:]

    package init() {}
}
