/// The words of one line of a catalogue, taken from the left.
struct CatalogueLine {
    /// Where the line stands in the text, from 1.
    let number: Int
    private(set) var words: ArraySlice<String>

    init(number: Int, words: ArraySlice<String>) {
        self.number = number
        self.words = words
    }

    func error(_ message: String) -> CatalogueError { CatalogueError(line: number, message: message) }

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
        let options = try options(["lag", "reach", "drift"])
        var response = SensorResponse(driver: driver, inverse: inverse)
        response.lag = options["lag"] ?? response.lag
        response.reach = options["reach"] ?? response.reach
        response.drift = options["drift"] ?? response.drift
        guard response.lag >= 0, response.drift >= 0, (0...1).contains(response.reach) else {
            throw error("'lag' and 'drift' must not be negative, 'reach' must lie between 0 and 1")
        }
        return response
    }

    func end() throws(CatalogueError) {
        if let word = words.first { throw error("'\(word)' is too much here") }
    }
}
