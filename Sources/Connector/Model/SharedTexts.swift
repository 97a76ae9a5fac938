/// Texts that many tags share, each kept once: a packed tag holds a number where it would hold the text.
///
/// There is room for a few only. What is different in every tag fills it once and is then written out.
struct SharedTexts: Sendable {
    static let textsMax = 255

    private var texts: [String] = []
    private var numbers: [String: Int] = [:]

    /// Writes a text: its number from 1 on, or 0 and the text itself. The same text gives the same bytes ever after.
    mutating func write(_ text: String, to writer: inout PackedWriter) -> Int? {
        if let number = number(of: text) {
            writer.number(UInt64(number + 1))
            return number
        }
        writer.number(0)
        writer.text(text)
        return nil
    }

    /// Reads a text back.
    func read(_ reader: inout PackedReader) -> (text: String, number: Int?) {
        let number = Int(reader.number())
        return number == 0 ? (reader.text(), nil) : (texts[number - 1], number - 1)
    }

    private mutating func number(of text: String) -> Int? {
        if let known = numbers[text] { return known }
        guard texts.count < Self.textsMax else { return nil }
        numbers[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }
}
