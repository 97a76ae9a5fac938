import Glibc
import Synchronization

/// How a process ended.
package enum Ending: Equatable, Sendable {
    case exited(code: Int32)
    case killed(signal: Int32)
}

/// One started process: its pid, and its ending once there is one.
///
/// Signals and the collecting of the ending happen under one lock, so a signal can never reach a process that
/// was given the same pid later.
final class ChildProcess: Sendable {
    let processIdentifier: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// Starts `path`; its standard output and standard error are appended to the file `output`.
    init(path: String, arguments: [String], environment: [String: String], directory: String?, output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // An inherited listening socket would stay open in the child after the test has closed it.
        for descriptor in 3..<min(getdtablesize(), 4096) { posix_spawn_file_actions_addclose(&actions, descriptor) }

        // Whoever runs the tests may ignore or block signals; the child starts with none of that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        // posix_spawn cannot change the folder portably; `env` does and then becomes the program, with the same pid.
        let command = directory.map { ["/usr/bin/env", "-C", $0, path] } ?? [path]
        let failure = withCStrings(command + arguments) { argv in
            withCStrings(environment.map { $0.key + "=" + $0.value }) { envp in
                posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
            }
        }
        guard failure == 0 else { throw TestKitError("cannot start \(path): \(errnoText(failure))") }
        self.processIdentifier = pid
    }

    deinit {
        kill()
        _ = collect(options: 0)
    }

    /// The ending, or nil while the process runs.
    func poll() -> Ending? {
        collect(options: WNOHANG)
    }

    /// Sends a signal; nothing happens when the process has ended.
    func signal(_ number: Int32) {
        ending.withLock { ending in
            if ending == nil { _ = Glibc.kill(processIdentifier, number) }
        }
    }

    /// Ends the process as a power cut would.
    func kill() {
        signal(SIGKILL)
    }

    private func collect(options: Int32) -> Ending? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            var answer: pid_t
            repeat { answer = waitpid(processIdentifier, &status, options) } while answer < 0 && errno == EINTR
            guard answer == processIdentifier else { return nil }
            let signal = status & 0x7F
            ending = signal == 0 ? .exited(code: (status >> 8) & 0xFF) : .killed(signal: signal)
            return ending
        }
    }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
