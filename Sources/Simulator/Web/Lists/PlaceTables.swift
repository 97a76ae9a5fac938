import SimulatorExposures
import SimulatorPlant

/// Where each sensor stands in a protocol, as JSON.
struct PlaceTables {
    let index: SensorIndex

    /// The register map as JSON: where the time of the tick stands, and one object per sensor with the names of the
    /// CSV's columns; `count` is the number of sensors that fit.
    func registers(_ map: RegisterMap, _ filter: SensorFilter) -> [UInt8] {
        var bytes: [UInt8] = Array(
            "{\"timestamp\":{\"input_address\":0,\"input_type\":\"uint64\",\"unit\":\"µs\"},\"registers\":[".utf8)
        let count = list(filter, &bytes) {
            map.entry(ofSensor: $0)
        } _: { entry, bytes in
            bytes += "{\"path\":".utf8
            JSONText.append(entry.path, to: &bytes)
            bytes += ",\(entry.jsonMembers),\"unit\":".utf8
            JSONText.append(entry.unit, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "],\"count\":\(count)}".utf8
        return bytes
    }

    /// The address space: `{"nodes":[{path,node_id,browse_path,data_type,unit,min,max}],"count"}`; `node_id` has
    /// the namespace by URI (Part 6, 5.1.12), browse paths begin at the folder Objects.
    func nodes(_ filter: SensorFilter) -> [UInt8] {
        var bytes: [UInt8] = Array("{\"nodes\":[".utf8)
        let count = list(filter, &bytes) {
            index.sensors[$0]
        } _: { sensor, bytes in
            let definition = sensor.definition
            bytes += "{\"path\":".utf8
            JSONText.append(sensor.path, to: &bytes)
            bytes += ",\"node_id\":".utf8
            JSONText.append(OPCUAPlantNodes.nodeText(of: sensor), to: &bytes)
            bytes += ",\"browse_path\":".utf8
            JSONText.append("/Objects/\(sensor.industry)/\(definition.machine)/\(definition.name)", to: &bytes)
            bytes += ",\"data_type\":\"\(Self.dataType(definition.kind))\",\"unit\":".utf8
            JSONText.append(definition.unit, to: &bytes)
            bytes += ",\"min\":\(definition.minimum),\"max\":\(definition.maximum)}".utf8
        }
        bytes += "],\"count\":\(count)}".utf8
        return bytes
    }

    /// Writes what there is of the sensors that a filter asks for, with commas between; returns the number of all
    /// sensors that fit.
    private func list<Entry>(
        _ filter: SensorFilter, _ bytes: inout [UInt8], of entry: (Int) -> Entry?,
        _ write: (Entry, inout [UInt8]) -> Void
    ) -> Int {
        var isFirst = true
        return filter.forEach(in: index.sensors) { place in
            guard let entry = entry(place) else { return }
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(entry, &bytes)
        }
    }

    private static func dataType(_ kind: ValueKind) -> String {
        switch kind {
        case .measurement: "Double"
        case .count: "UInt64"
        case .state: "Boolean"
        }
    }
}
