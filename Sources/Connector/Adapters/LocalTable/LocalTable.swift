package import ConnectorModel
import GRDB

/// A target in one SQLite file beside the connector: the default when no workspace is configured.
///
/// A batch is one transaction with `synchronous=FULL`, so an acknowledged batch survives a loss of power.
package struct LocalTable: Target {
    private let configuration: LocalTableConfiguration

    package init(_ configuration: LocalTableConfiguration) {
        self.configuration = configuration
    }

    package var destination: String { "local table \(configuration.table) in \(configuration.path)" }

    package func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        let stream: LocalTableStream
        do {
            stream = try LocalTableStream(configuration)
        } catch {
            throw Self.failure(error, configuration)
        }
        defer { stream.close() }
        try await body(stream)
    }

    static func failure(_ error: any Error, _ configuration: LocalTableConfiguration) -> TargetFailure {
        let path = configuration.path
        guard let error = error as? DatabaseError else {
            return TargetFailure(.transient, "the local table in \(path) failed: \(error)")
        }
        return switch error.resultCode {
        case .SQLITE_FULL:
            TargetFailure(.transient, "the disk that holds \(path) is full; free space and rows flow again")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            TargetFailure(.permanent, "cannot write \(path); check that its folder exists and is writable")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            TargetFailure(.permanent, "\(path) is not a usable SQLite file; move it away and a new one is made")
        default:
            TargetFailure(.transient, "the local table in \(path) failed: \(error.message ?? "\(error.resultCode)")")
        }
    }
}
