import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// python-zeroconf looks for the simulator on loopback.
    @Suite struct SimulatorMDNS {
        @Test func servicesAreFoundComeAndGo() async throws {
            try await withTemporaryDirectory { directory in
                // Of its own, so that two runs on one machine do not contest it.
                let name = "Practice plant \(UUID().uuidString.prefix(8))"
                let config = directory + "/simulator.yaml"
                try "mdns: {enabled: true, name: \(name)}\nmodbus: {unit_id: 7}\n"
                    .write(toFile: config, atomically: true, encoding: .utf8)
                try await withProgram(.peer("Tests/Interop/peers/mdns_browser.py", ["--name", name])) { browser in
                    _ = try await browser.line(containing: "ready")
                    try await withSimulator(arguments: ["--config", config]) { simulator in
                        let expected = [
                            ("_opcua-tcp._tcp", simulator.opcuaPort, "caps=DA,path=/ot-simulator/server/"),
                            ("_mqtt._tcp", simulator.mqttPort, ""),
                            ("_modbus._tcp", simulator.modbusPort, "unit_id=7"),
                            ("_http._tcp", simulator.webPort, "path=/"),
                        ]
                        for (type, port, text) in expected {
                            let line = try await browser.line(containing: "added \(type)")
                            #expect(line.hasPrefix("added \(type).local. \(port) [\(text)] 127.0.0.1 ot-simulator-"))
                        }
                        // One protocol ends and begins again; the others stay.
                        _ = try await simulator.http.post("/api/protocols/mqtt/stop", "")
                        _ = try await browser.line(containing: "removed _mqtt._tcp")
                        #expect(browser.output.components(separatedBy: "removed").count == 2)
                        _ = try await simulator.http.post("/api/protocols/mqtt/start", "")
                        try await eventually("MQTT is found again") {
                            browser.output.components(separatedBy: "added _mqtt._tcp").count == 3
                        }
                    }
                    // The simulator has ended, and said so.
                    for type in ["_opcua-tcp", "_modbus", "_http"] {
                        _ = try await browser.line(containing: "removed \(type)._tcp")
                    }
                    #expect(browser.output.components(separatedBy: "removed _mqtt._tcp").count == 3)
                }
            }
        }

        @Test func aSimulatorOnLoopbackIsSilentUnlessAsked() async throws {
            try await withSimulator { simulator in
                #expect(!simulator.program.output.contains("mDNS"))
            }
        }
    }
}
