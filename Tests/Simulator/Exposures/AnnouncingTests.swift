import MDNSCore
import Synchronization
import Testing

@testable import SimulatorExposures

@Suite struct AnnouncingTests {
    @Test(arguments: [
        (
            ExposureKind.opcua, "opc.tcp://127.0.0.1:4840/ot-simulator/server/",
            Service(
                instance: "Plant", type: "_opcua-tcp._tcp", port: 4840,
                text: ["path=/ot-simulator/server/", "caps=DA"])
        ),
        (.mqtt, "mqtt://0.0.0.0:1883", Service(instance: "Plant", type: "_mqtt._tcp", port: 1883)),
        (.mqtt, "mqtts://[::1]:8883", Service(instance: "Plant", type: "_secure-mqtt._tcp", port: 8883)),
        (
            .modbus, "modbus://[::]:5020",
            Service(instance: "Plant", type: "_modbus._tcp", port: 5020, text: ["unit_id=7"])
        ),
    ])
    func aServiceHasThePortAndThePath(kind: ExposureKind, url: String, service: Service) {
        #expect(AnnouncedService.service(kind, url: url, instance: "Plant", unitID: 7) == service)
    }

    @Test func whatHasNoPortIsNoService() {
        for url in ["", "modbus", "modbus://host", "modbus://host:99999", "modbus://[::1]"] {
            #expect(AnnouncedService.service(.modbus, url: url, instance: "x", unitID: 1) == nil, "\(url)")
        }
        #expect(AnnouncedService.web(port: 70_000, instance: "x") == nil)
        #expect(AnnouncedService.web(port: 80, instance: "x")?.text == ["path=/"])
        let ids = ExposureKind.allCases.map(AnnouncedService.id) + [AnnouncedService.webID]
        #expect(Set(ids).count == ids.count)
    }

    @Test func loopbackIsAnnouncedOnlyWhenAsked() {
        let settings = AnnouncingSettings()
        for host in ["127.0.0.1", "127.1.2.3", "localhost", "::1"] {
            #expect(!settings.announces(host: host))
            #expect(AnnouncingSettings(isEnabled: true).announces(host: host))
        }
        for host in ["0.0.0.0", "::", "192.168.1.5", "plant.example"] {
            #expect(settings.announces(host: host))
            #expect(!AnnouncingSettings(isEnabled: false).announces(host: host))
        }
    }

    /// An exposure that opens, and ends at once.
    private struct Brief: Exposure {
        var kind: ExposureKind { .mqtt }
        var remark: String? { "r" }
        let fails: Bool

        func serve(opened: @escaping @Sendable (String) async -> Void) async throws {
            await opened("mqtt://h:1")
            if fails { throw ExposureError(message: "broken") }
        }
    }

    @Test(arguments: [false, true]) func whatEndsIsTakenBack(fails: Bool) async throws {
        let log = Mutex<[String]>([])
        let exposure = AnnouncedExposure(Brief(fails: fails)) { kind, url in
            log.withLock { $0.append("\(kind) \(url ?? "closed")") }
        }
        #expect(exposure.kind == .mqtt && exposure.remark == "r")
        do {
            try await exposure.serve { url in log.withLock { $0.append("opened \(url)") } }
            #expect(!fails)
        } catch {
            #expect(fails && error as? ExposureError == ExposureError(message: "broken"))
        }
        #expect(log.withLock { $0 } == ["mqtt mqtt://h:1", "opened mqtt://h:1", "mqtt closed"])
    }
}
