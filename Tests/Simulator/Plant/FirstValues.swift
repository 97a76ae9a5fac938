/// What the first plant shows at tick 10 under seed 1, in the order of its sensors.
enum FirstValues {
    static let tickTen: [Double] = [
        1.363, 51.34, 92.6, 2.53,  // conveyor: speed, motor temperature, motor current, vibration
        327.9, 53.65, 5.676, 4.51, 4.52,  // crusher: power, bearing temperature, oil pressure, vibration x, y
        942.0, 70.9, 1.6, 51.67,  // fan: speed, power, vibration, motor temperature
        1246.0, 8.02, 131.2, 54.45,  // pump: flow, discharge pressure, motor current, bearing temperature
    ]
}
