/// ``Conditioning`` as it applies to one tag, ready for its readings. Tags with the same have one between them.
package struct ConditioningPlan: Hashable, Sendable {
    package enum Report: Hashable, Sendable {
        case all, onChange
        /// The width in units of the value.
        case deadband(Double)
        case swingingDoor(Conditioning.SwingingDoor)
    }

    package let report: Report
    /// 0 is never.
    package let heartbeatMilliseconds: Int64
    private let scale: Double
    private let offset: Double
    private let low: Double
    private let high: Double
    /// Whether values change at all.
    private let adjusts: Bool

    /// - Parameter tag: whose range a deadband in percent is taken of, in units after scale and offset. A tag without
    ///   one reports every reading.
    package init(_ conditioning: Conditioning, for tag: TagDefinition) {
        scale = conditioning.scale ?? 1
        offset = conditioning.offset ?? 0
        low = conditioning.low ?? -.infinity
        high = conditioning.high ?? .infinity
        adjusts =
            conditioning.scale != nil || conditioning.offset != nil || conditioning.low != nil
            || conditioning.high != nil
        heartbeatMilliseconds = Int64(conditioning.heartbeatMilliseconds ?? 0)
        report =
            switch conditioning.report {
            case nil, .all: .all
            case .onChange: .onChange
            case .deadband(.absolute(let width)): .deadband(width)
            case .deadband(.percent(let percent, let span)):
                (span ?? Self.range(of: tag)).map { .deadband($0 * percent / 100) } ?? .all
            case .swingingDoor(let limits): .swingingDoor(limits)
            }
    }

    private static func range(of tag: TagDefinition) -> Double? {
        guard let low = tag.metadata["eu_low"].flatMap({ Double($0) }),
            let high = tag.metadata["eu_high"].flatMap({ Double($0) }), high > low, (high - low).isFinite
        else { return nil }
        return high - low
    }

    /// The reading with its value scaled and clamped, and the end at which it was clamped. What is no number stays.
    package func adjusted(_ reading: Reading) -> (reading: Reading, clamped: String?) {
        guard adjusts else { return (reading, nil) }
        let raw: Double
        switch reading.value {
        case .int(let value): raw = Double(value)
        case .uint(let value): raw = Double(value)
        case .float(let value): raw = Double(value)
        case .double(let value): raw = value
        case .none, .bool, .string, .json, .bytes, .named: return (reading, nil)
        }
        let scaled = raw * scale + offset
        // Comparisons with NaN are false: it stays what it is.
        let value = scaled < low ? low : scaled > high ? high : scaled
        var adjusted = reading
        adjusted.value = .double(value)
        adjusted.type = reading.type.isOPCUA ? .opcuaDouble : .float64
        return (adjusted, scaled < low ? "low" : scaled > high ? "high" : nil)
    }
}

extension ValueType {
    /// Whether it is named as OPC UA names its types.
    fileprivate var isOPCUA: Bool { rawValue <= ValueType.opcuaNull.rawValue }
}
