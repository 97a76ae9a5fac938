import NIOCore
import OPCUACore
import OPCUATypes

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The server's clocks: the only place that reads them.
enum SystemClock {
    static var utc: DateTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return DateTime(utcMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Nanoseconds of the monotonic clock.
    static var nanoseconds: Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

    static var moment: Moment { Moment(monotonic: .now(), utc: utc) }
}
