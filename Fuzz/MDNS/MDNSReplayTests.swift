import FuzzKit
import NIOCore
import Testing

/// What was kept of fuzzing, through the same checks.
@Suite struct MDNSReplayTests {
    @Test(arguments: mdnsTargets.map(\.name)) func keptInputsPass(_ name: String) throws {
        let target = try #require(mdnsTargets.first { $0.name == name })
        let kept = try Corpus(target: name).inputs.map(\.bytes)
        #expect(!target.seeds().isEmpty)
        for input in target.seeds() + kept { target.run(ByteBuffer(bytes: input)) }
    }
}
