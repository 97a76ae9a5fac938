import SimulatorPlant

/// The moment at which a plant's clock begins.
enum PlantStart {
    /// Before this moment, 2100 in UTC, all times of a plant have their microseconds in every protocol.
    private static let secondsMax = 4_102_444_800.0

    /// Microseconds of UTC since 1970; nil when the text is no time, or none from 1970 to 2099.
    static func microseconds(_ text: String) -> Int64? {
        guard let seconds = TimeText.seconds(text), seconds >= 0, seconds < secondsMax else { return nil }
        return Int64((seconds * 1_000_000).rounded())
    }
}
