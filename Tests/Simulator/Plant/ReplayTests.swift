import Testing

@testable import SimulatorPlant

@Suite struct ReplayTests {
    private let power = "mining/crusher_1_motor_power"

    private func plant() throws -> Plant {
        try Plant(catalogue: .builtIn().only(["mining"]), settings: PlantSettings(seed: 3), start: 0)
    }

    private func replay(_ text: String) throws -> Replay { try Replay(csv: Array(text.utf8), name: "r") }

    @Test func recordedValuesTakeThePlaceOfTheModel() throws {
        var replayed = try plant()
        var model = try plant()
        let recording = try replay("time,path,value,quality\n100,\(power),300,good\n103,\(power),400,bad\n")
        #expect(recording.length == 3)
        try replayed.startReplay(recording)
        let place = try #require(replayed.place(of: power))
        var shown: [Double] = []
        for number in 1...6 as ClosedRange<UInt64> {
            replayed.advance(to: number)
            model.advance(to: number)
            shown.append(replayed.tick.values[place])
            #expect(replayed.tick.qualities[place] == (number == 4 ? .bad : .good))
            if number == 2 { #expect(replayed.replays.map(\.rowsDone) == [1]) }
            let others = replayed.tick.values.indices.filter { $0 != place }
            #expect(others.allSatisfy { replayed.tick.values[$0] == model.tick.values[$0] })
        }
        #expect(
            shown == [300, 300, 300, 400] + [model.tick.values[place]].map { _ in shown[4] } + [
                model.tick.values[place]
            ])
        #expect(replayed.replays.isEmpty && replayed.tick == model.tick)
    }

    @Test func aReplayCanRunFasterAndFaultsComeOnTop() throws {
        var plant = try plant()
        let rows = (0..<100).map { Replay.Row(time: Double($0), path: power, value: 300 + Double($0)) }
        try plant.startReplay(try Replay(name: "fast", rows: rows), speed: 10)
        try plant.inject(Fault(.drift, at: power, value: 50, ramp: 1))
        plant.advance(to: 5)
        #expect(plant.tick.values[try #require(plant.place(of: power))] == 390)
        #expect(throws: PlantCommandError.conflict("replay 'fast' runs already")) {
            try plant.startReplay(try Replay(name: "fast", rows: rows))
        }
        try plant.stopReplay("fast")
        #expect(throws: PlantCommandError.notThere("replay 'fast'")) { try plant.stopReplay("fast") }
        for number in 0..<4 { try plant.startReplay(try Replay(name: "\(number)", rows: rows)) }
        #expect(throws: PlantCommandError.self) { try plant.startReplay(try Replay(name: "5", rows: rows)) }
        for speed in [0, -1, .nan, 2000] {
            #expect(throws: PlantCommandError.self) {
                try plant.startReplay(try Replay(name: "x", rows: rows), speed: speed)
            }
        }
    }

    @Test func countersAndStatesStayWhatTheyAre() throws {
        var plant = try plant()
        try plant.startReplay(
            try replay("path,value,time\nmining/pump_1_running,true,0\nmining/pump_1_running,false,9"))
        plant.advance(to: 1)
        #expect(plant.tick.values.last == 1)
    }

    @Test func allWaysToWriteATime() throws {
        let rows = try replay(
            """
            note,Timestamp,tag,value,status\r
            "a ""b"", c",2026-05-01T06:00:00Z,x/a,1,Good\r
            ,2026-05-01T08:00:00.25+02:00,x/a,2,BadSensorFailure\r
            ,2026-05-01 06:00:01,x/a,3,uncertain

            ,1777615202000,x/a,4,
            ,1777615203500000, x/a ,5
            ,1777615204.5,x/a,false
            """
        ).rows
        #expect(rows.map(\.time) == [0, 0.25, 1, 2, 3.5, 4.5])
        #expect(rows.map(\.value) == [1, 2, 3, 4, 5, 0])
        #expect(rows.map(\.quality) == [.good, .bad, .uncertain, .good, .good, .good])
        #expect(rows.allSatisfy { $0.path == "x/a" })
    }

    @Test(arguments: [
        ("", "has 1 to"), ("time,path,value", "has 1 to"), ("time,value\n", "line 1: the head line"),
        ("time,path,value\nsoon,x,1", "line 2: 'soon' is not a time"),
        ("time,path,value\n1,x,much", "line 2: 'much' is not a value"), ("time,path,value\n1,x,nan", "not a value"),
        ("time,path,value\n1,x", "'' is not a value"), ("time,path,value\n1,,2", "the path is missing"),
        ("time,path,value,quality\n1,x,2,fine", "'fine' is not a quality"),
        ("time,path,value\n2026-13-01T00:00:00Z,x,2", "is not a time"),
        ("time,path,value\n2026-12-01T00:00:00+2,x,2", "is not a time"),
        ("time,path,value\n2026-12-01T00:00:00.,x,2", "is not a time"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, part: String) {
        let error = #expect(throws: PlantCommandError.self) { try replay(text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func limitsHold() throws {
        let long = "time,path,value\n1,x," + String(repeating: "1", count: 5000)
        #expect(throws: PlantCommandError.self) { try replay(long) }
        var plant = try plant()
        let unknown = try replay("time,path,value\n1,moon/rover,1")
        #expect(throws: PlantCommandError.unknownSensor("moon/rover")) { try plant.startReplay(unknown) }
        let large = Array(repeating: UInt8(ascii: "\n"), count: Replay.bytesMax + 1)
        #expect(throws: PlantCommandError.self) { try Replay(csv: large, name: "r") }
        #expect(throws: PlantCommandError.self) { try Replay(name: "", rows: [.init(time: 0, path: "x", value: 1)]) }
        #expect(throws: PlantCommandError.self) {
            try Replay(name: "r", rows: [.init(time: .nan, path: "x", value: 1)])
        }
    }

    /// Whatever the bytes are: an error or rows, never a trap.
    @Test func garbageNeverTraps() {
        let seed = "time,path,value,quality\n2026-05-01T06:00:00.5Z,\"a\",1,good\n1,b,2\n"
        let stream = Randomness(seed: 1, name: "garbage", purpose: 1)
        for round in 0..<1000 as Range<UInt64> {
            var bytes = Array(seed.utf8)
            for change in 0..<4 as Range<UInt64> {
                let bits = stream.bits(at: round * 4 + change)
                guard !bytes.isEmpty else { break }
                let place = Int(bits >> 8 & 0xFFFF) % bytes.count
                switch bits & 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: bits >> 32)
                case 1: bytes.remove(at: place)
                case 2: bytes = Array(bytes.prefix(place + 1))
                default: bytes.insert(UInt8(truncatingIfNeeded: bits >> 40), at: place)
                }
            }
            _ = try? Replay(csv: bytes, name: "r")
        }
    }
}
