import Foundation
import ProtobufWire
import TestCertificates
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// Our client against our server when the server misbehaves.
@Suite struct DrilledIngestTests {
    /// Sends up to `messages` batches of 10 rows; the highest offsets sent and acknowledged, and how the stream ended.
    private func send(
        _ messages: Int, through client: IngestClient, finish: Bool = true,
        limits: ClientIngestStream.Limits = .init()
    ) async throws -> (sent: Int64, acknowledged: Int64, end: StreamEnd) {
        let sent = Highest()
        let highest = Highest()
        let end = try await client.withStream(try Telemetry.request(), limits: limits) { stream in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await offset in stream.acknowledgements { await highest.saw(offset) }
                }
                for index in 0..<messages {
                    let rows = index * 10..<(index + 1) * 10
                    guard let offset = try await stream.send(batchBody: Telemetry.batch(rows), count: 10) else { break }
                    await sent.saw(offset)
                }
                if finish { stream.finish() }
                try await group.waitForAll()
            }
        }
        return (await sent.offset, await highest.offset, end)
    }

    private actor Highest {
        var offset: Int64 = -1
        func saw(_ offset: Int64) { self.offset = max(self.offset, offset) }
    }

    @Test func aStreamDiesAndTheNextOneIsServed() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.deadlyOffset = 5
            configuration.drill.streams = 1
        } _: { ports, _ in
            let client = try LocalWorld.client(ports)
            let first = try await send(20, through: client)
            guard case .failed(let error) = first.end else {
                Issue.record("\(first.end)")
                return
            }
            #expect(error.code == .unavailable && error.disposition == .transient)
            #expect(first.acknowledged < 5)
            let second = try await send(20, through: client)
            #expect(second.end == .finished && second.acknowledged == 19)
            let log = try await IngestTests().get(ports, "/streams")
            #expect(log.contains(#""count":2"#) && log.contains("--die-at") && log.contains(#""end":"OK""#))
        }
    }

    @Test func aRefusedOffsetKeepsWhatCameBefore() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.refusedOffset = 3
            configuration.drill.refusalCode = .permissionDenied
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(10, through: try LocalWorld.client(ports))
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.code == .permissionDenied && acknowledged == 2)
        }
    }

    @Test func acknowledgementsThatComeLateAndTwice() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.acknowledgementDelay = .milliseconds(50)
            configuration.drill.acknowledgementCopies = 3
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(10, through: try LocalWorld.client(ports))
            #expect(end == .finished && acknowledged == 9)
        }
    }

    @Test func rotationIsAnnouncedAndIsNoFailure() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.closeAfter = .milliseconds(300)
            // Ends with the last acknowledgement, on a slow machine too.
            configuration.drill.closeGrace = .seconds(60)
        } _: { ports, _ in
            let (sent, acknowledged, end) = try await send(10, through: try LocalWorld.client(ports), finish: false)
            #expect(end == .rotate && acknowledged == sent)
        }
    }

    /// Stored and never acknowledged: the stream is given up after a while without progress, and what it sent goes
    /// out once more on the next one.
    @Test func acknowledgementsThatNeverComeEndTheStream() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.acknowledgesNever = true
            configuration.drill.streams = 1
        } _: { ports, _ in
            let client = try LocalWorld.client(ports)
            let limits = ClientIngestStream.Limits(progressTimeout: .milliseconds(300))
            let (_, acknowledged, end) = try await send(10, through: client, finish: false, limits: limits)
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.code == .deadlineExceeded && error.disposition == .transient && acknowledged == -1)
            let second = try await send(10, through: client)
            #expect(second.end == .finished && second.acknowledged == 9)
        }
    }

    /// The window closes by messages, by records and by bytes, and opens with each acknowledgement.
    @Test(arguments: [
        ClientIngestStream.Limits(maxInFlightMessages: 1), .init(maxInFlightRecords: 15), .init(maxInFlightBytes: 1000),
    ])
    func narrowWindowsLetEverythingThrough(limits: ClientIngestStream.Limits) async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.acknowledgementDelay = .milliseconds(5)
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(20, through: try LocalWorld.client(ports), limits: limits)
            #expect(end == .finished && acknowledged == 19)
        }
    }

    /// A refused token is replaced once, and only at the opening; the second refusal is final.
    @Test(arguments: [StatusCode.unauthenticated, .permissionDenied], [1, 2])
    func aRefusedTokenIsReplacedOnce(code: StatusCode, refusals: Int) async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.openingRefusal = code
            configuration.drill.streams = refusals
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(2, through: try LocalWorld.client(ports))
            if refusals == 1 {
                #expect(end == .finished && acknowledged == 1)
            } else {
                guard case .failed(let error) = end else {
                    Issue.record("\(end)")
                    return
                }
                #expect(error.code == code && error.disposition == .fatal && acknowledged == -1)
            }
            let log = try await IngestTests().get(ports, "/streams")
            #expect(log.contains(#""count":2"#))
        }
    }

    /// In mid-stream it is final at once.
    @Test func aTokenRefusedInMidStreamEndsIt() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.refusedOffset = 3
            configuration.drill.refusalCode = .unauthenticated
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(10, through: try LocalWorld.client(ports))
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.code == .unauthenticated && error.disposition == .fatal && acknowledged == 2)
            let log = try await IngestTests().get(ports, "/streams")
            #expect(log.contains(#""count":1"#))
        }
    }

    /// Every status at the opening has the disposition of the table.
    @Test(arguments: StatusCode.allCases.filter { $0 != .ok })
    func everyRefusalOfAStreamHasItsDisposition(code: StatusCode) async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.openingRefusal = code
        } _: { ports, _ in
            guard case .failed(let error) = try await send(1, through: try LocalWorld.client(ports)).end else {
                Issue.record("not refused")
                return
            }
            let permanent: [StatusCode] = [.invalidArgument, .outOfRange]
            let fatal: [StatusCode] = [.unauthenticated, .permissionDenied, .unimplemented, .notFound]
            #expect(error.code == code)
            #expect(
                error.disposition
                    == (permanent.contains(code) ? .permanent : fatal.contains(code) ? .fatal : .transient))
        }
    }

    @Test func aRefusedOpeningOpensNothing() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.openingRefusal = .resourceExhausted
        } _: { ports, _ in
            let (_, acknowledged, end) = try await send(1, through: try LocalWorld.client(ports))
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.code == .resourceExhausted && error.disposition == .transient && acknowledged == -1)
        }
    }

    /// A connection that is asked to move on (GOAWAY) lets its stream come to its end. One that is opened on it at that very
    /// time is refused for now, and finds a new connection.
    @Test func aConnectionThatMovesOnEndsNoStream() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.connectionAge = .milliseconds(500)
        } _: { ports, _ in
            let client = try LocalWorld.client(ports)
            for _ in 0..<2 {
                var opened = false
                for _ in 0..<100 where !opened {
                    let end = try await client.withStream(try Telemetry.request()) { stream in
                        _ = try await stream.send(batchBody: Telemetry.batch(0..<10), count: 10)
                        // Long enough for the server to have said so.
                        try await Task.sleep(for: .milliseconds(700))
                        _ = try await stream.send(batchBody: Telemetry.batch(10..<20), count: 10)
                        stream.finish()
                        var last: Int64 = -1
                        for await offset in stream.acknowledgements { last = offset }
                        #expect(last == 1)
                    }
                    if case .failed(let error) = end {
                        #expect(error.disposition == .transient && error.message.contains("refused stream"))
                    } else {
                        #expect(end == .finished)
                        opened = true
                    }
                }
                #expect(opened)
            }
            #expect(try await IngestTests().get(ports, "/tables/main.plant.telemetry/count") == #"{"count":40}"#)
        }
    }

    /// As many bytes as a message may hold go over the wire in one.
    @Test func theLargestMessageIsTaken() async throws {
        try await LocalWorld.with { ports, _ in
            let client = try LocalWorld.client(ports)
            var writer = WireWriter()
            // Key and length of the tag's field take five bytes.
            writer.field(1, string: String(repeating: "x", count: ZerobusLimits.maxMessageRecordBytes - 5))
            let record = writer.takeBytes()
            #expect(record.count == ZerobusLimits.maxMessageRecordBytes)
            let end = try await client.withStream(try Telemetry.request()) { stream in
                _ = try await stream.send(record: record)
                stream.finish()
                for await _ in stream.acknowledgements {}
            }
            #expect(end == .finished)
        }
    }

    /// A token that has expired between two streams is replaced before the second is opened.
    @Test func shortTokensAreRefreshed() async throws {
        try await LocalWorld.with { configuration in
            configuration.tokenLifetimeSeconds = 2
        } _: { ports, _ in
            let client = try LocalWorld.client(ports)
            #expect(try await send(2, through: client).end == .finished)
            try await Task.sleep(for: .milliseconds(2100))
            #expect(try await send(2, through: client).end == .finished)
        }
    }

    @Test func bothPortsSpeakTLSWithACertificateOfAPrivateAuthority() async throws {
        let authority = try TestAuthority()
        // Its files go with it.
        defer { withExtendedLifetime(authority) {} }
        let root = authority.root
        let server = try authority.issue(.valid)
        try await LocalWorld.with { configuration in
            configuration.tls = .init(certificate: server.certificate, privateKey: server.key)
        } _: { ports, _ in
            func client(trusting roots: String?) throws -> IngestClient {
                IngestClient(
                    configuration: IngestClientConfiguration(
                        endpoint: try ServiceAddress("https://localhost:\(ports.grpc)"),
                        workspace: try ServiceAddress("https://localhost:\(ports.http)"),
                        credentials: .servicePrincipal(id: "client", secret: "secret"), trustedRootsFile: roots),
                    logger: quiet)
            }
            let (_, acknowledged, end) = try await send(3, through: try client(trusting: root))
            #expect(end == .finished && acknowledged == 2)
            guard case .failed(let error) = try await send(3, through: try client(trusting: nil)).end else {
                Issue.record("an unknown authority was trusted")
                return
            }
            #expect(error.disposition == .transient)
        }
    }
}
