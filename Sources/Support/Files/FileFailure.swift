import Glibc

/// What the system refused to do with a file, and why.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A verb: `read`, `create`, `write`, `replace`.
    package var action: String
    package var path: String
    /// The system's error number.
    package var code: Int32

    package init(_ action: String, _ path: String, _ code: Int32) {
        self.action = action
        self.path = path
        self.code = code
    }

    /// The system's words for the error.
    package var cause: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    package var description: String { "cannot \(action) \(path): \(cause)" }
}
