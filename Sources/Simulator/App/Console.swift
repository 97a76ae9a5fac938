import Foundation

/// Lines for the person at the terminal; written at once, also into a pipe.
enum Console {
    /// A line on standard output.
    static func say(_ line: String) { write(line, to: .standardOutput) }

    /// A line on standard error.
    static func complain(_ line: String) { write(line, to: .standardError) }

    private static func write(_ line: String, to file: FileHandle) {
        // A closed pipe is the reader's wish; there is nobody left to tell.
        try? file.write(contentsOf: Data((line + "\n").utf8))
    }
}
