import SimulatorExposures
import SimulatorPlant

/// The reference of a plant as Markdown, made from its data.
enum PlantDocuments {
    /// The files with their texts.
    static func all(_ catalogue: Catalogue, _ scenarios: [Scenario]) throws -> [(name: String, text: String)] {
        let plant = try Plant(catalogue: catalogue, settings: PlantSettings(), start: 0)
        return [
            ("catalogue.md", sensors(catalogue, plant)), ("addresses.md", try addresses(plant)),
            ("scenarios.md", self.scenarios(scenarios)),
        ]
    }

    private static let made = "\nMade by `ot-simulator document`; do not edit.\n"

    // MARK: Catalogue

    private static func sensors(_ catalogue: Catalogue, _ plant: Plant) -> String {
        var text = "# Catalogue of the simulated plant\n" + made
        text += "\n\(plant.sensors.count) sensors in \(catalogue.industries.count) industries. "
        text +=
            "*Follows*: the signal of the machine that moves the sensor; a minus when the value falls as it rises.\n"
        for industry in catalogue.industries {
            text += "\n## \(industry.name)\n"
            for machine in industry.machines {
                text += "\n### \(industry.name)/\(machine.name)\n\n"
                if let bearing = machine.bearing { text += sentence(bearing) + "\n\n" }
                text += "| sensor | type | unit | range | nominal | noise | follows | lag s |\n"
                text += "|---|---|---|---|---|---|---|---|\n"
                for sensor in machine.sensors { text += row(sensor) }
            }
        }
        return text
    }

    private static func row(_ sensor: SensorDefinition) -> String {
        let response = sensor.response
        let follows = (response.inverse ? "-" : "") + response.driver.rawValue
        let nominal = sensor.kind == .count ? "\(short(sensor.nominal)) per s" : short(sensor.nominal)
        return
            "| \(sensor.name) | \(sensor.type) | \(sensor.unit) | \(short(sensor.minimum)) … \(short(sensor.maximum)) "
            + "| \(nominal) | \(short(sensor.noise)) | \(follows) | \(response.lag > 0 ? short(response.lag) : "") |\n"
    }

    private static func sentence(_ bearing: Bearing) -> String {
        let lines = bearing.lines(shaft: bearing.rpm / 60)
        return
            "Bearing with \(bearing.balls) balls of \(short(bearing.ballDiameter)) mm on \(short(bearing.pitchDiameter)) mm; "
            + "at \(short(bearing.rpm)) turns per minute: shaft \(hertz(lines.shaft)), BPFO \(hertz(lines.outer)), "
            + "BPFI \(hertz(lines.inner)), BSF \(hertz(lines.ball)), FTF \(hertz(lines.cage))."
    }

    private static func hertz(_ value: Double) -> String { short((value * 100).rounded() / 100) + " Hz" }

    // MARK: Addresses

    private static func addresses(_ plant: Plant) throws -> String {
        var text = "# Addresses of the simulated plant\n" + made
        text += """

            One sensor, `PATH` = `industry/sensor`, in every protocol:

            - OPC UA: `ns=2;s=PATH` in namespace `urn:penstock:ot-simulator`; its machine is `ns=2;s=industry/machine`.
              Properties `PATH.EURange` and `PATH.EngineeringUnits`.
            - MQTT: `sensors/PATH/value` at every tick, `sensors/PATH/metadata` retained; as Kepware writes it, all values of
              a machine in `iotgateway/industry/machine`.
            - Sparkplug B: edge node `industry`, device `machine`, metric `sensor`.
            - Modbus: the table below. Addresses count from 0. Input registers 0–3 hold the tick's microseconds of UTC
              (uint64), 4–5 its number (uint32), 6 the number of the unit's sensors whose quality is not good. Registers in
              order ABCD. A state also stands at the coil and the discrete input of its holding register's number; discrete
              input 30000 + holding register is on while the quality of the sensor is not good.

            A fault's quality shows as:

            | quality | OPC UA | MQTT | Sparkplug B | Modbus |
            |---|---|---|---|---|
            | good | Good | `"good"` | 192 | quality bit off |
            | uncertain | UncertainSensorNotAccurate | `"uncertain"` | 64 | quality bit on |
            | bad | BadSensorFailure | `"bad"` | 0 | quality bit on |
            | dropout | BadNoCommunication, no value | `"bad"`, `null` | 0, null | quality bit on, last value |

            The whole map as CSV or JSON is served at `/api/modbus/map`; the CSV, edited, can be served instead
            (`modbus.map`). With `--scale` the second copy is called `industry.2` and stands behind the first one; 30,000
            sensors fit one unit id. Modbus TCP and RTU serve the same registers at the same tick.

            """
        var industry = ""
        for (sensor, entry) in zip(plant.sensors, try RegisterMap(plant.sensors).entries) {
            if sensor.industry != industry {
                industry = sensor.industry
                text += "\n## \(industry)\n\n| path | device | input | type | holding | scale | unit |\n"
                text += "|---|---|---|---|---|---|---|\n"
            }
            guard let input = entry.input, let holding = entry.holding else { continue }
            text += "| \(sensor.path) | \(sensor.definition.machine) | \(input.address) | \(input.typeName) "
            text += "| \(holding.address) | \(entry.scaleText) | \(entry.unit) |\n"
        }
        return text
    }

    // MARK: Scenarios

    private static func scenarios(_ scenarios: [Scenario]) -> String {
        var text = "# Scenarios of the simulated plant\n" + made
        text += "\n[README](README.md) explains the kinds of faults and the format of files.\n"
        for scenario in scenarios {
            text += "\n## \(scenario.name)\n\n\(scenario.summary)\n\n"
            text += "| at s | kind | target | value | ramp s | duration s | period s |\n|---|---|---|---|---|---|---|\n"
            for event in scenario.events {
                let fault = event.fault
                let cells = [
                    short(event.at), fault.kind.rawValue, fault.target, fault.value.map(short) ?? "", short(fault.ramp),
                    fault.duration.map(short) ?? "until cleared", fault.period.map(short) ?? "",
                ]
                text += "| " + cells.joined(separator: " | ") + " |\n"
            }
        }
        return text
    }

    /// Whole numbers without a point.
    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}
