import ConnectorModel
import LocalTableAdapter
import MQTTAdapter
import ModbusAdapter
import OPCUAAdapter
import ZerobusAdapter

/// A configuration as it takes effect, defaults included, as YAML text for people; secrets are masked.
package enum EffectiveConfiguration {
    static let mask = "********"

    package static func text(of settings: ConnectorSettings) -> String {
        var lines = ["state_directory: \(quoted(settings.stateDirectory))", "sources:"]
        if settings.sources.isEmpty { lines[1] += " []" }
        for source in settings.sources { lines += self.lines(of: source) }
        lines += self.lines(of: settings.target)
        if !settings.sourceTargets.isEmpty {
            lines.append("  source_targets:")
            for (source, target) in settings.sourceTargets.sorted(by: { $0.key < $1.key }) {
                lines.append("    \(quoted(source)): # \(target.summary)")
            }
        }
        lines += self.lines(of: settings.lane)
        lines += [
            "web_ui:", "  host: \(quoted(settings.web.host))", "  port: \(settings.web.port)",
            "monitoring:", "  prometheus:", "    enabled: \(settings.metrics.enabled)",
            "    port: \(settings.metrics.port)", "    path: \(quoted(settings.metrics.path))",
            "logging:", "  level: \(settings.logLevel.rawValue)",
            "certificates:", "  renew_before_days: \(settings.renewBeforeDays)",
        ]
        return lines.joined(separator: "\n")
    }

    private static func lines(of source: SourceSettings) -> [String] {
        var lines = ["  - name: \(quoted(source.name))", "    enabled: \(source.enabled)"]
        switch source.adapter {
        case .opcua(let opcua):
            lines += [
                "    protocol: opcua", "    endpoint: \(quoted(opcua.endpoint))",
            ]
            if let thing = opcua.thing { lines.append("    td: \(quoted(thing))") }
            lines += self.lines(of: opcua.reading)
            lines += self.lines(of: opcua.discovery)
            lines += self.lines(of: opcua.security)
            if !opcua.nodes.isEmpty {
                lines.append("    nodes:")
                lines += opcua.nodes.map(self.line)
            }
        case .mqtt(let mqtt): lines += self.lines(of: mqtt)
        case .modbus(let modbus):
            lines += [
                "    protocol: modbus", "    endpoint: \(quoted(modbus.endpoint))",
                "    unit_id: \(modbus.unitID)", "    poll_interval_ms: \(milliseconds(modbus.pollInterval))",
                "    timeout: \(milliseconds(modbus.options.timeout))ms", "    retries: \(modbus.options.retries)",
                "    max_in_flight: \(modbus.options.maxInFlight)", "    gap: \(modbus.options.gap)",
                "    max_registers: \(modbus.options.maxRegisters)",
                "    registers: # \(modbus.registers.count)",
            ]
        }
        lines.append("    emit_quality_on_disconnect: \(source.emitQualityOnDisconnect)")
        return lines
    }

    private static func lines(of reading: TagReading) -> [String] {
        var lines = [
            "    mode: \(reading.mode.rawValue)",
            "    publishing_interval_ms: \(milliseconds(reading.publishingInterval))",
            "    poll_interval_ms: \(milliseconds(reading.pollInterval))",
            "    discard_policy: \(reading.discardPolicy.rawValue)",
            "    data_change_trigger: \(reading.trigger.rawValue)", "    expand_arrays: \(reading.expandsArrays)",
        ]
        if let sampling = reading.samplingInterval {
            lines.append("    sampling_interval_ms: \(milliseconds(sampling))")
        }
        if let queueSize = reading.queueSize { lines.append("    queue_size: \(queueSize)") }
        if let items = reading.itemsPerSubscription { lines.append("    items_per_subscription: \(items)") }
        switch reading.deadband {
        case .absolute(let value): lines.append("    deadband: {absolute: \(value)}")
        case .percent(let value): lines.append("    deadband: {percent: \(value)}")
        case nil: break
        }
        return lines
    }

    private static func lines(of discovery: TagDiscovery) -> [String] {
        var lines = [
            "    variable_limit: \(discovery.variableLimit)",
            "    follow_model_changes: \(discovery.followsModelChanges)",
        ]
        if let depth = discovery.depth { lines.append("    depth: \(depth)") }
        if let interval = discovery.rebrowseInterval {
            lines.append("    rebrowse_interval_s: \(interval.components.seconds)")
        }
        for (key, globs) in [("include", discovery.include), ("exclude", discovery.exclude)] where !globs.isEmpty {
            lines.append("    \(key): [\(globs.map { quoted($0.description) }.joined(separator: ", "))]")
        }
        return lines
    }

    private static func line(of node: NodeSelection) -> String {
        var parts = ["\(node.isPath ? "browse_path" : "node_id"): \(quoted(node.text))"]
        if node.isRecursive { parts.append("recursive: true") }
        if let depth = node.depth { parts.append("depth: \(depth)") }
        let intervals = [
            ("sampling", node.intervals.sampling), ("publishing", node.intervals.publishing),
            ("poll", node.intervals.poll),
        ]
        for case (let key, let interval?) in intervals {
            parts.append("\(key)_interval_ms: \(milliseconds(interval))")
        }
        return parts.count == 1 && !node.isPath
            ? "      - \(quoted(node.text))" : "      - {\(parts.joined(separator: ", "))}"
    }

    private static func lines(of security: OPCUASourceSecurity) -> [String] {
        var lines = [
            "    allow_deprecated: \(security.allowDeprecated)", "    trust_on_first_use: \(security.trustOnFirstUse)",
        ]
        if let username = security.username { lines.append("    username: \(quoted(username))") }
        if security.password != nil { lines.append("    password: \"\(mask)\"") }
        let words = [
            ("mode", security.modeName), ("policy", security.policyName), ("certificate", security.certificate),
            ("private_key", security.privateKey), ("server_certificate", security.serverCertificate),
            ("user_certificate", security.userCertificate), ("user_private_key", security.userPrivateKey),
        ]
        let given = words.compactMap { key, word in word.map { "      \(key): \(quoted($0))" } }
        return lines + ["    security:", "      require_crl: \(security.requireCRL)"] + given
    }

    private static func lines(of target: TargetSettings) -> [String] {
        switch target {
        case .zerobus(let zerobus):
            let parts = zerobus.table.split(separator: ".")
            return [
                "zerobus:", "  workspace_host: \(quoted(zerobus.workspace))",
                "  zerobus_endpoint: \(quoted(zerobus.endpoint))",
                "  # reached \(zerobus.proxy.description.map { "through the proxy \($0)" } ?? "directly")", "  auth:",
                "    client_id: \(quoted(zerobus.clientID))", "    client_secret: \"\(mask)\"", "  default_target:",
                "    kind: zerobus", "    catalog: \(parts[0])", "    schema: \(parts[1])", "    table: \(parts[2])",
                "    layout: \(zerobus.layout.name)", "    streams: \(zerobus.streams)",
            ]
        case .local(let local):
            return [
                "zerobus:", "  default_target:", "    kind: local # \(local.path)", "    table: \(local.table)",
                "    layout: \(local.layout.name)",
            ]
        case .notConfigured(_, let missing):
            return ["zerobus: # not complete, rows are only journalled; missing: \(missing)"]
        case .disabled:
            return ["zerobus:", "  enabled: false"]
        }
    }

    private static func lines(of lane: LaneSettings) -> [String] {
        var lines = [
            "  retry:", "    initial_delay_ms: \(milliseconds(lane.retry.initialDelay))",
            "    max_delay_ms: \(milliseconds(lane.retry.maxDelay))", "    multiplier: \(lane.retry.multiplier)",
            "  circuit_breaker:", "    failure_threshold: \(lane.breaker.failureThreshold)",
            "    open_seconds: \(lane.breaker.openTime.components.seconds)",
            "    success_threshold: \(lane.breaker.successThreshold)",
            "backpressure:", "  backlog_share: \(lane.backlogShare)", "  durability: \(lane.durability.rawValue)",
            "  drop_policy: \(lane.policy.rawValue)",
            "  memory:", "    max_records: \(lane.memoryRecordsMax)", "  disk_spool:", "    enabled: \(lane.usesDisk)",
            "    max_size_mb: \(lane.journalMegabytesMax)", "    encryption: \(lane.encryption)",
        ]
        if let directory = lane.directory { lines.append("    directory: \(quoted(directory))") }
        lines += ["dead_letters:", "  max_size_mb: \(lane.deadLettersMegabytesMax)"]
        return lines
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    /// A YAML double-quoted scalar; JSON strings are valid ones.
    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}
