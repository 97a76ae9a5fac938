/// Helpers that all endpoints share.
package enum Endpoint {
    /// `host:port` for a URL; IPv6 addresses get their brackets.
    package static func authority(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Waits until the task is cancelled; then throws `CancellationError`.
func untilCancelled() async throws {
    while true { try await Task.sleep(for: .seconds(3600)) }
}
