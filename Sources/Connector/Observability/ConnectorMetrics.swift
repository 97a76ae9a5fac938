import ConnectorLane
package import ConnectorModel
package import ConnectorPipeline
import Resilience

/// Every metric of the connector: the only file that names them. `docs/metrics.md` describes the same list.
package enum ConnectorMetrics {
    /// The metrics in Prometheus text format.
    package static func text(of pipeline: PipelineSnapshot, process: ProcessFigures, now: Timestamp) -> String {
        var text = PrometheusText()
        sources(pipeline.sources, now, to: &text)
        lanes(pipeline, to: &text)
        text.metric("process_cpu_seconds_total", .counter, "CPU time of the process.", process.cpuSeconds)
        text.metric(
            "process_resident_memory_bytes", .gauge, "Resident memory of the process.", Double(process.residentBytes))
        text.metric("process_open_fds", .gauge, "Open file descriptors.", Double(process.openFiles))
        return text.text
    }

    private static func sources(_ sources: [SourceSnapshot], _ now: Timestamp, to text: inout PrometheusText) {
        let running = Double(sources.count { $0.isRunning })
        text.metric("connector_connected_sources", .gauge, "Sources whose link works.", running)
        text.metric("connector_sources_connected", .gauge, "The same as connector_connected_sources.", running)
        text.metric(
            "connector_events_ingested_total", .counter, "Readings taken from a source.",
            sources.map { source in
                (
                    [("source", source.identity.name), ("protocol", source.identity.protocolType)],
                    Double(source.intake.counts.all)
                )
            })
        text.metric(
            "connector_records_read_total", .counter, "The same as connector_events_ingested_total.",
            sources.map { source in
                (
                    [("source_name", source.identity.name), ("protocol", source.identity.protocolType)],
                    Double(source.intake.counts.all)
                )
            })
        text.metric(
            "connector_samples_total", .counter, "Readings by quality.",
            sources.flatMap { source in
                let counts = source.intake.counts
                return [(Quality.good, counts.good), (.uncertain, counts.uncertain), (.bad, counts.bad)].map {
                    ([("source", source.identity.name), ("quality", $0.name)], Double($1))
                }
            })
        text.metric(
            "connector_source_last_value_age_seconds", .gauge, "Time since the last reading of a source.",
            sources.compactMap { source in
                source.intake.lastReceived.map {
                    ([("source", source.identity.name)], Double(now.microseconds - $0.microseconds) / 1e6)
                }
            })
        text.metric(
            "connector_reconnections_total", .counter, "Links that worked and ended.",
            sources.map { ([("source", $0.identity.name)], Double($0.reconnections)) })
        text.metric(
            "connector_source_failures_total", .counter, "Links that could not be made or ended.",
            sources.map { ([("source", $0.identity.name)], Double($0.failures)) })
        text.metric(
            "connector_polls_skipped_total", .counter, "Polls that were due while the lane had no room.",
            sources.map { ([("source", $0.identity.name)], Double($0.intake.skippedPolls)) })
        text.metric(
            "connector_messages_missed_total", .counter, "Messages that the other side could not send again.",
            sources.map { ([("source", $0.identity.name)], Double($0.intake.missedMessages)) })
        text.metric(
            "connector_messages_redelivered_total", .counter,
            "Messages that the other side sent again; their rows may be there twice.",
            sources.map { ([("source", $0.identity.name)], Double($0.intake.redeliveredMessages)) })
        tags(sources, to: &text)
        diagnostics(sources, to: &text)
    }

    /// What is made of tags and their readings on their way.
    private static func tags(_ sources: [SourceSnapshot], to text: inout PrometheusText) {
        text.metric(
            "connector_readings_suppressed_total", .counter, "Readings that conditioning made no row of, by reason.",
            sources.flatMap { source in
                TagConditioner.Reason.allCases.map { reason in
                    (
                        [("source", source.identity.name), ("reason", reason.rawValue)],
                        Double(source.intake.counts.suppressed[reason])
                    )
                }
            })
        text.metric(
            "connector_tag_type_changes_total", .counter, "Values of another type than the one before of their tag.",
            sources.map { ([("source", $0.identity.name)], Double($0.intake.counts.typeChanges)) })
        text.metric(
            "connector_tag_path_collisions", .gauge, "Tags that were renamed, as their path was another tag's.",
            sources.map { ([("source", $0.identity.name)], Double($0.intake.counts.renamedTags)) })
    }

    /// Figures of those sources that ask the other side for single items.
    private static func diagnostics(_ sources: [SourceSnapshot], to text: inout PrometheusText) {
        let known = sources.compactMap { source in
            source.intake.diagnostics.map { (source: [("source", source.identity.name)], figures: $0) }
        }
        text.metric(
            "connector_source_items", .gauge, "Items of a source by what became of them.",
            known.flatMap { source, figures in
                [
                    ("wanted", figures.itemsWanted), ("created", figures.itemsCreated),
                    ("failed", figures.itemsFailed),
                ].map { (source + [("state", $0)], Double($1)) }
            })
        text.metric(
            "connector_source_subscriptions", .gauge, "Open subscriptions of a source.",
            known.map { ($0.source, Double($0.figures.subscriptions)) })
        text.metric(
            "connector_source_queue_overflows_total", .counter,
            "Values that the other side gave up as its queue was full.",
            known.map { ($0.source, Double($0.figures.queueOverflows)) })
        text.metric(
            "connector_array_elements_left_out_total", .counter, "Elements without a row as their array is too long.",
            known.map { ($0.source, Double($0.figures.elementsLeftOut)) })
        text.metric(
            "connector_source_incidents_total", .counter, "What a source met that is not in order, by kind.",
            known.flatMap { source, figures in
                figures.incidents.sorted { $0.key < $1.key }.map { (source + [("kind", $0.key)], Double($0.value)) }
            })
        text.metric(
            "connector_source_publish_latency_seconds", .gauge,
            "From the sending of the last message to its arrival, by both clocks.",
            known.compactMap { source, figures in figures.publishLatencySeconds.map { (source, $0) } })
    }

    private static func lanes(_ pipeline: PipelineSnapshot, to text: inout PrometheusText) {
        let lanes = pipeline.lanes.map(\.lane)
        func perTarget(_ value: (LaneSnapshot) -> Double) -> [([(String, String)], Double)] {
            lanes.map { ([("target", $0.name)], value($0)) }
        }
        text.metric(
            "connector_events_durable_total", .counter, "Rows that are safe in the journal, of this run.",
            lanes.flatMap { lane in
                lane.sources.sorted { $0.key < $1.key }.map { source, account in
                    ([("source", source), ("target", lane.name)], Double(account.durable))
                }
            })
        text.metric(
            "connector_events_sent_total", .counter, "Rows acknowledged by the target.",
            perTarget { Double($0.total.delivered) })
        text.metric(
            "connector_records_written_total", .counter, "The same as connector_events_sent_total.",
            perTarget { Double($0.total.delivered) })
        text.metric(
            "connector_queue_depth", .gauge, "Rows that are not acknowledged yet.",
            lanes.flatMap { lane in
                lane.sources.sorted { $0.key < $1.key }.map { source, account in
                    ([("source", source), ("target", lane.name)], Double(account.waiting))
                }
            })
        text.metric(
            "connector_events_dropped_total", .counter, "Rows given up, with the reason.",
            lanes.flatMap { lane in
                lane.sources.sorted { $0.key < $1.key }.flatMap { source, account in
                    DropReason.allCases.map { reason in
                        ([("source", source), ("reason", reason.rawValue)], Double(account.drops[reason]))
                    }
                }
            })
        text.metric(
            "connector_deadletters_total", .counter, "Rows refused for good and kept among the dead letters.",
            lanes.flatMap { lane in
                lane.sources.sorted { $0.key < $1.key }.map { source, account in
                    ([("source", source), ("target", lane.name)], Double(account.deadLetters))
                }
            })
        text.metric(
            "connector_spool_size_bytes", .gauge, "Size of the journal on disk.",
            perTarget { Double($0.journalBytes) })
        text.metric(
            "connector_spool_size_mb", .gauge, "Size of the journal on disk, in MiB.",
            perTarget { Double($0.journalBytes) / 1_048_576 })
        text.metric(
            "connector_target_connected", .gauge, "1 while a stream to the target is open.",
            perTarget { $0.isConnected ? 1 : 0 })
        text.metric(
            "connector_circuit_breaker_state", .gauge, "The breaker before a target: 0 closed, 1 open, 2 half open.",
            perTarget { Double($0.breaker.metric) })
        text.metric(
            "connector_errors_total", .counter, "Failures by kind.",
            [
                ([("error_type", "target_stream")], Double(lanes.reduce(0) { $0 + $1.failures })),
                ([("error_type", "source_link")], Double(pipeline.sources.reduce(0) { $0 + $1.failures })),
                ([("error_type", "journal_damaged_records")], Double(lanes.reduce(0) { $0 + $1.damagedRecords })),
            ])
    }
}
