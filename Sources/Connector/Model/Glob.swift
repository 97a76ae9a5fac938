/// A pattern for names with `/` between their parts: `*` is any run within a part, `**` any run, `?` one character.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    private enum Piece: Hashable, Sendable {
        case character(Character)
        case one
        case run
        case deepRun
    }

    package let description: String
    private let pieces: [Piece]

    package init(_ text: String) {
        description = text
        var pieces: [Piece] = []
        for character in text {
            switch character {
            case "*":
                // `**` and longer is one piece; only the kind of the run changes.
                if pieces.last == .run {
                    pieces[pieces.count - 1] = .deepRun
                } else if pieces.last != .deepRun {
                    pieces.append(.run)
                }
            case "?": pieces.append(.one)
            default: pieces.append(.character(character))
            }
        }
        self.pieces = pieces
    }

    /// Whether the pattern ends with `/**`, so that it takes all that lies below a place.
    package var takesTree: Bool { pieces.count >= 2 && pieces.suffix(2) == [.character("/"), .deepRun] }

    /// Whether the whole of `text` fits.
    package func matches(_ text: String) -> Bool {
        let text = Array(text)
        var position = 0
        var piece = 0
        // Where to go on when a guess about a run's length was too short; the nearer run is tried first.
        var run: (piece: Int, position: Int)?
        var deepRun: (piece: Int, position: Int)?
        while position < text.count || piece < pieces.count {
            if piece < pieces.count {
                switch pieces[piece] {
                case .run:
                    run = (piece, position)
                    piece += 1
                    continue
                case .deepRun:
                    deepRun = (piece, position)
                    run = nil
                    piece += 1
                    continue
                case .one where position < text.count && text[position] != "/",
                    .character where position < text.count && pieces[piece] == .character(text[position]):
                    piece += 1
                    position += 1
                    continue
                default: break
                }
            }
            if let back = run, back.position < text.count, text[back.position] != "/" {
                run = (back.piece, back.position + 1)
                (piece, position) = (back.piece + 1, back.position + 1)
            } else if let back = deepRun, back.position < text.count {
                deepRun = (back.piece, back.position + 1)
                run = nil
                (piece, position) = (back.piece + 1, back.position + 1)
            } else {
                return false
            }
        }
        return true
    }
}
