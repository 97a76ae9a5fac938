package import Logging

/// Opens and closes the exposures at run time; the only place that knows which are open.
package actor ExposureSwitchboard {
    /// Where an exposure stands.
    package enum State: Sendable, Equatable {
        case stopped
        case starting
        case running(url: String)
        case stopping
        /// It ended by itself, or could not be opened; the sentence says why.
        case failed(String)

        /// The word for the API.
        package var word: String {
            switch self {
            case .stopped: "stopped"
            case .starting: "starting"
            case .running: "running"
            case .stopping: "stopping"
            case .failed: "failed"
            }
        }
    }

    private struct Slot {
        let exposure: any Exposure
        var state = State.stopped
        /// Finished to make the exposure close.
        var stop: AsyncStream<Never>.Continuation?
        /// Callers who wait for the state to change.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private var slots: [ExposureKind: Slot]
    private var ended = false
    private let orders: AsyncStream<ExposureKind>
    private let order: AsyncStream<ExposureKind>.Continuation
    private let logger: Logger

    /// A switchboard with everything off.
    package init(_ exposures: [any Exposure], logger: Logger) {
        slots = Dictionary(exposures.map { ($0.kind, Slot(exposure: $0)) }) { first, _ in first }
        // At most one order per kind is ever under way.
        (orders, order) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(ExposureKind.allCases.count))
        self.logger = logger
    }

    /// The state of every exposure, in the order of `ExposureKind`.
    package var states: [(kind: ExposureKind, state: State)] {
        ExposureKind.allCases.compactMap { kind in slots[kind].map { (kind, $0.state) } }
    }

    /// The state of one exposure; nil when this simulator does not have it.
    package func state(_ kind: ExposureKind) -> State? { slots[kind]?.state }

    /// What an exposure that is running says beside its URL.
    package func remark(_ kind: ExposureKind) -> String? {
        guard let slot = slots[kind], case .running = slot.state else { return nil }
        return slot.exposure.remark
    }

    /// Serves what is switched on, until it is cancelled; then everything is closed.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await kind in orders {
                group.addTask { await self.serve(kind) }
            }
        }
        ended = true
        for kind in slots.keys { change(kind, to: .stopped) }
    }

    /// Opens an exposure and returns its URL once clients can connect; does nothing when it is open already.
    package func start(_ kind: ExposureKind) async throws -> String {
        guard slots[kind] != nil else { throw ExposureError(message: "this simulator has no \(kind.title)") }
        var ordered = false
        while let state = slots[kind]?.state {
            guard !ended else { break }
            switch state {
            case .running(let url): return url
            case .failed(let message) where ordered: throw ExposureError(message: message)
            case .stopped where ordered: throw ExposureError(message: "\(kind.title) was stopped while it started")
            case .failed, .stopped:
                ordered = true
                change(kind, to: .starting)
                order.yield(kind)
                await stateChange(of: kind)
            case .starting, .stopping: await stateChange(of: kind)
            }
        }
        throw ExposureError(message: "\(kind.title) cannot be started: the simulator is ending")
    }

    /// Closes an exposure and returns when its port is free; does nothing when it is closed already.
    package func stop(_ kind: ExposureKind) async {
        while let state = slots[kind]?.state, !ended {
            switch state {
            case .stopped, .failed: return
            case .running:
                change(kind, to: .stopping)
                slots[kind]?.stop?.finish()
            case .starting, .stopping: break
            }
            await stateChange(of: kind)
        }
    }

    private func serve(_ kind: ExposureKind) async {
        guard let exposure = slots[kind]?.exposure else { return }
        let (stops, stop) = AsyncStream<Never>.makeStream()
        slots[kind]?.stop = stop
        let failure = await withTaskGroup(of: ExposureError?.self) { group in
            group.addTask {
                do {
                    try await exposure.serve { await self.opened(kind, url: $0) }
                    return nil
                } catch is CancellationError {
                    return nil
                } catch {
                    return error as? ExposureError ?? ExposureError(message: "\(kind.title): \(error)")
                }
            }
            group.addTask {
                for await _ in stops {}
                return nil
            }
            // The first to end decides: an exposure that was told to stop may end as it likes.
            let failure = await group.next() ?? nil
            group.cancelAll()
            return failure
        }
        if let failure {
            // Whoever waits for a start is told; nobody waits for a breakdown.
            if case .running = slots[kind]?.state { logger.error("\(failure.message)") }
            change(kind, to: .failed(failure.message))
        } else {
            change(kind, to: .stopped)
        }
    }

    private func opened(_ kind: ExposureKind, url: String) {
        if case .starting = slots[kind]?.state { change(kind, to: .running(url: url)) }
    }

    private func change(_ kind: ExposureKind, to state: State) {
        slots[kind]?.state = state
        let waiting = slots[kind]?.waiting ?? []
        slots[kind]?.waiting = []
        for caller in waiting { caller.resume() }
    }

    private func stateChange(of kind: ExposureKind) async {
        await withCheckedContinuation { caller in
            if slots[kind] == nil { caller.resume() } else { slots[kind]?.waiting.append(caller) }
        }
    }
}
