package import YAMLSupport

/// Reads a configuration file's text into settings: strict, whole or not at all.
///
/// One pass finds everything that is wrong; what it finds names file, line, key path and the nearest key.
package struct ConfigurationReader {
    private let file: String
    private let environment: [String: String]

    private let stateDirectory: String?
    private let credentials: References.Credentials

    /// - Parameters:
    ///   - stateDirectory: wins over the key `state_directory`.
    ///   - credentials: the vault, opened when it is first asked.
    package init(
        file: String, environment: [String: String], stateDirectory: String? = nil,
        credentials: @escaping References.Credentials = { _ throws(References.Failure) in nil }
    ) {
        self.credentials = credentials
        self.file = file
        self.environment = environment
        self.stateDirectory = stateDirectory
    }

    /// Settings when nothing is configured: no sources, the local table.
    package func defaults() throws(ConfigurationError) -> ConnectorSettings {
        try read("")
    }

    /// - Throws: `ConfigurationError` with every finding.
    package func read(_ text: String) throws(ConfigurationError) -> ConnectorSettings {
        var read = try StrictDocument.read(text, file: file, environment: environment, credentials: credentials) {
            settings(&$0)
        }
        read.settings.warnings = read.warnings
        return read.settings
    }

    private func settings(_ root: inout Section) -> ConnectorSettings {
        let configured = root.string("state_directory")
        let stateDirectory = stateDirectory ?? configured ?? StateDirectory.standard
        let sources = root.sections("sources").compactMap { SourceSection.read($0) }
        var seen: Set<String> = []
        for source in sources where !seen.insert(source.name).inserted {
            root.report("two sources are named '\(source.name)'", at: "sources")
        }
        let zerobus = ZerobusSection.read(root.section("zerobus"), stateDirectory: stateDirectory)
        for name in zerobus.sourceTargets.keys.sorted() where !sources.contains(where: { $0.name == name }) {
            root.report("there is no source '\(name)'", at: root.place(of: "zerobus"), key: "source_targets.\(name)")
        }
        let lane = BackpressureSection.read(
            root.section("backpressure"), deadLetters: root.section("dead_letters"), batch: zerobus.batch,
            retry: zerobus.retry, breaker: zerobus.breaker)
        let web = Self.web(root.section("web_ui"))
        let metrics = Self.monitoring(root.section("monitoring"))
        let logLevel = Self.logging(root.section("logging"))
        let renewBeforeDays = Self.certificates(root.section("certificates"))
        return ConnectorSettings(
            stateDirectory: stateDirectory, sources: sources, target: zerobus.target,
            sourceTargets: zerobus.sourceTargets, lane: lane, web: web, metrics: metrics, logLevel: logLevel,
            renewBeforeDays: renewBeforeDays)
    }

    private static func web(_ section: consuming Section) -> ListenerSettings {
        let host = section.string("host") ?? "127.0.0.1"
        let port = section.integer("port", default: 8080, in: 0...65_535)
        section.finish()
        return ListenerSettings(host: host, port: port)
    }

    private static func monitoring(_ section: consuming Section) -> MetricsSettings {
        var prometheus = section.section("prometheus")
        let enabled = prometheus.boolean("enabled", default: true)
        let port = prometheus.integer("port", default: 9090, in: 0...65_535)
        let path = prometheus.string("path") ?? "/metrics"
        if !path.hasPrefix("/") { prometheus.report("must begin with '/'", at: "path") }
        prometheus.finish()
        section.finish()
        return MetricsSettings(enabled: enabled, port: port, path: path)
    }

    private static func certificates(_ section: consuming Section) -> Int {
        let days = section.integer("renew_before_days", default: 30, in: 0...3650)
        section.finish()
        return days
    }

    private static func logging(_ section: consuming Section) -> ConnectorSettings.LogLevel {
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
        let level = section.choice("level", default: standard, words)
        section.finish()
        return level
    }
}

extension Section {
    /// A block of `initial_delay_ms`, `max_delay_ms` and `multiplier`.
    mutating func retry(_ key: String) -> RetrySettings {
        var retry = section(key)
        let initial = retry.integer("initial_delay_ms", default: 1000, in: 1...3_600_000)
        let maximum = retry.integer("max_delay_ms", default: 60_000, in: 1...86_400_000)
        let multiplier = retry.number("multiplier", default: 2)
        if initial > maximum { retry.report("is longer than max_delay_ms", at: "initial_delay_ms") }
        if multiplier < 1 || multiplier > 100 { retry.report("must be 1 to 100", at: "multiplier") }
        retry.finish()
        return RetrySettings(
            initialDelay: .milliseconds(initial), maxDelay: .milliseconds(maximum), multiplier: multiplier)
    }
}
