public import Foundation
import OPCUATypes

#if canImport(Glibc)
import Glibc
#endif

/// Files of certificates, lists and keys: read within bounds, written whole or not at all.
public enum PKIFile {
    /// Largest file that is read, in bytes.
    static let maxBytes = 1_048_576

    /// Files of certificates and lists in a folder, by name; a folder that is not there holds nothing.
    static func all(in folder: URL) -> [URL] {
        let all = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let known: Set<String> = ["der", "cer", "crt", "pem", "crl"]
        return all.filter { known.contains($0.pathExtension.lowercased()) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    /// The bytes of a file, read by `decode`.
    /// - Throws: ``PKIError`` that names the file and what is wrong with it.
    static func read<Value>(
        _ file: URL, _ decode: ([UInt8]) throws(OPCUAError) -> Value
    ) throws(PKIError) -> Value {
        let bytes = try bytes(of: file)
        do throws(OPCUAError) { return try decode(bytes) } catch { throw PKIError("\(file.path): \(error.reason)") }
    }

    static func bytes(of file: URL) throws(PKIError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            let bytes = Array(try handle.read(upToCount: maxBytes + 1) ?? Data())
            guard bytes.count <= maxBytes else { throw CocoaError(.fileReadTooLarge) }
            return bytes
        } catch let error as CocoaError {
            throw PKIError("\(file.path) cannot be read: \(reason(error))")
        } catch {
            throw PKIError("\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }

    private static func reason(_ error: CocoaError) -> String {
        switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "no permission to read it"
        case .fileReadTooLarge: "it is larger than a mebibyte"
        default: "it may be a folder or damaged"
        }
    }

    /// Writes whole or not at all; keys and certificates are for the owner only.
    static func write(_ bytes: [UInt8], to file: URL) throws(PKIError) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            // A name of its own for each writer: two may write the same file.
            let temporary = file.appendingPathExtension("\(UUID().uuidString).new")
            guard
                manager.createFile(
                    atPath: temporary.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
            guard rename(temporary.path, file.path) == 0 else {
                try? manager.removeItem(at: temporary)
                throw CocoaError(.fileWriteUnknown)
            }
        } catch {
            throw PKIError("cannot write \(file.path); is the folder there and writable?")
        }
    }

    /// Whether others than the owner may read a file, which no private key should allow.
    static func isOpenToOthers(_ file: URL) -> Bool {
        var status = stat()
        return stat(file.path, &status) == 0 && status.st_mode & 0o077 != 0
    }

    /// Runs `body` while no other thread or program does so with the same folder.
    static func alone<Value>(in folder: URL, _ body: () throws(PKIError) -> Value) throws(PKIError) -> Value {
        let lock = folder.appendingPathComponent(".lock")
        // When it cannot be made, `body` says why the folder is of no use.
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(lock.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor >= 0 { flock(descriptor, LOCK_EX) }
        return try body()
    }

    /// Names, sizes and times of files: another value means that something was changed.
    public struct State: Hashable, Sendable {
        private struct Mark: Hashable, Sendable {
            var path: String
            var size: Int
            var seconds: Int
            var nanoseconds: Int
        }

        private let marks: [Mark]

        public init(of files: [URL]) {
            marks = files.compactMap { file in
                var status = stat()
                guard stat(file.path, &status) == 0 else { return nil }
                return Mark(
                    path: file.path, size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
                    nanoseconds: Int(status.st_mtim.tv_nsec))
            }
        }
    }
}
