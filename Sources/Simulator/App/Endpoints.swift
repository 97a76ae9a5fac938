/// Where the simulator listens.
struct Endpoints: Sendable {
    var host: String
    /// 0 stands for any free port, here and below.
    var opcuaPort: Int
    var mqttPort: Int
    var modbusPort: Int
    var webPort: Int
}
