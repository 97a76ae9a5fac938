package import SimulatorPlant

/// The control charts of a plant put to the test: how often they alarm while all is well, and how soon they flag a
/// shift. Judged are the answers that the page gets.
package struct ChartReport: Sendable {
    /// One sensor.
    package struct Row: Sendable {
        package let path: String
        package let type: String
        /// Why it is not judged.
        package let reason: String?
        /// Healthy values judged, and the rules that began to hold among them.
        package fileprivate(set) var values = 0
        package fileprivate(set) var alarms = 0
        /// Shifts of 1.5 standard deviations of its healthy values: after how many values each was flagged, nil for
        /// not within `delayMax`.
        package fileprivate(set) var delays: [Int?] = []

        package var alarmShare: Double { values == 0 ? 0 : Double(alarms) / Double(values) }
        package var foundShare: Double {
            delays.isEmpty ? 1 : Double(delays.count { $0 != nil }) / Double(delays.count)
        }
    }

    /// Values after a shift within which it is to be flagged.
    package static let delayMax = 30
    /// The share of healthy values with an alarm that is let pass.
    package static let alarmShareMax = 0.01

    /// Of the measurements of the plant that were looked at.
    package let rows: [Row]

    /// The sensors with a chart.
    package var charted: [Row] { rows.filter { $0.reason == nil } }

    /// Alarms per healthy value over all charts.
    package var alarmShare: Double {
        let values = charted.reduce(0) { $0 + $1.values }
        return values == 0 ? 0 : Double(charted.reduce(0) { $0 + $1.alarms }) / Double(values)
    }

    /// After how many values the shifts were flagged, in ascending order, and how many there were.
    package var delays: (found: [Int], planted: Int) {
        let all = charted.flatMap(\.delays)
        return (all.compactMap { $0 }.sorted(), all.count)
    }

    /// Everything that is not as it should be, one sentence each.
    package var faults: [String] {
        var faults: [String] = []
        if alarmShare > Self.alarmShareMax { faults.append("false alarms at \(alarmShare * 100) % of the values") }
        let found = charted.count { $0.foundShare >= 0.95 }
        if found * 100 < charted.count * 95 { faults.append("only \(found) of \(charted.count) charts flag a shift") }
        return faults
    }

    /// Judges `hours` of plant time of every `stride`th measurement of the first copy, once for each seed, a value a
    /// second; limits come from `baseline` values. `shifts` are planted into each sensor, spread over the time.
    package init(
        _ catalogue: Catalogue, seeds: [UInt64], hours: Int, stride: Int = 1, shifts: Int = 40,
        baseline: Int = 86_400
    ) throws(PlantError) {
        var rows: [Row] = []
        for (number, seed) in seeds.enumerated() {
            let plant = try Plant(catalogue: catalogue, settings: PlantSettings(seed: seed), start: 0)
            let places = plant.sensors.indices.filter { plant.sensors[$0].definition.kind == .measurement }
            for (order, place) in Swift.stride(from: 0, to: places.count, by: stride).map({ places[$0] }).enumerated() {
                let trial = Trial(plant, place, baseline: baseline)
                let row = trial.run(seconds: hours * 3600, shifts: shifts)
                if number == 0 {
                    rows.append(row)
                } else if rows[order].reason == nil {
                    rows[order].values += row.values
                    rows[order].alarms += row.alarms
                    rows[order].delays += row.delays
                }
            }
        }
        self.rows = rows
    }
}

/// One sensor on trial.
private struct Trial {
    let sensor: Sensor
    let plant: Plant
    let place: Int
    let model: HealthyModel?
    /// What the page has of a sensor.
    private let window = PlantHistory.samplesMax

    init(_ plant: Plant, _ place: Int, baseline: Int) {
        self.plant = plant
        self.place = place
        sensor = plant.sensors[place]
        model = HealthyModels.model(step: plant.step, at: 0, valuesMax: baseline) {
            plant.twin(of: place, number: $0, step: $1, from: $2)
        }
    }

    func run(seconds: Int, shifts: Int) -> ChartReport.Row {
        var twin = plant.twin(of: place, number: 0, step: plant.step)
        let values = twin.values(seconds)
        var row = ChartReport.Row(
            path: sensor.path, type: sensor.definition.type, reason: answer(values.prefix(1)).reason)
        guard row.reason == nil, let model else { return row }
        for start in stride(from: 0, to: values.count, by: window) {
            let part = values[start..<min(start + window, values.count)]
            row.values += part.count
            row.alarms += answer(part).violations.count
        }
        let (before, after) = (300, ChartReport.delayMax)
        let room = values.count - before - after
        for number in 0..<(room > 0 ? shifts : 0) {
            let start = room * number / max(1, shifts)
            var part = Array(values[start..<(start + before + after)])
            for index in before..<part.count { part[index] += 1.5 * model.deviation }
            let flagged = answer(part[...]).violations.first { $0.timestamp >= Int64(before) }
            row.delays.append(flagged.map { Int($0.timestamp) - before + 1 })
        }
        return row
    }

    /// What the page gets for values; the timestamps are their places.
    private func answer(_ values: ArraySlice<Double>) -> ControlChartAnswer {
        let samples = values.enumerated().map {
            HistoryBook.Sample(tick: UInt64($0), timestamp: Int64($0), value: $1, quality: .good)
        }
        return ControlChartAnswer(
            sensor, model, samples: samples, every: 1, interval: plant.step, limit: samples.count)
    }
}
