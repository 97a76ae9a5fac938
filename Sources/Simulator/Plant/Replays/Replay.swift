/// Recorded values that take the place of the modelled ones.
package struct Replay: Sendable, Equatable {
    /// One recorded value.
    package struct Row: Sendable, Equatable {
        /// Seconds since the first row.
        package var time: Double
        /// The sensor's path.
        package var path: String
        package var value: Double
        package var quality: Quality

        package init(time: Double, path: String, value: Double, quality: Quality = .good) {
            self.time = time
            self.path = path
            self.value = value
            self.quality = quality
        }
    }

    /// What it is called in the API.
    package let name: String
    /// In the order of their times; the first has time 0.
    package let rows: [Row]

    /// The most rows and the most bytes of their text.
    package static let rowsMax = 1_000_000
    package static let bytesMax = 64 << 20

    /// Throws when there are no rows or too many, and when a time or a value is no number.
    package init(name: String, rows: [Row]) throws(PlantCommandError) {
        guard (1...100).contains(name.utf8.count) else { throw .impossible("a replay's name has 1 to 100 bytes") }
        guard (1...Self.rowsMax).contains(rows.count) else {
            throw .impossible("a replay has 1 to \(Self.rowsMax) rows, not \(rows.count)")
        }
        var first = Double.infinity
        for row in rows {
            guard row.time.isFinite, row.value.isFinite, abs(row.value) <= 1e15 else {
                throw .impossible("'\(row.path)' has a time or a value that is not possible")
            }
            first = min(first, row.time)
        }
        self.name = name
        var sorted = rows.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        for index in sorted.indices { sorted[index].time -= first }
        self.rows = sorted
    }

    /// Seconds from the first row to the last.
    package var length: Double { rows.last?.time ?? 0 }
}

/// A replay that runs, as it is listed.
package struct ReplayRun: Sendable, Equatable {
    package let name: String
    /// The tick that is its second 0.
    package let start: UInt64
    /// Recorded seconds per second of plant time.
    package let speed: Double
    package let rowCount: Int
    /// Rows that have been shown or passed over.
    package internal(set) var rowsDone = 0
    /// Recorded seconds from the first row to the last.
    package let length: Double
}

/// The replays of a plant that are not over, and what they show.
struct ReplayDeck {
    /// The most replays at a time.
    static let runsMax = 4

    private struct Player {
        var run: ReplayRun
        let rows: [(time: Double, sensor: Int, value: Double, quality: Quality)]
        /// What each of its sensors shows now.
        var shown: [Int: (value: Double, quality: Quality)] = [:]

        /// Takes up the rows that are due at a tick; false when the last one has had its tick.
        mutating func advance(to tick: UInt64, step: Double) -> Bool {
            guard tick >= run.start else { return true }
            let now = Double(tick - run.start) * step * run.speed
            guard run.rowsDone < rows.count else { return false }
            while run.rowsDone < rows.count, rows[run.rowsDone].time <= now {
                let row = rows[run.rowsDone]
                shown[row.sensor] = (row.value, row.quality)
                run.rowsDone += 1
            }
            return true
        }
    }

    private var players: [Player] = []

    var isEmpty: Bool { players.isEmpty }
    var runs: [ReplayRun] { players.map(\.run) }

    mutating func start(_ replay: Replay, at tick: UInt64, speed: Double, place: (String) -> Int?)
        throws(PlantCommandError)
    {
        guard speed >= 0.001, speed <= 1000 else {
            throw .impossible("the speed of a replay must lie between 0.001 and 1000, not \(speed)")
        }
        guard !players.contains(where: { $0.run.name == replay.name }) else {
            throw .conflict("replay '\(replay.name)' runs already")
        }
        guard players.count < Self.runsMax else {
            throw .conflict("there are \(Self.runsMax) replays already, which is the most; stop one")
        }
        var rows: [(time: Double, sensor: Int, value: Double, quality: Quality)] = []
        rows.reserveCapacity(replay.rows.count)
        for row in replay.rows {
            guard let sensor = place(row.path) else { throw .unknownSensor(row.path) }
            rows.append((row.time, sensor, row.value, row.quality))
        }
        let run = ReplayRun(
            name: replay.name, start: tick, speed: speed, rowCount: rows.count, length: replay.length)
        players.append(Player(run: run, rows: rows))
    }

    mutating func stop(_ name: String) throws(PlantCommandError) {
        guard let index = players.firstIndex(where: { $0.run.name == name }) else {
            throw .notThere("replay '\(name)'")
        }
        players.remove(at: index)
    }

    /// Moves all replays on; those that are over are gone.
    mutating func advance(to tick: UInt64, step: Double) {
        var index = 0
        while index < players.count {
            if players[index].advance(to: tick, step: step) { index += 1 } else { players.remove(at: index) }
        }
    }

    /// What is shown instead of the model, in the order in which the replays were started.
    func forEach(_ body: (_ sensor: Int, _ value: Double, _ quality: Quality) -> Void) {
        for player in players {
            // Each sensor is written once, so the order of the dictionary does not matter.
            for (sensor, shown) in player.shown { body(sensor, shown.value, shown.quality) }
        }
    }
}
