/// The sky over the plant at one moment: the same for all machines.
struct Weather {
    /// Sunshine on the ground: −1 is night, +1 the clearest noon of midsummer.
    private(set) var sun: Double
    /// The temperature outdoors, over day and year: −1 is cold, +1 is hot.
    private(set) var air: Double
    /// Where a solar tracker looks: −1 is sunrise, +1 is sunset; at night it turns back.
    private(set) var hour: Double

    /// What the sky remembers from tick to tick.
    struct Sky {
        private let stream: Randomness
        private let pace: Wander.Pace
        private var clouds: Double

        init(seed: UInt64, step: Double) {
            stream = Randomness(seed: seed, name: "weather", purpose: 1)
            pace = Wander.Pace(timeConstant: 1200, step: step)
            clouds = stream.noise(at: 0)
        }

        mutating func advance(to tick: UInt64) { clouds = pace.next(after: clouds, noise: stream.noise(at: tick)) }

        /// The share of the light that the clouds take, 0 to 0.8.
        var shade: Double { 0.8 * Arithmetic.saturate(max(0, clouds)) }
    }

    /// The weather at a time in seconds of plant time, which starts at 06:00 on a day in late April, at 48° North.
    init(at seconds: Double, sky: Sky) {
        let days = seconds / 86_400 + 0.25
        let year = 0.1 + seconds / (365.25 * 86_400)
        let declination = 0.398 * Arithmetic.sine(turns: year)
        let noon = Arithmetic.sine(turns: days - 0.25)
        let height = 0.743 * declination + 0.669 * (1 - declination * declination).squareRoot() * noon
        sun = 2 * min(1, max(0, height) / 0.92) * (1 - sky.shade) - 1
        // The air lags three hours behind the sun and five weeks behind the season.
        air = 0.55 * Arithmetic.sine(turns: days - 0.375) + 0.4 * Arithmetic.sine(turns: year - 0.1) - 0.1 * sky.shade
        let ofDay = (days - days.rounded(.down)) * 24
        hour =
            switch ofDay {
            case 4..<20: (ofDay - 12) / 8
            case 20...: 1 - (ofDay - 20) / 4
            default: -ofDay / 4
            }
    }
}
