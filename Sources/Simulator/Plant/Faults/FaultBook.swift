/// The faults of a plant that are not over: what they are, and what they do to the values of a tick.
struct FaultBook {
    /// The most faults at a time.
    static let faultsMax = 1000

    private struct Entry {
        let active: ActiveFault
        let effects: [FaultEffect]
        /// The machine whose bearing wears, and how much.
        let wear: (machine: Int, severity: Double)?
    }

    private var entries: [Entry] = []
    private var nextID: UInt64 = 1

    var isEmpty: Bool { entries.isEmpty }
    var active: [ActiveFault] { entries.map(\.active) }

    /// The next one would be too many.
    func checkRoom() throws(PlantCommandError) {
        guard entries.count < Self.faultsMax else {
            throw .conflict("there are \(Self.faultsMax) faults already, which is the most; clear some")
        }
    }

    /// Enters a fault that begins at a tick. `step` is in seconds of plant time per tick.
    mutating func add(
        _ fault: Fault, start: UInt64, step: Double, scenario: String?, effects: [FaultEffect],
        wear: (machine: Int, severity: Double)?
    ) -> UInt64 {
        // A duration shorter than a tick is shown by one tick.
        let ticks = fault.duration.map { UInt64(max(1, min(1e15, ($0 / step).rounded(.up)))) }
        let active = ActiveFault(
            id: nextID, fault: fault, start: start, end: ticks.map { start &+ $0 }, scenario: scenario)
        entries.append(Entry(active: active, effects: effects, wear: wear))
        nextID += 1
        return active.id
    }

    mutating func remove(_ id: UInt64) throws(PlantCommandError) {
        guard let index = entries.firstIndex(where: { $0.active.id == id }) else { throw .notThere("fault \(id)") }
        entries.remove(at: index)
    }

    /// Removes all that fit; returns how many.
    mutating func removeAll(where fits: (ActiveFault) -> Bool) -> Int {
        let before = entries.count
        entries.removeAll { fits($0.active) }
        return before - entries.count
    }

    /// Forgets the faults that are over at a tick.
    mutating func expire(at tick: UInt64) {
        entries.removeAll { entry in entry.active.end.map { $0 <= tick } ?? false }
    }

    /// Changes the values of a tick, fault by fault in the order in which they came.
    func apply(at tick: UInt64, step: Double, _ change: (FaultEffect, FaultEffect.Moment) -> Void) {
        for entry in entries where entry.active.start <= tick {
            let moment = moment(entry.active, tick, step)
            for effect in entry.effects { change(effect, moment) }
        }
    }

    /// How worn the bearing of a machine is at a tick, 0 to 1.
    func wear(of machine: Int, at tick: UInt64, step: Double) -> Double {
        entries.reduce(0) { worn, entry in
            guard let wear = entry.wear, wear.machine == machine, entry.active.start <= tick else { return worn }
            return min(1, worn + wear.severity * moment(entry.active, tick, step).weight)
        }
    }

    private func moment(_ active: ActiveFault, _ tick: UInt64, _ step: Double) -> FaultEffect.Moment {
        let age = Double(tick - active.start) * step
        var ramp = active.fault.ramp
        if active.fault.kind == .drift, ramp == 0 { ramp = active.fault.duration ?? 3600 }
        // The first tick has its share of the ramp already.
        let weight = ramp > 0 ? min(1, (age + step) / ramp) : 1
        return FaultEffect.Moment(tick: tick, isFirst: tick == active.start, age: age, weight: weight)
    }
}
