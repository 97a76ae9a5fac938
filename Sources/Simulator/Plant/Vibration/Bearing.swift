/// A rolling bearing: its geometry, and the lines that damage to it draws into a spectrum.
///
/// The textbook formulas for a bearing whose outer ring stands still and whose balls roll without slip.
package struct Bearing: Sendable, Equatable {
    /// Number of balls or rollers.
    package let balls: Int
    /// Diameter of a ball, in millimetres.
    package let ballDiameter: Double
    /// Diameter of the circle through the centres of the balls, in millimetres.
    package let pitchDiameter: Double
    /// Contact angle, in degrees.
    package let angle: Double
    /// Nominal speed of the shaft, in turns per minute.
    package let rpm: Double
    private let ratio: Double

    /// The bearing of a machine whose catalogue entry names none: a 6205 behind a motor with four poles.
    package static let usual = Bearing(unchecked: 9, 7.94, 39.04, 0, 1480)

    /// Nil when no such bearing can be built.
    init?(balls: Double, ballDiameter: Double, pitchDiameter: Double, angle: Double, rpm: Double) {
        guard let count = Int(exactly: balls), (3...100).contains(count), ballDiameter > 0,
            ballDiameter < pitchDiameter, (0...60).contains(angle), (1...100_000).contains(rpm)
        else { return nil }
        self.init(unchecked: count, ballDiameter, pitchDiameter, angle, rpm)
    }

    private init(unchecked balls: Int, _ ball: Double, _ pitch: Double, _ angle: Double, _ rpm: Double) {
        self.balls = balls
        self.ballDiameter = ball
        self.pitchDiameter = pitch
        self.angle = angle
        self.rpm = rpm
        ratio = ball / pitch * Arithmetic.sine(turns: angle / 360 + 0.25)
    }

    /// The frequencies of damage at a speed of the shaft, all in hertz.
    package struct Lines: Sendable, Equatable {
        /// One turn of the shaft.
        package let shaft: Double
        /// Balls passing a spot on the outer ring (BPFO).
        package let outer: Double
        /// Balls passing a spot on the inner ring (BPFI).
        package let inner: Double
        /// A spot on a ball meeting the same ring (BSF).
        package let ball: Double
        /// One turn of the cage (FTF).
        package let cage: Double
    }

    /// The lines at a speed of the shaft in hertz.
    package func lines(shaft: Double) -> Lines {
        let count = Double(balls)
        return Lines(
            shaft: shaft,
            outer: count / 2 * shaft * (1 - ratio),
            inner: count / 2 * shaft * (1 + ratio),
            ball: pitchDiameter / (2 * ballDiameter) * shaft * (1 - ratio * ratio),
            cage: shaft / 2 * (1 - ratio))
    }
}
