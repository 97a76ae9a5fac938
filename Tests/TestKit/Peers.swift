/// Runs a foreign peer to its end and returns the JSON object of its last line.
///
/// Every peer script prints one line of JSON as its result and ends with 0; a peer that could not do its work
/// prints why and ends with another code, which is an error here.
package func runPeer(
    _ script: String, _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
) async throws -> JSONValue {
    let peer = try start(.peer(script, arguments, environment: environment))
    return try await result(of: peer, within: limit)
}

/// Waits for the end of a peer that runs beside the test and returns the JSON object of its last line.
package func result(of peer: RunningProgram, within limit: Duration = .seconds(60)) async throws -> JSONValue {
    let ending = try await peer.waitForEnd(within: limit)
    guard ending == .exited(code: 0) else {
        throw TestKitError("\(peer.name) failed (\(ending))\n\(peer.lastLines())")
    }
    guard let line = peer.output.split(separator: "\n").last, let value = try? JSONValue.parse(String(line)) else {
        throw TestKitError("\(peer.name) printed no result\n\(peer.lastLines())")
    }
    return value
}
