/// How busy the plant is over the hours of a day: three shifts with a dip at each change and a quiet night.
enum ShiftPattern {
    /// One number per hour of the day, from 06:00 (the start of plant time): −1 is quiet, +1 is busy.
    private static let hours: [Double] = [
        -0.6, 0.5, 0.8, 0.9, 0.6, 0.2, 0.7, 0.8,
        -0.5, 0.4, 0.7, 0.6, 0.3, 0.0, 0.4, 0.5,
        -0.7, -0.2, 0.0, -0.1, -0.4, -0.6, -0.5, -0.4,
    ]

    /// The pattern at a time in seconds of plant time, in straight lines between the hours.
    static func level(at seconds: Double) -> Double {
        let days = seconds / 86_400
        let hour = (days - days.rounded(.down)) * 24
        let index = min(Int(hour), 23)
        let part = hour - Double(index)
        return hours[index] * (1 - part) + hours[(index + 1) % 24] * part
    }
}
