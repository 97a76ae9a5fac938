import NIOCore
import Testing

@testable import SparkplugB

/// An edge node and a host back to back.
@Suite struct TwinTests {
    private let settings = EdgeNodeSettings(
        id: HostRig.id, metrics: [.init("load", .double, unit: "%")],
        devices: [
            .init("crusher", [.init("power", .double, unit: "kW"), .init("on", .boolean)]),
            .init("fan", [.init("starts", .int64)]),
        ])

    private func values(_ number: Int, quality: QualityCode = .good) -> [EdgeValue] {
        let time = UInt64(1000 + number)
        return [
            EdgeValue(.double(Double(number)), timestamp: time),
            EdgeValue(.double(Double(number) / 4), quality: quality, timestamp: time),
            EdgeValue(.boolean(number.isMultiple(of: 2)), timestamp: time),
            EdgeValue(.int(Int64(number)), timestamp: time),
        ]
    }

    @Test func aSessionFromBirthToDeath() {
        var node = EdgeNode(settings)
        var rig = HostRig()
        let will = node.connecting(now: 1)
        #expect(node.data(values(0), now: 1) == [], "nothing before the births")
        #expect(node.connected() == .giveBirth)
        for message in node.births(values(0), now: 2) { rig.give(message) }
        #expect(
            rig.seen() == [
                "Node Control/Rebirth=false", "load=0.0", "crusher/power=0.0", "crusher/on=true", "fan/starts=0",
            ])
        for message in node.data(values(1, quality: .bad), now: 3) { rig.give(message) }
        #expect(rig.seen() == ["load=1.0", "crusher/power=0.25 Bad", "crusher/on=false", "fan/starts=1"])
        for message in node.data(values(2), changed: [1], now: 4) { rig.give(message) }
        #expect(rig.seen() == ["crusher/power=0.5"])
        #expect(rig.host.definition(of: 2).unit == "kW")
        rig.give(will)
        #expect(rig.seen().filter { $0.hasSuffix("null Stale") }.count == 5)

        // The next session has the next number, and its death is another.
        let second = node.connecting(now: 10)
        #expect(second.payload.metrics.map(\.value) == [.int(1)])
        _ = node.connected()
        for message in node.births(values(3), now: 11) { rig.give(message) }
        rig.events.clear()
        rig.give(will)
        #expect(rig.seen() == [])
        #expect(rig.host.counts.bdSeqMismatches == 1)
    }

    @Test func aLostMessageIsAnsweredByABirth() {
        var node = EdgeNode(settings)
        var rig = HostRig(HostSettings(requestsRebirth: true, reorderTimeoutMilliseconds: 0))
        _ = node.connecting(now: 1)
        _ = node.connected()
        for message in node.births(values(0), now: 2) { rig.give(message) }
        let lost = node.data(values(1), changed: [0], now: 3)
        #expect(lost.count == 1)
        for message in node.data(values(2), changed: [0], now: 4) { rig.give(message) }
        #expect(rig.events.rebirths == [HostRig.id])
        rig.events.clear()
        let request = HostApplication.rebirthRequest(timestamp: 5).encoded()
        #expect(node.received(topic: "spBv1.0/g/NCMD/other", payload: request) == .none)
        #expect(node.received(topic: "spBv1.0/g/NCMD/n", payload: ByteBuffer(string: "x")) == .none)
        #expect(node.received(topic: "spBv1.0/g/NCMD/n", payload: request) == .giveBirth)
        for message in node.births(values(3), now: 6) { rig.give(message) }
        for message in node.data(values(4), now: 7) { rig.give(message) }
        #expect(rig.seen().suffix(4) == ["load=4.0", "crusher/power=1.0", "crusher/on=true", "fan/starts=4"])
        #expect(rig.host.counts.gaps == 1 && rig.host.counts.missedDeaths == 0)
    }

    @Test func theBytesOfARequestForBirths() {
        // timestamp 1; metric: name, timestamp, datatype Boolean, true
        let name = Array("Node Control/Rebirth".utf8)
        let metric: [UInt8] = [0x0A, UInt8(name.count)] + name + [0x18, 5, 0x20, 11, 0x70, 1]
        #expect(
            Array(HostApplication.rebirthRequest(timestamp: 5).encoded().readableBytesView)
                == [0x08, 5, 0x12, UInt8(metric.count)] + metric)
    }

    @Test func theNodeWaitsForItsPrimaryHost() {
        var settings = settings
        settings.primaryHost = "h"
        #expect(settings.filters == ["spBv1.0/g/NCMD/n", "spBv1.0/g/DCMD/n/+", "spBv1.0/STATE/h"])
        var node = EdgeNode(settings)
        func state(_ online: Bool, _ time: UInt64) -> ByteBuffer {
            ByteBuffer(string: HostState(isOnline: online, timestamp: time).text)
        }
        _ = node.connecting(now: 1)
        #expect(node.connected() == .none)
        #expect(node.births(values(0), now: 2) == [])
        #expect(node.received(topic: "spBv1.0/STATE/other", payload: state(true, 5)) == .none)
        #expect(node.received(topic: "spBv1.0/STATE/h", payload: state(false, 5)) == .none)
        #expect(node.received(topic: "spBv1.0/STATE/h", payload: state(true, 4)) == .none, "older than what is known")
        #expect(node.received(topic: "spBv1.0/STATE/h", payload: state(true, 6)) == .giveBirth)
        #expect(node.births(values(0), now: 2).count == 3)
        #expect(node.isBorn)
        #expect(node.received(topic: "spBv1.0/STATE/h", payload: state(false, 5)) == .none, "a late will")
        #expect(node.received(topic: "spBv1.0/STATE/h", payload: state(false, 6)) == .leave)
        #expect(!node.isBorn && node.data(values(1), now: 3) == [])
    }
}
