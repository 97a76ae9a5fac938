/// What one payload may hold at most.
public struct PayloadLimits: Hashable, Sendable {
    /// Metrics on the top level.
    public var metricsMax: Int
    /// Properties, cells of data sets, members and parameters of templates, and elements of arrays together.
    public var elementsMax: Int
    /// Templates in templates, property sets in property sets.
    public var depthMax: Int

    public init(metricsMax: Int = 100_000, elementsMax: Int = 200_000, depthMax: Int = 8) {
        self.metricsMax = metricsMax
        self.elementsMax = elementsMax
        self.depthMax = depthMax
    }
}

/// What is left of the limits while one payload is decoded.
struct DecodingBudget {
    let limits: PayloadLimits
    private var elements = 0
    private var depth = 0

    init(_ limits: PayloadLimits) { self.limits = limits }

    mutating func take(_ count: Int = 1) throws(PayloadError) {
        elements &+= count
        guard elements <= limits.elementsMax else { throw .tooManyElements(limit: limits.elementsMax) }
    }

    mutating func enter() throws(PayloadError) {
        depth += 1
        guard depth <= limits.depthMax else { throw .tooDeep(limit: limits.depthMax) }
    }

    mutating func leave() { depth -= 1 }
}
