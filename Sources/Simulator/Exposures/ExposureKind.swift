/// The protocols in which the plant can be shown.
package enum ExposureKind: String, Sendable, CaseIterable, Hashable {
    case opcua
    case mqtt
    case modbus

    /// The name for people.
    package var title: String {
        switch self {
        case .opcua: "OPC UA"
        case .mqtt: "MQTT"
        case .modbus: "Modbus TCP"
        }
    }

    /// Reads a list such as `opcua,mqtt`, or `all`, or `none`. Throws `ExposureError` that names an unknown word.
    package static func list(_ text: String) throws(ExposureError) -> [ExposureKind] {
        if text.lowercased() == "none" { return [] }
        var kinds: Set<ExposureKind> = []
        for word in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
            let name = word.trimmed
            if name == "all" {
                kinds.formUnion(allCases)
            } else if let kind = ExposureKind(rawValue: name) {
                kinds.insert(kind)
            } else {
                let known = allCases.map(\.rawValue).joined(separator: ", ")
                throw ExposureError(message: "unknown protocol '\(name)'; known: \(known), all, none")
            }
        }
        return allCases.filter(kinds.contains)
    }
}

extension Substring {
    /// The text without spaces at its ends.
    fileprivate var trimmed: String {
        let front = drop { $0 == " " }
        return String(front.reversed().drop { $0 == " " }.reversed())
    }
}
