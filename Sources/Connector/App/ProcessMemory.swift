#if canImport(Glibc)
import Glibc
#endif

/// The memory of this process, as the C library and the system hold it.
enum ProcessMemory {
    /// Browsing a large server takes memory for seconds that the run does not need for hours. One arena instead of one a
    /// thread, and fixed thresholds, let it go back to the system: 100,000 tags then stay resident in half the room.
    ///
    /// What comes and goes with every batch is below the thresholds. Taken from the system each time it would cost a
    /// page fault for every 4 KiB, which is a quarter of the CPU time of a value.
    static func tune() {
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

    /// Gives back what is free in the heap, and the program's own code: what is still needed comes back from the page
    /// cache as it is called. Starting touches more than twice the code that running does.
    static func giveBack() {
        #if canImport(Glibc)
        if let symbol = dlsym(nil, "malloc_trim") {
            _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
        }
        guard let maps = fopen("/proc/self/maps", "r"), let program = programPath() else { return }
        defer { fclose(maps) }
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, CInt(line.count), maps) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // Code is never written to: its pages are those of the file. Other parts may have been changed.
            guard let range = codeRange(inMapsLine: text, of: program) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
        #endif
    }

    /// The addresses in a line of `/proc/self/maps`, if it is the executable part of that file.
    static func codeRange(inMapsLine line: String, of file: String) -> Range<UInt>? {
        let words = line.split(maxSplits: 5, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
        // The path may have blanks in it, and a column of them before it.
        guard words.count == 6, words[1] == "r-xp",
            words[5].drop(while: \.isWhitespace).trimmingSuffix(while: \.isNewline) == file
        else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] > 0, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }

    #if canImport(Glibc)
    private static func programPath() -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    #endif
}

extension Substring {
    fileprivate func trimmingSuffix(while isOut: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isOut(last) { rest.removeLast() }
        return rest
    }
}
