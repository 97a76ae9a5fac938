/// What a device has refused to read, so that no plan asks for it again.
///
/// A device that refuses a range refuses every range around it: an address inside does not exist. Kept are the
/// smallest refused ranges only. When a request is refused, its halves are tried; a refused half replaces the whole,
/// and in the end the bad register, or the border between two areas, stands alone.
///
/// Some devices answer `illegalDataValue` to any long request. For them the longest request that worked becomes the
/// limit of the table.
public struct RefusalMemory: Hashable, Sendable {
    /// One table of one unit.
    struct Table: Hashable, Comparable, Sendable {
        var unit: UnitID
        var type: RegisterType

        static func < (left: Table, right: Table) -> Bool {
            (left.unit, left.type.readFunction.rawValue) < (right.unit, right.type.readFunction.rawValue)
        }
    }

    /// What to do with a refused block.
    public enum RefusalAction: Hashable, Sendable {
        /// Read these in its place, now.
        case retry([ReadBlock])
        /// The block holds one value only, or smaller requests would not help: its members are bad.
        case giveUp
    }

    private struct Known: Hashable, Sendable {
        /// Sorted by start; none contains another, so they are sorted by end too.
        var refused: [Range<Int>] = []
        var longestAnswered = 0
        var tooLong: [Int] = []
    }

    private var tables: [Table: Known] = [:]

    public init() {}

    /// Whether nothing has been refused.
    public var isEmpty: Bool { tables.values.allSatisfy { $0.refused.isEmpty } }

    /// The device answered a block with an exception.
    public mutating func blockRefused(
        _ block: ReadBlock, with code: ExceptionCode, items: [ReadItem]
    ) -> RefusalAction {
        guard code == .illegalDataAddress || code == .illegalDataValue else { return .giveUp }
        let table = Table(unit: block.unit, type: block.request.type)
        Self.insert(block.range, into: &tables[table, default: Known()].refused)
        let runs = ItemRuns(items, block.members.map(\.item))
        guard runs.count > 1 else { return .giveUp }
        if code == .illegalDataValue { tables[table]?.tooLong.append(block.range.count) }
        let middle = runs.count / 2
        let halves = [runs.members[..<middle], runs.members[middle...]]
        return .retry(halves.compactMap { ReadBlock(covering: $0.flatMap { $0 }, of: items) })
    }

    /// The device answered a block with data.
    public mutating func blockAnswered(_ block: ReadBlock) {
        // Only tables that have refused something are of interest, so a healthy device costs a look-up.
        let table = Table(unit: block.unit, type: block.request.type)
        guard let longest = tables[table]?.longestAnswered, longest < block.range.count else { return }
        tables[table]?.longestAnswered = block.range.count
        tables[table]?.tooLong.removeAll { $0 <= block.range.count }
    }

    /// The most registers or bits that the table has answered, if it has refused more; else nil.
    func countLimit(of table: Table) -> Int? {
        guard let known = tables[table], let refused = known.tooLong.min() else { return nil }
        return known.longestAnswered > 0 ? known.longestAnswered : max(refused / 2, 1)
    }

    /// The end that a request starting at `start` must stay below; `Int.max` when nothing is in its way.
    func barrier(from start: Int, of table: Table) -> Int {
        guard let refused = tables[table]?.refused else { return .max }
        var low = 0
        var high = refused.count
        while low < high {
            let middle = (low + high) / 2
            if refused[middle].lowerBound < start { low = middle + 1 } else { high = middle }
        }
        return low < refused.count ? refused[low].upperBound : .max
    }

    private static func insert(_ range: Range<Int>, into refused: inout [Range<Int>]) {
        guard !refused.contains(where: { $0.lowerBound >= range.lowerBound && $0.upperBound <= range.upperBound })
        else { return }
        refused.removeAll { $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound }
        let place = refused.firstIndex { $0.lowerBound > range.lowerBound } ?? refused.count
        refused.insert(range, at: place)
    }
}
