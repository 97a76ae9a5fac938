import TestKit
import Testing

extension ForeignPeers {
    /// Clients of the simulator's web port that send what nobody should.
    @Suite struct SimulatorRudeClients {
        /// Wrong methods, paths, bodies and frames, half requests, noise: each gets its error, and the simulator goes on.
        @Test func everyRudeRequestGetsItsError() async throws {
            try await withSimulator(arguments: ["--protocols", "none"]) { simulator in
                let seen = try await runPeer("Tests/Interop/peers/plant_rude.py", ["\(simulator.webPort)"])
                #expect(seen["wrong"].array.compactMap(\.text) == [])
                #expect(seen["count"].integer ?? 0 >= 70)
                #expect(simulator.program.ending == nil)
                let faults = try await simulator.http.json("/api/faults")["count"].integer
                #expect(faults == 0, "nothing of it became a fault")
            }
        }
    }
}
