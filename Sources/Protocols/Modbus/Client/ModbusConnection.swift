import Logging
public import ModbusCore
public import NIOCore
import Synchronization

/// One open connection to a Modbus endpoint, shared by any number of tasks.
///
/// Made by `ModbusLink.withConnection` and good until that scope ends. Requests wait their turn; with the
/// default configuration one is under way at a time. It can read and it cannot write.
public final class ModbusConnection: Sendable {
    public let endpoint: ModbusEndpoint
    private let timeout: TimeAmount
    private let channel: any Channel
    private let handler: NIOLoopBound<ModbusClientHandler>
    private let closeReason: CloseReason
    private let batches = Atomic<UInt64>(0)

    init(endpoint: ModbusEndpoint, timeout: TimeAmount, channel: any Channel, handler: ModbusClientHandler) {
        self.endpoint = endpoint
        self.timeout = timeout
        self.channel = channel
        closeReason = handler.closeReason
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Sends requests and reports what becomes of each; returns when all have ended.
    ///
    /// - Parameters:
    ///   - timeout: for each answer, from the moment its request is sent; nil is the configured one.
    ///   - each: called on the connection's event loop, once per request, as soon as its outcome is known, with the
    ///     request's index. It must be quick. It is not called any more once the task has been cancelled.
    /// - Throws: `CancellationError` and nothing else: failures are outcomes.
    public func perform(
        _ requests: [UnitRequest], timeout: TimeAmount? = nil,
        each: @escaping @Sendable (Int, RequestOutcome) -> Void
    ) async throws {
        let batch = batches.add(1, ordering: .relaxed).newValue
        let done = channel.eventLoop.makePromise(of: Void.self)
        let allowed = timeout ?? self.timeout
        channel.eventLoop.execute { [handler] in
            handler.value.submit(requests, batch: batch, timeout: allowed, each: each, done: done)
        }
        try await withTaskCancellationHandler {
            try await done.futureResult.get()
        } onCancel: { [handler, channel] in
            channel.eventLoop.execute { handler.value.cancel(batch: batch) }
        }
        try Task.checkCancellation()
    }

    /// Reads one block of registers or bits.
    ///
    /// - Throws: `ModbusClientError`, or `CancellationError`.
    public func read(_ request: ReadRequest, unit: UnitID, timeout: TimeAmount? = nil) async throws -> RegisterBlock {
        let asked = "\(request.count) \(request.type.rawValue) from address \(request.address)"
        switch try await response(to: .read(request), unit: unit, asked: asked, timeout: timeout) {
        case .block(let block): return block
        case .deviceIdentification, .exception: throw invalid(.truncated, unit: unit, asked: asked)
        }
    }

    /// What a unit says of itself, by object number: 0 vendor, 1 product code, 2 revision (function 43/14).
    ///
    /// - Throws: `ModbusClientError`, among others with exception `illegalFunction` from a device that does not offer
    ///   it; or `CancellationError`.
    public func deviceIdentification(
        unit: UnitID, category: DeviceIdentificationRequest.Category = .regular, timeout: TimeAmount? = nil
    ) async throws -> [UInt8: String] {
        let asked = "the device identification"
        var objects: [UInt8: String] = [:]
        var next: UInt8? = 0
        // Each page must go forward, so a device cannot keep us here.
        while let first = next {
            let request = DeviceIdentificationRequest(category: category, firstObject: first)
            let answer = try await response(
                to: .deviceIdentification(request), unit: unit, asked: asked, timeout: timeout)
            guard case .deviceIdentification(let page) = answer else {
                throw invalid(.malformedIdentification, unit: unit, asked: asked)
            }
            for object in page.objects { objects[object.id] = object.text }
            if let following = page.nextObject, following <= first {
                throw invalid(.malformedIdentification, unit: unit, asked: asked)
            }
            next = page.nextObject
        }
        return objects
    }

    /// Whether requests can still be sent. It may end at any time, so a request may yet find it closed.
    public var isOpen: Bool { channel.isActive }

    /// Returns when the connection has ended, from whichever side, or when the task is cancelled.
    public func closed() async {
        let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
        channel.closeFuture.whenComplete { _ in continuation.finish() }
        for await _ in ended {}
    }

    /// The error that tells why the connection ended: the reason known on this side, else that the device hung up.
    public var closeError: ModbusClientError {
        ModbusClientError(
            .connectionClosed, "\(endpoint): \(closeReason.text ?? "the device closed the connection")",
            endpoint: endpoint)
    }

    /// Waits for the TLS handshake of a secure endpoint.
    func handshake(within limit: TimeAmount) async throws {
        let channel = channel
        let late = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        defer { late.cancel() }
        try await channel.eventLoop.flatSubmit {
            do {
                return try channel.pipeline.syncOperations.handler(type: HandshakeWatch.self).done
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }

    func close() async {
        channel.close(promise: nil)
        await withCheckedContinuation { continuation in
            channel.closeFuture.whenComplete { _ in continuation.resume() }
        }
    }

    private func response(
        to request: ModbusRequest, unit: UnitID, asked: String, timeout: TimeAmount?
    ) async throws -> ModbusResponse {
        let outcome = OutcomeBox()
        try await perform([UnitRequest(unit: unit, request: request)], timeout: timeout) { _, result in
            outcome.set(result)
        }
        switch outcome.value {
        case .response(.exception(let code)):
            throw ModbusClientError(
                .exception(code), "\(endpoint), unit \(unit) refused \(asked): \(code), \(code.explanation)",
                endpoint: endpoint)
        case .response(let response): return response
        case .invalid(let error): throw invalid(error, unit: unit, asked: asked)
        case .timeout:
            throw ModbusClientError(
                .timeout, "\(endpoint), unit \(unit) did not answer the request for \(asked) in time",
                endpoint: endpoint)
        case .closed: throw closeError
        case .queueFull:
            throw ModbusClientError(
                .queueFull, "\(endpoint): too many requests are waiting; poll less often", endpoint: endpoint)
        }
    }

    private func invalid(_ error: ResponseError, unit: UnitID, asked: String) -> ModbusClientError {
        ModbusClientError(
            .invalidResponse(error),
            "\(endpoint), unit \(unit) gave a wrong answer to the request for \(asked): \(error)",
            endpoint: endpoint, cause: error)
    }
}

/// Why a connection was given up from this side: set on the event loop, read by whoever reports it.
final class CloseReason: Sendable {
    private let reason = Mutex<String?>(nil)

    var text: String? { reason.withLock { $0 } }

    /// The first reason stays; what follows is its consequence.
    func set(_ text: String) {
        reason.withLock { $0 = $0 ?? text }
    }
}

/// Carries one outcome from the event loop to the task that waits for it.
private final class OutcomeBox: Sendable {
    private let outcome = Mutex<RequestOutcome>(.closed)

    var value: RequestOutcome { outcome.withLock { $0 } }

    func set(_ value: RequestOutcome) {
        outcome.withLock { $0 = value }
    }
}
