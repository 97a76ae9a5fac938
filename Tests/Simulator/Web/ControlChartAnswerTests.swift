import SimulatorPlant
import Testing

@testable import SimulatorWeb

/// What the page gets of a control chart.
@Suite struct ControlChartAnswerTests {
    private static let sensor: Result<(Sensor, HealthyModel), any Error> = Result {
        let plant = try Plant(
            catalogue: .builtIn().only(["pharmaceutical"]), settings: PlantSettings(seed: 5), start: 0)
        let place = try #require(plant.place(of: "pharmaceutical/tablet_weight"))
        let model = HealthyModels.model(step: 1, at: 0, valuesMax: 5000) {
            plant.twin(of: place, number: $0, step: $1, from: $2)
        }
        return (plant.sensors[place], try #require(model))
    }

    private func answer(
        _ ticks: some Sequence<UInt64>, value: (UInt64) -> Double, quality: (UInt64) -> Quality = { _ in .good },
        every: UInt64 = 1, limit: Int = 1200
    ) throws -> ControlChartAnswer {
        let (sensor, model) = try Self.sensor.get()
        let samples = ticks.map {
            HistoryBook.Sample(tick: $0, timestamp: Int64($0) * 10, value: value($0), quality: quality($0))
        }
        return ControlChartAnswer(sensor, model, samples: samples, every: every, interval: 1, limit: limit)
    }

    @Test func valuesLieASecondApart() throws {
        let mean = try Self.sensor.get().1.mean
        let chart = try answer(3...60, value: { _ in mean }, every: 10)
        #expect(chart.timestamps == [100, 200, 300, 400, 500, 600])
        #expect(chart.values.count == 6 && chart.expected.count == 6 && chart.sigmas.count == 6)
        // Of the first nothing is known but what is healthy.
        #expect(abs(chart.expected[0] - mean) <= chart.sigmas[0] / 10)
    }

    @Test func aValueThatNoHealthyDayShowsIsTold() throws {
        let model = try Self.sensor.get().1
        let far = model.highest + 10 * model.deviation
        let chart = try answer(1...40, value: { $0 < 30 ? model.mean : far })
        #expect(chart.state == "charted" && chart.reason == nil)
        #expect(chart.violations.first?.timestamp == 300)
        #expect(chart.violations.contains { $0.rule == 0 && $0.value == far && $0.expected < far })
        // What is hidden is judged all the same, but not told.
        let cut = try answer(1...40, value: { $0 < 30 ? model.mean : far }, limit: 5)
        #expect(cut.values == Array(repeating: far, count: 5) && cut.timestamps.first == 360)
        #expect(!cut.violations.contains { $0.timestamp < 360 })
        #expect(cut.expected[4] == chart.expected[39])
    }

    @Test func whatIsNotGoodIsLeftOutAndBeginsAnew() throws {
        let mean = try Self.sensor.get().1.mean
        let chart = try answer(1...20, value: { _ in mean }, quality: { $0 == 11 ? .missing : .good })
        #expect(chart.values.count == 19)
        #expect(chart.sigmas[10] == chart.sigmas[0] && chart.expected[10] == chart.expected[0])
    }
}
