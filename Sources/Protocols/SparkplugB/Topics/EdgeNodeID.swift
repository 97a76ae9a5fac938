/// The name of an edge node: unique in its group (Sparkplug 3.0, 4.1).
public struct EdgeNodeID: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var node: String

    public init(group: String, node: String) {
        self.group = group
        self.node = node
    }

    public var description: String { "\(group)/\(node)" }
}
