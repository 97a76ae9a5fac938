package import OPCUATypes

/// How late the values of items come that all change at every tick. A pure value; times are microseconds of UTC.
package struct TimelyCounter: NotificationCounter {
    /// Where the time of a value is written.
    package enum TimeOfValue: String, Sendable {
        /// In its source timestamp.
        case source
        /// In the value itself, a Double: for servers that write timestamps of their own.
        case value
    }

    private let place: TimeOfValue
    private let allowed: Int64
    /// The time of each item's latest value.
    private var last: [Int64]
    /// Values of these times are counted.
    private var span: Range<Int64> = 0..<0
    /// How often a value was so many milliseconds late; the last place is for all that were later.
    private var lateness = [Int](repeating: 0, count: 30_001)

    /// Items that have shown a value with a time.
    package private(set) var itemsSeen = 0
    /// Values of the span, each item's tick once.
    package private(set) var values = 0
    /// Values of the span that came no later than allowed.
    package private(set) var onTime = 0
    /// Values that were not newer than the item's last.
    package private(set) var repeats = 0
    /// Values without a time.
    package private(set) var bad = 0
    /// The latest of the span.
    package private(set) var worst: Int64 = 0
    /// Messages that the server no longer had.
    package private(set) var lostMessages = 0

    /// - Parameter allowed: how much later than its time a value may come, in microseconds.
    package init(items: Int, time: TimeOfValue, allowed: Int64) {
        place = time
        self.allowed = allowed
        last = [Int64](repeating: .min, count: items)
    }

    /// Counts from now on values whose time lies in the span.
    package mutating func count(_ span: Range<Int64>) { self.span = span }

    package mutating func received(_ message: NotificationReader, of subscription: UInt32, now: Int64) throws {
        try message.forEach { sample in
            guard sample.clientHandle < last.count, let time = time(sample) else {
                bad += 1
                return
            }
            let item = Int(sample.clientHandle)
            let before = last[item]
            guard time > before else {
                repeats += 1
                return
            }
            last[item] = time
            if before == .min { itemsSeen += 1 }
            guard span.contains(time) else { return }
            let late = now &- time
            values += 1
            if late <= allowed { onTime += 1 }
            worst = max(worst, late)
            lateness[Int(min(max(0, late / 1000), Int64(lateness.count - 1)))] += 1
        }
    }

    package mutating func lost(_ messages: Int) { lostMessages += messages }

    /// So large a share of the values came no more than so many milliseconds late.
    package func lateness(atShare share: Double) -> Int {
        var left = Int((Double(values) * share).rounded(.up))
        for (milliseconds, count) in lateness.enumerated() {
            left -= count
            if left <= 0 { return milliseconds }
        }
        return lateness.count - 1
    }

    private func time(_ sample: MonitoredItemSample) -> Int64? {
        switch place {
        case .source: return sample.sourceTimestamp == .null ? nil : sample.sourceTimestamp.utcMicroseconds
        case .value:
            // Items begin with a zero that is no time.
            guard case .double(let time) = sample.value, time > 1e15 else { return nil }
            return Int64(exactly: time)
        }
    }
}
