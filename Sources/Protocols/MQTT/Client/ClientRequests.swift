import MQTTCore
import NIOCore

/// Who waits for what: the promises behind the numbers that the machines carry.
struct ClientRequests {
    private struct Waiting {
        var promise: EventLoopPromise<[ReasonCode]>
        /// Messages that are not acknowledged yet.
        var open: Int
        var failure: MQTTClientError?
    }

    private var waiting: [UInt64: Waiting] = [:]
    private var lastNumber: UInt64 = 0

    /// Enters a request.
    ///
    /// - Parameter open: for a publication, how many acknowledgements it waits for.
    mutating func enter(_ promise: EventLoopPromise<[ReasonCode]>, open: Int = 0) -> UInt64 {
        lastNumber += 1
        waiting[lastNumber] = Waiting(promise: promise, open: open)
        return lastNumber
    }

    mutating func answered(_ request: UInt64, _ reasons: [ReasonCode]) {
        waiting.removeValue(forKey: request)?.promise.succeed(reasons)
    }

    /// One message of a publication is over; requests of earlier connections are unknown here.
    mutating func messageFinished(_ request: UInt64, _ reason: ReasonCode, _ address: String) {
        guard var entry = waiting[request] else { return }
        entry.open -= 1
        if reason.isError && entry.failure == nil {
            entry.failure = MQTTClientError(
                .publishRefused, "the MQTT broker \(address) refused a message: \(reason); \(reason.advice)",
                reason: reason)
        }
        guard entry.open <= 0 else {
            waiting[request] = entry
            return
        }
        waiting[request] = nil
        if let failure = entry.failure { entry.promise.fail(failure) } else { entry.promise.succeed([]) }
    }

    mutating func failAll(_ error: MQTTClientError) {
        let failed = waiting
        waiting = [:]
        for entry in failed.values { entry.promise.fail(error) }
    }
}
