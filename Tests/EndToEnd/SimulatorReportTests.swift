import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// What `ot-simulator` prints and writes without running a plant in real time.
    @Suite struct SimulatorReports {
        /// A day of the whole plant, sensor by sensor, motor by motor, temperature by temperature.
        @Test func aDayOfThePlantIsSound() async throws {
            let (ending, output) = try await run(.program("ot-simulator", ["report"]), within: .seconds(120))
            #expect(ending == .exited(code: 0), "\(output.suffix(500))")
            let parts = output.components(separatedBy: "\n\n")
            try #require(parts.count == 4, "three tables and a summary")
            let sensors = rows(parts[0])
            #expect(sensors.count == 495)
            for sensor in sensors {
                #expect(sensor.count == 6, "\(sensor)")
                // On a limit at most one sample in a hundred; lowest, mean and highest in this order.
                #expect((Double(sensor[1]) ?? 100) <= 1, "\(sensor)")
                let values = sensor[2...4].compactMap(Double.init)
                #expect(values.count == 3 && values == values.sorted(), "\(sensor)")
            }
            let motors = rows(parts[1])
            #expect(motors.count >= 30)
            for motor in motors { #expect((motor.last.flatMap(Double.init) ?? 0) >= 0.8, "\(motor)") }
            let lags = rows(parts[2])
            #expect(lags.count >= 30)
            for lag in lags {
                let numbers = lag.dropFirst().compactMap(Double.init)
                try #require(numbers.count == 3, "\(lag)")
                #expect(abs(numbers[1] / numbers[0] - 1) <= 0.2, "\(lag)")
            }
            #expect(parts[3].contains("495 sensors, 8640 samples of each"))
            #expect(parts[3].contains(/(?m)^[0-9]+ counters, 0 falls$/))
        }

        /// The rows of a table, without its head.
        private func rows(_ table: String) -> [[String]] {
            table.split(separator: "\n").dropFirst().map { $0.split(separator: " ").map(String.init) }
        }

        @Test func aPlantThatIsNotSoundIsAnError() async throws {
            // In an hour nothing is switched on or off.
            let short = ["report", "--brief", "--hours", "1", "--step", "60", "--industries", "utilities"]
            let (ending, output) = try await run(.program("ot-simulator", short))
            #expect(ending == .exited(code: 1))
            #expect(output.contains("utilities/turbine_1_running: does not move"), "\(output)")
        }

        @Test func theDocumentsAreWhatTheProgramWrites() async throws {
            try await withTemporaryDirectory { directory in
                let (ending, output) = try await run(
                    .program("ot-simulator", ["document", "--out", directory + "/made/here"]))
                #expect(ending == .exited(code: 0), "\(output)")
                let names = ["catalogue.md", "addresses.md", "scenarios.md"]
                #expect(output.split(separator: "\n").map(String.init) == names.map { "\(directory)/made/here/\($0)" })
                for name in names {
                    let made = try read("\(directory)/made/here/\(name)")
                    #expect(made == (try read(Workplace.repository + "/docs/simulator/" + name)), "\(name) is old")
                }
                // A plant of one's own is documented likewise; its files stand beside the configuration.
                try write(Self.bakery, to: directory + "/bakery.txt")
                try write("plant: {files: [bakery.txt], industries: [bakery]}\n", to: directory + "/plant.yaml")
                let own = ["document", "--config", directory + "/plant.yaml", "--out", directory + "/own"]
                let (done, said) = try await run(.program("ot-simulator", own, directory: "/"))
                #expect(done == .exited(code: 0), "\(said)")
                let catalogue = try read(directory + "/own/catalogue.md")
                #expect(catalogue.contains("### bakery/oven_1") && !catalogue.contains("mining"))
                // A file stands where the folder should be.
                let (refused, sentence) = try await run(
                    .program("ot-simulator", ["document", "--out", directory + "/plant.yaml"]))
                #expect(refused == .exited(code: 1))
                #expect(
                    sentence
                        == "ot-simulator: cannot write '\(directory)/plant.yaml/catalogue.md': check the folder and its rights\n"
                )
            }
        }

        static let bakery = """
            industry bakery

            machine oven_1  cycle 900  swing 0.2
              temp  temperature  °C  20  300  220  0.5  load  lag 600

            """
    }
}
