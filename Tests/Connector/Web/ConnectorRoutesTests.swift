import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import Foundation
import Logging
import NIOCore
import NIOPosix
import Resilience
import TestKit
import Testing
import WebSupport

@testable import ConnectorWeb

/// The shapes that scripts and monitors rely on.
@Suite(.timeLimit(.minutes(1))) struct ConnectorRoutesTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Quiet: Source {
        let identity = SourceIdentity(
            name: "press", protocolType: "opcua", endpoint: "opc.tcp://plc:4840",
            statusName: { $0 == 0 ? "Good" : "Code\($0)" })
        func run(_ intake: Intake) async throws {}
    }

    /// A line with one source that has two tags and a row each, journalled and not sent.
    private func withServer(
        metricsPath: String? = nil, _ body: @escaping @Sendable (LocalHTTP, Intake) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let lane = try Lane(name: "main", directory: folder + "/journal", logger: Self.logger)
            let source = Quiet()
            let supervisor = SourceSupervisor(
                source: source, intake: Intake(source: source.identity, layout: .rawEvents, sink: lane),
                backoff: Backoff(), emitQualityOnDisconnect: true, logger: Self.logger)
            let intake = supervisor.intake
            lane.attach(source: source.identity.name, listener: intake)
            intake.deliver(receivedAt: .now()) { frame in
                let power = frame.define(TagDefinition(address: "plant/power", unit: "kW"))
                frame.append(Reading(.double(1.5), .opcuaDouble, at: Timestamp(microseconds: 5)), of: power)
                let text = frame.define(TagDefinition(address: "plant/text"))
                let long = String(repeating: "ä", count: 1_000_000)
                frame.append(Reading(.string(long), .opcuaString, status: Status(code: -5, quality: .bad)), of: text)
            }
            let pipeline = Pipeline(
                lanes: [TargetLane(lane: lane, target: nil, supervisors: [supervisor])], logger: Self.logger)
            let routes = ConnectorRoutes(pipeline: pipeline, version: "1.2.3")
            let table = metricsPath.map { routes.metrics(path: $0) } ?? routes.table
            try await WebServer.withRunning(
                configuration: WebServerConfiguration(port: 0), routes: table, logger: Self.logger
            ) { try await body(LocalHTTP(port: $0), intake) }
            await lane.close()
        }
    }

    @Test func statusTellsOfSourcesTargetAndFlow() async throws {
        try await withServer { http, _ in
            let status = try await http.json("/api/status")
            #expect(status["status"].text == "degraded" && status["version"].text == "1.2.3")
            #expect(status["zerobus_connected"] == .bool(false))
            #expect(status["records_received"].integer == 2 && status["records_acknowledged"].integer == 0)
            #expect(status["queue_depth"].integer == 2 && status["tags"].integer == 2)
            #expect((status["uptime_seconds"].double ?? -1) >= 0 && status["journal_bytes"].integer != nil)
            #expect(status["target"]["name"].text == "main")
            #expect(status["target"]["destination"].text == "not configured")
            #expect(status["target"]["state"].text?.isEmpty == false)
            let source = try #require(status["sources"].array.first)
            #expect(source["name"].text == "press" && source["protocol"].text == "opcua")
            #expect(source["endpoint"].text == "opc.tcp://plc:4840" && source["status"].text == "stopped")
            #expect(source["tags"].integer == 2 && source["records_read"].integer == 2)
            #expect(source["reconnections"].integer == 0 && source["reason"] == .null)
            #expect((source["last_value_age_seconds"].double ?? -1) >= 0)
        }
    }

    @Test func healthHasTheShapeThatIsPromised() async throws {
        try await withServer { http, _ in
            let health = try await http.json("/health")
            #expect(health["status"].text == "degraded" && health["version"].text == "1.2.3")
            #expect(health["timestamp"].text?.hasSuffix("Z") == true)
            #expect(health["zerobus"]["connected"] == .bool(false))
            let source = try #require(health["sources"].array.first)
            #expect(source["name"].text == "press" && source["protocol"].text == "opcua")
            #expect(source["status"].text == "stopped" && source["records_read"].integer == 2)
            #expect(health["backpressure"]["queue_depth"].integer == 2)
            #expect(health["backpressure"]["records_dropped"].integer == 0)
            #expect(health["backpressure"]["spool_size_mb"].double != nil)
            #expect(try await http.json("/health/live")["status"].text == "live")
            #expect(try await http.json("/health/ready")["status"].text == "ready")
        }
    }

    @Test func thePageIsServedWithAPolicyThatItKeeps() async throws {
        try await withServer { http, _ in
            for (path, type) in [("/", "text/html"), ("/page.js", "text/javascript"), ("/style.css", "text/css")] {
                let answer = try await http.get(path)
                #expect(answer.status == 200 && answer.headers["content-type"]?.hasPrefix(type) == true)
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'self'") == true)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
            }
            let page = try await http.get("/").text
            // Scripts and styles inside the page would be blocked by that policy.
            #expect(page.contains("/page.js") || page.contains("page.js"))
            #expect(!page.contains("<style") && !page.contains(" onclick=") && !page.contains(" style="))
            let strange = try await http.get("/api/status", headers: ["Host": "evil.example"]).status
            #expect(strange == 403)
            let posted = try await http.post("/api/status", "{}").status
            #expect(posted == 405)
        }
    }

    @Test func deadLettersAreListedReadTriedAndPurged() async throws {
        try await withServer { http, intake in
            for text in ["{", "}"] {
                intake.deliver { $0.refuse(Array(text.utf8), topic: "hall/3", reason: "no JSON") }
            }
            var list = try await http.json("/api/deadletters")
            while list["count"].integer != 2 { list = try await http.json("/api/deadletters") }
            let ids = list["deadletters"].array.compactMap { $0["id"].text }
            let first = try #require(list["deadletters"].array.first)
            #expect(first["target"].text == "main" && first["stage"].text == "payload")
            #expect(first["source"].text == "press" && first["reason"].text == "no JSON")
            #expect(first["topic"].text == "hall/3" && first["record_id"] == .null && first["content"] == .null)
            #expect(first["bytes"].integer == 1 && first["time"].text?.hasSuffix("Z") == true)
            let status = try await http.json("/api/status")
            #expect(status["target"]["dead_letters"].integer == 2)

            let page = try await http.json("/api/deadletters?limit=1&target=main&after=\(ids[0])")
            #expect(page["deadletters"].array.map { $0["id"].text } == [ids[1]])
            let one = try await http.json("/api/deadletters/\(ids[0])")
            #expect(one["content"].text == "ew==")

            for (path, wanted) in [
                ("?limit=0", 400), ("?limit=1001", 400), ("?after=none", 404), ("?target=none", 404), ("/none", 404),
            ] {
                #expect(try await http.get("/api/deadletters" + path).status == wanted, "\(path)")
            }
            for body in ["{}", "[]", "", #"{"ids":["\(ids[0])"],"all":true}"#] {
                #expect(try await http.post("/api/deadletters/purge", body).status == 400, "\(body)")
            }
            #expect(try await http.post("/api/deadletters/purge", #"{"ids":["none"]}"#).status == 404)

            // The source has nobody who tries payloads again: they stay.
            let kept = try await http.post("/api/deadletters/retry", #"{"all":true}"#)
            #expect(kept.text == #"{"kept":2,"retried":0,"status":"ok"}"#)
            intake.decodeAgain { payload in
                intake.deliver { $0.refuse(payload.bytes, topic: payload.topic, reason: "still no JSON") }
                return true
            }
            let retried = try await http.post("/api/deadletters/retry", #"{"ids":["\#(ids[0])"]}"#)
            #expect(retried.text == #"{"kept":0,"retried":1,"status":"ok"}"#)
            let reasons = try await http.json("/api/deadletters")["deadletters"].array.map { $0["reason"].text }
            #expect(reasons == ["no JSON", "still no JSON"])
            let purged = try await http.post("/api/deadletters/purge", #"{"all":true,"target":"main"}"#)
            #expect(purged.text == #"{"purged":2,"status":"ok"}"#)
            let empty = try await http.json("/api/deadletters")
            #expect(empty["count"].integer == 0 && empty["deadletters"].array.isEmpty)
        }
    }

    @Test func metricsStandOnAPathOfTheirOwn() async throws {
        try await withServer(metricsPath: "/figures") { http, _ in
            let answer = try await http.get("/figures")
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(answer.text.contains("connector_events_ingested_total{source=\"press\",protocol=\"opcua\"} 2\n"))
            let status = try await http.get("/api/status").status
            #expect(status == 404)
        }
    }

    @Test func theLiveFeedSendsStatusAndValues() async throws {
        try await withServer { http, _ in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: http.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            let text = try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(
                        string: "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
                var bytes = ByteBuffer()
                for try await part in inbound {
                    bytes.writeImmutableBuffer(part)
                    if String(buffer: bytes).hasSuffix("}]}") { break }
                }
                return String(buffer: bytes)
            }
            #expect(text.hasPrefix("HTTP/1.1 101"))
            let start = try #require(text.range(of: "{\"status\":"))
            let live = try JSONValue.parse(String(text[start.lowerBound...]))
            #expect(live["type"].text == "status" && live["status"]["records_received"].integer == 2)
            let values = live["values"].array
            #expect(values.count == 2)
            #expect(values.first?["tag"].text == "plant/power" && values.first?["value"].text == "1.5")
            #expect(values.first?["unit"].text == "kW" && values.first?["quality"].text == "good")
            #expect(values.first?["time"].integer == 5 && values.first?["source"].text == "press")
            // A page shows the beginning of a long text; the row has all of it.
            #expect(values.last?["value"].text == String(repeating: "ä", count: 200) + "…")
            #expect(values.last?["status"].text == "Code-5")
        }
    }
}
