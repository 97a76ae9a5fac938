import NIOCore
import Testing

@testable import SparkplugB

/// Sequence numbers, gaps, and requests for births.
@Suite struct HostOrderTests {
    /// A rig whose node is born and whose next sequence number is 2.
    private func rig(_ settings: HostSettings? = nil) -> HostRig {
        var rig = settings.map { HostRig($0) } ?? HostRig()
        rig.born()
        rig.events.clear()
        return rig
    }

    @Test func theSequenceWrapsAt255() {
        var rig = rig()
        for number in 2..<600 { rig.give(.nodeData, HostRig.data(UInt64(number % 256), 1, Int64(number))) }
        #expect(rig.seen() == (2..<600).map { "a=\($0)" })
        #expect(rig.host.counts.gaps == 0 && rig.host.counts.late == 0)
    }

    @Test func whatWasOvertakenIsPutInOrder() {
        var rig = rig()
        for seq: UInt64 in [4, 3, 5] { rig.give(.nodeData, HostRig.data(seq, 1, Int64(seq))) }
        #expect(rig.events.settled == [] && rig.events.readings == [])
        #expect(rig.host.deadline == 3000)
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        #expect(rig.events.settled == [6, 4, 3, 5])
        #expect(rig.seen() == ["a=2", "a=3", "a=4", "a=5"])
        #expect(rig.host.counts.reordered == 1 && rig.host.counts.gaps == 0)
        #expect(rig.host.deadline == nil)
    }

    @Test func whatIsMissingIsGivenUpInTime() {
        var rig = rig()
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        rig.pass(1999)
        #expect(rig.seen() == [])
        rig.pass(1)
        #expect(rig.events.rebirths == [HostRig.id])
        #expect(rig.seen() == ["a=3"])
        #expect(rig.host.counts.gaps == 1)
        // Too late for its place, not for its value.
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        #expect(rig.seen() == ["a=2"])
        #expect(rig.host.counts.late == 1)
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        #expect(rig.seen() == ["a=4"])
    }

    @Test func theWindowAtItsLimit() {
        var rig = rig(HostSettings(reorderWindow: 3))
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        rig.give(.nodeData, HostRig.data(5, 1, 5))
        #expect(rig.seen() == [])
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        #expect(rig.seen() == ["a=3", "a=4", "a=5"])
        #expect(rig.host.counts.gaps == 1)
        // Farther ahead than the window: nothing waits.
        rig.give(.nodeData, HostRig.data(10, 1, 10))
        #expect(rig.seen() == ["a=10"])
        #expect(rig.host.counts.gaps == 2)
    }

    @Test func theBytesOfWaitingMessagesAreLimited() {
        let size = HostRig.data(3, 1, 3).encoded().readableBytes
        var rig = rig(HostSettings(heldBytesMax: size))
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        #expect(rig.seen() == [])
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        #expect(rig.seen() == ["a=3", "a=4"])
        #expect(rig.host.heldBytes == 0)
    }

    @Test func withoutATimeoutNothingWaits() {
        var rig = rig(HostSettings(reorderTimeoutMilliseconds: 0))
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        #expect(rig.events.rebirths == [], "not unless it is allowed")
        #expect(rig.seen() == ["a=3"])
        #expect(rig.host.counts.gaps == 1 && rig.host.counts.rebirthRequests == 0)
    }

    @Test func aBirthTakesWhatWaitsFirst() {
        var rig = rig()
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        rig.give(.nodeBirth, HostRig.birth())
        #expect(rig.seen() == ["a=3", "a=10", "b=20.0"])
        rig.give(.nodeData, HostRig.data(1, 1, 1))
        #expect(rig.seen() == ["a=1"])
    }

    @Test func aMessageThatCameTwiceIsTakenTwice() {
        var rig = rig()
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        #expect(rig.events.settled == [3, 4, 5, 7, 6])
        #expect(rig.seen() == ["a=2", "a=2", "a=3", "a=4"])
        #expect(rig.host.counts.late == 2)
        // Of deaths and births only the first counts.
        rig.give(.deviceDeath, device: "d", Payload(timestamp: 30, seq: 5))
        rig.give(.deviceBirth, device: "d", Payload(metrics: [Metric("c", alias: 3, .int32, .int(1))], seq: 6))
        rig.give(.deviceDeath, device: "d", Payload(timestamp: 30, seq: 5))
        #expect(rig.seen() == ["d/c=null Stale", "d/c=1"])
    }

    @Test func aHostThatKnowsNothingAsksForBirths() {
        var rig = HostRig()
        rig.give(.nodeData, HostRig.data(57, 1, 1))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        #expect(rig.events.rebirths == [HostRig.id])
        rig.events.clear()
        // Not again before the interval is over.
        rig.pass(499)
        rig.give(.nodeData, HostRig.data(58, 1, 1))
        #expect(rig.events.rebirths == [])
        rig.pass(1)
        rig.give(.deviceData, device: "d", HostRig.data(59, 3, 1))
        #expect(rig.events.rebirths == [HostRig.id])
        rig.born()
        rig.events.clear()
        rig.pass(1000)
        rig.give(.nodeData, HostRig.data(2, 1, 5))
        #expect(rig.events.rebirths == [] && rig.events.refused == [])
        #expect(rig.seen() == ["a=5"])
        #expect(rig.host.counts.rebirthRequests == 2)
    }

    @Test func namesNeedNoBirth() {
        var rig = HostRig()
        rig.give(
            .nodeData,
            Payload(metrics: [Metric("x", .boolean, .boolean(true)), Metric(alias: 7, .int8, .int(1))], seq: 9))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        #expect(rig.seen() == ["x=true"])
        rig.give(.deviceBirth, device: "d", Payload(metrics: [Metric("c", alias: 3, .int32, .int(1))], seq: 10))
        #expect(rig.seen() == ["d/c=1"], "a birth of a device whose node is unknown")
        #expect(rig.host.counts.unknownNames == 2)
    }

