import Resilience

@testable import ConnectorLane
@testable import ConnectorModel
@testable import ConnectorPipeline

/// A whole line at one moment, with a figure of its own in every place.
enum SampleLine {
    static let now = Timestamp(microseconds: 1_700_000_010_500_000)

    static func snapshot(source name: String = "press", lastReceived: Timestamp? = nil) -> PipelineSnapshot {
        var diagnostics = SourceDiagnostics()
        diagnostics.itemsWanted = 12
        diagnostics.itemsCreated = 10
        diagnostics.failedByReason = ["BadNodeIdUnknown": 2]
        diagnostics.queueOverflows = 13
        diagnostics.typeChanges = 14
        diagnostics.elementsLeftOut = 15
        diagnostics.incidents = ["sequence_gap": 16]
        diagnostics.publishLatencySeconds = 0.25
        diagnostics.subscriptions = 3
        let press = SourceSnapshot(
            identity: SourceIdentity(
                name: name, protocolType: "opcua", endpoint: "opc.tcp://a", statusName: { _ in "" }),
            phase: .running(since: now), reconnections: 2, failures: 3,
            intake: IntakeSnapshot(
                counts: ReadingCounts(good: 100, uncertain: 20, bad: 3, typeChanges: 14, renamedTags: 4), tags: 5,
                lastReceived: lastReceived ?? Timestamp(microseconds: now.microseconds - 1_500_000),
                connectedSince: now, skippedPolls: 6, missedMessages: 7, redeliveredMessages: 4,
                diagnostics: diagnostics))
        let idle = SourceSnapshot(
            identity: SourceIdentity(name: "idle", protocolType: "mqtt", endpoint: "mqtt://b", statusName: { _ in "" }),
            phase: .backingOff(SourceFailure(.transient, "refused")), reconnections: 0, failures: 9,
            intake: IntakeSnapshot(
                counts: ReadingCounts(), tags: 0, lastReceived: nil, connectedSince: nil, skippedPolls: 0,
                missedMessages: 0))
        let account = SourceAccount(
            submitted: 123, durable: 120, delivered: 108, deadLetters: 2, drops: Drops([.tooLarge: 4]))
        let lane = LaneSnapshot(
            name: "main", state: "working", link: "connected", isConnected: true, breaker: .halfOpen,
            streams: 2, isOpen: true, storageFailure: nil,
            queuedRecords: 9, memoryRecords: 9, pendingRecords: 3, journalBytes: 3_145_728, journalBytesMax: 1 << 30,
            segments: 1, oldest: nil, total: account, sources: [name: account], damagedRecords: 8, streamsOpened: 2,
            batchesSent: 11, failures: 1, lastFailure: nil)
        return PipelineSnapshot(sources: [press, idle], lanes: [TargetSnapshot(lane: lane, destination: "somewhere")])
    }
}
