import ConnectorModel
import Foundation
import Testing

@testable import ConnectorObservability

@Suite struct ConnectorMetricsTests {
    private func text(source: String = "press", lastReceived: Timestamp? = nil) -> String {
        ConnectorMetrics.text(
            of: SampleLine.snapshot(source: source, lastReceived: lastReceived),
            process: ProcessFigures(cpuSeconds: 1.25, residentBytes: 4096, openFiles: 12), now: SampleLine.now)
    }

    @Test(arguments: [
        "connector_connected_sources 1",
        "connector_sources_connected 1",
        "connector_events_ingested_total{source=\"press\",protocol=\"opcua\"} 123",
        "connector_records_read_total{source_name=\"idle\",protocol=\"mqtt\"} 0",
        "connector_samples_total{source=\"press\",quality=\"uncertain\"} 20",
        "connector_source_last_value_age_seconds{source=\"press\"} 1.5",
        "connector_reconnections_total{source=\"press\"} 2",
        "connector_source_failures_total{source=\"idle\"} 9",
        "connector_polls_skipped_total{source=\"press\"} 6",
        "connector_messages_missed_total{source=\"press\"} 7",
        "connector_messages_redelivered_total{source=\"press\"} 4",
        "connector_source_items{source=\"press\",state=\"wanted\"} 12",
        "connector_source_items{source=\"press\",state=\"created\"} 10",
        "connector_source_items{source=\"press\",state=\"failed\"} 2",
        "connector_source_subscriptions{source=\"press\"} 3",
        "connector_source_queue_overflows_total{source=\"press\"} 13",
        "connector_readings_suppressed_total{source=\"press\",reason=\"deadband\"} 0",
        "connector_tag_type_changes_total{source=\"press\"} 14",
        "connector_tag_path_collisions{source=\"press\"} 4",
        "connector_array_elements_left_out_total{source=\"press\"} 15",
        "connector_source_incidents_total{source=\"press\",kind=\"sequence_gap\"} 16",
        "connector_source_publish_latency_seconds{source=\"press\"} 0.25",
        "connector_events_durable_total{source=\"press\",target=\"main\"} 120",
        "connector_events_sent_total{target=\"main\"} 108",
        "connector_records_written_total{target=\"main\"} 108",
        "connector_queue_depth{source=\"press\",target=\"main\"} 9",
        "connector_events_dropped_total{source=\"press\",reason=\"too_large\"} 4",
        "connector_deadletters_total{source=\"press\",target=\"main\"} 2",
        "connector_spool_size_bytes{target=\"main\"} 3145728",
        "connector_spool_size_mb{target=\"main\"} 3",
        "connector_target_connected{target=\"main\"} 1",
        "connector_errors_total{error_type=\"source_link\"} 12",
        "connector_errors_total{error_type=\"journal_damaged_records\"} 8",
        "process_cpu_seconds_total 1.25",
        "process_resident_memory_bytes 4096",
        "process_open_fds 12",
    ])
    func figureIsTold(line: String) {
        #expect(text().split(separator: "\n").contains(Substring(line)))
    }

    @Test func aSourceThatNeverSpokeHasNoAge() {
        #expect(!text().contains("age_seconds{source=\"idle\"}"))
    }

    @Test func everyLineIsWellFormedWhateverASourceIsCalled() throws {
        let sample = try Regex(#"[a-z_]+(\{[a-z_]+="([^"\\\n]|\\["\\n])*"(,[a-z_]+="([^"\\\n]|\\["\\n])*")*\})? \S+"#)
        var seen: Set<String> = []
        for line in text(source: "a\"b\\c\r\nd{}").split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# TYPE ") {
                #expect(seen.insert(String(line)).inserted, "\(line) stands twice")
            } else if !line.hasPrefix("# HELP ") {
                #expect(line.wholeMatch(of: sample) != nil, "\(line)")
            }
        }
        #expect(!seen.isEmpty)
    }

    /// The page of metrics is what the code says; the failure shows the text that it should have.
    @Test func theDocumentListsTheseMetrics() throws {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let document = try String(contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
        #expect(document == Self.document(of: text()), "docs/metrics.md should read:\n\(Self.document(of: text()))")
    }

    private static func document(of text: String) -> String {
        var rows: [String] = []
        var help = ""
        var type = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP") {
                help = String(words[3])
            } else if line.hasPrefix("# TYPE") {
                type = String(words[3])
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let labels = line.split(separator: "{").dropFirst().first.map { inner in
                    inner.split(separator: "}")[0].split(separator: ",").map { $0.prefix { $0 != "=" } }
                }
                let row = "| `\(name)` | \(type) | \((labels ?? []).joined(separator: ", ")) | \(help) |"
                if !rows.contains(row) { rows.append(row) }
            }
        }
        return """
            # Metrics

            What the connector tells Prometheus (`monitoring.prometheus`, port 9090, `/metrics`). Named in
            `Sources/Connector/Observability/ConnectorMetrics.swift` and nowhere else; a test compares this page with it.

            | metric | type | labels | meaning |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }

    @Test func theProcessIsMeasured() throws {
        let before = ProcessFigures.now()
        let file = try #require(fopen("/dev/null", "r"))
        defer { fclose(file) }
        var sum = 0.0
        for index in 0..<200_000 { sum += Double(index).squareRoot() }
        let after = ProcessFigures.now()
        #expect(sum > 0)
        #expect(before.residentBytes > 1 << 20 && before.openFiles > 2)
        #expect(after.cpuSeconds > before.cpuSeconds)
    }
}
