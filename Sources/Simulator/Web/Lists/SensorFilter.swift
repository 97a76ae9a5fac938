import SimulatorPlant
import WebSupport

/// Which sensors a request asks for: `?industry=&type=&search=&offset=&limit=`.
struct SensorFilter {
    /// Entries of one answer, unless `limit` asks for less.
    static let limitMax = 10_000

    let industry: String?
    /// What is measured.
    let type: String?
    /// Lower case; fits a path, a type or a unit that contains it.
    let search: String
    let offset: Int
    let limit: Int

    /// - Parameter industries: the names without copies.
    init(_ request: WebRequest, industries: [String], limitMax: Int) throws(WebProblem) {
        industry = request.queryValue("industry")
        if let industry, !industries.contains(String(industry.prefix { $0 != "." })) {
            throw .notFound("there is no industry '\(industry.prefix(100))'; see /api/industries")
        }
        type = request.queryValue("type")
        search = (request.queryValue("search") ?? "").lowercased()
        guard search.utf8.count <= 200 else { throw .badRequest("'search' may have 200 bytes at most") }
        offset = try request.wholeNumber("offset", in: 0...Int.max) ?? 0
        limit = min(try request.wholeNumber("limit", in: 0...Int.max) ?? limitMax, limitMax)
    }

    /// Calls `body` with the places of the sensors to list; returns the number of all that fit.
    func forEach(in sensors: [Sensor], _ body: (Int) -> Void) -> Int {
        guard industry != nil || type != nil || !search.isEmpty else {
            let start = min(offset, sensors.count)
            for place in start..<start + min(limit, sensors.count - start) { body(place) }
            return sensors.count
        }
        var matcher = SensorMatcher(industry: industry, type: type, search: search)
        var count = 0
        for (place, sensor) in sensors.enumerated() where matcher.fits(sensor) {
            if count >= offset, count - offset < limit { body(place) }
            count += 1
        }
        return count
    }
}

extension WebRequest {
    /// A whole number of the query; nil when it is not given.
    func wholeNumber(_ name: String, in range: ClosedRange<Int>) throws(WebProblem) -> Int? {
        guard let text = queryValue(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let upper = range.upperBound == Int.max ? "up" : "to \(range.upperBound)"
            throw .badRequest(
                "'\(name)' must be a whole number from \(range.lowerBound) \(upper), not '\(text.prefix(40))'")
        }
        return number
    }
}
