extension Catalogue {
    /// Reads a catalogue from its text.
    ///
    /// One thing per line, words apart by spaces, `#` starts a comment:
    ///
    ///     industry NAME
    ///     machine NAME cycle SECONDS [swing SHARE]
    ///     SENSOR TYPE UNIT MINIMUM MAXIMUM NOMINAL NOISE DRIVER [lag SECONDS] [reach SHARE] [drift STD]
    ///
    /// A sensor belongs to the machine above it and is called `machine_sensor`; DRIVER is one of
    /// `SensorResponse.Driver`, with a minus before it when the value falls as the signal rises. NOISE and
    /// STD are standard deviations in the sensor's unit. Anything else is an error that names its line.
    package init(parsing text: String) throws(CatalogueError) {
        self.init(industries: [])
        var paths: Set<String> = []
        for (index, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = content.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first else { continue }
            var line = CatalogueLine(number: index + 1, words: words.dropFirst())
            switch first {
            case "industry": try addIndustry(&line)
            case "machine": try addMachine(&line)
            default: try addSensor(first, &line, paths: &paths)
            }
            try line.end()
        }
    }

    private mutating func addIndustry(_ line: inout CatalogueLine) throws(CatalogueError) {
        let name = try line.name("an industry")
        guard !industries.contains(where: { $0.name == name }) else {
            throw line.error("industry '\(name)' is there twice")
        }
        industries.append(Industry(name: name, machines: []))
    }

    private mutating func addMachine(_ line: inout CatalogueLine) throws(CatalogueError) {
        let name = try line.name("a machine")
        guard let industry = industries.indices.last else {
            throw line.error("machine '\(name)' stands before any 'industry' line")
        }
        guard !industries[industry].machines.contains(where: { $0.name == name }) else {
            throw line.error("machine '\(name)' is there twice in industry '\(industries[industry].name)'")
        }
        let options = try line.options(["cycle", "swing"])
        guard let cycle = options["cycle"], cycle > 0 else {
            throw line.error("machine '\(name)' needs 'cycle' with a number of seconds above 0")
        }
        let swing = options["swing"] ?? 0.2
        guard (0...1).contains(swing) else { throw line.error("'swing' must lie between 0 and 1") }
        industries[industry].machines.append(Machine(name: name, cycle: cycle, swing: swing, sensors: []))
    }

    private mutating func addSensor(
        _ name: String, _ line: inout CatalogueLine, paths: inout Set<String>
    ) throws(CatalogueError) {
        guard let industry = industries.indices.last, let machine = industries[industry].machines.indices.last else {
            throw line.error("sensor '\(name)' stands before any 'machine' line")
        }
        let machineName = industries[industry].machines[machine].name
        let fullName = machineName + "_" + (try line.checkedName(name, "a sensor"))
        guard paths.insert(industries[industry].name + "/" + fullName).inserted else {
            throw line.error("sensor '\(fullName)' is there twice")
        }
        let type = try line.name("a type")
        let unit = try line.unit()
        let minimum = try line.number("the minimum")
        let maximum = try line.number("the maximum")
        let nominal = try line.number("the nominal value")
        let noise = try line.number("the noise")
        let response = try line.response()
        guard minimum < maximum else { throw line.error("the minimum must be below the maximum") }
        guard response.driver.kind != .measurement || (minimum...maximum).contains(nominal) else {
            throw line.error("the nominal value must lie between minimum and maximum")
        }
        guard noise >= 0, noise <= maximum - minimum else {
            throw line.error("the noise must lie between 0 and the width of the range")
        }
        industries[industry].machines[machine].sensors.append(
            SensorDefinition(
                machine: machineName, name: fullName, type: type, unit: unit, range: minimum...maximum,
                nominal: nominal, noise: noise, response: response))
    }
}
