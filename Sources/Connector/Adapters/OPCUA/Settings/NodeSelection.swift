package import ConnectorModel
import OPCUATypes

/// One entry of the list `nodes`: a node, or all variables below one.
package struct NodeSelection: Hashable, Sendable {
    /// How the node is named.
    enum Place: Hashable, Sendable {
        case node(ExpandedNodeId)
        case path(BrowsePathText)
    }

    /// The node as configured.
    package let text: String
    /// Whether the node is named by its place in the tree rather than by its NodeId.
    package var isPath: Bool {
        if case .path = place { true } else { false }
    }
    /// Reads every variable below the node, too.
    package let isRecursive: Bool
    /// How far below the node to look when `isRecursive`; nil is as far as it goes.
    package let depth: Int?
    /// What differs from the source's own intervals.
    package let intervals: ReadingIntervals
    let place: Place

    /// A node by its NodeId.
    ///
    /// - Parameter text: `ns=2;s=name`, `nsu=urn:x;i=7`, `g=…`, `b=…` (Part 6, 5.1.12).
    /// - Throws: `SettingError` at the key `node_id`.
    package init(
        nodeID text: String, isRecursive: Bool = false, depth: Int? = nil,
        intervals: ReadingIntervals = ReadingIntervals()
    ) throws(SettingError) {
        guard let node = ExpandedNodeId(text) else {
            throw SettingError(
                key: "node_id",
                problem: "'\(text)' is no node id; write ns=2;s=name, nsu=urn:x;s=name, ns=2;i=7, g=… or b=…")
        }
        guard node.serverIndex == 0 else {
            throw SettingError(
                key: "node_id", problem: "'\(text)' is a node of another server; make a source for that server")
        }
        self.init(.node(node), text, isRecursive, depth, intervals)
    }

    /// A node by its place below Objects.
    ///
    /// - Parameter text: `/Objects/2:Plant/Speed`; see ``BrowsePathText``.
    /// - Throws: `SettingError` at the key `browse_path`.
    package init(
        browsePath text: String, isRecursive: Bool = false, depth: Int? = nil,
        intervals: ReadingIntervals = ReadingIntervals()
    ) throws(SettingError) {
        guard let path = BrowsePathText(text) else {
            throw SettingError(
                key: "browse_path",
                problem: "'\(text)' is no browse path; write /Objects/2:Plant/Line1/Speed, names with or without index")
        }
        self.init(.path(path), text, isRecursive, depth, intervals)
    }

    private init(_ place: Place, _ text: String, _ isRecursive: Bool, _ depth: Int?, _ intervals: ReadingIntervals) {
        self.place = place
        self.text = text
        self.isRecursive = isRecursive
        self.depth = depth
        self.intervals = intervals
    }
}

/// Intervals of a node where they differ from those of its source; nil is the source's.
package struct ReadingIntervals: Hashable, Sendable {
    package var sampling: Duration?
    package var publishing: Duration?
    package var poll: Duration?

    package init(sampling: Duration? = nil, publishing: Duration? = nil, poll: Duration? = nil) {
        self.sampling = sampling
        self.publishing = publishing
        self.poll = poll
    }
}
