import YAMLSupport

/// The block `web_ui`.
enum WebSection {
    static func read(_ section: consuming Section) -> ListenerSettings {
        section.accept("listen", for: "host")
        let host = section.string("host", default: "127.0.0.1", about: "address that is listened on")
        let port = section.integer("port", default: 8080, in: 0...65_535, about: "0 takes a free one")
        readTLS(section.section("tls", about: "the page over https"))
        readAuthentication(section.section("authentication", about: "who may use page and API"))
        readOrigins(&section)
        section.finish()
        return ListenerSettings(host: host, port: port)
    }

    private static let missing = "TLS and login of the page"

    private static func readTLS(_ section: consuming Section) {
        section.belongs(toMissingPart: missing)
        let enabled = section.boolean("enabled", default: false, about: "answers https only")
        let certificate = section.string("certificate", about: "PEM file; without it one is made")
        let key = section.string("private_key", about: "PEM file that belongs to the certificate")
        _ = section.word("min_version", of: ["1.2", "1.3"], default: "1.2", about: "oldest version that is spoken")
        _ = section.string("client_ca", about: "PEM file of the authority whose client certificates are users")
        if (certificate == nil) != (key == nil) {
            section.report(
                "is missing; certificate and private_key go together",
                at: certificate == nil ? "certificate" : "private_key")
        }
        refuse(enabled, &section)
        section.finish()
    }

    private static func readAuthentication(_ section: consuming Section) {
        section.belongs(toMissingPart: missing)
        let enabled = section.boolean("enabled", default: false, about: "asks for a login")
        _ = section.word(
            "provider", of: ["local", "oidc", "certificate"], default: "local", about: "how users are known")
        _ = section.duration("session_timeout", default: .seconds(28_800), about: "a login lasts this long")
        var oidc = section.section("oidc", about: "OpenID Connect: authorization code with PKCE")
        let issuer = oidc.string("issuer", about: "URL of the identity provider")
        let client = oidc.string("client_id", about: "how the provider knows the connector")
        _ = oidc.string("client_secret", about: "of the connector at the provider")
        _ = oidc.strings("scopes", default: ["openid", "profile"], about: "what is asked for")
        _ = oidc.string("role_claim", default: "roles", about: "claim of the token that names roles")
        if issuer == nil, client != nil { oidc.report("needs issuer beside it", at: "client_id") }
        oidc.finish()
        for user in section.sections("certificate_users", about: "users known by their certificates") {
            var user = user
            _ = user.requiredString("subject", about: "the certificate's subject, exactly")
            _ = user.word(
                "role", of: ["admin", "operator", "viewer"], default: "viewer", about: "what the user may do")
            user.finish()
        }
        refuse(enabled, &section)
        section.finish()
    }

    /// A page that answers without what protects it is worse than none.
    private static func refuse(_ enabled: Bool, _ section: inout Section) {
        if enabled {
            section.report("is not possible in this build; the page answers this machine without it", at: "enabled")
        }
    }

    private static func readOrigins(_ section: inout Section) {
        section.belongs(toMissingPart: "answers for pages of other sites")
        let origins = section.strings("cors_origins", about: "other sites whose pages may use the API")
        for origin in origins where !isOrigin(origin) {
            section.report("'\(origin)' is no origin; write https://host or https://host:port", at: "cors_origins")
        }
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix) else { return false }
        let host = text.dropFirst(scheme.count)
        return !host.isEmpty && !host.contains { "/?#@ ".contains($0) }
    }
}

/// The block `monitoring`.
enum MonitoringSection {
    static func read(_ section: consuming Section) -> MetricsSettings {
        section.accept("metrics_port", "prometheus_port", for: "prometheus.port")
        var prometheus = section.section("prometheus", about: "figures for Prometheus")
        let enabled = prometheus.boolean("enabled", default: true, about: "answers at all")
        let port = prometheus.integer("port", default: 9090, in: 0...65_535, about: "0 takes a free one")
        let path = prometheus.string("path", default: "/metrics", about: "begins with a slash")
        if !path.hasPrefix("/") { prometheus.report("must begin with '/'", at: "path") }
        prometheus.finish()
        readOpenTelemetry(section.section("opentelemetry", about: "traces and metrics for a collector (OTLP)"))
        section.finish()
        return MetricsSettings(enabled: enabled, port: port, path: path)
    }

    private static func readOpenTelemetry(_ section: consuming Section) {
        section.belongs(toMissingPart: "export to OpenTelemetry")
        let endpoint = section.string("endpoint", about: "URL of the collector; without it nothing is sent")
        _ = section.word("protocol", of: ["grpc", "http"], default: "grpc", about: "how the collector is spoken to")
        if let endpoint, !["http://", "https://"].contains(where: endpoint.lowercased().hasPrefix) {
            section.report("'\(endpoint)' is no URL; it begins with http:// or https://", at: "endpoint")
        }
        section.finish()
    }
}

/// The block `logging`.
enum LoggingSection {
    static func read(_ section: consuming Section) -> ConnectorSettings.LogLevel {
        section.accept(words: ["warn": "warning", "trace": "debug", "critical": "error"], in: "level")
        let words = ConnectorSettings.LogLevel.allCases.map { ($0.rawValue, $0) }
        var standard = ConnectorSettings.LogLevel.info
        if !section.has("level"), let word = section.references.environment["CONNECTOR_LOG_LEVEL"], !word.isEmpty {
            if let level = ConnectorSettings.LogLevel(rawValue: word.lowercased()) {
                standard = level
            } else {
                let valid = words.map(\.0).joined(separator: ", ")
                section.report("CONNECTOR_LOG_LEVEL is '\(word)', which is not possible; one of: \(valid)", at: "level")
            }
        }
        let level = section.choice(
            "level", default: standard, words, about: "the least that is logged; else CONNECTOR_LOG_LEVEL")
        section.belongs(toMissingPart: "log in JSON or in a file")
        _ = section.word("format", of: ["text", "json"], default: "text", about: "for people, or for machines")
        let file = section.string("file", about: "instead of standard error")
        let size = section.optionalInteger("max_size_mb", in: 1...1_000_000, about: "size at which a file is put aside")
        let count = section.optionalInteger("max_files", in: 1...10_000, about: "files put aside that are kept")
        if file == nil, size != nil || count != nil {
            section.report("needs file beside it", at: size != nil ? "max_size_mb" : "max_files")
        }
        section.finish()
        return level
    }
}
