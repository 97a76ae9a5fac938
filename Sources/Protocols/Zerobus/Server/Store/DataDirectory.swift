import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folder that holds everything: `tables.sqlite` with its write-ahead log, `token.key`, and `lock`, which a
/// serving process holds.
package struct DataDirectory: Sendable {
    package let path: String

    /// Names the folder; creates it when `create` is set, else it must exist.
    package init(path: String, create: Bool) throws(StoreError) {
        self.path = path
        if create {
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw StoreError(.unavailable, "cannot create the data directory '\(path)'")
            }
        } else {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw StoreError(.unavailable, "there is no data directory '\(path)'")
            }
        }
    }

    var databasePath: String { path + "/tables.sqlite" }

    /// Held for as long as the process serves.
    final class Lock: Sendable {
        private let descriptor: CInt

        init(descriptor: CInt) {
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }
    }

    /// Makes sure that no other process serves this folder.
    func lock() throws(StoreError) -> Lock {
        let descriptor = open(path + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .unavailable, "cannot write in the data directory '\(path)': \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError(.unavailable, "another zerobus-local already serves the data directory '\(path)'")
        }
        return Lock(descriptor: descriptor)
    }

    /// The 32 bytes that sign tokens; made once, readable by the owner only.
    func tokenKey() throws(StoreError) -> [UInt8] {
        let file = path + "/token.key"
        if let data = FileManager.default.contents(atPath: file), data.count == 32 { return Array(data) }
        var random = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(key), attributes: [.posixPermissions: 0o600])
        else { throw StoreError(.unavailable, "cannot write '\(file)'") }
        return key
    }
}
