import Foundation

/// What commands print for people and programs.
enum Output {
    /// Writes a line to standard output at once, also when it is a pipe.
    static func line(_ text: String) {
        write(text + "\n")
    }

    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
