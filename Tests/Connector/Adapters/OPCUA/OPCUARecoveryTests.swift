import ConnectorModel
import Foundation
import NIOCore
import OPCUACore
import OPCUAServer
import OPCUATypes
import TestKit
import Testing

@testable import OPCUAAdapter

/// What becomes of a source's values when its link, its server or the connector itself goes away for a while.
@Suite(.timeLimit(.minutes(1))) struct OPCUARecoveryTests {
    private func intake(_ source: OPCUASource, _ sink: any FrameSink) -> Intake {
        Intake(source: source.identity, layout: .rawEvents, sink: sink)
    }

    private func source(
        _ port: Int, cursors: String? = nil, endpoints: [String] = [], reverse: String? = nil, backfill: Bool = false
    ) throws -> OPCUASource {
        OPCUASource(
            try OPCUASourceConfiguration(
                name: "s", endpoint: "opc.tcp://127.0.0.1:\(port)/x",
                // Each change counts, however quickly the next follows.
                reading: TagReading(
                    publishingInterval: .milliseconds(10), samplingInterval: .zero, queueSize: 1000),
                endpoints: endpoints,
                reverseConnect: try reverse.map { try .init($0) }, backfillsHistory: backfill),
            pkiFolder: OPCUATestPlant.noPKI, cursorFolder: cursors, logger: OPCUATestPlant.logger)
    }

    /// The good values of a tag in the order of their rows.
    private func values(_ sink: MQTTFakeSink, of tag: String) throws -> [Double] {
        try sink.rows().compactMap { row in
            guard row["topic_or_path"] == .text(tag), case .double(let value)? = row["value_num"] else { return nil }
            return value
        }
    }

    /// Supervises as the pipeline does, with hardly a pause.
    private func supervise(
        _ source: OPCUASource, _ intake: Intake, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    _ = try? await source.run(intake)
                    intake.disconnected(reportQuality: true)
                    try? await Task.sleep(for: .milliseconds(10))
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    @Test func aCutLinkLosesNothingAndUnchangedTagsAreGoodAgain() async throws {
        let plant = try OPCUATestPlant(tags: 2)
        try await plant.serve { (port: Int) async throws in
            try await CuttableLink.lead(to: port) { (link: CuttableLink, leading: Int) async throws in
                let source = try source(leading)
                let sink = MQTTFakeSink()
                let intake = intake(source, sink)
                try await supervise(source, intake) { () async throws in
                    #expect(try await mqttEventually { sink.count >= 2 && intake.snapshot().connectedSince != nil })
                    link.cut()
                    #expect(try await mqttEventually { intake.snapshot().connectedSince == nil })
                    for value in 1...5 { plant.update(0, .double(Double(value) * 100), at: Int64(value)) }
                    link.mend()
                    #expect(try await mqttEventually { try self.values(sink, of: "plant/t0").last == 500 })
                    // t1 did not change: its last row says that it is good, not that the link is down.
                    #expect(
                        try await mqttEventually {
                            try sink.rows().last { $0["topic_or_path"] == .text("plant/t1") }?["status"]
                                == .text("Good")
                        })
                }
                let seen = try values(sink, of: "plant/t0")
                #expect(seen == [0, 100, 200, 300, 400, 500])
                #expect(intake.snapshot().missedMessages == 0)
            }
        }
    }

    @Test func aServerThatRestartsIsReadAgain() async throws {
        let port = try FreePorts.next()
        let source = try source(port)
        let sink = MQTTFakeSink()
        let intake = intake(source, sink)
        try await supervise(source, intake) { () async throws in
            for _ in 0..<20 {
                let before = sink.count
                let plant = try OPCUATestPlant(tags: 1, port: port)
                try await plant.serve { (_: Int) async throws in
                    #expect(try await mqttEventually { sink.count > before && intake.snapshot().connectedSince != nil })
                }
                #expect(try await mqttEventually { intake.snapshot().connectedSince == nil })
            }
        }
    }

    /// What was delivered and not yet durable when the connector was killed comes again to the next one.
    @Test func aKilledConnectorGetsAgainWhatWasNotDurable() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { (port: Int) async throws in
            try await withTemporaryDirectory { directory in
                try await CuttableLink.lead(to: port) { (link: CuttableLink, leading: Int) async throws in
                    let killed = try source(leading, cursors: directory)
                    let lost = MQTTFakeSink()
                    let intake = intake(killed, lost)
                    let run = Task { try await killed.run(intake) }
                    #expect(try await mqttEventually { lost.count >= 1 && intake.snapshot().connectedSince != nil })
                    // The first message is durable, the others never are.
                    intake.durable(upTo: lost.latest)
                    for value in 1...3 {
                        let before = lost.count
                        plant.update(0, .double(Double(value)), at: Int64(value))
                        #expect(try await mqttEventually { lost.count > before })
                    }
                    #expect(FileManager.default.fileExists(atPath: directory + "/opcua-s.json"))
                    link.cut()
                    _ = try? await run.value
                    link.mend()
                    plant.update(0, .double(4), at: 4)
                    // Another connector with the same state.
                    let next = try source(leading, cursors: directory)
                    let sink = MQTTFakeSink()
                    let nextIntake = self.intake(next, sink)
                    try await withRunningOPCUASource(next, nextIntake) { () async throws in
                        #expect(try await mqttEventually { try self.values(sink, of: "plant/t0").contains(4) })
                    }
                    let seen = try values(sink, of: "plant/t0")
                    #expect(Set([1, 2, 3, 4]).isSubset(of: seen), "\(seen)")
                    #expect(nextIntake.snapshot().redeliveredMessages >= 3)
                    // Stopped in good order: nothing is left to take over.
                    #expect(!FileManager.default.fileExists(atPath: directory + "/opcua-s.json"))
                }
            }
        }
    }

    /// The subscription did not live as long as the outage: what it would have brought comes from the history, in order.
    @Test func historyFillsAnOutageThatTheSubscriptionDidNotSurvive() async throws {
        let plant = try OPCUATestPlant(tags: 2, history: 100) {
            $0.subscription.maxKeepAliveCount = 30
            $0.subscription.maxLifetimeCount = 100
        }
        try await plant.serve { (port: Int) async throws in
            try await CuttableLink.lead(to: port) { (link: CuttableLink, leading: Int) async throws in
                let source = try source(leading, backfill: true)
                let sink = MQTTFakeSink()
                let intake = intake(source, sink)
                plant.update(0, .double(100), at: 0)
                try await supervise(source, intake) { () async throws in
                    #expect(try await mqttEventually { try self.values(sink, of: "plant/t0") == [100] })
                    link.cut()
                    for value in 1...5 { plant.update(0, .double(100 + Double(value)), at: Int64(value)) }
                    // A hundred publishing intervals of ten milliseconds without a Publish end the subscription.
                    try await Task.sleep(for: .milliseconds(1500))
                    link.mend()
                    #expect(try await mqttEventually { try self.values(sink, of: "plant/t0").last == 105 })
                }
                #expect(try values(sink, of: "plant/t0") == [100, 101, 102, 103, 104, 105])
                let marked = try sink.rows().compactMap { row -> Double? in
                    guard case .map(let metadata)? = row["metadata"], metadata["backfill"] == "true",
                        case .double(let value)? = row["value_num"]
                    else { return nil }
                    return value
                }
                #expect(marked == [101, 102, 103, 104])
            }
        }
    }

    @Test func endpointsAreTriedInTheirOrder() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { (port: Int) async throws in
            let dead = try FreePorts.next()
            let source = try source(dead, endpoints: ["opc.tcp://127.0.0.1:\(port)/x"])
            let sink = MQTTFakeSink()
            try await withRunningOPCUASource(source, intake(source, sink)) { () async throws in
                #expect(try await mqttEventually { sink.count >= 1 })
            }
        }
    }

    @Test func aServerMayDial() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { (port: Int) async throws in
            let listening = try FreePorts.next()
            let source = try source(port, reverse: "127.0.0.1:\(listening)")
            let sink = MQTTFakeSink()
            try await withRunningOPCUASource(source, intake(source, sink)) { () async throws in
                let dialling = Task {
                    while !Task.isCancelled {
                        try? await CuttableLink.dial(client: listening, server: port)
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
                #expect(try await mqttEventually { sink.count >= 1 })
                dialling.cancel()
            }
        }
    }

    @Test(
        arguments: [
            ("endpoints[0]", ["http://x"], nil), ("reverse_connect.listen", [], "nowhere"),
        ] as [(String, [String], String?)])
    func wrongSettingsAreNamed(key: String, endpoints: [String], listen: String?) {
        let error = #expect(throws: SettingError.self) {
            _ = try OPCUASourceConfiguration(
                name: "s", endpoint: "opc.tcp://h", endpoints: endpoints,
                reverseConnect: try listen.map { try .init($0) })
        }
        #expect(error?.key == key)
    }
}
