import ConnectorConfiguration
import ConnectorModel
import Logging
import MQTTAdapter
import ModbusAdapter
import OPCUAAdapter
import ProtobufWire
import Synchronization

/// A source that runs for a while without a lane: its readings are handed out as rows and kept nowhere.
final class SourceSample: Sendable {
    let intake: Intake
    private let source: any Source
    private let sink: RowSink

    init(_ source: any Source, options: IntakeOptions) {
        self.source = source
        sink = RowSink()
        intake = Intake(source: source.identity, layout: .rawEvents, sink: sink, options: options)
    }

    /// Runs the source.
    ///
    /// - Parameters:
    ///   - untilEachTagHasAReading: ends as soon as there are tags and none is without.
    ///   - each: called for each reading, in the order in which they came.
    /// - Throws: `CommandError` when the link cannot be made or ends.
    func collect(
        for limit: Duration, untilEachTagHasAReading: Bool, each: @escaping @Sendable (ReadingRow) -> Void
    ) async throws {
        sink.setReceiver(each)
        let (source, intake) = (source, intake)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await source.run(intake) }
                group.addTask { try await Task.sleep(for: limit) }
                if untilEachTagHasAReading {
                    group.addTask {
                        while !Self.isComplete(intake) { try await Task.sleep(for: .milliseconds(20)) }
                    }
                }
                try await group.next()
            }
        } catch let failure as SourceFailure {
            throw CommandError("\(intake.source.name): \(failure.message)")
        }
    }

    private static func isComplete(_ intake: Intake) -> Bool {
        let values = intake.lastValues(limit: .max)
        return !values.isEmpty && values.allSatisfy { $0.reading != nil || !$0.isWanted }
    }
}

/// Takes frames in place of a lane and reads their records back into rows.
private final class RowSink: FrameSink {
    private struct State {
        var prefixes: [[UInt8]] = []
        var tickets: UInt64 = 0
        var receiver: (@Sendable (ReadingRow) -> Void)?
    }

    private let state = Mutex(State())
    private let decoder = RecordDecoder(layout: .rawEvents)
    private let columns: [String: Int] = Dictionary(
        uniqueKeysWithValues: RecordLayout.rawEvents.columns.enumerated().map { ($1.name, $0) })

    func setReceiver(_ receiver: @escaping @Sendable (ReadingRow) -> Void) {
        state.withLock { $0.receiver = receiver }
    }

    func register(prefix: [UInt8]) -> UInt32 {
        state.withLock { state in
            state.prefixes.append(prefix)
            return UInt32(state.prefixes.count - 1)
        }
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        let (prefixes, receiver, ticket) = state.withLock { state in
            state.tickets += 1
            return (state.prefixes, state.receiver, Ticket(number: state.tickets))
        }
        if let receiver {
            for frame in frames { forEachRow(frame, prefixes, receiver) }
        }
        return ticket
    }

    /// Our own encoder wrote the frame a moment ago, so it can be read.
    private func forEachRow(
        _ frame: EncodedFrame, _ prefixes: [[UInt8]], _ receiver: (ReadingRow) -> Void
    ) {
        frame.entries.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            for _ in 0..<frame.count {
                guard let reference = try? reader.varint(), let suffix = try? reader.lengthDelimited(),
                    let index = Int(exactly: reference), prefixes.indices.contains(index)
                else { return }
                let record = prefixes[index] + suffix
                guard let values = record.withUnsafeBytes({ try? decoder.columns(of: $0) }) else { return }
                receiver(row(values))
            }
        }
    }

    private func row(_ values: [RecordDecoder.ColumnValue?]) -> ReadingRow {
        func value(_ column: String) -> RecordDecoder.ColumnValue? { columns[column].flatMap { values[$0] } }
        func text(_ column: String) -> String? {
            if case .text(let text) = value(column) { text } else { nil }
        }
        func integer(_ column: String) -> Int64 {
            if case .integer(let number) = value(column) { number } else { 0 }
        }
        var metadata: [String: String] = [:]
        if case .map(let map) = value("metadata") { metadata = map }
        let code = integer("status_code")
        return ReadingRow(
            timestamp: ISO8601.text(of: Timestamp(microseconds: integer("event_time"))),
            sensor: metadata["name"] ?? text("topic_or_path") ?? "", value: text("value"),
            source: text("source_name") ?? "", quality: code == 0 ? "good" : text("status") ?? "\(code)",
            unit: metadata["unit"], nodeID: metadata["node_id"], tagPath: metadata["tag_path"])
    }
}

extension ConnectorSettings {
    /// The source of that name.
    ///
    /// - Throws: `CommandError` that names those there are.
    func source(named name: String) throws -> SourceSettings {
        if let found = sources.first(where: { $0.name == name }) { return found }
        let names = sources.map(\.name).joined(separator: ", ")
        throw CommandError("there is no source '\(name)'" + (names.isEmpty ? "" : "; there are: \(names)"))
    }
}

extension SourceSettings {
    /// The adapter for `test` and `read`, which must not disturb a connector that runs on the same settings.
    /// - Throws: what the adapter finds wrong with its settings.
    func makeSourceForALook(stateDirectory: String, logger: Logger) throws -> any Source {
        switch adapter {
        case .mqtt(let mqtt): return MQTTSource(try mqtt.forALook(), logger: logger)
        // Without a cursor it takes no subscription away from a connector that runs.
        case .opcua(let opcua): return OPCUASource(opcua, pkiFolder: stateDirectory + "/pki", logger: logger)
        case .modbus, .notBuilt: return makeSource(stateDirectory: stateDirectory, logger: logger)
        }
    }

    /// The adapter of the source's protocol.
    /// - Parameter stateDirectory: holds the certificates.
    func makeSource(stateDirectory: String, logger: Logger) -> any Source {
        switch adapter {
        case .opcua(let opcua):
            OPCUASource(
                opcua, pkiFolder: stateDirectory + "/pki", cursorFolder: stateDirectory + "/watermarks", logger: logger)
        case .mqtt(let mqtt): MQTTSource(mqtt, logger: logger)
        case .modbus(let modbus): ModbusSource(modbus, logger: logger)
        case .notBuilt(let source): FailedSource(name: name, source)
        }
    }
}
