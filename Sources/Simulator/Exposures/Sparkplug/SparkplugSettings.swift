import SparkplugB

/// How the simulator shows its plant as edge nodes of Sparkplug B.
package struct SparkplugSettings: Hashable, Sendable {
    /// The group of all edge nodes.
    package var group: String
    /// The host application whose STATE the edge nodes await; nil awaits none.
    package var primaryHost: String?

    package static let defaultGroup = "ot-simulator"

    package init(group: String = defaultGroup, primaryHost: String? = nil) {
        self.group = group
        self.primaryHost = primaryHost
    }

    /// What is wrong with the name of a group or host, as a phrase; nil when nothing is.
    package static func fault(inName name: String) -> String? { SparkplugTopic.fault(inName: name) }
}
