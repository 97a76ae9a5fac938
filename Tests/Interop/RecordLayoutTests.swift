import ConnectorLane
import ConnectorModel
import Foundation
import Logging
import Synchronization
import TestKit
import Testing

extension ForeignPeers {
    /// What leaves a lane, read by Google's protobuf with the descriptor that a stream is opened with.
    @Suite struct RecordLayouts {
        private static let received = Timestamp(microseconds: 1_700_000_000_123_456)
        private static let source = SourceIdentity(
            name: "line-1", protocolType: "modbus", endpoint: "modbus://plc",
            statusName: { $0 == 0 ? "Good" : "C\($0)" })
        private static let tag = TagDefinition(
            address: "7/holding/100", name: "speed", unit: "rpm",
            metadata: [
                "unit_id": "7", "register_type": "holding", "register_address": "100", "scale": "0.1", "node_id": "i=1",
                "namespace": "0", "qos": "0", "retain": "false", "site": "Ulm", "plc_name": "P1",
            ])

        /// Readings with the text and the number that a row shows of each; nil where the column is absent.
        private static let readings: [(reading: Reading, text: String?, number: Double?)] = [
            (Reading(.double(12.5), .float64, at: Timestamp(microseconds: 0)), "12.5", 12.5),
            (Reading(.double(.nan), .float64), "NaN", nil), (Reading(.double(.infinity), .float64), "Infinity", nil),
            (Reading(.double(-.infinity), .float64), "-Infinity", nil),
            (Reading(.none, .float64, status: Status(code: -1, quality: .bad)), nil, nil),
            (Reading(.uint(.max), .uint64), "18446744073709551615", 18_446_744_073_709_551_616),
            (Reading(.uint(9_223_372_036_854_775_809), .uint64), "9223372036854775809", 9_223_372_036_854_775_808),
            (Reading(.int(.min), .int64), "-9223372036854775808", -9_223_372_036_854_775_808),
            // Zero values are there, not absent.
            (Reading(.int(0), .int32), "0", 0), (Reading(.bool(false), .bool), "false", 0),
            (Reading(.string(""), .string), "", nil), (Reading(.bytes([0, 255]), .bytes), "AP8=", nil),
            (Reading(.json("{\"a\":1}"), .json), "{\"a\":1}", nil),
        ]

        /// Keeps what it is sent.
        private final class Kept: Target {
            let destination = "kept"
            let batches = Mutex<[RecordBatch]>([])

            func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
                try await body(Stream(self))
            }

            private final class Stream: TargetStream {
                let target: Kept
                let acknowledgements = AsyncStream<Int64>.makeStream()
                init(_ target: Kept) { self.target = target }

                func send(_ batch: RecordBatch) async throws {
                    let offset = target.batches.withLock { batches in
                        batches.append(batch)
                        return Int64(batches.count - 1)
                    }
                    acknowledgements.continuation.yield(offset)
                }

                func nextAcknowledgement() async throws -> Int64? {
                    for await offset in acknowledgements.stream { return offset }
                    return nil
                }
            }
        }

        private func sent(_ layout: RecordLayout) async throws -> RecordBatch {
            let lane = try Lane(
                name: "test", directory: "", store: .memory, batch: BatchLimits(layout: layout),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let target = Kept()
            let intake = Intake(source: Self.source, layout: layout, sink: lane)
            let id = intake.define(Self.tag)
            intake.deliver(receivedAt: Self.received) { frame in
                for (reading, _, _) in Self.readings { frame.append(reading, of: id, metadata: [("backfill", "true")]) }
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await lane.runForwarder(to: target) }
                #expect(await lane.drain(within: .seconds(30)))
                group.cancelAll()
            }
            await lane.close()
            return try #require(target.batches.withLock { $0.first })
        }

        @Test(arguments: RecordLayout.all) func pythonReadsTheRowsThatWeMeant(layout: RecordLayout) async throws {
            let batch = try await sent(layout)
            try await withTemporaryDirectory { directory in
                let document = [
                    "descriptor": Data(layout.descriptor()).base64EncodedString(),
                    "batch": Data(batch.body).base64EncodedString(),
                ]
                let file = directory + "/sent.json"
                try JSONEncoder().encode(document).write(to: URL(fileURLWithPath: file))
                let read = try await runPeer("Tests/Interop/peers/record_reader.py", [file])
                #expect(read["fields"].array.compactMap(\.text) == layout.columns.map(\.name))
                let rows = read["rows"].array
                #expect(rows.count == Self.readings.count)
                var names: Set<String> = []
                for (row, wanted) in zip(rows, Self.readings) {
                    #expect(row["unknown"].integer == 0)
                    for column in layout.columns {
                        let value = row["row"][column.name]
                        if let expected = expected(column, wanted) {
                            #expect(value == expected, "\(layout.name).\(column.name) of \(wanted.reading)")
                        } else {
                            names.insert(
                                column.content == .metadata ? value["record_id"].text ?? "" : value.text ?? "")
                        }
                    }
                }
                // Each has a name of its own, in its column or in the metadata.
                #expect(names.count == Self.readings.count && !names.contains(""))
            }
        }

        /// What the column holds; nil for what holds the record's name.
        private func expected(
            _ column: RecordLayout.Column, _ wanted: (reading: Reading, text: String?, number: Double?)
        ) -> JSONValue? {
            let reading = wanted.reading
            let time = (reading.sourceTime ?? Self.received).microseconds
            let isGood = reading.status == .good
            switch column.content {
            case .sourceName: return .string("line-1")
            case .endpoint: return .string("modbus://plc")
            case .protocolType: return .string("modbus")
            case .address, .tagPath: return .string("7/holding/100")
            case .name: return .string("speed")
            case .unit: return .string("rpm")
            case .tagID: return .string(Self.tag.tagIdentity(in: Self.source))
            case .property(let key): return property(key, column.type)
            case .scaleDivisor: return .integer(10)
            case .eventTime: return .integer(time)
            case .eventMilliseconds: return .integer(time / 1000)
            case .ingestTime: return .integer(Self.received.microseconds)
            case .valueText: return wanted.text.map { .string($0) } ?? .null
            case .valueNumber: return wanted.number.map(number) ?? .null
            case .valueBytes:
                if case .bytes(let bytes) = reading.value { return .string(Data(bytes).base64EncodedString()) }
                return .null
            case .unscaledValue:
                guard let value = wanted.number else { return .null }
                return .integer(
                    Int64(Int32(clamping: Int64(exactly: (value * 10).rounded()) ?? (value > 0 ? .max : .min))))
            case .valueType: return .string(reading.type.name)
            case .dataType: return .string(reading.type.kind)
            case .statusCode: return .integer(isGood ? 0 : -1)
            case .statusBits: return .integer(isGood ? 0 : 0xFFFF_FFFF)
            case .statusName: return .string(isGood ? "Good" : "C-1")
            case .quality: return .string(isGood ? "good" : "bad")
            case .metadata, .recordID: return nil
            }
        }

        private func property(_ key: String, _ type: RecordLayout.ColumnType) -> JSONValue {
            let text = Self.tag.metadata[key]
            switch type {
            case .int, .bigint: return .integer(text.flatMap { Int64($0) } ?? 0)
            case .boolean: return .bool(text == "true")
            default: return .string(text ?? "")
            }
        }

        /// As JSON is read here: a number without a fraction is an integer, unless it is written with an exponent.
        private func number(_ value: Double) -> JSONValue {
            value.magnitude < 1e15 ? Int64(exactly: value).map { .integer($0) } ?? .number(value) : .number(value)
        }
    }
}
