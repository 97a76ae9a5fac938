/// The conditioners of those tags of an intake that have one, by number from 1 on; 0 is a tag without.
struct ConditioningTable {
    /// The number of every tag that is not wanted.
    static let excluded = UInt32.max

    private struct Entry {
        var plan: Int32
        var tag: Int32
        var conditioner = TagConditioner()
    }

    /// What becomes of a reading, ready to be written.
    struct Outcome {
        /// The reading with its value scaled and clamped.
        var reading: Reading
        var clamped: String?
        var action: TagConditioner.Action
    }

    private var entries: [Entry] = []
    private var plans: [ConditioningPlan] = []
    private var numbers: [ConditioningPlan: Int32] = [:]
    /// What a held reading brought along beside its value; rare.
    private var heldMetadata: [UInt32: [(key: String, value: String)]] = [:]
    private let uptime: @Sendable () -> Int64
    /// Of the present batch; the clock is asked once, when it is needed.
    private var batchUptime: Int64?

    init(uptime: @escaping @Sendable () -> Int64) { self.uptime = uptime }

    var hasHeartbeats: Bool { plans.contains { $0.heartbeatMilliseconds > 0 } }

    /// Adds a tag's conditioner.
    mutating func add(_ conditioning: Conditioning, for tag: TagDefinition, index: Int) -> UInt32 {
        let plan = ConditioningPlan(conditioning, for: tag)
        let number = numbers[plan] ?? Int32(plans.count)
        if number == plans.count {
            numbers[plan] = number
            plans.append(plan)
        }
        entries.append(Entry(plan: number, tag: Int32(index)))
        return UInt32(entries.count)
    }

    mutating func begin() { batchUptime = nil }

    mutating func received(_ reading: Reading, at time: Timestamp, _ number: UInt32) -> Outcome {
        let index = Int(number) - 1
        let plan = plans[Int(entries[index].plan)]
        let (adjusted, clamped) = plan.adjusted(reading)
        let uptime = plan.heartbeatMilliseconds > 0 ? now() : 0
        let action = entries[index].conditioner.received(adjusted, at: time, by: plan, uptime: uptime)
        return Outcome(reading: adjusted, clamped: clamped, action: action)
    }

    private mutating func now() -> Int64 {
        if let batchUptime { return batchUptime }
        let now = uptime()
        batchUptime = now
        return now
    }

    /// What a held reading brought along; it is forgotten here.
    mutating func takeMetadata(of number: UInt32) -> [(key: String, value: String)] {
        heldMetadata.isEmpty ? [] : heldMetadata.removeValue(forKey: number) ?? []
    }

    mutating func hold(_ metadata: [(key: String, value: String)], of number: UInt32) {
        if !metadata.isEmpty || !heldMetadata.isEmpty { heldMetadata[number] = metadata.isEmpty ? nil : metadata }
    }

    /// The tags whose last reading is to be a row once more.
    mutating func beat() -> [Int] {
        let now = uptime()
        return entries.indices.compactMap { index in
            let plan = plans[Int(entries[index].plan)]
            return entries[index].conditioner.beat(by: plan, uptime: now) ? Int(entries[index].tag) : nil
        }
    }

    /// Takes all that is held, with the tag's conditioner.
    mutating func flush() -> [(tag: Int, number: UInt32, held: TagConditioner.Held)] {
        entries.indices.compactMap { index in
            entries[index].conditioner.flush().map { (Int(entries[index].tag), UInt32(index + 1), $0) }
        }
    }
}

/// Readings that conditioning made no row of, by reason.
package struct SuppressedCounts: Hashable, Sendable {
    private var counts = [Int](repeating: 0, count: TagConditioner.Reason.allCases.count)

    package init() {}

    package private(set) subscript(reason: TagConditioner.Reason) -> Int {
        get { counts[Self.place(reason)] }
        set { counts[Self.place(reason)] = newValue }
    }

    package var all: Int { counts.reduce(0, +) }

    /// Those reasons that occurred, by their words.
    package var byReason: [String: Int] {
        var counts: [String: Int] = [:]
        for reason in TagConditioner.Reason.allCases where self[reason] > 0 { counts[reason.rawValue] = self[reason] }
        return counts
    }

    mutating func count(_ reason: TagConditioner.Reason) { self[reason] += 1 }

    private static func place(_ reason: TagConditioner.Reason) -> Int {
        switch reason {
        case .unchanged: 0
        case .deadband: 1
        case .swingingDoor: 2
        case .excluded: 3
        }
    }
}
