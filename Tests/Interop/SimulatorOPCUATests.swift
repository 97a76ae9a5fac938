import TestKit
import Testing

extension ForeignPeers {
    /// asyncua's client on the simulator's OPC UA server.
    @Suite struct SimulatorOPCUA {
        @Test func asyncuaBrowsesReadsAndSubscribesEverySensor() async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: [
                        "--protocols", "opcua", "--industries", "mining", "--interval-ms", "200", "--truth", log,
                    ]
                ) { simulator in
                    let listed = try await simulator.sensors()
                    let seen = try await runPeer(
                        "Tests/Interop/peers/opcua_client.py",
                        ["--endpoint", simulator.opcuaEndpoint, "--namespace", "urn:penstock:ot-simulator"])

                    #expect(seen["namespace"].integer == 2)
                    #expect(seen["state"].integer == 0, "ServerState is Running")
                    #expect(seen["policies"].array.contains(.string("None")))
                    #expect(seen["bad_items"].array == [])
                    #expect(seen["refused"].text == "BadNodeIdUnknown")
                    #expect(listed.count >= 17)
                    #expect(Set(seen["sensors"].object.keys) == Set(listed.compactMap { $0["path"].text }))

                    for sensor in listed {
                        let path = try #require(sensor["path"].text)
                        let node = seen["sensors"][path]
                        #expect(node["status"].text == "Good", "\(path)")
                        #expect(node["source_time"].integer != nil, "\(path)")
                        if node["unit"] != .null {
                            #expect(node["unit"].text == sensor["unit"].text, "\(path)")
                            #expect(node["low"].double == sensor["min"].double, "\(path)")
                            #expect(node["high"].double == sensor["max"].double, "\(path)")
                        }
                    }
                    // A plant of states only would have no ranges at all.
                    #expect(seen["sensors"].object.values.contains { $0["unit"] != .null })

                    try compare(changes: seen["changes"], with: Truth(path: log), sensors: listed)
                }
            }
        }

        /// Every notified value is the one that the plant had at that very microsecond.
        private func compare(changes: JSONValue, with truth: Truth, sensors: [JSONValue]) throws {
            #expect(changes.object.count == sensors.count)
            // Counters and states change seldom, measurements at every tick.
            let seldom = Set(sensors.filter { ["status", "mass"].contains($0["type"].text) }.map { $0["path"].text })
            for (path, notified) in changes.object {
                #expect(notified.array.count >= (seldom.contains(path) ? 1 : 3), "\(path)")
                for change in notified.array {
                    let time = try #require(change.array.first?.integer)
                    let entry = try #require(truth[path, time], "\(path) at \(time) is not in the truth log")
                    #expect(number(change.array[1]) == number(entry.value), "\(path) at \(time)")
                }
                let times = notified.array.compactMap { $0.array.first?.integer }
                #expect(times == times.sorted(), "\(path) in order")
            }
        }
    }
}
