import NIOCore

/// Reads a proxy's answer to CONNECT: a status line and headers, and after them the tunnel's first bytes.
struct ConnectReply {
    /// The longest head that is read.
    static let maxHeadBytes = 8192

    enum Result: Equatable {
        /// More is needed.
        case incomplete
        /// The tunnel stands; what follows the head belongs to it.
        case open
        /// The proxy refused, with a sentence for people.
        case refused(String)
    }

    private var head: [UInt8] = []

    /// Takes bytes up to the end of the head; what is left in `buffer` when the tunnel is open belongs to it.
    mutating func received(_ buffer: inout ByteBuffer) -> Result {
        while let byte = buffer.readInteger(as: UInt8.self) {
            head.append(byte)
            if byte == 10, head.suffix(4) == [13, 10, 13, 10] { return status() }
            if head.count >= Self.maxHeadBytes { return .refused("the proxy's answer is no HTTP") }
        }
        return .incomplete
    }

    private func status() -> Result {
        let line = String(decoding: head.prefix { $0 != 13 }, as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) else {
            return .refused("the proxy's answer is no HTTP")
        }
        switch code {
        case 200..<300: return .open
        case 407: return .refused("the proxy wants user and password (407); set them in its address")
        case 403: return .refused("the proxy does not allow this destination (403)")
        default: return .refused("the proxy answered \(code)\(words.count > 2 ? " \(words[2].prefix(100))" : "")")
        }
    }
}
