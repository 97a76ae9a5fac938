import SimulatorPlant

/// The latest values of the sensors that somebody looks at: subscribed to, or asked for not long ago.
///
/// A plant has a million sensors and a page shows a dozen, so only these are kept: at most `sensorsMax` rings of
/// `samplesMax` samples. A sensor that nobody has looked at for a while gives way to one that is looked at.
struct HistoryBook {
    struct Limits {
        var sensorsMax = 256
        var samplesMax = 1200
        /// How long a sensor is kept after it was looked at, when another wants its place: microseconds.
        var keepMicroseconds: Int64 = 300_000_000
    }

    struct Sample: Equatable {
        let tick: UInt64
        let timestamp: Int64
        let value: Double
        let quality: Quality
    }

    private struct Ring {
        var samples: [Sample] = []
        var oldest = 0
        var lookedAt: Int64

        mutating func add(_ sample: Sample, samplesMax: Int) {
            guard samples.count == samplesMax else { return samples.append(sample) }
            samples[oldest] = sample
            oldest = (oldest + 1) % samplesMax
        }

        var inOrder: [Sample] { Array(samples[oldest...] + samples[..<oldest]) }
    }

    private let limits: Limits
    private var rings: [Int: Ring] = [:]
    private var latest: Tick

    init(limits: Limits = Limits(), _ tick: Tick) {
        self.limits = limits
        latest = tick
    }

    var sensorCount: Int { rings.count }

    /// A tick has come: every sensor that is looked at gets a sample.
    mutating func ticked(_ tick: Tick) {
        latest = tick
        // Of a copy of the keys: a dictionary that is being walked through would be copied when it changes.
        for place in Array(rings.keys) {
            rings[place]?.add(Self.sample(tick, place), samplesMax: limits.samplesMax)
        }
    }

    /// Somebody looks at several sensors. Once there is no room, no further ones are tried.
    mutating func lookedAt(_ places: [Int], now: Int64) {
        var isFull = false
        for place in places where !isFull || rings[place] != nil {
            if !lookedAt(place, now: now) { isFull = true }
        }
    }

    /// Somebody looks at a sensor; `now` in microseconds. False when there is no room for another one.
    mutating func lookedAt(_ place: Int, now: Int64) -> Bool {
        if rings[place] != nil {
            rings[place]?.lookedAt = now
            return true
        }
        if rings.count >= limits.sensorsMax {
            guard let (oldest, ring) = rings.min(by: { ($0.value.lookedAt, $0.key) < ($1.value.lookedAt, $1.key) }),
                ring.lookedAt < now - limits.keepMicroseconds
            else { return false }
            rings[oldest] = nil
        }
        var ring = Ring(lookedAt: now)
        ring.add(Self.sample(latest, place), samplesMax: limits.samplesMax)
        rings[place] = ring
        return true
    }

    /// The samples of a sensor, the oldest first; empty when nobody looked at it.
    func samples(_ place: Int) -> [Sample] { rings[place]?.inOrder ?? [] }

    private static func sample(_ tick: Tick, _ place: Int) -> Sample {
        Sample(
            tick: tick.number, timestamp: tick.timestamp, value: tick.values[place], quality: tick.qualities[place])
    }
}