    @Test func afterAPauseAliasesHoldOnlyWhileTheSequenceGoesOn() {
        var rig = rig(HostSettings())
        rig.host.connected()
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        #expect(rig.seen() == ["a=2"])
        rig.host.connected()
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        #expect(rig.seen() == [])
        rig.born()
        #expect(rig.seen() == ["a=10", "b=20.0", "d/c=30"])
    }

    @Test func nodesThatAreKnownFromBeforeAreAskedForTheirBirths() {
        var rig = rig()
        rig.host.subscribed(now: rig.now, into: &rig.events)
        #expect(rig.events.rebirths == [], "no pause")
        rig.host.connected()
        rig.host.subscribed(now: rig.now, into: &rig.events)
        #expect(rig.events.rebirths == [HostRig.id])
        rig.events.clear()
        // The number goes on, but a new session may have come to it unseen.
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        rig.born()
        #expect(rig.seen() == ["a=10", "b=20.0", "d/c=30"])
        #expect(rig.host.counts.missedDeaths == 0)
    }

    @Test func whatComesAgainAfterAPauseIsNoGap() {
        var rig = rig(HostSettings())
        rig.give(.nodeData, HostRig.data(2, 1, 2))
        rig.give(.nodeData, HostRig.data(3, 1, 3))
        rig.give(.nodeData, HostRig.data(5, 1, 5))
        rig.host.connected()
        rig.give(.nodeData, HostRig.data(3, 1, 3), isRepeated: true)
        rig.give(.nodeData, HostRig.data(5, 1, 5), isRepeated: true)
        rig.give(.nodeData, HostRig.data(4, 1, 4))
        #expect(rig.seen() == ["a=2", "a=3", "a=3", "a=4", "a=5"])
        #expect(rig.host.counts.gaps == 0 && rig.host.nodesOnline == 1)
    }

    @Test func retainedBirthsGiveNamesAndNoPlaceInTheSequence() {
        var rig = HostRig()
        // A broker sends what it kept in any order.
        rig.give(
            .deviceBirth, device: "d", Payload(metrics: [Metric("c", alias: 3, .int32, .int(30))], seq: 1),
            isRetained: true)
        rig.give(.nodeBirth, HostRig.birth(), isRetained: true)
        #expect(rig.seen() == ["d/c=30 Uncertain", "a=10 Uncertain", "b=20.0 Uncertain"])
        rig.give(.deviceData, device: "d", HostRig.data(40, 3, 31))
        rig.give(.nodeData, HostRig.data(41, 1, 11))
        #expect(rig.events.rebirths == [])
        #expect(rig.seen() == ["d/c=31", "a=11"])
        rig.give(.nodeData, HostRig.data(43, 1, 13))
        rig.give(.nodeData, HostRig.data(42, 1, 12))
        #expect(rig.seen() == ["a=12", "a=13"])
    }

    @Test func limitsOfScopesAndMetrics() {
        var rig = HostRig(HostSettings(scopesMax: 2, metricsMax: 2))
        rig.born()
        #expect(rig.seen() == ["a=10", "b=20.0", "spBv1.0/g/DDATA/n/d/c=30"])
        rig.give(.deviceData, device: "d", HostRig.data(2, 3, 31))
        #expect(rig.events.refused == [])
        #expect(rig.seen() == ["spBv1.0/g/DDATA/n/d/alias 3=31"])
        rig.give(.deviceBirth, device: "e", Payload(metrics: [], seq: 3))
        #expect(rig.events.refused.map(\.reason) == [.tooManyScopes(limit: 2)])
        #expect(rig.events.settled.last == 4)
    }

    @Test func whatIsNoSparkplugIsRefused() {
        var rig = HostRig()
        rig.give("plant/line", ByteBuffer(string: "1"))
        rig.give("spBv1.0/g/NDATA/n", ByteBuffer(string: "{\"value\":1}"))
        rig.give("spBv1.0/g/NCMD/n", ByteBuffer(string: "x"))
        #expect(rig.events.refused.map(\.reason) == [.topic, .payload(.malformed)])
        #expect(rig.events.settled == [1, 2, 3])
        #expect(rig.host.counts.refused == 2)
    }

    @Test func aMessageIsTakenWhollyOrNotAtAll() {
        var rig = rig()
        var bytes = HostRig.data(2, 1, 5).encoded()
        // A second metric whose bytes break off inside.
        bytes.writeBytes([0x12, 0x02, 0x0A, 0x05])
        rig.give("spBv1.0/g/NDATA/n", bytes)
        #expect(rig.events.refused.map(\.reason) == [.payload(.malformed)])
        #expect(rig.seen() == [])
        rig.give(.nodeData, HostRig.data(3, 1, 6))
        #expect(rig.seen() == ["a=6"])
    }

    @Test func somebodySaysThatTheHostIsOffline() {
        var rig = HostRig(HostSettings(hostID: "h"))
        rig.give("spBv1.0/STATE/other", ByteBuffer(string: "{\"online\":false,\"timestamp\":1}"))
        rig.give("spBv1.0/STATE/h", ByteBuffer(string: "{\"online\":true,\"timestamp\":1}"))
        rig.give("spBv1.0/STATE/h", ByteBuffer(string: "{\"online\":false,\"timestamp\":1}"), isRetained: true)
        #expect(!rig.events.republishesState)
        rig.give("spBv1.0/STATE/h", ByteBuffer(string: "{\"online\":false,\"timestamp\":1}"))
        #expect(rig.events.republishesState)
    }
}
