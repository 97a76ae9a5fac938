/// Random numbers as a pure function of where they are used: a stream and a tick.
///
/// Nothing is drawn in sequence, so the values of a sensor depend neither on how many other sensors there
/// are nor on the order in which they are computed.
struct Randomness: Equatable {
    /// The key of one stream, for instance of one sensor's noise.
    let key: UInt64

    /// The stream of a named thing under a seed. `purpose` tells the streams of one thing apart.
    init(seed: UInt64, name: String, purpose: UInt64) {
        // FNV-1a: Swift's own hashing changes from process to process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        key = Randomness.mix(Randomness.mix(seed ^ hash) &+ purpose)
    }

    /// 64 evenly spread bits for a tick.
    func bits(at tick: UInt64) -> UInt64 {
        Randomness.mix(key &+ tick &* 0x9E37_79B9_7F4A_7C15)
    }

    /// A number of mean 0 and standard deviation 1, bell-shaped, never beyond ±`Randomness.bound`.
    ///
    /// The sum of four even numbers of 16 bits: as good as a normal number for noise, and bounded, which
    /// lets a sensor promise that its noise never reaches a limit.
    func noise(at tick: UInt64) -> Double {
        let bits = bits(at: tick)
        let sum = (bits & 0xFFFF) &+ ((bits >> 16) & 0xFFFF) &+ ((bits >> 32) & 0xFFFF) &+ (bits >> 48)
        return (Double(sum) - 131_070) * Randomness.scale
    }

    /// A number evenly spread over 0 ..< 1.
    func fraction(at tick: UInt64) -> Double {
        Double(bits(at: tick) >> 11) * 0x1p-53
    }

    /// The largest size that `noise` can have, in standard deviations.
    static let bound = 131_070 * scale

    /// One over the standard deviation of the sum: four times the variance (65536² − 1) / 12.
    private static let scale = (3.0 / (65_536.0 * 65_536.0 - 1)).squareRoot()

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
