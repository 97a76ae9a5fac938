import JSONSupport

/// A member of an object: where its name and value lie.
struct PayloadMember {
    var key: JSONToken
    /// Of an array or object: the opening bracket's token, with the end of the whole.
    var value: JSONToken
    var role: Role

    var isContainer: Bool { value.kind == .beginObject || value.kind == .beginArray }

    /// What a member's name says about its meaning.
    enum Role: Equatable {
        case value
        /// `v`, the value of one of several readings.
        case shortValue
        case values
        case unit
        case quality
        /// `q`, the quality of one of several readings.
        case shortQuality
        case id
        /// `name` or `tag`: what one of several readings is called.
        case name
        /// `timestamp`, `ts`, `t` or `time`; the lower the rank, the more it is believed.
        case time(rank: Int)
        case other

        /// - Parameter options: names that stand in place of the usual ones.
        init(_ key: JSONToken, _ scanner: JSONScanner, _ options: PayloadOptions) {
            if let field = options.valueField, !field.isPointer, scanner.says(key, field.description) {
                self = .value
                return
            }
            if let field = options.timeField, !field.isPointer, scanner.says(key, field.description) {
                self = .time(rank: 0)
                return
            }
            switch Role(key, scanner) {
            case .value where options.valueField != nil: self = .other
            case .time where options.timeField != nil: self = .other
            case let role: self = role
            }
        }

        private init(_ key: JSONToken, _ scanner: JSONScanner) {
            self = .other
            for (name, role) in Self.names(ofLength: key.hasEscapes ? nil : key.end &- key.start)
            where scanner.equals(key, name) {
                self = role
                return
            }
        }

        private static let byLength: [[(StaticString, Role)]] = (0...9).map { length in
            all.filter { $0.0.utf8CodeUnitCount == length }
        }

        private static let all: [(StaticString, Role)] = [
            ("value", .value), ("v", .shortValue), ("values", .values), ("unit", .unit), ("quality", .quality),
            ("q", .shortQuality), ("id", .id), ("name", .name), ("tag", .name), ("timestamp", .time(rank: 0)),
            ("ts", .time(rank: 1)), ("t", .time(rank: 2)), ("time", .time(rank: 3)),
        ]

        /// The names worth comparing; nil stands for a length that is not known yet.
        private static func names(ofLength length: Int?) -> [(StaticString, Role)] {
            guard let length else { return all }
            return length < byLength.count ? byLength[length] : []
        }
    }
}
