package import ConnectorModel

/// What of a server's tree becomes tags, and when it is looked at again.
package struct TagDiscovery: Hashable, Sendable {
    /// The most variables that browsing may find.
    package var variableLimit: Int
    /// How far below Objects to look; nil is as far as it goes.
    package var depth: Int?
    /// Which of the found variables are read, by browse path or NodeId text; empty means all.
    package var include: [Glob]
    /// Which are not, even if included.
    package var exclude: [Glob]
    /// How often to look again; nil is never.
    package var rebrowseInterval: Duration?
    /// Whether to look again when the server says that its model changed.
    package var followsModelChanges: Bool

    package init(
        variableLimit: Int = 10_000, depth: Int? = nil, include: [Glob] = [], exclude: [Glob] = [],
        rebrowseInterval: Duration? = nil, followsModelChanges: Bool = true
    ) {
        self.variableLimit = variableLimit
        self.depth = depth
        self.include = include
        self.exclude = exclude
        self.rebrowseInterval = rebrowseInterval
        self.followsModelChanges = followsModelChanges
    }

    /// Whether a variable is read.
    func takes(path: String, node: String) -> Bool {
        func fits(_ globs: [Glob]) -> Bool { globs.contains { $0.matches(path) || $0.matches(node) } }
        return (include.isEmpty || fits(include)) && !fits(exclude)
    }

    /// Whether nothing below a node can be read, so that its tree need not be browsed.
    func skipsTree(below path: String) -> Bool {
        exclude.contains { $0.takesTree && $0.matches(path + "/") }
    }
}
