import OPCUATypes

#if canImport(Glibc)
import Glibc
#endif

/// UTC for the timestamps that requests carry; never used for deadlines.
enum WallClock {
    static func now() -> DateTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return DateTime(utcMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
