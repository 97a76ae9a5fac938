import Foundation
import Glibc
import Testing

/// A program that this project did not write, as one end of a test. It ends when its input is closed or with `end`.
final class ForeignPeer {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// A script for the Python that `dev/bootstrap` makes; without it the tests fail, they are not passed over.
    convenience init(python script: String, _ arguments: String...) throws {
        let environment = ProcessInfo.processInfo.environment
        let peers = environment["PENSTOCK_PEERS"] ?? (environment["HOME"] ?? "/root") + "/.cache/penstock/peers"
        try self.init(peers + "/bin/python", ["-c", script] + arguments)
    }

    /// Our small C program over libmodbus, built when it is first asked for.
    convenience init(libmodbus arguments: String...) throws {
        try self.init(try Self.libmodbusPeer.get(), arguments)
    }

    private static let libmodbusPeer = Result {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Interop/peers/libmodbus_peer.c").standardizedFileURL.path
        let program = FileManager.default.temporaryDirectory
            .appendingPathComponent("libmodbus_peer-\(ProcessInfo.processInfo.processIdentifier)").path
        let compiler = try ForeignPeer("/usr/bin/cc", ["-O2", "-o", program, source, "-lmodbus"])
        compiler.process.waitUntilExit()
        try #require(compiler.process.terminationStatus == 0, "libmodbus-dev is missing: run dev/bootstrap")
        return program
    }

    /// What the program prints until it ends or, where asked for, until its first line is complete.
    func printed(firstLineOnly: Bool = false) async -> [String] {
        let handle = output.fileHandleForReading
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var text = ""
                while !(firstLineOnly && text.contains("\n")) {
                    let data = handle.availableData
                    if data.isEmpty { break }
                    text += String(decoding: data, as: UTF8.self)
                }
                continuation.resume(returning: text.split(separator: "\n").map(String.init))
            }
        }
    }

    /// Ends the program and waits for that.
    func end() {
        try? input.fileHandleForWriting.close()
        kill()
        process.waitUntilExit()
    }

    /// A child inherits the signal mask of the thread that starts it, and the pool's threads block SIGTERM.
    private func kill() {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    deinit {
        kill()
    }
}

/// Two pseudo-terminals joined like the ends of a serial line, by socat.
struct SerialPair {
    let left: String
    let right: String
    private let socat: ForeignPeer
    private let folder: URL

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("line-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        left = folder.appendingPathComponent("left").path
        right = folder.appendingPathComponent("right").path
        socat = try ForeignPeer("/usr/bin/socat", ["pty,raw,echo=0,link=\(left)", "pty,raw,echo=0,link=\(right)"])
        while !FileManager.default.fileExists(atPath: left) || !FileManager.default.fileExists(atPath: right) {
            try #require(socat.process.isRunning, "socat is missing: run dev/bootstrap")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func end() {
        socat.end()
        try? FileManager.default.removeItem(at: folder)
    }
}
