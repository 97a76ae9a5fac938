import ConnectorModel
import YAMLSupport

/// What is done with readings before they are delivered: keys of a source and of an entry of `tags`.
extension Section {
    mutating func conditioning() -> Conditioning {
        var conditioning = Conditioning(
            scale: optionalNumber("scale", about: "values are multiplied by it"),
            offset: optionalNumber("offset", about: "added after the scale"))
        if conditioning.scale == 0, !isSurvey { report("must not be 0", at: "scale") }
        if var clamp = optionalSection("clamp", about: "values outside are set to the nearer end") {
            conditioning.low = clamp.optionalNumber("min", about: "the least value")
            conditioning.high = clamp.optionalNumber("max", about: "the greatest value")
            if let low = conditioning.low, let high = conditioning.high, low > high {
                clamp.report("is above max", at: "min")
            }
            clamp.finish()
        }
        let deadband = optionalSection("deadband", about: "the least change that is reported")
            .flatMap(Self.deadband)
        let door = optionalSection("sdt", about: "swinging-door trending: only where a trend changes its direction")
            .flatMap(Self.swingingDoor)
        let report = choice(
            "report", default: Conditioning.Report?.none, [("all", .all), ("on_change", .onChange)],
            about: "whether readings are reported that are like the one before")
        if !isSurvey {
            if deadband != nil, door != nil {
                self.report("excludes deadband: both say which changes count", at: "sdt")
            }
            if report != nil, deadband != nil || door != nil {
                self.report("excludes deadband and sdt, which say more exactly what is reported", at: "report")
            }
        }
        conditioning.report = door.map { .swingingDoor($0) } ?? deadband.map { .deadband($0) } ?? report
        conditioning.heartbeatMilliseconds = optionalInteger(
            "heartbeat_ms", in: 0...Conditioning.millisecondsMax, about: "the longest time without a row of a tag")
        return isSurvey ? Conditioning() : conditioning
    }

    private static func deadband(_ block: consuming Section) -> Conditioning.Deadband? {
        let absolute = block.optionalNumber("absolute", about: "in units of the value")
        let percent = block.optionalNumber("percent", about: "of the tag's range, or of span")
        let span = block.optionalNumber("span", about: "what percent is taken of, in units of the value")
        block.finish()
        guard !block.isSurvey else { return nil }
        guard (absolute != nil) != (percent != nil) else {
            block.report("needs one of absolute and percent")
            return nil
        }
        if let absolute, absolute < 0 { block.report("must not be negative", at: "absolute") }
        if let percent, !(0...100).contains(percent) { block.report("must be 0 to 100", at: "percent") }
        if let span, span <= 0 { block.report("must be above 0", at: "span") }
        if span != nil, percent == nil { block.report("needs percent beside it", at: "span") }
        return absolute.map { .absolute($0) } ?? percent.map { .percent($0, span: span) }
    }

    private static func swingingDoor(_ block: consuming Section) -> Conditioning.SwingingDoor? {
        let deviation = block.optionalNumber(
            "deviation", about: "how far a value that is left out may lie from the line, in units of the value")
        let shortest = block.integer(
            "min_interval_ms", default: 0, in: 0...Conditioning.millisecondsMax,
            about: "values that come sooner after a row are not looked at")
        let longest = block.optionalInteger(
            "max_interval_ms", in: 1...Conditioning.millisecondsMax,
            about: "a value that comes later after a row is one")
        block.finish()
        guard !block.isSurvey else { return nil }
        guard let deviation else {
            block.report("is missing", at: "deviation")
            return nil
        }
        if deviation < 0 { block.report("must not be negative", at: "deviation") }
        if let longest, longest <= shortest {
            block.report("must be longer than min_interval_ms", at: "max_interval_ms")
        }
        return Conditioning.SwingingDoor(
            deviation: deviation, minIntervalMilliseconds: shortest, maxIntervalMilliseconds: longest)
    }
}
