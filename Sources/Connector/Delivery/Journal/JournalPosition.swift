/// The place of a frame in a journal. Positions rise in the order of submission.
package struct JournalPosition: Hashable, Comparable, Sendable {
    package var segment: UInt64
    package var frame: UInt32

    package init(segment: UInt64, frame: UInt32) {
        self.segment = segment
        self.frame = frame
    }

    package static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        (left.segment, left.frame) < (right.segment, right.frame)
    }
}

/// Where reading goes on: a frame's position and the byte in its segment where it begins.
package struct JournalLocation: Hashable, Sendable {
    package var position: JournalPosition
    package var offset: Int

    package init(_ position: JournalPosition, offset: Int) {
        self.position = position
        self.offset = offset
    }
}

/// A place in a segment that holds no valid frame though something was written there.
package struct JournalDamage: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Frames that had been durable cannot be read any more.
        case corrupt
        /// A write that never became durable: nothing that was reported safe is missing.
        case torn
        /// The header cannot be read; the file was set aside.
        case header
    }

    package var kind: Kind
    package var segment: UInt64
    package var offset: Int
    package var bytes: Int
    /// The number of the first frame that is missing.
    package var firstFrame: UInt32
    /// Frames and records that are missing, as far as their neighbours tell.
    package var frames: Int
    package var records: Int

    package var description: String {
        let what =
            switch kind {
            case .corrupt: "corrupt"
            case .torn: "never completed"
            case .header: "unreadable header, set aside"
            }
        return "segment \(segment) at byte \(offset), \(bytes) bytes: \(what), "
            + "\(frames) frames and \(records) records missing"
    }
}
