import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The flags of `ot-simulator run` and its configuration, on the real program.
    @Suite struct SimulatorRuns {
        /// The lines of a truth log by the number of their tick, in order. A last line that is still being written is
        /// left out.
        private func ticks(_ path: String) throws -> [Int64: [Substring]] {
            let text = try read(path)
            let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n")
            return try Dictionary(grouping: whole) { line in
                try #require(JSONValue.parse(String(line))["tick"].integer)
            }
        }

        /// Runs a plant without protocols until its log has `count` ticks; returns these.
        private func log(_ count: Int, _ arguments: [String], in directory: String) async throws -> [Int64: [Substring]]
        {
            let path = "\(directory)/\(UUID().uuidString).ndjson"
            return try await withSimulator(arguments: ["--protocols", "none", "--truth", path] + arguments) { _ in
                try await eventually("\(count) ticks are logged") {
                    // The last tick may not be complete.
                    let found = try ticks(path)
                    return found.count > count ? found.filter { $0.key < (found.keys.max() ?? 0) } : nil
                }
            }
        }

        @Test func theSameSeedGivesTheSameBytes() async throws {
            try await withTemporaryDirectory { directory in
                let flags = [
                    "--start", "2026-05-01T05:59:59.5Z", "--interval-ms", "50", "--speed", "60", "--industries",
                    "mining,chemical",
                ]
                let first = try await log(12, flags, in: directory)
                let second = try await log(12, flags, in: directory)
                // A computer that is held up leaves ticks out; what both runs have is the same, byte for byte.
                let common = Set(first.keys).intersection(second.keys)
                #expect(common.count >= 10)
                for tick in common { #expect(first[tick] == second[tick], "tick \(tick)") }
                // 2026-05-01T05:59:59.5Z and fifty milliseconds.
                let line = try #require(first[1]?.first)
                #expect(line.hasPrefix("{\"tick\":1,\"timestamp\":1777615199550000,\"path\":\"mining/"), "\(line)")
                // Flags that come later count.
                let other = try await log(12, flags + ["--seed", "8"], in: directory)
                #expect(first[5] != other[5])
            }
        }

        /// At speed 1000 a tick of 100 ms is 100 s of plant time, so a fault of 40 s lasts one; at 0.1 it is 10 ms, and a
        /// fault of 50 ms lasts five.
        @Test(arguments: [("1000", 40.0, 1), ("0.1", 0.05, 5)])
        func timeRunsAsFastAsIsAsked(speed: String, duration: Double, count: Int) async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: [
                        "--protocols", "none", "--interval-ms", "100", "--speed", speed, "--industries", "mining",
                        "--truth", path,
                    ]
                ) { simulator in
                    let body = """
                        {"sensor":"mining/pump_1_flow","kind":"dropout","duration_s":\(duration)}
                        """
                    let answer = try await simulator.http.post("/api/faults", body)
                    #expect(answer.status == 201, "\(answer.text)")
                    let truth: Truth = try await eventually("the fault is over") {
                        let truth = try Truth(path: path)
                        let all = truth.entries.filter { $0.key.path == "mining/pump_1_flow" }
                        guard let last = all.filter({ $0.value.value == .null }).map(\.key.timestamp).max() else {
                            return nil
                        }
                        return all.contains { $0.key.timestamp > last } ? truth : nil
                    }
                    let silent = truth.entries.count { $0.value.value == .null }
                    #expect(silent <= count && silent >= 1, "\(silent) ticks")
                    // Time stamps stay real.
                    let times = Set(truth.entries.keys.map(\.timestamp)).sorted()
                    #expect(zip(times, times.dropFirst()).allSatisfy { ($1 - $0) % 100_000 == 0 })
                    let health = try await simulator.http.json("/health")
                    let age = Date().timeIntervalSince1970 - Double(health["timestamp"].integer ?? 0) / 1e6
                    #expect(abs(age) < 30)
                }
            }
        }

        @Test func thePlantIsAsLargeAsIsAsked() async throws {
            try await withSimulator(arguments: ["--protocols", "modbus", "--tags", "1234"]) { simulator in
                let list = try await simulator.http.json("/api/sensors")
                #expect(list["count"].integer == 1234)
                let map = try await simulator.http.json("/api/modbus/map")["count"].integer
                #expect(map == 1234)
            }
            try await withSimulator(
                arguments: ["--protocols", "none", "--scale", "2", "--industries", "space,mining"]
            ) { simulator in
                let names = try await simulator.sensors().compactMap { $0["industry"].text }
                #expect(Set(names) == ["mining", "space", "mining.2", "space.2"])
            }
        }

        /// The flag wins over the key, and the files of the configuration are found from anywhere.
        @Test func filesStandBesideTheConfiguration() async throws {
            try await withTemporaryDirectory { directory in
                try write(SimulatorReports.bakery, to: directory + "/bakery.txt")
                try write(
                    "name: burnt\nevents: [{kind: stuck, sensor: bakery/oven_1_temp}]\n", to: directory + "/burnt.yaml")
                try write(
                    "plant: {files: [bakery.txt], scenarios: [burnt.yaml], industries: [bakery], seed: 3}\n",
                    to: directory + "/plant.yaml")
                // The tests' own working directory is another one.
                try await withSimulator(
                    seed: 11, arguments: ["--protocols", "none", "--config", directory + "/plant.yaml"]
                ) { simulator in
                    let names = try await simulator.sensors().compactMap { $0["path"].text }
                    #expect(names == ["bakery/oven_1_temp"])
                    let run = try await simulator.http.post("/api/scenarios/burnt/run", "")
                    #expect(run.status == 200, "\(run.text)")
                    let first = try await simulator.program.line(containing: "sensors")
                    #expect(first.hasSuffix("seed 11"), "\(first)")
                    simulator.program.send(signal: SIGINT)
                    let ending = try await simulator.program.waitForEnd()
                    #expect(ending == .exited(code: 0))
                }
            }
        }
    }
}
