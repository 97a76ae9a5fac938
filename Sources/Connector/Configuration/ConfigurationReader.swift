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

    /// The same for one who wants to know what a file means, perhaps elsewhere than it runs: a reference whose value
    /// is not to be had is a warning.
    package func inspect(
        _ text: String
    ) throws(ConfigurationError) -> (settings: ConnectorSettings, keys: [KeyRecord]) {
        try inspect(try StrictDocument.parse(text, file: file))
    }

    package func inspect(
        _ root: YAMLNode?
    ) throws(ConfigurationError) -> (settings: ConnectorSettings, keys: [KeyRecord]) {
        var read = try StrictDocument.inspect(
            root, file: file, references: References(environment: environment, credentials: credentials)
        ) { settings(&$0) }
        read.settings.warnings = read.warnings
        return (read.settings, read.keys)
    }

    /// All keys there are, with their defaults.
    package static func survey() -> [KeyRecord] {
        StrictDocument.survey { ConfigurationReader(file: "", environment: [:]).settings(&$0) }
    }

    /// The same of a document that has been parsed, perhaps of several files.
    package func read(_ root: YAMLNode?) throws(ConfigurationError) -> ConnectorSettings {
        let references = References(environment: environment, credentials: credentials)
        var read = try StrictDocument.read(root, file: file, references: references) { settings(&$0) }
        read.settings.warnings = read.warnings
        return read.settings
    }

    private func settings(_ root: inout Section) -> ConnectorSettings {
        OtherNames.accept(&root)
        let configured = root.string(
            "state_directory", default: StateDirectory.standard,
            about: "folder of journal, dead letters, keys, certificates and local tables")
        let stateDirectory = stateDirectory ?? configured
        let (sources, names) = SourceSection.readAll(&root)
        let zerobus = ZerobusSection.read(
            root.section("zerobus", about: "where rows go"), stateDirectory: stateDirectory)
        for name in zerobus.sourceTargets.keys.sorted() where !names.contains(name) && !root.isSurvey {
            root.report("there is no source '\(name)'", at: root.place(of: "zerobus"), key: "source_targets.\(name)")
        }
        let lane = BackpressureSection.read(
            root.section("backpressure", about: "what is kept between sources and targets"),
            deadLetters: root.section("dead_letters", about: "what is refused for good"), batch: zerobus.batch,
            retry: zerobus.retry, breaker: zerobus.breaker)
        let normalization = NormalizationSection.read(
            root.section("normalization", about: "how tags are named"),
            topicParts: NormalizationSection.topicParts(of: sources))
        let web = WebSection.read(root.section("web_ui", about: "the page and the API"))
        let metrics = MonitoringSection.read(root.section("monitoring"))
        let logLevel = LoggingSection.read(root.section("logging"))
        let renewBeforeDays = Self.certificates(root.section("certificates"))
        DiscoverySection.read(root.section("discovery", about: "looks for servers in the plant's networks"))
        return ConnectorSettings(
            stateDirectory: stateDirectory, sources: sources, target: zerobus.target,
            sourceTargets: zerobus.sourceTargets, lane: lane, normalization: normalization, web: web, metrics: metrics,
            logLevel: logLevel,
            renewBeforeDays: renewBeforeDays)
    }

    private static func certificates(_ section: consuming Section) -> Int {
        let days = section.integer(
            "renew_before_days", default: 30, in: 0...3650,
            about: "days before its end at which the own self-signed certificate is made anew")
        section.finish()
        return days
    }
}

extension Section {
    /// A block of `initial_delay_ms`, `max_delay_ms` and `multiplier`.
    mutating func retry(_ key: String, about: String) -> RetrySettings {
        var retry = section(key, about: about)
        let initial = retry.integer(
            "initial_delay_ms", default: 1000, in: 1...3_600_000, about: "the first wait; each is drawn up to its bound"
        )
        let maximum = retry.integer("max_delay_ms", default: 60_000, in: 1...86_400_000, about: "the longest wait")
        let multiplier = retry.number(
            "multiplier", default: 2, in: 1...100, about: "from the bound of one wait to the next")
        if initial > maximum { retry.report("is longer than max_delay_ms", at: "initial_delay_ms") }
        retry.finish()
        return RetrySettings(
            initialDelay: .milliseconds(initial), maxDelay: .milliseconds(maximum), multiplier: multiplier)
    }
}
