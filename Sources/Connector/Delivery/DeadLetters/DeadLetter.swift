package import ConnectorJournal
package import ConnectorModel
import ProtobufWire

/// A record, or bytes that should have become one, refused for good.
package struct DeadLetter: Equatable, Sendable {
    /// Where it was refused; a retry begins there again.
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        /// The target refused the record.
        case target
        /// The journal could not read a frame back.
        case journal
    }

    package var stage: Stage
    /// Why, in a sentence.
    package var reason: String
    package var source: String
    /// What the record was called, or where its bytes lay.
    package var recordID: String
    /// When it was refused.
    package var time: Timestamp
    /// The constant part of the record; empty for what is no record.
    package var prefix: [UInt8]
    /// The varying part of the record, or the raw bytes.
    package var content: [UInt8]

    package init(
        stage: Stage, reason: String, source: String, recordID: String, time: Timestamp, prefix: [UInt8],
        content: [UInt8]
    ) {
        self.stage = stage
        self.reason = reason
        self.source = source
        self.recordID = recordID
        self.time = time
        self.prefix = prefix
        self.content = content
    }

    /// The bytes of the record, as a target would get them but for the name.
    package var record: [UInt8] { prefix + content }
}

/// A dead letter with its number in the store: it keeps it as long as it is there.
package struct StoredDeadLetter: Equatable, Sendable {
    package var position: JournalPosition
    package var letter: DeadLetter

    /// `segment-frame`, as people type it.
    package var id: String { "\(position.segment)-\(position.frame)" }
}

/// A dead letter as the content of a frame: a protobuf message.
///
///     1 stage string   2 reason string   3 record id string   4 prefix bytes   5 content bytes
enum DeadLetterCode {
    static func encode(_ letter: DeadLetter) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, string: letter.stage.rawValue)
        writer.field(2, string: letter.reason)
        writer.field(3, string: letter.recordID)
        letter.prefix.withUnsafeBytes { writer.field(4, bytes: $0) }
        letter.content.withUnsafeBytes { writer.field(5, bytes: $0) }
        return writer.takeBytes()
    }

    /// Nil when the bytes are no dead letter that this version knows.
    static func decode(_ bytes: [UInt8], source: String, time: Timestamp) -> DeadLetter? {
        var letter = DeadLetter(
            stage: .target, reason: "", source: source, recordID: "", time: time, prefix: [], content: [])
        do {
            try bytes.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                while let tag = try reader.tag() {
                    guard tag.type == .lengthDelimited else {
                        try reader.skip(tag.type)
                        continue
                    }
                    let value = try reader.lengthDelimited()
                    switch tag.field {
                    case 1:
                        guard let stage = DeadLetter.Stage(rawValue: String(decoding: value, as: UTF8.self)) else {
                            throw WireError.badTag
                        }
                        letter.stage = stage
                    case 2: letter.reason = String(decoding: value, as: UTF8.self)
                    case 3: letter.recordID = String(decoding: value, as: UTF8.self)
                    case 4: letter.prefix = Array(value)
                    case 5: letter.content = Array(value)
                    default: break
                    }
                }
            }
        } catch {
            return nil
        }
        return letter
    }
}
