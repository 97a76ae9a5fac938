import Glibc

/// What a tick of a large plant costs: compiled together with the plant's own sources by `dev/bench-plant`.
@main
struct PlantBench {
    static func main() throws {
        let sensors = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
        var plant = try Plant(
            catalogue: .builtIn(), settings: PlantSettings(size: .sensors(sensors)), start: 0)
        var best = Double.infinity
        var number: UInt64 = 0
        for _ in 0..<5 {
            let start = processorSeconds()
            for _ in 0..<20 {
                number += 1
                plant.advance(to: number)
            }
            best = min(best, processorSeconds() - start)
        }
        let each = best / 20
        let perSensor = each / Double(sensors) * 1e9
        print("\(sensors) sensors: \(each * 1000) ms of processor time per tick, \(perSensor) ns per sensor")
    }

    /// Processor time of this process, in seconds: other programs do not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
