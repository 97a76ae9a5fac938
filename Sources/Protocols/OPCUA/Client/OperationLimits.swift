/// How many operations a server takes in one call (Part 5, 6.3.11), within bounds of our own.
public struct OperationLimits: Hashable, Sendable {
    public var nodesPerRead: Int
    public var nodesPerBrowse: Int
    public var itemsPerCall: Int

    /// What is used when a server names no limit: answers stay well below the message size.
    public static let usual = 1000

    public init(nodesPerRead: Int = usual, nodesPerBrowse: Int = usual, itemsPerCall: Int = usual) {
        self.nodesPerRead = nodesPerRead
        self.nodesPerBrowse = nodesPerBrowse
        self.itemsPerCall = itemsPerCall
    }
}
