/// A disk that takes its time before it keeps anything: a library in front of the C library. What a program wrote just
/// before it was killed is then really not there, as the system's cache has not seen it either.
package struct SlowDisk: Sendable {
    private let library: String

    /// - Parameters:
    ///   - milliseconds: before each write at a place of a file, and before each sync.
    ///   - directory: where the library is built.
    package init(milliseconds: Int, directory: String) async throws {
        let source = directory + "/slow_disk.c"
        library = directory + "/slow_disk.so"
        try write(Self.source, to: source)
        let compiler = Launch(
            name: "cc", path: try Workplace.systemProgram("cc"),
            arguments: ["-shared", "-fPIC", "-O1", "-DMILLISECONDS=\(milliseconds)", "-o", library, source])
        let (ending, output) = try await run(compiler)
        guard ending == .exited(code: 0) else { throw TestKitError("the slow disk was not built: \(output)") }
    }

    /// What a program is started with to have this disk.
    package var environment: [String: String] { ["LD_PRELOAD": library] }

    private static let source = """
        #define _GNU_SOURCE
        #include <sys/syscall.h>
        #include <sys/types.h>
        #include <time.h>
        #include <unistd.h>

        static void rest(void) {
            struct timespec time = {MILLISECONDS / 1000, MILLISECONDS % 1000 * 1000000L};
            nanosleep(&time, 0);
        }

        ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
            rest();
            return syscall(SYS_pwrite64, file, bytes, count, place);
        }

        ssize_t pwrite64(int file, const void *bytes, size_t count, off_t place) {
            return pwrite(file, bytes, count, place);
        }

        int fdatasync(int file) {
            rest();
            return (int)syscall(SYS_fdatasync, file);
        }

        """
}
