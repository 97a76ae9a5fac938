/// Why bytes are no Sparkplug payload, or none that is taken.
public enum PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No protobuf message of this form.
    case malformed
    /// More metrics in one payload than the limit.
    case tooManyMetrics(limit: Int)
    /// More properties, cells, members and elements in one payload than the limit.
    case tooManyElements(limit: Int)
    /// Templates or property sets inside each other beyond the limit.
    case tooDeep(limit: Int)
    /// Columns, types and rows of a data set, or keys and values of a property set, do not belong together.
    case inconsistent
    /// The bytes of an array are no array of its type.
    case badArray(DataType)

    public var description: String {
        switch self {
        case .malformed: "the payload is no Sparkplug B protobuf message"
        case .tooManyMetrics(let limit): "the payload has more than \(limit) metrics"
        case .tooManyElements(let limit): "the payload has more than \(limit) elements inside its metrics"
        case .tooDeep(let limit): "templates or property sets lie more than \(limit) deep inside each other"
        case .inconsistent: "a data set or property set has parts that do not belong together"
        case .badArray(let type): "the bytes of a metric are no \(type.name)"
        }
    }
}
