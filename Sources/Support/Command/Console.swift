import Foundation

/// Lines for the person at the terminal; written at once, also into a pipe.
package enum Console {
    /// A line on standard output.
    package static func say(_ line: String) { write(line + "\n") }

    /// Text on standard output as it is.
    package static func write(_ text: String) { write(text, to: .standardOutput) }

    /// A line on standard error.
    package static func complain(_ line: String) { write(line + "\n", to: .standardError) }

    private static func write(_ text: String, to file: FileHandle) {
        // A closed pipe is the reader's wish; there is nobody left to tell.
        try? file.write(contentsOf: Data(text.utf8))
    }
}
