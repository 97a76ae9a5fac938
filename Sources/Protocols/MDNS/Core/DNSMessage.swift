public import NIOCore

/// A DNS message (RFC 1035, 4.1) as multicast DNS uses it (RFC 6762, 18).
public struct DNSMessage: Hashable, Sendable {
    /// Most bytes of a message that is taken (RFC 6762, 17).
    public static let bytesMax = 9_000
    /// Most questions and records of a message that is taken.
    public static let entriesMax = 512

    /// 0 but for those who are not fully multicast (RFC 6762, 6.7).
    public var id: UInt16
    /// Response, opcode, authoritative, truncated … as they stand in the header.
    public var flags: UInt16
    public var questions: [DNSQuestion]
    public var answers: [DNSRecord]
    /// In probes: what the sender would have (RFC 6762, 8.2).
    public var authorities: [DNSRecord]
    public var additionals: [DNSRecord]

    private static let responseFlag: UInt16 = 0x8000
    private static let truncatedFlag: UInt16 = 0x0200

    /// A query.
    public init(
        questions: [DNSQuestion], knownAnswers: [DNSRecord] = [], authorities: [DNSRecord] = [],
        isTruncated: Bool = false
    ) {
        id = 0
        flags = isTruncated ? Self.truncatedFlag : 0
        self.questions = questions
        answers = knownAnswers
        self.authorities = authorities
        additionals = []
    }

    /// A response, which is always authoritative (RFC 6762, 18.4).
    ///
    /// - Parameters:
    ///   - id: of the query, where it is answered to its sender alone; else 0.
    ///   - questions: the same.
    public init(
        answers: [DNSRecord], additionals: [DNSRecord] = [], id: UInt16 = 0, questions: [DNSQuestion] = []
    ) {
        self.id = id
        flags = Self.responseFlag | 0x0400
        self.questions = questions
        self.answers = answers
        authorities = []
        self.additionals = additionals
    }

    public var isResponse: Bool { flags & Self.responseFlag != 0 }
    /// In a query: more known answers follow in a further one (RFC 6762, 7.2).
    public var isTruncated: Bool { flags & Self.truncatedFlag != 0 }
    /// Whether it is a plain query or answer; others are passed over (RFC 6762, 18.3 and 18.11).
    public var isOrdinary: Bool { flags & 0x780F == 0 }

    /// Reads a datagram. Whatever its bytes are, reading ends, within the limits, with a message or an error.
    public init(decoding buffer: ByteBuffer) throws(DNSDecodingError) {
        guard buffer.readableBytes <= Self.bytesMax else { throw .tooLong }
        var reader = DNSReader(Array(buffer.readableBytesView))
        id = try reader.integer()
        flags = try reader.integer()
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(Int(try reader.integer() as UInt16)) }
        guard counts.reduce(0, +) <= Self.entriesMax else { throw .tooManyEntries }
        questions = []
        for _ in 0..<counts[0] { questions.append(try reader.question()) }
        answers = try reader.records(counts[1])
        authorities = try reader.records(counts[2])
        additionals = try reader.records(counts[3])
    }

    /// Appends the message; without its additional records, which are a courtesy, where it would be longer with them.
    public func encode(into buffer: inout ByteBuffer, bytesPreferred: Int) {
        let start = buffer.writerIndex
        encode(into: &buffer)
        guard buffer.writerIndex - start > bytesPreferred, !additionals.isEmpty else { return }
        buffer.moveWriterIndex(to: start)
        var shorter = self
        shorter.additionals = []
        shorter.encode(into: &buffer)
    }

    /// Appends the message; names that have been written already are pointed to (RFC 1035, 4.1.4).
    public func encode(into buffer: inout ByteBuffer) {
        var writer = DNSWriter(start: buffer.writerIndex)
        let sections = [answers, authorities, additionals]
        for word in [id, flags]
            + [questions.count, answers.count, authorities.count, additionals.count].map(UInt16.init)
        {
            buffer.writeInteger(word)
        }
        for question in questions { writer.write(question, into: &buffer) }
        for record in sections.joined() { writer.write(record, into: &buffer) }
    }
}

/// Why bytes are no DNS message.
public enum DNSDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong
    case tooManyEntries
    /// It ends in the middle of something.
    case truncated
    case nameTooLong
    /// A length byte of the two kinds that do not exist.
    case unknownLabel
    /// A pointer that does not point back, and so could go round in circles.
    case pointerNotBackwards
    /// The data of a record is not as long as it says.
    case wrongLength(RecordType)

    public var description: String {
        switch self {
        case .tooLong: "longer than \(DNSMessage.bytesMax) bytes"
        case .tooManyEntries: "more than \(DNSMessage.entriesMax) questions and records"
        case .truncated: "ends in the middle"
        case .nameTooLong: "a name is longer than \(DNSName.bytesMax) bytes"
        case .unknownLabel: "a label of an unknown kind"
        case .pointerNotBackwards: "a pointer that does not point back"
        case .wrongLength(let type): "a record of type \(type.rawValue) with a wrong length"
        }
    }
}
