import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ProtobufWire
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// Our client against our server over loopback.
@Suite struct IngestTests {
    func get(_ ports: LocalServer.Ports, _ path: String) async throws -> String {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "http://127.0.0.1:\(ports.http)\(path)"), timeout: .seconds(10))
        return String(buffer: try await response.body.collect(upTo: 1 << 24))
    }

    @Test func batchesAndSingleRecordsWithTokens() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports)
            let end = try await client.withStream(try Telemetry.request()) { stream in
                #expect(UUID(uuidString: stream.streamID) != nil)
                for index in 0..<20 {
                    let offset = try await stream.send(
                        batchBody: Telemetry.batch(index * 100..<(index + 1) * 100), count: 100)
                    #expect(offset == Int64(index))
                }
                var writer = WireWriter()
                Telemetry.record(2000, into: &writer)
                #expect(try await stream.send(record: writer.takeBytes()) == 20)
                stream.finish()
                var last: Int64 = -1
                for await offset in stream.acknowledgements {
                    #expect(offset > last)
                    last = offset
                }
                #expect(last == 20)
            }
            #expect(end == .finished)
            #expect(try await get(ports, "/tables/main.plant.telemetry/count") == #"{"count":2001}"#)
            let rows = try await get(ports, "/tables/main.plant.telemetry/rows?limit=2")
            #expect(
                rows == #"{"rows":[{"tag":"tag-0","event_time":1760000000000000,"value":0.0,"quality":192},"#
                    + #"{"tag":"tag-1","event_time":1760000000000001,"value":0.5,"quality":192}]}"#)
            let newest = try await get(ports, "/tables/main.plant.telemetry/rows?limit=1&order=-event_time")
            #expect(newest.contains(#""value":1000.0"#))
            let catalog = try await get(ports, "/api/2.1/unity-catalog/tables/main.plant.telemetry")
            #expect(catalog.contains(#""type_name":"TIMESTAMP""#) && catalog.contains(#""name":"event_time""#))
        }
    }

    @Test func messagesThatGatherKeepTheirOrderAndTheirBounds() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports)
            let padding = String(repeating: "x", count: 50_000)
            let end = try await client.withStream(try Telemetry.request()) { stream in
                var writer = WireWriter()
                for index in 0..<3_000 {
                    // Now and then a large one, so that the queue fills by bytes too.
                    writer.field(1, string: index % 50 == 0 ? padding : "tag")
                    writer.field(2, int64: Int64(index))
                    let offset = try await stream.send(record: writer.takeBytes())
                    #expect(offset == Int64(index))
                }
                stream.finish()
                for await _ in stream.acknowledgements {}
            }
            #expect(end == .finished)
            #expect(try await get(ports, "/tables/main.plant.telemetry/count") == #"{"count":3000}"#)
            let last = try await get(ports, "/tables/main.plant.telemetry/rows?limit=1&order=-event_time")
            #expect(last.contains(#""event_time":2999"#))
        }
    }

    @Test func jsonRecordsIntoAnUndeclaredTable() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports, credentials: .bearer("local"))
            let request = CreateStreamRequest(table: try Telemetry.table("main.plant.json"), recordType: .json)
            let end = try await client.withStream(request) { stream in
                _ = try await stream.send(batchBody: Telemetry.jsonBatch(0..<50), count: 50)
                _ = try await stream.send(record: Array(#"{"tag":"x"}"#.utf8))
                stream.finish()
                for await _ in stream.acknowledgements {}
            }
            #expect(end == .finished)
            #expect(try await get(ports, "/tables/main.plant.json/count") == #"{"count":51}"#)
        }
    }

    @Test func aBadRowRefusesItsWholeMessageAndKeepsWhatCameBefore() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports)
            let end = try await client.withStream(try Telemetry.request()) { stream in
                _ = try await stream.send(batchBody: Telemetry.batch(0..<10), count: 10)
                _ = try await stream.send(batchBody: Telemetry.batch(10..<20) + [0x0A, 2, 0x48, 1], count: 11)
                var last: Int64 = -1
                for await offset in stream.acknowledgements { last = offset }
                #expect(last == 0)
            }
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.code == .invalidArgument && error.disposition == .permanent)
            #expect(error.message.contains("record 10 of offset 1: unknown field 9"))
            #expect(try await get(ports, "/tables/main.plant.telemetry/count") == #"{"count":10}"#)
        }
    }

    @Test func refusalsAtTheOpening() async throws {
        try await LocalWorld.with { configuration in
            configuration.autoCreate = false
            configuration.principal = ServicePrincipal(id: "me", secret: "right")
        } _: { ports, _ in
            func opening(_ credentials: Credentials, _ request: CreateStreamRequest) async throws -> ZerobusError? {
                let end = try await LocalWorld.client(ports, credentials: credentials).withStream(request) { _ in
                    Issue.record("opened")
                }
                if case .failed(let error) = end { return error }
                return nil
            }
            let request = try Telemetry.request()
            let right = Credentials.servicePrincipal(id: "me", secret: "right")
            #expect(try await opening(right, request)?.code == .notFound)  // --strict
            #expect(try await opening(.servicePrincipal(id: "me", secret: "wrong"), request)?.code == .unauthenticated)
            #expect(try await opening(.bearer("nonsense"), request)?.code == .unauthenticated)
            var broken = request
            broken.descriptor = [0xFF]
            #expect(try await opening(right, broken)?.code == .invalidArgument)
        }
    }

    @Test func declaredTablesAreTheContract() async throws {
        try await LocalWorld.with { ports, _ in
            var post = HTTPClientRequest(url: "http://127.0.0.1:\(ports.http)/tables")
            post.method = .POST
            post.body = .bytes(
                ByteBuffer(string: "CREATE TABLE main.plant.telemetry (tag STRING NOT NULL, value DOUBLE)"))
            let answer = try await HTTPClient.shared.execute(post, timeout: .seconds(10))
            #expect(answer.status.code == 201)
            let again = try await HTTPClient.shared.execute(post, timeout: .seconds(10))
            #expect(again.status.code == 409)
            let end = try await LocalWorld.client(ports).withStream(try Telemetry.request()) { _ in }
            guard case .failed(let error) = end else {
                Issue.record("accepted")
                return
            }
            #expect(error.message.contains("FIELD_NOT_IN_TABLE"))
        }
    }

    @Test func severalStreamsShareTheWriter() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports)
            let request = try Telemetry.request()
            try await withThrowingTaskGroup(of: StreamEnd.self) { group in
                for part in 0..<4 {
                    group.addTask {
                        try await client.withStream(request, limits: .init(maxInFlightMessages: 3)) { stream in
                            for index in 0..<25 {
                                let start = (part * 25 + index) * 10
                                _ = try await stream.send(batchBody: Telemetry.batch(start..<start + 10), count: 10)
                            }
                            stream.finish()
                            for await _ in stream.acknowledgements {}
                        }
                    }
                }
                for try await end in group { #expect(end == .finished) }
            }
            #expect(try await get(ports, "/tables/main.plant.telemetry/count") == #"{"count":1000}"#)
        }
    }

    @Test func anUnreachableServerIsTransientAndQuick() async throws {
        // Port 1 is never ours.
        let client = try LocalWorld.client(.init(grpc: 1, http: 1), credentials: .bearer("local"))
        let end = try await client.withStream(try Telemetry.request()) { _ in }
        guard case .failed(let error) = end else {
            Issue.record("\(end)")
            return
        }
        #expect(error.disposition == .transient)
        let tokens = try LocalWorld.client(.init(grpc: 1, http: 1))
        guard case .failed(let refused) = try await tokens.withStream(try Telemetry.request(), { _ in }) else {
            Issue.record("a stream without a token")
            return
        }
        #expect(refused.disposition == .transient && refused.message.contains("token endpoint"))
    }

    @Test func rowsSurviveARestartAndTwoServersDoNotShareAFolder() async throws {
        let folder = NSTemporaryDirectory() + "zerobus-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for round in 1...2 {
            try await LocalWorld.with(directory: folder) { ports, _ in
                let end = try await LocalWorld.client(ports).withStream(try Telemetry.request()) { stream in
                    _ = try await stream.send(batchBody: Telemetry.batch(0..<10), count: 10)
                    stream.finish()
                    for await _ in stream.acknowledgements {}
                }
                #expect(end == .finished)
                #expect(try await get(ports, "/tables/main.plant.telemetry/count") == "{\"count\":\(round * 10)}")
                let second = LocalServer(
                    configuration: LocalServerConfiguration(grpcPort: 0, httpPort: 0, dataDirectory: folder),
                    logger: quiet)
                await #expect(throws: StoreError.self) { try await second.run() }
                let query = try ReadOnlyQuery(try DataDirectory(path: folder, create: false))
                nonisolated(unsafe) var rows: [[ReadOnlyQuery.Value]] = []
                try query.run("SELECT count(*), max(value) FROM main.plant.telemetry") { _ in
                } row: {
                    rows.append($0)
                }
                #expect(rows == [[.integer(Int64(round * 10)), .real(4.5)]])
                #expect(throws: StoreError.self) {
                    try query.run("DELETE FROM main.plant.telemetry") { _ in
                    } row: { _ in
                    }
                }
            }
        }
    }
}
