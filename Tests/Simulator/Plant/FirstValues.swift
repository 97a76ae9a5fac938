/// What the first plant shows at tick 10 under seed 1, in the order of its sensors.
enum FirstValues {
    static let tickTen: [Double] = [
        // conveyor: speed, motor temperature, motor current, vibration, motor power, total mass, running
        1.363, 51.34, 92.6, 2.53, 41.71, 1_840_000, 0,
        327.9, 53.65, 5.676, 4.51, 4.52, 35.45,  // crusher: power, bearing temperature, oil, vibration x, y, current
        942.0, 70.9, 1.6, 51.67, 116.4,  // fan: speed, power, vibration, motor temperature, motor current
        // pump: flow, discharge pressure, motor current, bearing temperature, motor power, vibration, running
        1246.0, 8.02, 131.2, 54.45, 69.4, 2.07, 0,
    ]
}
