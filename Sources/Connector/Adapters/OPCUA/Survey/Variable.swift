import OPCUATypes

/// A variable to read.
struct Variable: Hashable, Sendable {
    /// Nil when what was configured leads to no node of the server.
    var node: NodeId?
    /// Browse names from below Objects down to the node, joined by `/`; the node id where there is no such way.
    var path: String
    /// The last name of the path.
    var name: String
    var intervals = ReadingIntervals()
    /// Why there is no node.
    var problem = StatusCode.good

    /// What was configured and leads to no node.
    static func missing(_ text: String, _ problem: StatusCode, _ intervals: ReadingIntervals) -> Variable {
        Variable(node: nil, path: text, name: text, intervals: intervals, problem: problem)
    }
}
