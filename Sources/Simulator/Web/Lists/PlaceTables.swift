import SimulatorExposures
import SimulatorPlant
import WebSupport

/// Where each sensor stands in a protocol, as JSON or CSV.
struct PlaceTables {
    enum Format: String {
        case json, csv

        var contentType: String { self == .json ? "application/json" : "text/csv; charset=utf-8" }
    }

    let index: SensorIndex

    /// The register map: as JSON where the time of the tick stands, and one object per sensor with the names of the
    /// CSV's columns; `count` is the number of sensors that fit.
    func registers(_ map: RegisterMap, _ filter: SensorFilter, _ format: Format) -> WebResponse {
        guard format == .json else {
            var bytes = RegisterMap.csvHead
            _ = filter.forEach(in: index.sensors) { place in
                if let entry = map.entry(ofSensor: place) { bytes += entry.csvLine.utf8 }
            }
            return .bytes(bytes, contentType: Format.csv.contentType)
        }
        var bytes: [UInt8] = Array(
            "{\"timestamp\":{\"input_address\":0,\"input_type\":\"uint64\",\"unit\":\"µs\"},\"registers\":[".utf8)
        var isFirst = true
        let count = filter.forEach(in: index.sensors) { place in
            guard let entry = map.entry(ofSensor: place) else { return }
            bytes += isFirst ? "{\"path\":".utf8 : ",{\"path\":".utf8
            isFirst = false
            JSONText.append(entry.path, to: &bytes)
            bytes += ",\(entry.jsonMembers),\"unit\":".utf8
            JSONText.append(entry.unit, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "],\"count\":\(count)}".utf8
        return .bytes(bytes, contentType: Format.json.contentType)
    }

    /// The address space: `{"nodes":[{path,node_id,browse_path,data_type,unit,min,max}],"count"}`; `node_id` has
    /// the namespace by URI (Part 6, 5.1.12), browse paths begin at the folder Objects.
    func nodes(_ filter: SensorFilter, _ format: Format) -> WebResponse {
        let table = Table(member: "nodes", filter: filter, index: index) { place in
            let sensor = index.sensors[place]
            let definition = sensor.definition
            return [
                ("path", .text(sensor.path)), ("node_id", .text(OPCUAPlantNodes.nodeText(of: sensor))),
                ("browse_path", .text("/Objects/\(sensor.industry)/\(definition.machine)/\(definition.name)")),
                ("data_type", .text(Self.dataType(definition.kind))), ("unit", .text(definition.unit)),
                ("min", .plain("\(definition.minimum)")), ("max", .plain("\(definition.maximum)")),
            ]
        }
        return table.response(format)
    }

    /// The topics: `{"topics":[{path,topic,member,retained,unit}],"count"}`.
    func topics(_ topics: PlantTopics, _ filter: SensorFilter, _ format: Format) -> WebResponse {
        let table = Table(member: "topics", filter: filter, index: index) { place in
            let sensor = index.sensors[place]
            let entry = topics.entry(sensor)
            return [
                ("path", .text(sensor.path)), ("topic", .text(entry.topic)), ("member", .text(entry.member)),
                ("retained", entry.retained.map { .text($0) } ?? .none), ("unit", .text(sensor.definition.unit)),
            ]
        }
        return table.response(format)
    }

    private static func dataType(_ kind: ValueKind) -> String {
        switch kind {
        case .measurement: "Double"
        case .count: "UInt64"
        case .state: "Boolean"
        }
    }
}

/// Rows of named cells, one for each sensor that a filter asks for.
private struct Table {
    enum Cell {
        case text(String)
        /// A number as it is to be written.
        case plain(String)
        case none
    }

    let member: String
    let filter: SensorFilter
    let index: SensorIndex
    let cells: (Int) -> [(name: String, cell: Cell)]

    func response(_ format: PlaceTables.Format) -> WebResponse {
        .bytes(format == .json ? json : csv, contentType: format.contentType)
    }

    private var json: [UInt8] {
        var bytes = Array("{\"\(member)\":[".utf8)
        var isFirst = true
        let count = filter.forEach(in: index.sensors) { place in
            bytes += isFirst ? [UInt8(ascii: "{")] : Array(",{".utf8)
            isFirst = false
            for (number, (name, cell)) in cells(place).enumerated() {
                bytes += number == 0 ? "\"\(name)\":".utf8 : ",\"\(name)\":".utf8
                switch cell {
                case .text(let text): JSONText.append(text, to: &bytes)
                case .plain(let text): bytes += text.utf8
                case .none: bytes += "null".utf8
                }
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "],\"count\":\(count)}".utf8
        return bytes
    }

    /// A head line, then a line for each sensor (RFC 4180).
    private var csv: [UInt8] {
        var bytes: [UInt8] = []
        _ = filter.forEach(in: index.sensors) { place in
            let row = cells(place)
            if bytes.isEmpty { bytes += (row.map(\.name).joined(separator: ",") + "\n").utf8 }
            let texts = row.map { cell in
                switch cell.cell {
                case .text(let text), .plain(let text): Self.quoted(text)
                case .none: ""
                }
            }
            bytes += (texts.joined(separator: ",") + "\n").utf8
        }
        return bytes
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
