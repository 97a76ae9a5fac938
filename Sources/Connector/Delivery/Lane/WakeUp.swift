import Glibc

/// Lets one thread sleep until another wakes it or a time has passed. A wake-up before the sleep is kept.
final class WakeUp: @unchecked Sendable {
    // Both are initialised once, never moved, and made for use by several threads; `isSet` is guarded by `mutex`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isSet = false

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A jump of the wall clock must not wake anybody.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func signal() {
        pthread_mutex_lock(mutex)
        isSet = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Returns after a signal, or when `limit` has passed; nil waits for ever.
    func wait(atMost limit: Duration?) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let limit {
            let deadline = Self.deadline(limit)
            defer { deadline.deallocate() }
            while !isSet {
                let time = UnsafeRawPointer(deadline).assumingMemoryBound(to: timespec.self)
                if pthread_cond_timedwait(condition, mutex, time) == ETIMEDOUT { break }
            }
        } else {
            while !isSet { pthread_cond_wait(condition, mutex) }
        }
        isSet = false
    }

    /// The monotonic time after `limit`, as the two words of a `timespec`: its members belong to one or another
    /// module by the order in which the compiler sees files.
    private static func deadline(_ limit: Duration) -> UnsafeMutablePointer<Int> {
        let words = UnsafeMutablePointer<Int>.allocate(capacity: 2)
        words.initialize(repeating: 0, count: 2)
        clock_gettime(CLOCK_MONOTONIC, UnsafeMutableRawPointer(words).assumingMemoryBound(to: timespec.self))
        let (seconds, attoseconds) = limit.components
        let nanoseconds = words[1] + Int(attoseconds / 1_000_000_000)
        words[0] += Int(seconds) + nanoseconds / 1_000_000_000
        words[1] = nanoseconds % 1_000_000_000
        return words
    }
}
