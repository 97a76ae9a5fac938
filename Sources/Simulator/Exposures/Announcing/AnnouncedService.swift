import MDNSCore

/// What multicast DNS tells of an endpoint.
enum AnnouncedService {
    /// The number of the page among the services; those of the protocols come before it.
    static let webID = ExposureKind.allCases.count

    /// The number of a protocol's service.
    static func id(_ kind: ExposureKind) -> Int { ExposureKind.allCases.firstIndex(of: kind) ?? 0 }

    /// The service of an endpoint; nil when the URL has no port.
    ///
    /// - OPC UA: the path of the discovery URL, and that there is live data (10000-12, annex C and D).
    /// - MQTT: with TLS it has a type of its own in the registry of IANA.
    /// - Modbus: the unit id of the first sensor.
    static func service(_ kind: ExposureKind, url: String, instance: String, unitID: Int) -> Service? {
        guard let parts = URLParts(url) else { return nil }
        return switch kind {
        case .opcua:
            Service(
                instance: instance, type: "_opcua-tcp._tcp", port: parts.port, text: ["path=\(parts.path)", "caps=DA"])
        case .mqtt:
            Service(
                instance: instance, type: parts.scheme == "mqtts" ? "_secure-mqtt._tcp" : "_mqtt._tcp",
                port: parts.port)
        case .modbus:
            Service(instance: instance, type: "_modbus._tcp", port: parts.port, text: ["unit_id=\(unitID)"])
        }
    }

    /// The service of the page and the API.
    static func web(port: Int, instance: String) -> Service? {
        UInt16(exactly: port).map { Service(instance: instance, type: "_http._tcp", port: $0, text: ["path=/"]) }
    }

    /// The parts of an endpoint's URL that are told.
    private struct URLParts {
        let scheme: Substring
        let port: UInt16
        let path: String

        init?(_ url: String) {
            guard let mark = url.firstRange(of: "://") else { return nil }
            scheme = url[..<mark.lowerBound]
            let rest = url[mark.upperBound...]
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            guard let colon = rest[..<end].lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)..<end])
            else { return nil }
            self.port = port
            path = end == rest.endIndex ? "/" : String(rest[end...])
        }
    }
}
