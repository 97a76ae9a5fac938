import NIOCore
import Testing

@testable import SparkplugB

/// Births, aliases and deaths.
@Suite struct HostBirthTests {
    @Test func aliasesGiveNames() {
        var rig = HostRig()
        rig.born()
        #expect(rig.events.defined == [0, 1, 2])
        #expect(rig.events.settled == [1, 2])
        #expect(rig.seen() == ["a=10", "b=20.0", "d/c=30"])
        let definition = rig.host.definition(of: 0)
        #expect(definition.unit == "kW" && definition.type == .int32)
        #expect(definition.address == "spBv1.0/g/NDATA/n/a")
        #expect(rig.host.definition(of: 2).address == "spBv1.0/g/DDATA/n/d/c")

        // The type is that of the birth when the message gives none.
        rig.give(.nodeData, Payload(timestamp: 20, metrics: [Metric(alias: 1, nil, .uint(0xFFFF_FFFF))], seq: 2))
        rig.give(.deviceData, device: "d", HostRig.data(3, 3, 31))
        #expect(rig.events.readings.map(\.timestamp) == [20, 20])
        #expect(rig.events.readings.map(\.type) == [.int32, .int32])
        #expect(rig.seen() == ["a=-1", "d/c=31"])
        #expect(
            rig.host.counts
                == {
                    var counts = HostCounts(); counts.births = 2; return counts
                }())
        #expect(rig.host.nodesOnline == 1)
    }

    @Test func whatIsSaidBesideAValue() {
        var rig = HostRig()
        rig.born()
        _ = rig.seen()
        func quality(_ code: Int64, key: String = "Quality") -> PropertySet {
            PropertySet([.init("x", .string, .string("Quality")), .init(key, .int32, .int(code))])
        }
        let metrics = [
            Metric(alias: 1, timestamp: 77, .int32, .int(1), isHistorical: true),
            Metric(alias: 1, .int32, .int(2), isTransient: true),
            Metric(alias: 1, .int32, .null),
            Metric(alias: 1, .int32, .int(3), properties: quality(0)),
            Metric(alias: 1, .int32, .int(4), properties: quality(64)),
            Metric(alias: 1, .int32, .int(5), properties: quality(500, key: "quality")),
            Metric(alias: 1, .int32, .int(6), properties: quality(192)),
            Metric(alias: 1, .int32, .int(7), properties: PropertySet([.init("Quality", .int64, .int(-5))])),
        ]
        rig.give(.nodeData, Payload(timestamp: 20, metrics: metrics, seq: 2))
        #expect(rig.events.readings.first?.timestamp == 77)
        #expect(
            rig.seen() == [
                "a=1 historical", "a=2 transient", "a=null", "a=3 Bad", "a=4 Uncertain", "a=5 Stale", "a=6",
                "a=7 Bad (-5)",
            ])
        #expect(QualityCode(rawValue: 216).verdict == .good && QualityCode(rawValue: 80).verdict == .uncertain)
        #expect(QualityCode.stale.verdict == .bad && QualityCode(rawValue: 0x80).verdict == .bad)
    }

    @Test func aDeathMakesEveryMetricStale() {
        var rig = HostRig()
        rig.born(bdSeq: 4)
        _ = rig.seen()
        // The will's time is that of the connection, before the births.
        rig.give(.nodeDeath, HostRig.death(4, time: 5))
        #expect(rig.events.readings.map(\.timestamp) == [nil, nil, nil])
        #expect(rig.seen() == ["a=null Stale", "b=null Stale", "d/c=null Stale"])
        #expect(rig.host.nodesOnline == 0)
        // Once only; and the node comes back.
        rig.give(.nodeDeath, HostRig.death(4))
        #expect(rig.seen() == [])
        rig.born(bdSeq: 5)
        #expect(rig.seen() == ["a=10", "b=20.0", "d/c=30"])
        rig.give(.nodeDeath, HostRig.death(5, time: 99))
        #expect(rig.events.readings.map(\.timestamp) == [99, 99, 99])
        #expect(rig.host.counts.deaths == 2 && rig.host.counts.bdSeqMismatches == 0)
    }

    @Test func theDeathOfAnotherSessionIsIgnored() {
        var rig = HostRig()
        rig.born(bdSeq: 4)
        _ = rig.seen()
        rig.give(.nodeDeath, HostRig.death(3))
        #expect(rig.seen() == [])
        #expect(rig.host.counts.bdSeqMismatches == 1)
        rig.give(.nodeData, HostRig.data(2, 1, 11))
        #expect(rig.seen() == ["a=11"])
        // A death that names no session means the present one.
        rig.give(.nodeDeath, HostRig.death(nil))
        #expect(rig.seen().count == 3)
    }

    @Test func aDeviceDiesAlone() {
        var rig = HostRig()
        rig.born()
        _ = rig.seen()
        rig.give(.deviceDeath, device: "d", Payload(timestamp: 30, seq: 2))
        #expect(rig.events.readings.map(\.timestamp) == [30])
        #expect(rig.seen() == ["d/c=null Stale"])
        rig.give(.nodeData, HostRig.data(3, 1, 12))
        #expect(rig.seen() == ["a=12"])
        // Its alias died with it.
        rig.give(.deviceData, device: "d", HostRig.data(4, 3, 1))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        #expect(rig.events.rebirths == [HostRig.id])
        #expect(rig.seen() == [])
        rig.give(.deviceBirth, device: "d", Payload(metrics: [Metric("c", alias: 3, .int32, .int(33))], seq: 5))
        #expect(rig.seen() == ["d/c=33"])
    }

    @Test func aNewSessionWithoutADeathMakesWhatIsGoneStale() {
        var rig = HostRig()
        rig.born(bdSeq: 1)
        _ = rig.seen()
        rig.give(
            .nodeBirth,
            Payload(
                timestamp: 50,
                metrics: [
                    Metric("bdSeq", .int64, .int(2)),
                    Metric("a", alias: 9, .double, .double(1)),
                ], seq: 0))
        #expect(rig.events.defined == [0], "it has another type and no unit now")
        #expect(rig.seen() == ["d/c=null Stale", "a=1.0", "b=null Stale"])
        #expect(rig.host.counts.missedDeaths == 1)
        #expect(rig.host.definition(of: 0).unit == nil)
        // Aliases of the old session mean nothing.
        rig.give(.nodeData, HostRig.data(1, 1, 1))
        #expect(rig.events.refused.map(\.reason) == [.unknownAliases(1)])
        rig.events.clear()
        rig.give(.nodeData, Payload(metrics: [Metric(alias: 9, nil, .double(2))], seq: 2))
        #expect(rig.seen() == ["a=2.0"])
    }

    @Test func aRebirthOfTheSameSessionReportsNothingStale() {
        var rig = HostRig()
        rig.born()
        _ = rig.seen()
        rig.born()
        #expect(rig.seen() == ["a=10", "b=20.0", "d/c=30"])
        #expect(rig.host.counts.missedDeaths == 0)
    }

    @Test func structuresAreValuesAndTheirDefinitionsAreNone() {
        var rig = HostRig()
        let member = Metric("speed", .double, .double(5))
        rig.give(
            .nodeBirth,
            Payload(
                metrics: [
                    Metric("types/Motor", .template, .template(Template(metrics: [member], isDefinition: true))),
                    Metric("motor", alias: 1, .template, .template(Template(metrics: [member], reference: "Motor"))),
                    Metric(
                        "table", alias: 2, .dataSet,
                        .dataSet(DataSet(columns: ["x"], types: [.int8], rows: [[.int(1)]]))),
                ], seq: 0))
        #expect(rig.events.readings.map(\.type) == [.template, .dataSet])
        #expect(rig.events.readings.first?.value == .template(Template(metrics: [member], reference: "Motor")))
    }

    @Test func aValueOfAnotherTypeIsKeptAsItIs() {
        var rig = HostRig()
        rig.born()
        _ = rig.seen()
        rig.give(
            .nodeData,
            Payload(metrics: [Metric(alias: 1, nil, .double(1.5)), Metric(alias: 2, nil, .string("x"))], seq: 2))
        #expect(rig.events.readings.map(\.value) == [.double(1.5), .string("x")])
        #expect(rig.events.readings.map(\.type) == [nil, nil])
        #expect(rig.host.counts.typeMismatches == 2)
    }
}
