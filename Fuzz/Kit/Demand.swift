import Foundation

/// Ends the process with the reason when a condition does not hold; a precondition of a release build gives none.
package func demand(
    _ condition: @autoclosure () -> Bool, _ reason: @autoclosure () -> String = "", file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { unexpected(reason(), file: file, line: line) }
}

/// Ends the process with a reason.
package func unexpected(_ reason: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
    FileHandle.standardError.write(Data("Fatal: \(file):\(line): \(reason)\n".utf8))
    abort()
}
