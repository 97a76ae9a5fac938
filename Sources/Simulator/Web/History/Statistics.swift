/// What charts say of the values that they show.
struct Statistics: Encodable, Equatable {
    let count: Int
    let mean: Double?
    let min: Double?
    let max: Double?
    /// Standard deviation of the sample (n − 1); nil below two values.
    let sigma: Double?

    /// Only finite values count. The mean is followed value by value (Welford), which stays exact for long series.
    init(_ values: some Sequence<Double>) {
        var count = 0
        var mean = 0.0
        var squares = 0.0
        var least = Double.infinity
        var most = -Double.infinity
        for value in values where value.isFinite {
            count += 1
            let before = value - mean
            mean += before / Double(count)
            squares += before * (value - mean)
            least = Swift.min(least, value)
            most = Swift.max(most, value)
        }
        self.count = count
        self.mean = count > 0 ? mean : nil
        min = count > 0 ? least : nil
        max = count > 0 ? most : nil
        sigma = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
    }
}
