import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// The program itself, killed and stopped.
@Suite struct ProcessTests {
    /// A running `zerobus-local serve`.
    struct Running {
        let process: Process
        let ports: LocalServer.Ports

        init(directory: String) throws {
            process = Process()
            let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            process.executableURL = products.appendingPathComponent("zerobus-local")
            process.arguments = ["serve", "--grpc-port", "0", "--http-port", "0", "--data", directory]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            var text = ""
            while !text.contains("data in") {
                let part = output.fileHandleForReading.availableData
                try #require(!part.isEmpty, "the program ended: \(text)")
                text += String(decoding: part, as: UTF8.self)
            }
            let numbers = text.matches(of: /127\.0\.0\.1:(\d+)/).compactMap { Int($0.1) }
            try #require(numbers.count == 2)
            ports = LocalServer.Ports(grpc: numbers[0], http: numbers[1])
        }
    }

    func folder() -> String { NSTemporaryDirectory() + "zerobus-test-\(UUID().uuidString)" }

    func count(_ folder: String) throws -> Int64 {
        let query = try ReadOnlyQuery(try DataDirectory(path: folder, create: false))
        nonisolated(unsafe) var count: Int64 = -1
        try query.run("SELECT count(*) FROM main.plant.telemetry") { _ in
        } row: {
            if case .integer(let number)? = $0.first { count = number }
        }
        return count
    }

    @Test func aRowIsThereAfterAKillRightAfterItsAcknowledgement() async throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let acknowledged = NIOLockedValueBox(0)
        for _ in 0..<3 {
            let running = try Running(directory: folder)
            let pid = running.process.processIdentifier
            let before = acknowledged.withLockedValue { $0 }
            let limits = ClientIngestStream.Limits(maxInFlightMessages: 20)
            let end = try await LocalWorld.client(running.ports).withStream(try Telemetry.request(), limits: limits) {
                stream in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var index = 0
                        while try await stream.send(batchBody: Telemetry.batch(index..<index + 10), count: 10) != nil {
                            index += 10
                        }
                    }
                    for await offset in stream.acknowledgements {
                        acknowledged.withLockedValue { $0 = before + Int(offset + 1) * 10 }
                        if offset >= 20 { kill(pid, SIGKILL) }
                    }
                    try await group.waitForAll()
                }
            }
            running.process.waitUntilExit()
            guard case .failed(let error) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(error.disposition == .transient)
            let stored = Int(try count(folder))
            #expect(stored >= acknowledged.withLockedValue { $0 })
            #expect(stored % 10 == 0, "a message is stored whole or not at all")
            acknowledged.withLockedValue { $0 = stored }
        }
    }

    @Test func sigtermEndsStreamsInOrder() async throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let running = try Running(directory: folder)
        let pid = running.process.processIdentifier
        let end = try await LocalWorld.client(running.ports).withStream(try Telemetry.request()) { stream in
            _ = try await stream.send(batchBody: Telemetry.batch(0..<10), count: 10)
            for await _ in stream.acknowledgements { kill(pid, SIGTERM) }
        }
        running.process.waitUntilExit()
        #expect(end == .rotate)
        #expect(running.process.terminationStatus == 0)
        #expect(try count(folder) == 10)
    }

    @Test func errorsAreOneLineAndANonZeroExit() throws {
        for arguments in [
            ["query", "--data", "/nonexistent/folder", "SELECT 1"], ["serve", "--grpc-port", "99999"],
            ["create", "--data", "/proc/none", "/nonexistent.sql"], ["serve", "--data", "/proc/none"], ["nonsense"],
        ] {
            let process = Process()
            let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            process.executableURL = products.appendingPathComponent("zerobus-local")
            process.arguments = arguments
            let output = Pipe()
            process.standardError = output
            process.standardOutput = Pipe()
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus != 0)
            #expect(text.hasPrefix("zerobus-local: ") && text.split(separator: "\n").count == 1, "\(text)")
        }
    }
}
