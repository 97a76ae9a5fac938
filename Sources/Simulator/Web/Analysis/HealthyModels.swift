import SimulatorExposures
import SimulatorPlant
import Synchronization

/// What is healthy for the sensors whose control charts somebody looks at.
///
/// The plant is computed, so the past that limits come from need not be waited for: two days of the sensor on which
/// nothing went wrong, with other random numbers than its own. Worked out when it is first asked for, again every
/// week of plant time because of the seasons.
final class HealthyModels: Sendable {
    private struct Entry {
        let model: HealthyModel?
        let week: Int
        var askedFor: UInt64
    }

    /// Models kept; the one that was not asked for longest gives way.
    private static let entriesMax = 256
    private static let week = 604_800.0

    private let runner: PlantRunner
    private let step: Double
    private let entries = Mutex<[Int: Entry]>([:])
    private let calls = Atomic<UInt64>(0)

    /// `step` is plant time in seconds from value to value.
    init(runner: PlantRunner, step: Double) {
        self.runner = runner
        self.step = step
    }

    /// The model of a sensor at a moment in seconds of plant time; nil when it stands still.
    func model(of place: Int, at seconds: Double) -> HealthyModel? {
        let week = Int(seconds / Self.week)
        let call = calls.wrappingAdd(1, ordering: .relaxed).newValue
        let known: Entry? = entries.withLock { entries in
            guard entries[place]?.week == week else { return nil }
            entries[place]?.askedFor = call
            return entries[place]
        }
        if let known { return known.model }
        let runner = runner
        let model = Self.model(step: step, at: seconds) { runner.twin(of: place, number: $0, step: $1, from: $2) }
        entries.withLock { entries in
            entries[place] = Entry(model: model, week: week, askedFor: call)
            guard entries.count > Self.entriesMax,
                let oldest = entries.min(by: { $0.value.askedFor < $1.value.askedFor })
            else { return }
            entries[oldest.key] = nil
        }
        return model
    }

    /// A model of two days before a moment; longer where the values lie so far apart that a day has few of them.
    static func model(
        step: Double, at seconds: Double, valuesMax: Int = 86_400, twin: (UInt64, Double, Double) -> SensorTwin
    ) -> HealthyModel? {
        let count = min(max(Int(86_400 / step), 14_400), valuesMax)
        let start = max(0, seconds - Double(count) * step)
        return HealthyModel(
            days: [1, 2].map { number in
                var twin = twin(UInt64(number), step, start)
                return twin.values(count)
            })
    }
}
