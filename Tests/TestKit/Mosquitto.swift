import Foundation

/// Debian's MQTT broker on a port of its own.
package struct Mosquitto: Sendable {
    package var port: Int
    package var program: RunningProgram

    package var endpoint: String { "mqtt://127.0.0.1:\(port)" }
}

/// Runs mosquitto with a configuration made for the test, and waits until it accepts connections.
///
/// - Parameters:
///   - port: the port, or nil for a free one. A restart on the same port keeps the clients' addresses valid.
///   - persistence: a folder in which sessions and queued messages survive a restart of the broker.
///   - settings: further lines of `mosquitto.conf`.
package func withMosquitto<Result>(
    port: Int? = nil, persistence: String? = nil, settings: [String] = [],
    _ body: (Mosquitto) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { directory in
        let port = try port ?? FreePorts.next()
        var lines = [
            "listener \(port) 127.0.0.1",
            "allow_anonymous true",
            "log_type all",
            // Started by root it would change to a user who cannot write into the test's folder.
            "user \(NSUserName())",
            // Its own limits (20 in flight, 1000 queued) would drop messages that a test counts.
            "max_queued_messages 0",
        ]
        if let persistence {
            lines += ["persistence true", "persistence_location \(persistence)/", "autosave_interval 1"]
        }
        let configuration = directory + "/mosquitto.conf"
        try write((lines + settings).joined(separator: "\n") + "\n", to: configuration)
        let launch = Launch(
            name: "mosquitto", path: try Workplace.systemProgram("mosquitto"), arguments: ["-c", configuration])
        return try await withProgram(launch) { program in
            _ = try await program.line(containing: "running")
            return try await body(Mosquitto(port: port, program: program))
        }
    }
}
