/// The words of one line of a catalogue, taken from the left.
struct CatalogueLine {
    /// The name of the text.
    let file: String
    /// Where the line stands in the text, from 1.
    let number: Int
    private(set) var words: ArraySlice<String>

    init(file: String, number: Int, words: ArraySlice<String>) {
        self.file = file
        self.number = number
        self.words = words
    }

    func error(_ message: String) -> CatalogueError { CatalogueError(file: file, line: number, message: message) }

    mutating func word(_ what: String) throws(CatalogueError) -> String {
        guard let word = words.popFirst() else { throw error("\(what) is missing") }
        return word
    }

    mutating func name(_ what: String) throws(CatalogueError) -> String {
        try checkedName(try word(what), what)
    }

    /// A name becomes a part of topics, node ids and URLs: it may hold only what all of them allow.
    func checkedName(_ name: String, _ what: String) throws(CatalogueError) -> String {
        let allowed = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        guard allowed, name.utf8.count <= 100 else {
            throw error("'\(name)' is not \(what): use up to 100 of a-z, 0-9 and _")
        }
        return name
    }

    /// A unit is written into JSON and CSV as it is: it may hold nothing that means something there.
    mutating func unit() throws(CatalogueError) -> String {
        let unit = try word("a unit")
        guard unit.utf8.count <= 30, unit.utf8.allSatisfy({ $0 > 0x20 && !"\"\\,;".utf8.contains($0) }) else {
            throw error("'\(unit)' is not a unit: use up to 30 bytes without quotes, commas and backslashes")
        }
        return unit
    }

    mutating func number(_ what: String) throws(CatalogueError) -> Double {
        let text = try word(what)
        guard let number = Double(text), number.isFinite, abs(number) <= 1e15 else {
            throw error("\(what) '\(text)' is not a number")
        }
        return number
    }

    /// The rest of the line as pairs of a key and a number.
    mutating func options(_ keys: [String]) throws(CatalogueError) -> [String: Double] {
        var options: [String: Double] = [:]
        while let key = words.popFirst() {
            guard keys.contains(key) else {
                throw error("'\(key)' is not known here; known: \(keys.joined(separator: ", "))")
            }
            guard options.updateValue(try number("'\(key)'"), forKey: key) == nil else {
                throw error("'\(key)' is there twice")
            }
        }
        return options
    }

    mutating func response() throws(CatalogueError) -> SensorResponse {
        let text = try word("the driver")
        let inverse = text.hasPrefix("-")
        guard let driver = SensorResponse.Driver(rawValue: inverse ? String(text.dropFirst()) : text),
            !inverse || driver.kind == .measurement
        else {
            let known = SensorResponse.Driver.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("'\(text)' is not a driver; known: \(known)")
        }
        let options = try options(["lag", "reach", "drift", "phase", "step", "start"])
        var response = SensorResponse(driver: driver, inverse: inverse)
        response.lag = options["lag"] ?? response.lag
        response.reach = options["reach"] ?? response.reach
        response.drift = options["drift"] ?? response.drift
        response.phase = options["phase"] ?? response.phase
        response.step = options["step"]
        response.start = options["start"] ?? response.start
        guard (response.step ?? 1) > 0, response.start >= 0 else {
            throw error("'step' must be above 0, 'start' must not be negative")
        }
        guard response.lag >= 0, response.drift >= 0, (0...1).contains(response.reach) else {
            throw error("'lag' and 'drift' must not be negative, 'reach' must lie between 0 and 1")
        }
        return response
    }

    mutating func demand(_ machine: String) throws(CatalogueError) -> MachineDemand {
        let options = try options(["cycle", "swing", "shift", "sun", "air", "slow", "fast"])
        guard let cycle = options["cycle"], (0.1...1e9).contains(cycle) else {
            throw error("machine '\(machine)' needs 'cycle' with a number of seconds from 0.1 up")
        }
        var demand = MachineDemand(cycle: cycle)
        demand.swing = options["swing"] ?? demand.swing
        demand.shift = options["shift"] ?? demand.shift
        demand.sun = options["sun"] ?? demand.sun
        demand.air = options["air"] ?? demand.air
        demand.slow = options["slow"] ?? demand.slow
        demand.fast = options["fast"] ?? demand.fast
        guard (0...1).contains(demand.swing) else { throw error("'swing' must lie between 0 and 1") }
        for weight in [demand.shift, demand.sun, demand.air, demand.slow, demand.fast] where abs(weight) > 10 {
            throw error("a weight must lie between -10 and 10, not \(weight)")
        }
        return demand
    }

    mutating func bearing() throws(CatalogueError) -> Bearing {
        let balls = try number("the number of balls")
        let ball = try number("the diameter of a ball")
        let pitch = try number("the pitch diameter")
        let options = try options(["rpm", "angle"])
        guard let rpm = options["rpm"] else { throw error("a bearing needs 'rpm', the speed of its shaft") }
        guard
            let bearing = Bearing(
                balls: balls, ballDiameter: ball, pitchDiameter: pitch, angle: options["angle"] ?? 0, rpm: rpm)
        else {
            throw error(
                "a bearing has 3 to 100 balls, smaller than its pitch diameter, an angle of 0 to 60 degrees "
                    + "and turns 1 to 100000 times a minute")
        }
        return bearing
    }

    func end() throws(CatalogueError) {
        if let word = words.first { throw error("'\(word)' is too much here") }
    }
}
