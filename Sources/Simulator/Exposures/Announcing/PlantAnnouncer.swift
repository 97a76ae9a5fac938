package import Logging
import MDNSCore
import MDNSResponder

/// Whether and how the simulator's endpoints are announced by multicast DNS.
package struct AnnouncingSettings: Sendable, Equatable {
    /// nil: as long as the endpoints can be reached from outside.
    package var isEnabled: Bool?
    /// What people choose the services by; nil is the simulator's title with the name of this machine.
    package var name: String?
    /// Names or addresses of the network devices; empty are all on which the endpoints can be reached.
    package var interfaces: [String]

    /// Settings; nothing said is what most want.
    package init(isEnabled: Bool? = nil, name: String? = nil, interfaces: [String] = []) {
        self.isEnabled = isEnabled
        self.name = name
        self.interfaces = interfaces
    }

    /// Most bytes of a name (RFC 6763, 4.1.1).
    package static let nameBytesMax = DNSName.labelBytesMax

    /// Whether endpoints at an address are announced: on loopback only when asked.
    package func announces(host: String) -> Bool {
        isEnabled ?? !(host == "localhost" || host == "::1" || host.hasPrefix("127."))
    }
}

/// Announces what is open, for as long as it is open (RFC 6762, 6763).
package final class PlantAnnouncer: Sendable {
    private let announcer: ServiceAnnouncer
    /// What people choose the services by, where nobody else has the name.
    package let instance: String
    private let unitID: Int

    /// - Parameters:
    ///   - host: the address that the endpoints listen on.
    ///   - unitID: the Modbus unit id of the first sensor.
    ///   - logger: is warned of what cannot be had, and of names that others have.
    package init(_ settings: AnnouncingSettings, host: String, unitID: Int, logger: Logger) {
        let machine = ServiceAnnouncer.machineName
        instance = settings.name ?? "OT Data Simulator on \(machine)"
        self.unitID = unitID
        announcer = ServiceAnnouncer(
            configuration: ServiceAnnouncer.Configuration(
                host: "ot-simulator-\(machine)", listening: host, interfaces: settings.interfaces),
            logger: logger, notice: { logger.warning("mDNS: \($0)") })
    }

    /// Announces until the task is cancelled, then takes everything back.
    package func run() async { await announcer.run() }

    /// The page and the API can be reached from now on.
    package func webOpened(port: Int) {
        if let web = AnnouncedService.web(port: port, instance: instance) {
            announcer.announce(web, id: AnnouncedService.webID)
        }
    }

    /// The same exposure, announced while it is open.
    package func announced(_ exposure: any Exposure) -> any Exposure {
        AnnouncedExposure(exposure) { [announcer, instance, unitID] kind, url in
            let id = AnnouncedService.id(kind)
            if let url {
                let service = AnnouncedService.service(kind, url: url, instance: instance, unitID: unitID)
                if let service { announcer.announce(service, id: id) }
            } else {
                announcer.withdraw(id: id)
            }
        }
    }
}

/// An exposure that says when it is open and when not.
struct AnnouncedExposure: Exposure {
    private let exposure: any Exposure
    /// Gets the URL when the endpoint opens, nil when it has closed.
    private let changed: @Sendable (ExposureKind, _ url: String?) -> Void

    init(_ exposure: any Exposure, changed: @escaping @Sendable (ExposureKind, _ url: String?) -> Void) {
        self.exposure = exposure
        self.changed = changed
    }

    var kind: ExposureKind { exposure.kind }

    var remark: String? { exposure.remark }

    func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        defer { changed(kind, nil) }
        try await exposure.serve { url in
            changed(kind, url)
            await opened(url)
        }
    }
}
