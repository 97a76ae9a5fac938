import OPCUACore
import OPCUATypes
import Synchronization

/// Operations that share a limit.
enum OperationKind: Hashable, Sendable {
    case read, browse, browseNext, translate, historyRead, items, subscriptions
}

/// What a connection has learnt of the batches that its server takes: sizes only shrink.
final class LearntSizes: Sendable {
    private let sizes = Mutex<[OperationKind: Int]>([:])

    func size(of kind: OperationKind, atMost limit: Int) -> Int {
        max(1, min(limit, sizes.withLock { $0[kind] } ?? limit))
    }

    func shrink(_ kind: OperationKind, to size: Int) {
        sizes.withLock { $0[kind] = max(1, min($0[kind] ?? size, size)) }
    }
}

extension OPCUAConnection {
    /// Runs an operation over items in batches; a server that finds a batch too large gets halves from then on.
    ///
    /// - Parameters:
    ///   - limit: the most that the server is said to take.
    ///   - operation: one call; answers one result for each item.
    func inBatches<Item: Sendable, Result: Sendable>(
        _ kind: OperationKind, _ items: [Item], of limit: Int, _ operation: ([Item]) async throws -> [Result]
    ) async throws -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(items.count)
        while results.count < items.count {
            let size = learnt.size(of: kind, atMost: limit)
            let batch = Array(items[results.count..<min(items.count, results.count + size)])
            do {
                let answers = try await operation(batch)
                guard answers.count == batch.count else {
                    throw OPCUAClientError(
                        .transient, "\(address): the server answered \(answers.count) of \(batch.count) operations")
                }
                results += answers
            } catch let error as OPCUAClientError where error.isTooLarge && batch.count > 1 {
                learnt.shrink(kind, to: batch.count / 2)
            }
        }
        return results
    }
}

extension OPCUAClientError {
    /// Whether fewer operations in the call would help (Part 4, 5.3 and 7.39).
    var isTooLarge: Bool {
        switch status?.base {
        case .badTooManyOperations, .badEncodingLimitsExceeded, .badResponseTooLarge, .badRequestTooLarge,
            .badTcpMessageTooLarge:
            true
        default: false
        }
    }
}
