/// What is done with the readings of a tag before they are delivered, as it is configured; nil says nothing.
package struct Conditioning: Hashable, Sendable {
    /// The least change that is worth a row.
    package enum Deadband: Hashable, Sendable {
        /// In units of the value, after ``Conditioning/scale`` and ``Conditioning/offset``.
        case absolute(Double)
        /// In percent of a span in units of the value; without one, of the tag's range as the device gives it
        /// (`eu_low`, `eu_high`).
        case percent(Double, span: Double?)
    }

    /// Swinging-door trending: only the points at which a trend changes its direction.
    package struct SwingingDoor: Hashable, Sendable {
        /// How far a point that is left out may lie from the line between its neighbours, in units of the value.
        package var deviation: Double
        /// Points that come sooner after the last row are not looked at.
        package var minIntervalMilliseconds: Int
        /// A point that comes as long after the last row, or longer, is a row; nil is never.
        package var maxIntervalMilliseconds: Int?

        package init(deviation: Double, minIntervalMilliseconds: Int = 0, maxIntervalMilliseconds: Int? = nil) {
            self.deviation = deviation
            self.minIntervalMilliseconds = minIntervalMilliseconds
            self.maxIntervalMilliseconds = maxIntervalMilliseconds
        }
    }

    /// Which readings become rows.
    package enum Report: Hashable, Sendable {
        case all
        /// Those whose value is another than the one before.
        case onChange
        case deadband(Deadband)
        case swingingDoor(SwingingDoor)
    }

    package var scale: Double?
    package var offset: Double?
    /// Values below or above are set to it.
    package var low: Double?
    package var high: Double?
    package var report: Report?
    /// The longest time without a row, in milliseconds; 0 switches off what was set for all tags.
    package var heartbeatMilliseconds: Int?

    package init(
        scale: Double? = nil, offset: Double? = nil, low: Double? = nil, high: Double? = nil, report: Report? = nil,
        heartbeatMilliseconds: Int? = nil
    ) {
        self.scale = scale
        self.offset = offset
        self.low = low
        self.high = high
        self.report = report
        self.heartbeatMilliseconds = heartbeatMilliseconds
    }

    /// Whether it does nothing.
    package var isEmpty: Bool { self == Conditioning() }

    /// This one, with the other's where this one says nothing.
    package func over(_ other: Conditioning) -> Conditioning {
        Conditioning(
            scale: scale ?? other.scale, offset: offset ?? other.offset, low: low ?? other.low,
            high: high ?? other.high, report: report ?? other.report,
            heartbeatMilliseconds: heartbeatMilliseconds ?? other.heartbeatMilliseconds)
    }
}
