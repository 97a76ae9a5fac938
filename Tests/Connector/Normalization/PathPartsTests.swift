import ConnectorNormalization
import Testing

@Suite struct PathPartsTests {
    @Test(arguments: [
        ("reactor temp", "reactor_temp"), ("Temp (°C)", "Temp___C_"), ("a/b", "a_b"), ("Größe", "Größe"),
        ("температура-1", "температура_1"), ("温度", "温度"), ("عدد٣", "عدد٣"), ("x²", "x_"), ("🔥", "_"),
        ("../..", "_____"),
        ("a\u{0}b", "a_b"), ("\u{202E}abc", "_abc"), ("a\u{200D}b", "a_b"),
        // Å as one letter, as a letter with its mark and as the sign for a unit are the same letter.
        ("\u{C5}", "\u{C5}"), ("A\u{30A}", "\u{C5}"), ("\u{212B}", "\u{C5}"),
        // A mark without its letter is none; a script's own marks stay.
        ("\u{301}a", "_a"), ("तापमान", "तापमान"),
    ])
    func aSegmentKeepsLettersAndDigits(_ text: String, _ expected: String) {
        let segment = SegmentSanitizer().segment(text)
        #expect(segment.map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test func emptyIsNoSegmentAndLongIsCut() {
        #expect(SegmentSanitizer().segment("") == nil)
        let long = SegmentSanitizer().segment(String(repeating: "ü", count: 500))
        #expect(long == String(repeating: "ü", count: SegmentSanitizer.bytesMax / 2))
        // A letter with a thousand marks keeps four.
        let marks = SegmentSanitizer().segment("x" + String(repeating: "\u{323}\u{307}", count: 500))
        #expect((marks?.unicodeScalars.filter { $0.properties.generalCategory == .nonspacingMark }.count ?? 0) <= 128)
        #expect((marks?.utf8.count ?? 0) <= SegmentSanitizer.bytesMax)
    }

    @Test func lettersAreWrittenAsConfigured() {
        #expect(SegmentSanitizer(.lower).segment("Motor ÄÖ") == "motor_äö")
        #expect(SegmentSanitizer(.upper).segment("Motor äö") == "MOTOR_ÄÖ")
    }

    private func path(_ template: String, _ parts: [String: String]) throws -> String {
        try PathTemplate(template).path(SegmentSanitizer()) { parts[$0] }
    }

    @Test func theVectorsOfTheField() throws {
        let parts = ["site": "plant1", "area": "production", "signal_type": "temperature", "tag_name": "reactor_temp"]
        let full = parts.merging(["line": "line1", "equipment": "plc1"]) { $1 }
        #expect(
            try path(PathTemplate.usual.description, full) == "plant1/production/line1/plc1/temperature/reactor_temp")
        let robot = [
            "site": "plant1", "area": "production", "line": "line2", "equipment": "robot1", "signal_type": "speed",
            "tag_name": "conveyor_speed",
        ]
        #expect(
            try path(PathTemplate.usual.description, robot) == "plant1/production/line2/robot1/speed/conveyor_speed")
        let boiler = [
            "site": "site2", "area": "utilities", "equipment": "boiler1", "signal_type": "pressure",
            "tag_name": "steam_pressure",
        ]
        #expect(try path(PathTemplate.usual.description, boiler) == "site2/utilities/boiler1/pressure/steam_pressure")
    }

    @Test func whatNobodyProvidesIsLeftOutWithItsSlash() throws {
        #expect(try path("{site}/{area}/{tag_name}", ["tag_name": "t"]) == "t")
        #expect(try path("{site}-{line}/{tag_name}", ["site": "s", "tag_name": "t"]) == "s/t")
        #expect(try path("{site}-{line}/{tag_name}", ["line": "l", "tag_name": "t"]) == "l/t")
        #expect(try path("{site}-{line}/{tag_name}", ["site": "s", "line": "l", "tag_name": "t"]) == "s_l/t")
        #expect(try path("{site}-{line}/{tag_name}", ["tag_name": "t"]) == "t")
        #expect(try path("plant/{site}/{tag_name}", ["tag_name": "a/b"]) == "plant/a_b")
        #expect(try path("{site}", [:]).isEmpty)
    }

    @Test func everyPresetIsATemplate() throws {
        let parts = Set(NormalizationSettings.parts + NormalizationSettings.ownParts)
        for preset in PathTemplate.presets {
            #expect(parts.isSuperset(of: try PathTemplate(preset.template).parts), "\(preset.name)")
        }
        #expect(PathTemplate.presets.map(\.name) == ["isa95", "purdue", "flat", "asset", "utility"])
        #expect(try PathTemplate(PathTemplate.usual.description) == .usual)
    }

    @Test(arguments: ["", "a/b", "{site", "site}", "{Site}", "{}", "{a b}", "{{site}}"])
    func whatIsNoTemplateIsRefused(_ text: String) {
        #expect(throws: PatternError.self) { try PathTemplate(text) }
    }

    @Test(
        arguments: [
            ("reactor_temp", "°C", "temperature"), ("ReactorTemp1", nil, "temperature"),
            ("bearingtemperature", nil, "temperature"),
            ("crusher_1_motor_power", "kW", "power"), ("conveyor_speed", "m/s", "speed"),
            ("steam_pressure", "bar", "pressure"),
            ("PT-101", nil, "pressure"), ("tank_level", "m", "level"), ("x", "m³/h", "flow"),
            ("x", "mm/s", "vibration"),
            ("x", "A", "current"), ("phase_voltage", nil, "voltage"), ("valve_position", "%", "position"),
            ("room_humidity", "%", "humidity"), ("pH", nil, "ph"), ("conductivity", "µS/cm", "conductivity"),
            ("pump_status", nil, "status"), ("high_alarm", nil, "alarm"), ("piece_counter", nil, "counter"),
            ("x", nil, "value"), ("", nil, "value"), ("template", nil, "value"),
        ] as [(String, String?, String)])
    func theKindOfSignalIsInferred(_ name: String, _ unit: String?, _ expected: String) {
        #expect(SignalTypes.usual.type(name: name, unit: unit) == expected)
    }

    @Test func theFirstRuleThatFitsCounts() throws {
        let rules = SignalTypes([
            .init("torque", words: ["torque"], units: ["Nm"], pattern: try Pattern("^M[0-9]+$")),
            .init("speed", words: ["torque", "speed"]),
        ])
        #expect(rules.type(name: "torque_speed", unit: nil) == "torque")
        #expect(rules.type(name: "speed", unit: "Nm") == "torque")
        #expect(rules.type(name: "M12", unit: nil) == "torque")
        #expect(rules.type(name: "speed", unit: nil) == "speed")
    }
}
