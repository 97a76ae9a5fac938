import ConnectorDeadLetters
import ConnectorModel

/// A dead letter as the API shows it.
struct DeadLetterDocument: Encodable, Sendable {
    var id: String
    var target: String
    /// Where it was refused: `target`, `journal` or `payload`.
    var stage: String
    var source: String
    /// When it was refused.
    var time: String
    var reason: String
    /// Of a record.
    var recordID: String?
    /// Of a payload.
    var topic: String?
    var bytes: Int
    /// The columns of a record, as far as they can be read.
    var record: [String: Column]?
    /// The bytes, in base64: a record as it stands in the journal, or the payload.
    var content: String?

    enum CodingKeys: String, CodingKey {
        case id, target, stage, source, time, reason, topic, bytes, record, content
        case recordID = "record_id"
    }

    init(_ stored: StoredDeadLetter, of lane: String, withContent: Bool = false) {
        let letter = stored.letter
        let bytes = letter.record
        id = stored.id
        target = lane
        stage = letter.stage.rawValue
        source = letter.source
        time = ISO8601.text(of: letter.time)
        reason = letter.reason
        recordID = letter.stage == .payload ? nil : letter.recordID
        topic = letter.stage == .payload ? letter.recordID : nil
        self.bytes = bytes.count
        record = letter.stage == .target ? Self.columns(of: bytes, .ofLane(named: lane)) : nil
        content = withContent ? Base64.encode(bytes) : nil
    }

    private static func columns(of bytes: [UInt8], _ layout: RecordLayout) -> [String: Column]? {
        let values = bytes.withUnsafeBytes { try? RecordDecoder(layout: layout).columns(of: $0) }
        return values.map { values in
            let known = zip(layout.columns, values).compactMap { column, value in
                value.map { (column.name, Column(value: $0)) }
            }
            return Dictionary(known, uniquingKeysWith: { $1 })
        }
    }

    /// The value of a column.
    struct Column: Encodable, Sendable {
        var value: RecordDecoder.ColumnValue

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .integer(let number): try container.encode(number)
            // JSON has no NaN.
            case .double(let number):
                if number.isFinite { try container.encode(number) } else { try container.encode("\(number)") }
            case .text(let text): try container.encode(text)
            case .boolean(let value): try container.encode(value)
            case .bytes(let bytes): try container.encode(Base64.encode(bytes))
            case .map(let map): try container.encode(map)
            }
        }
    }
}
