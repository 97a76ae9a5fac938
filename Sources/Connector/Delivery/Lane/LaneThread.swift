import Glibc

/// Starts the thread of a lane: a slow disk then holds no thread that others need.
enum LaneThread {
    /// What the new thread takes over.
    private final class Start {
        let worker: LaneWorker
        let body: (LaneWorker) -> Void

        init(_ worker: LaneWorker, _ body: @escaping (LaneWorker) -> Void) {
            self.worker = worker
            self.body = body
        }
    }

    /// Runs `body` on a new thread. The caller does not use the worker any more.
    static func start(_ worker: sending LaneWorker, _ body: @escaping @Sendable (LaneWorker) -> Void) {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(worker, body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.body(start.worker)
                return nil
            }, start.toOpaque())
        precondition(code == 0, "the system has no more threads")
        pthread_detach(thread)
    }
}
