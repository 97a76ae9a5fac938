extension Scenario {
    /// The scenarios that the simulator brings along; they need the industries that they name.
    package static func builtIn() throws(PlantCommandError) -> [Scenario] {
        [
            try Scenario(
                name: "bearing_failure",
                summary: "The crusher's bearing wears out within ten minutes; then it is exchanged.",
                events: [
                    Event(at: 10, Fault(.bearingWear, at: "mining/crusher_1", value: 0.9, duration: 900, ramp: 600))
                ]),
            try Scenario(
                name: "pump_cavitation",
                summary: "The dewatering pump draws vapour three times, harder each time.",
                events: [0.4, 0.7, 1.0].enumerated().map { number, severity in
                    Event(
                        at: 10 + 120 * Double(number),
                        Fault(.cavitation, at: "mining/pump_1", value: severity, duration: 60, ramp: 10))
                }),
            try Scenario(
                name: "lost_cooling",
                summary: "The belt's motor overheats, and its temperature sensor fails on the way.",
                events: [
                    Event(at: 10, Fault(.overheating, at: "mining/conveyor_belt_1", duration: 600, ramp: 180)),
                    Event(at: 240, Fault(.uncertainQuality, at: "mining/conveyor_belt_1_motor_temp", duration: 60)),
                    Event(at: 300, Fault(.dropout, at: "mining/conveyor_belt_1_motor_temp", duration: 120)),
                ]),
            try Scenario(
                name: "instrument_faults",
                summary: "One instrument after the other shows one way of failing.",
                events: [
                    Event(at: 5, Fault(.stuck, at: "mining/crusher_1_oil_pressure", duration: 60)),
                    Event(at: 20, Fault(.spike, at: "mining/crusher_1_vibration_x", duration: 90, period: 10)),
                    Event(at: 35, Fault(.drift, at: "mining/vent_fan_1_motor_temp", duration: 120)),
                    Event(at: 50, Fault(.noise, at: "mining/pump_1_flow", duration: 60)),
                    Event(at: 65, Fault(.oscillation, at: "mining/vent_fan_1_speed", duration: 60)),
                    Event(at: 80, Fault(.dropout, at: "mining/pump_1_discharge_pressure", duration: 30)),
                    Event(at: 95, Fault(.badQuality, at: "mining/conveyor_belt_1_speed", duration: 30)),
                    Event(at: 110, Fault(.fixed, at: "mining/crusher_1_motor_power", value: 790, duration: 30)),
                ]),
        ]
    }
}
