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
        /// No reading could be made of what a source received.
        case payload
    }

    package var stage: Stage
    /// Why, in a sentence.
    package var reason: String
    package var source: String
    /// What the record was called, where its bytes lay, or the topic that a payload came under.
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

    /// A payload of which a source can make no reading. Of a huge one the beginning is kept.
    package init(_ payload: RefusedPayload, source: String) {
        let isCut = payload.bytes.count > Self.payloadBytesMax
        self.init(
            stage: .payload,
            reason: isCut
                ? "\(payload.reason) (kept: the first \(Self.payloadBytesMax) of \(payload.bytes.count) bytes)"
                : payload.reason,
            source: source, recordID: payload.topic, time: payload.time, prefix: [],
            content: isCut ? Array(payload.bytes.prefix(Self.payloadBytesMax)) : payload.bytes)
    }

    /// Bytes of one payload that are kept at most.
    package static let payloadBytesMax = 1024 * 1024

    /// The payload to try once more; nil for what was none.
    package var payload: RefusedPayload? {
        stage == .payload ? RefusedPayload(topic: recordID, reason: reason, time: time, bytes: content) : nil
    }

    /// The bytes of the record, as a target would get them but for the name.
    package var record: [UInt8] { prefix + content }
}

/// A dead letter with its name in the store.
package struct StoredDeadLetter: Equatable, Sendable {
    package var position: JournalPosition
    /// Twelve hexadecimal digits, as people type them: no other letter of any lane has the same.
    package var id: String
    package var letter: DeadLetter
}

/// A dead letter as the content of a frame: a protobuf message.
///
///     1 stage string   2 reason string   3 record id string   4 prefix bytes   5 content bytes   6 id string
enum DeadLetterCode {
    static func encode(_ letter: DeadLetter, id: String) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, string: letter.stage.rawValue)
        writer.field(2, string: letter.reason)
        writer.field(3, string: letter.recordID)
        letter.prefix.withUnsafeBytes { writer.field(4, bytes: $0) }
        letter.content.withUnsafeBytes { writer.field(5, bytes: $0) }
        writer.field(6, string: id)
        return writer.takeBytes()
    }

    /// Nil when the bytes are no dead letter that this version knows.
    static func decode(_ bytes: [UInt8], source: String, time: Timestamp) -> (letter: DeadLetter, id: String)? {
        var id = ""
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
                    case 6: id = String(decoding: value, as: UTF8.self)
                    default: break
                    }
                }
            }
        } catch {
            return nil
        }
        return (letter, id)
    }
}
