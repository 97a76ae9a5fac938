#if canImport(Glibc)
import Glibc
#endif

/// What the operating system says of this process.
package struct ProcessFigures: Sendable {
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var openFiles: Int

    package static func now() -> ProcessFigures {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return ProcessFigures(
            cpuSeconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9, residentBytes: residentBytes(),
            openFiles: openFiles())
    }

    /// The second number of /proc/self/statm, in pages.
    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Its own entries, `.` and `..`, and the folder itself.
        return max(0, count - 3)
    }
}
