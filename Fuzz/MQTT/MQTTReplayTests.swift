import FuzzKit
import NIOCore
import Testing

/// What was kept of fuzzing, and valid inputs of every kind, through the same checks.
@Suite struct MQTTReplayTests {
    @Test(arguments: mqttTargets.map(\.name)) func keptInputsPass(_ name: String) throws {
        let target = try #require(mqttTargets.first { $0.name == name })
        let seeds = target.seeds()
        #expect(!seeds.isEmpty)
        for input in try seeds + Corpus(target: name).inputs.map(\.bytes) { target.run(ByteBuffer(bytes: input)) }
    }

    /// The seeds with bytes changed, cut and doubled, from a fixed row of numbers.
    @Test(arguments: mqttTargets.map(\.name)) func mutationsPass(_ name: String) throws {
        let target = try #require(mqttTargets.first { $0.name == name })
        var state: UInt64 = 5
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, limit)
        }
        for seed in target.seeds() {
            for _ in 0..<100 {
                var input = seed
                for _ in 0...random(3) where !input.isEmpty { input[random(input.count)] = UInt8(random(256)) }
                if random(3) == 0 { input.removeLast(random(input.count)) }
                if random(3) == 0 { input += seed.suffix(random(seed.count)) }
                target.run(ByteBuffer(bytes: input))
            }
        }
    }
}
