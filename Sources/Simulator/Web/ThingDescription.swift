import SimulatorExposures
import SimulatorPlant

/// The plant as a W3C Thing Description with the OPC UA binding (OPC 10101): one property for each sensor.
struct ThingDescription {
    /// Where the OPC UA server is reached.
    let endpoint: String
    let sensors: [Sensor]
    /// Which of them it tells of.
    let filter: SensorFilter

    private static let head = """
        {"@context":["https://www.w3.org/2022/wot/td/v1.1",{"uav":"http://opcfoundation.org/UA/WoT-Binding/"}],\
        "@type":"uav:object","title":"OT Data Simulator",\
        "securityDefinitions":{"auto_sc":{"scheme":"auto"}},"security":"auto_sc","base":"
        """

    /// How many sensors fit the filter.
    var count: Int { filter.forEach(in: sensors) { _ in } }

    var json: [UInt8] {
        var bytes = Array(Self.head.utf8)
        bytes += endpoint.utf8
        bytes += "\",\"properties\":{".utf8
        var isFirst = true
        _ = filter.forEach(in: sensors) { place in
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            append(sensors[place], to: &bytes)
        }
        bytes += "}}".utf8
        return bytes
    }

    private func append(_ sensor: Sensor, to bytes: inout [UInt8]) {
        let definition = sensor.definition
        let type =
            switch definition.kind {
            case .measurement: "number"
            case .count: "integer"
            case .state: "boolean"
            }
        bytes +=
            "\"\(sensor.path)\":{\"@type\":\"uav:variable\",\"title\":\"\(definition.name)\",\"type\":\"\(type)\"".utf8
        if definition.kind != .state {
            bytes += ",\"unit\":\"\(definition.unit)\"".utf8
            bytes += ",\"minimum\":\(definition.minimum),\"maximum\":\(definition.maximum)".utf8
        }
        bytes += ",\"readOnly\":true,\"observable\":true,\"forms\":[{\"href\":\"/?id=".utf8
        bytes += OPCUAPlantNodes.nodeText(of: sensor).utf8
        bytes += "\",\"op\":[\"readproperty\",\"observeproperty\"],\"contentType\":\"application/octet-stream\"}]}".utf8
    }
}
