import NIOCore
import TestRandomness
import Testing

@testable import SparkplugB

/// An edge node and a host with a link between them that loses, repeats and reorders messages.
///
/// In every session the node gives its aliases to other metrics, and each value tells whose it is: a value under a
/// wrong name cannot hide.
@Suite struct LossyTwinTests {
    /// A node whose metrics are called by number, in an order that changes from session to session.
    private struct World {
        var random: SeededRandom
        var host = HostApplication(
            HostSettings(
                requestsRebirth: true, rebirthIntervalMilliseconds: 20, reorderTimeoutMilliseconds: 15,
                reorderWindow: 8))
        var events = HostEvents()
        var node: EdgeNode
        var order: [Int] = []
        var session = 0
        var now: UInt64 = 1000
        var clock = 0
        /// Messages on their way, the next one first.
        var link: [EdgeMessage] = []
        var given: UInt64 = 0
        var settled: Set<UInt64> = []
        var latest: [Int: Double] = [:]
        var sent: [Int: Double] = [:]
        var faults = 0

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            node = EdgeNode(EdgeNodeSettings(id: HostRig.id))
            host.connected()
            begin()
        }

        /// A new session, with metrics 0 to 5 in another order: two of the node and four of a device.
        mutating func begin() {
            order = Array(0..<6).shuffled(using: &random)
            let metrics = order.map { EdgeNodeSettings.Metric("m\($0)", .double) }
            node = EdgeNode(
                EdgeNodeSettings(
                    id: HostRig.id, metrics: Array(metrics.prefix(2)),
                    devices: [.init("d", Array(metrics.dropFirst(2)))]))
            session += 1
            for _ in 0..<session { _ = node.connecting(now: now) }
            _ = node.connected()
            link += node.births(values(), now: now)
        }

        mutating func values() -> [EdgeValue] {
            clock += 1
            return order.map { metric in
                sent[metric] = Double(metric * 1_000_000 + clock)
                return EdgeValue(.double(Double(metric * 1_000_000 + clock)), timestamp: now)
            }
        }

        mutating func end() {
            // The broker has the will and gives it to whoever is there, behind all that the node sent.
            link.append(node.death(now: now))
        }

        mutating func deliver() {
            guard !link.isEmpty else { return }
            var place = 0
            let isDeath = link[0].topic == .message(.nodeDeath, HostRig.id, device: nil)
            if !isDeath, random.chance(0.08) {
                // A later message overtakes, but no death and nothing behind one.
                let deaths = link.firstIndex { $0.topic == .message(.nodeDeath, HostRig.id, device: nil) }
                place = Int.random(in: 0..<min(4, deaths ?? link.count), using: &random)
                faults += 1
            }
            let message = link.remove(at: place)
            if !isDeath, random.chance(0.05) {
                faults += 1
                return
            }
            take(message)
            if !isDeath, random.chance(0.03) {
                faults += 1
                take(message)
            }
        }

        mutating func take(_ message: EdgeMessage) {
            given += 1
            host.received(
                topic: ByteBuffer(string: message.topic.text), payload: message.payload.encoded(), message: given,
                now: now, into: &events)
        }

        /// Looks at what came of it, and carries requests for births back.
        mutating func act() {
            for reading in events.readings {
                guard let number = reading.metric, case .double(let value) = reading.value else { continue }
                let definition = host.definition(of: number)
                guard definition.name.first == "m", let metric = Int(definition.name.dropFirst()) else { continue }
                #expect(Int(value) / 1_000_000 == metric, "\(value) under \(definition.address)")
                latest[metric] = value
            }
            for message in events.settled { #expect(settled.insert(message).inserted, "settled twice") }
            for _ in events.rebirths where !random.chance(0.2) {
                let request = HostApplication.rebirthRequest(timestamp: now).encoded()
                if node.received(topic: "spBv1.0/g/NCMD/n", payload: request) == .giveBirth {
                    link += node.births(values(), now: now)
                }
            }
            events.clear()
        }

        mutating func step() {
            now += 5
            link += node.data(values(), changed: Set((0..<6).filter { _ in random.chance(0.4) }), now: now)
            for _ in 0..<4 { deliver() }
            if random.chance(0.02) {
                end()
                begin()
            }
            if random.chance(0.02) {
                // The host is away: whatever is sent meanwhile is lost, deaths too.
                link.removeAll()
                host.connected()
                host.subscribed(now: now, into: &events)
                faults += 1
            }
            host.deadlineReached(now: now, into: &events)
            act()
        }
    }

    @Test func noValueIsEverUnderAWrongName() {
        var faults = 0
        for seed in 0..<40 {
            var world = World(seed: UInt64(seed))
            for _ in 0..<100 { world.step() }
            // Peace returns: the last values arrive, each under its name.
            for _ in 0..<40 {
                world.now += 30
                if let last = world.link.first {
                    world.link.removeFirst(); world.take(last)
                } else {
                    for message in world.node.data(world.values(), now: world.now) { world.take(message) }
                }
                world.host.deadlineReached(now: world.now, into: &world.events)
                world.act()
            }
            while let last = world.link.first {
                world.link.removeFirst()
                world.take(last)
            }
            for message in world.node.data(world.values(), now: world.now) { world.take(message) }
            world.now += 1000
            world.host.deadlineReached(now: world.now, into: &world.events)
            world.act()
            #expect(world.settled.count == Int(world.given), "seed \(seed): not every message is settled")
            #expect(world.latest == world.sent, "seed \(seed)")
            faults += world.faults
        }
        #expect(faults > 1000, "\(faults)")
    }
}
