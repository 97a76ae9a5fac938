import CommandSupport
import ConnectorKeys
import Foundation

/// Secrets that a person types or a program pipes in; they never stand on a command line, which everybody can read.
enum SecretInput {
    private static let bytesMax = 64 * 1024

    /// One secret: asked for without echo at a terminal, else everything on standard input but one line end.
    /// - Parameters:
    ///   - prompt: what is asked for.
    ///   - twice: whether a person types it a second time.
    static func read(_ prompt: String, twice: Bool) throws -> String {
        let bytes: [UInt8]
        if isatty(STDIN_FILENO) == 1 {
            bytes = try ask(prompt + ": ")
            if twice, try ask(prompt + ", once more: ") != bytes {
                throw CommandError("the two inputs differ; nothing was changed")
            }
        } else {
            bytes = try readAll()
        }
        guard !bytes.isEmpty else { throw CommandError("no secret on standard input; nothing was changed") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("the secret is not UTF-8 text; nothing was changed")
        }
        return text
    }

    private static func readAll() throws -> [UInt8] {
        var content: [UInt8] = []
        while let data = try FileHandle.standardInput.read(upToCount: 16 * 1024), !data.isEmpty {
            content += data
            guard content.count <= bytesMax else {
                throw CommandError("the secret is longer than \(bytesMax) bytes; nothing was changed")
            }
        }
        return MasterPassword.withoutLineEnd(content)
    }

    /// A line from the terminal, which shows nothing of it.
    private static func ask(_ prompt: String) throws -> [UInt8] {
        FileHandle.standardError.write(Data(prompt.utf8))
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { throw CommandError("the terminal does not answer") }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else {
            throw CommandError("the terminal cannot be told not to show the secret")
        }
        defer {
            var before = before
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.complain("")
        }
        return Array((readLine(strippingNewline: true) ?? "").utf8)
    }
}
