import FuzzKit
import NIOCore
import OPCUATypes
import Testing

/// What was kept of fuzzing, and one valid input of every kind, through the same checks.
@Suite struct OPCUAReplayTests {
    @Test(arguments: opcuaTargets.map(\.name)) func keptInputsPass(_ name: String) throws {
        let target = try #require(opcuaTargets.first { $0.name == name })
        let seeds = target.seeds()
        #expect(!seeds.isEmpty)
        for input in try seeds + Corpus(target: name).inputs.map(\.bytes) { target.run(ByteBuffer(bytes: input)) }
    }

    /// Every seed is really read: a seed that is refused at once would test nothing.
    @Test func everyStructureIsReadBack() throws {
        for structure in everyStructure { try expectSame(structure) }
    }

    private func expectSame<T: Structure>(_ structure: T) throws {
        #expect(try T(decoding: structure.encoded()) == structure)
    }
}
