import Foundation
import Testing

/// The promise of the lane in many seeded worlds. `dev/simulate SEEDS` runs more of them.
@Suite struct LaneSimulationTests {
    /// `PENSTOCK_SEEDS`, else what fits into every test run; in parts that run beside each other.
    private static let parts: [Range<UInt64>] = {
        let seeds = ProcessInfo.processInfo.environment["PENSTOCK_SEEDS"].flatMap(UInt64.init) ?? 300
        return stride(from: 0, to: seeds, by: 50).map { $0..<min(seeds, $0 + 50) }
    }()

    @Test(arguments: parts)
    func nothingPromisedIsLostNothingElseIsDoubled(seeds: Range<UInt64>) throws {
        var (records, faults) = (0, 0)
        for seed in seeds {
            let report = try LaneSimulation.run(seed: seed)
            #expect(report.violations == [], "seed \(seed)")
            records += report.records
            faults += report.faults
        }
        #expect(records / seeds.count >= 1000, "records of a seed on average")
        #expect(faults / seeds.count >= 20, "faults of a seed on average")
    }

    @Test(arguments: LaneSimulation.Planted.allCases)
    func aPlantedBugIsFound(planted: LaneSimulation.Planted) throws {
        let found = try (0..<10).count {
            try !LaneSimulation.run(seed: UInt64($0), planted: planted).violations.isEmpty
        }
        #expect(found >= 5)
    }
}
