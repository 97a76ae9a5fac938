/// Why the text of a catalogue was refused, and where.
package struct CatalogueError: Error, Equatable, CustomStringConvertible {
    /// The name of the text: an industry of the simulator's own, or a file.
    package let file: String
    /// The line in the text, from 1.
    package let line: Int
    /// What is wrong and what is expected, in one sentence without a full stop.
    package let message: String

    package var description: String { "catalogue \(file), line \(line): \(message)" }
}
