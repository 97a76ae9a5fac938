import Foundation
import Logging

/// The parts of `dev/bench-mqtt` that are to be fast: a publisher, our client as the connector uses it, our broker.
///
///     mqtt-bench publish PORT COUNT QOS RATE    messages a second; 0 as fast as the broker takes them
///     mqtt-bench receive PORT COUNT QOS FOLDER  the source adapter; at QoS 1 with lane and journal in the folder
///     mqtt-bench broker                         a broker of ours; prints its port
///     mqtt-bench count PORT SUBSCRIBERS COUNT   subscribers that only count, until each has had so many
@main struct MQTTBench {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    @concurrent
    private static func run(_ arguments: [String]) async throws {
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        switch (arguments.first, arguments.count, numbers.count) {
        case ("publish", 5, 4):
            try await Publisher(port: numbers[0], count: numbers[1], qos: numbers[2], rate: numbers[3]).run()
        case ("receive", 5, 3...):
            try await IntakeRun(port: numbers[0], count: numbers[1], qos: numbers[2], folder: arguments[4]).run()
        case ("broker", 1, 0): try await FanOut.serve()
        case ("count", 4, 3): try await FanOut.count(port: numbers[0], subscribers: numbers[1], messages: numbers[2])
        default:
            FileHandle.standardError.write(Data("see the head of MQTTBench.swift\n".utf8))
            exit(2)
        }
    }

    static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
