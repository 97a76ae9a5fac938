extension Catalogue {
    /// Reads a catalogue from its text; `add` explains it.
    package init(parsing text: String, file: String = "text") throws(CatalogueError) {
        self.init(industries: [])
        try add(text, file: file)
    }

    /// Adds what a text describes. Industries that are there already get further machines.
    ///
    /// One thing per line, words apart by spaces, `#` starts a comment:
    ///
    ///     industry NAME
    ///     machine NAME cycle SECONDS [swing W] [shift W] [sun W] [air W] [slow W] [fast W]
    ///     bearing BALLS BALL_DIAMETER PITCH_DIAMETER rpm TURNS [angle DEGREES]
    ///     SENSOR TYPE UNIT MINIMUM MAXIMUM NOMINAL NOISE DRIVER [lag SECONDS] [reach SHARE] [drift STD]
    ///            [phase TURNS] [step RESOLUTION] [start COUNT]
    ///
    /// The weights W of a machine are those of `MachineDemand`. A bearing belongs to the machine above it;
    /// diameters in millimetres. A sensor belongs to the machine above it and is called `machine_sensor`, or
    /// as it stands when a `=` comes before it; DRIVER is one of `SensorResponse.Driver`, with a minus before
    /// it when the value falls as the signal rises. NOISE and STD are standard deviations in the sensor's
    /// unit. Anything else is an error that names its line.
    package mutating func add(_ text: String, file: String) throws(CatalogueError) {
        var reader = CatalogueReader(catalogue: self)
        for (index, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = content.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first else { continue }
            var line = CatalogueLine(file: file, number: index + 1, words: words.dropFirst())
            try reader.read(first, &line)
            try line.end()
        }
        self = reader.catalogue
    }
}

/// A catalogue while a text is added to it.
private struct CatalogueReader {
    var catalogue: Catalogue
    /// The place of the industry that the lines are about.
    private var current: Int?
    /// The industries that this text has begun.
    private var begun: Set<String> = []
    /// The node ids in use: sensors and machines share one space of names (OPC UA).
    private var paths: Set<String> = []

    init(catalogue: Catalogue) {
        self.catalogue = catalogue
        for industry in catalogue.industries {
            for machine in industry.machines {
                paths.insert(industry.name + "/" + machine.name)
                for sensor in machine.sensors { paths.insert(industry.name + "/" + sensor.name) }
            }
        }
    }

    mutating func read(_ first: String, _ line: inout CatalogueLine) throws(CatalogueError) {
        switch first {
        case "industry": try addIndustry(&line)
        case "machine": try addMachine(&line)
        case "bearing": try addBearing(&line)
        default: try addSensor(first, &line)
        }
    }

    private mutating func addIndustry(_ line: inout CatalogueLine) throws(CatalogueError) {
        let name = try line.name("an industry")
        guard begun.insert(name).inserted else { throw line.error("industry '\(name)' is there twice") }
        if let index = catalogue.industries.firstIndex(where: { $0.name == name }) {
            current = index
        } else {
            current = catalogue.industries.count
            catalogue.industries.append(Catalogue.Industry(name: name, machines: []))
        }
        hasMachine = false
    }

    private var hasMachine = false

    private mutating func addMachine(_ line: inout CatalogueLine) throws(CatalogueError) {
        let name = try line.name("a machine")
        guard let current else { throw line.error("machine '\(name)' stands before any 'industry' line") }
        let industry = catalogue.industries[current].name
        guard paths.insert(industry + "/" + name).inserted else {
            throw line.error("machine '\(name)' is there twice in industry '\(industry)', or a sensor has its name")
        }
        let demand = try line.demand(name)
        catalogue.industries[current].machines.append(
            Catalogue.Machine(name: name, demand: demand, bearing: nil, sensors: []))
        hasMachine = true
    }

    /// The machine that the line belongs to.
    private func place(_ what: String, _ line: CatalogueLine) throws(CatalogueError) -> (industry: Int, machine: Int) {
        guard let current, hasMachine else { throw line.error("\(what) stands before any 'machine' line") }
        return (current, catalogue.industries[current].machines.count - 1)
    }

    private mutating func addBearing(_ line: inout CatalogueLine) throws(CatalogueError) {
        let place = try place("a bearing", line)
        let bearing = try line.bearing()
        guard catalogue.industries[place.industry].machines[place.machine].bearing == nil else {
            throw line.error("this machine has a bearing already")
        }
        catalogue.industries[place.industry].machines[place.machine].bearing = bearing
    }

    private mutating func addSensor(_ word: String, _ line: inout CatalogueLine) throws(CatalogueError) {
        let place = try place("sensor '\(word)'", line)
        let industry = catalogue.industries[place.industry].name
        let machine = catalogue.industries[place.industry].machines[place.machine].name
        let isFull = word.hasPrefix("=")
        let name = try line.checkedName(isFull ? String(word.dropFirst()) : word, "a sensor")
        let fullName = isFull ? name : machine + "_" + name
        guard paths.insert(industry + "/" + fullName).inserted else {
            throw line.error("sensor '\(fullName)' is there twice, or a machine has its name")
        }
        let definition = try line.sensor(fullName, machine: machine)
        catalogue.industries[place.industry].machines[place.machine].sensors.append(definition)
    }
}

extension CatalogueLine {
    /// The columns of a sensor after its name.
    fileprivate mutating func sensor(_ name: String, machine: String) throws(CatalogueError) -> SensorDefinition {
        let type = try self.name("a type")
        let unit = try unit()
        let minimum = try number("the minimum")
        let maximum = try number("the maximum")
        let nominal = try number("the nominal value")
        let noise = try number("the noise")
        let response = try response()
        guard minimum < maximum else { throw error("the minimum must be below the maximum") }
        guard response.driver.kind != .measurement || (minimum...maximum).contains(nominal) else {
            throw error("the nominal value must lie between minimum and maximum")
        }
        guard response.driver.kind != .count || response.start <= maximum else {
            throw error("'start' must not be above the maximum")
        }
        guard noise >= 0, noise <= maximum - minimum else {
            throw error("the noise must lie between 0 and the width of the range")
        }
        return SensorDefinition(
            machine: machine, name: name, type: type, unit: unit, range: minimum...maximum,
            nominal: nominal, noise: noise, response: response)
    }
}
