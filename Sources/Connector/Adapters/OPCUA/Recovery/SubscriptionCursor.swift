import ConnectorModel
import Foundation
import Logging
import OPCUACore

/// What is written down of a source's subscriptions, so that a restarted program takes them over with what was not yet
/// durable. Ids are no secrets; the session's token is, and is not here.
struct SubscriptionCursor: Codable, Hashable {
    /// The endpoint that knows these subscriptions.
    var endpoint: String
    /// Tags, nodes and settings for which they were made; anything else needs new ones.
    var outline: String
    var remembered: [RememberedSubscription]
    var held: [Monitoring.Held]
    /// Where each tag is monitored.
    var items: [MonitoredItems.Run]
}

/// The file of a source's cursor.
struct CursorFile: Sendable {
    private let url: URL
    private let logger: Logger

    /// - Parameter folder: of all sources' cursors; made when the first is written.
    init(folder: String, source: String, logger: Logger) {
        let name = source.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "source"
        url = URL(fileURLWithPath: folder).appendingPathComponent("opcua-\(name).json")
        self.logger = logger
    }

    /// The cursor; nil when there is none that can be read: the subscriptions are made anew then.
    func read() -> SubscriptionCursor? {
        guard let data = try? Data(contentsOf: url) else { return nil }
        do {
            return try JSONDecoder().decode(SubscriptionCursor.self, from: data)
        } catch {
            logger.notice("\(url.path) cannot be read and is not used: \(error)")
            return nil
        }
    }

    func write(_ cursor: SubscriptionCursor) {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try JSONEncoder().encode(cursor).write(to: url, options: .atomic)
        } catch {
            logger.warning(
                "\(url.path) cannot be written: \(error); after a crash the server's unacknowledged values are not asked for"
            )
        }
    }

    func remove() {
        do {
            try FileManager.default.removeItem(at: url)
        } catch CocoaError.fileNoSuchFile {
            return
        } catch {
            logger.warning("\(url.path) cannot be removed: \(error)")
        }
    }
}
