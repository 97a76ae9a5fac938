/// A number that wanders about zero with standard deviation 1 and forgets its past with a time constant.
///
/// The exact discrete form of an Ornstein–Uhlenbeck process: any step length gives the same statistics.
struct Wander {
    /// What is the same for all that wander with one time constant under one step length.
    struct Pace {
        let keep: Double
        let renew: Double

        /// `timeConstant` and `step` in seconds of plant time.
        init(timeConstant: Double, step: Double) {
            keep = Arithmetic.decay(step / timeConstant)
            renew = (1 - keep * keep).squareRoot()
        }

        /// The next value after `value`, moved by a fresh random number of standard deviation 1.
        func next(after value: Double, noise: Double) -> Double {
            value * keep + noise * renew
        }
    }
}
