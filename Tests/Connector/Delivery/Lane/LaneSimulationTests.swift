import Foundation
import Testing

/// The promise of the lane in many seeded worlds. `dev/simulate` runs more of them, or one that failed once more.
@Suite struct LaneSimulationTests {
    /// `PENSTOCK_SEEDS`: `FIRST-END` or a single seed; else what fits into every test run.
    private static let seeds: Range<UInt64> = {
        let words = (ProcessInfo.processInfo.environment["PENSTOCK_SEEDS"] ?? "0-300").split(separator: "-")
        let numbers = words.compactMap { UInt64($0) }
        let first = numbers.first ?? 0
        return first..<max(first + 1, numbers.dropFirst().first ?? 0)
    }()

    /// In parts that run beside each other.
    private static let parts = stride(from: seeds.lowerBound, to: seeds.upperBound, by: 50).map {
        $0..<min(seeds.upperBound, $0 + 50)
    }

    @Test(arguments: parts)
    func nothingPromisedIsLostNothingElseIsDoubled(seeds: Range<UInt64>) throws {
        var all = LaneSimulation.Report()
        for seed in seeds {
            let report = try LaneSimulation.run(seed: seed)
            #expect(report.violations == [], "replay with dev/simulate \(seed)")
            all.add(report)
        }
        Self.tell(all, of: seeds)
        guard seeds.count >= 20 else { return }
        #expect(all.records / seeds.count >= 1000, "records of a seed on average")
        #expect(all.allFaults / seeds.count >= 20, "faults of a seed on average")
        #expect(all.faults.count == LaneSimulation.Fault.allCases.count, "kinds of faults")
    }

    /// The figures of a run that was asked for: one line for each part.
    private static func tell(_ report: LaneSimulation.Report, of seeds: Range<UInt64>) {
        guard ProcessInfo.processInfo.environment["PENSTOCK_SEEDS"] != nil else { return }
        let faults = LaneSimulation.Fault.allCases.map { "\($0.rawValue) \(report.faults[$0] ?? 0)" }
        let line =
            "seeds \(seeds.count) records \(report.records) faults \(report.allFaults) "
            + faults.joined(separator: " ") + "\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    @Test(arguments: LaneSimulation.Planted.allCases)
    func aPlantedBugIsFound(planted: LaneSimulation.Planted) throws {
        let found = try (0..<10).count {
            try !LaneSimulation.run(seed: UInt64($0), planted: planted).violations.isEmpty
        }
        #expect(found >= 5)
    }
}
