import Foundation
import TestKit

/// A file that may be written and not be replaced, as one that a container mounts: rename(2) over it fails with EBUSY.
struct BusyFile {
    let path: String
    /// Where its bytes can be read from outside.
    let content: String
    private let way: Way

    private enum Way {
        /// A mount in a name space of the program's own: `unshare` with these flags.
        case mount(flags: [String])
        /// Where the machine forbids that, a library in the program that says what the kernel would.
        case preload(library: String)
    }

    /// Makes the file in a folder.
    static func make(_ text: String, in folder: String) async throws -> BusyFile {
        // The kernel compares real paths.
        let folder = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let (path, source) = (folder + "/penstock.yaml", folder + "/source.yaml")
        try write(text, to: source)
        try write("", to: path)
        for flags in [["-m"], ["-rm"]] {
            let mount = Launch(
                name: "unshare", path: try Workplace.systemProgram("unshare"),
                arguments: flags + ["mount", "--bind", source, path])
            guard try await run(mount).0 == .exited(code: 0) else { continue }
            return BusyFile(path: path, content: source, way: .mount(flags: flags))
        }
        try write(text, to: path)
        return BusyFile(path: path, content: path, way: .preload(library: try await library(in: folder)))
    }

    /// The program as it is started beside the file.
    func started(_ launch: Launch) throws -> Launch {
        var launch = launch
        switch way {
        case .mount(let flags):
            let script = #"mount --bind "$1" "$2" && shift 2 && exec "$@""#
            launch.arguments = flags + ["sh", "-c", script, "sh", content, path, launch.path] + launch.arguments
            launch.path = try Workplace.systemProgram("unshare")
        case .preload(let library):
            launch.environment["LD_PRELOAD"] = library
            launch.environment["TEST_BUSY_FILE"] = path
        }
        return launch
    }

    private static func library(in folder: String) async throws -> String {
        let (source, library) = (folder + "/busy.c", folder + "/busy.so")
        try write(
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            int rename(const char *from, const char *to) {
                const char *busy = getenv("TEST_BUSY_FILE");
                if (busy && strcmp(to, busy) == 0) { errno = EBUSY; return -1; }
                return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
            }

            """, to: source)
        // It comes with Swift.
        let compiler = Launch(
            name: "clang", path: try Workplace.systemProgram("clang"),
            arguments: ["-shared", "-fPIC", "-o", library, source])
        let (ending, output) = try await run(compiler)
        guard ending == .exited(code: 0) else { throw TestKitError("clang: \(output)") }
        return library
    }
}
