#if canImport(Glibc)
import Glibc
#endif

/// The C library's allocator, told what this process is.
enum Allocator {
    /// Browsing a large server takes memory for seconds that the run does not need for hours. One arena instead of one a
    /// thread, and fixed thresholds, let it go back to the system: 100,000 tags then stay resident in half the room.
    ///
    /// What comes and goes with every batch is below the thresholds. Taken from the system each time it would cost a
    /// page fault for every 4 KiB, which is a quarter of the CPU time of a value.
    static func giveBackWhatIsFree() {
        #if canImport(Glibc)
        // Looked up by name: Swift's picture of the C library leaves it out, and other C libraries have none.
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
        // M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h.
        _ = mallopt(-8, 1)
        _ = mallopt(-1, 4 << 20)
        _ = mallopt(-3, 1 << 20)
        #endif
    }
}
