import ModbusCore

/// The tags of one unit that are polled together: they have the same interval, and share requests.
///
/// Each group has a schedule of its own, so that a unit that is slow to answer holds up its own polls only.
final class PollGroup: Sendable {
    let unit: UnitID
    let interval: Duration
    /// Indices in the source's list of tags, in the order of the plan's items.
    let members: [Int]
    let plan: PollPlan

    private init(unit: UnitID, interval: Duration, members: [Int], plan: PollPlan) {
        self.unit = unit
        self.interval = interval
        self.members = members
        self.plan = plan
    }

    /// The groups of a source, in the order in which its configuration first names them.
    static func groups(_ tags: [ModbusTag], planner: ReadPlanner) -> [PollGroup] {
        struct Key: Hashable {
            var unit: UnitID
            var interval: Duration
        }
        var keys: [Key] = []
        var members: [Key: [Int]] = [:]
        for (index, tag) in tags.enumerated() {
            let key = Key(unit: tag.item.unit, interval: tag.pollInterval)
            if members[key] == nil { keys.append(key) }
            members[key, default: []].append(index)
        }
        return keys.map { key in
            let indices = members[key] ?? []
            return PollGroup(
                unit: key.unit, interval: key.interval, members: indices,
                plan: PollPlan(indices.map { tags[$0].item }, planner: planner))
        }
    }
}
