import Foundation

/// Lends an empty folder for the time of the body and removes it afterwards.
///
/// With `PENSTOCK_KEEP=1` the folder stays, to look at a failure.
package func withTemporaryDirectory<Result>(
    _ body: (_ path: String) async throws -> Result
) async throws -> Result {
    let path = NSTemporaryDirectory() + "/penstock-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer {
        if ProcessInfo.processInfo.environment["PENSTOCK_KEEP"] != "1" {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
    return try await body(path)
}

/// Writes a text file for a test.
package func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

/// Reads a text file of a test; bytes that are no UTF-8 are replaced.
package func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}
