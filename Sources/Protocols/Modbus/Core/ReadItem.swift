/// One value that is to be read: what the planner may merge with others and never splits.
public struct ReadItem: Hashable, Sendable {
    public let unit: UnitID
    public let type: RegisterType
    public let address: UInt16
    /// Registers of one value, or bits.
    public let count: Int

    /// - Throws: `RequestError` when one request cannot hold the value.
    public init(unit: UnitID, type: RegisterType, address: UInt16, count: Int) throws(RequestError) {
        _ = try ReadRequest(type: type, address: address, count: count)
        self.unit = unit
        self.type = type
        self.address = address
        self.count = count
    }

    var range: Range<Int> { Int(address)..<Int(address) + count }
}

/// One request of a plan, and the items whose values its answer holds.
public struct ReadBlock: Hashable, Sendable {
    /// An item of the list that was planned, and where its value begins in the block.
    public struct Member: Hashable, Sendable {
        /// Index in the list of items.
        public let item: Int
        /// Registers, or bits, from the block's first.
        public let offset: Int
    }

    public let unit: UnitID
    public let request: ReadRequest
    /// In the order of their addresses.
    public let members: [Member]

    /// The addresses that the request covers.
    public var range: Range<Int> { Int(request.address)..<Int(request.address) + Int(request.count) }

    /// The block that covers exactly the given items, which lie in one table of one unit; nil for no items or more
    /// than a request can hold.
    init?(covering indices: some Collection<Int>, of items: [ReadItem]) {
        guard let first = indices.first.map({ items[$0] }) else { return nil }
        var start = first.range.lowerBound
        var end = first.range.upperBound
        for index in indices {
            start = min(start, items[index].range.lowerBound)
            end = max(end, items[index].range.upperBound)
        }
        guard let address = UInt16(exactly: start),
            let request = try? ReadRequest(type: first.type, address: address, count: end - start)
        else { return nil }
        unit = first.unit
        self.request = request
        members = indices.map { Member(item: $0, offset: items[$0].range.lowerBound - start) }
    }
}
