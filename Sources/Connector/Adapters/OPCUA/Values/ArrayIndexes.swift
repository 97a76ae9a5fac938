import OPCUATypes

/// The places of an array's elements as text: `[4]`, `[1][2]`.
struct ArrayIndexes {
    /// Length of each dimension, first the slowest; their product is the number of elements.
    private let dimensions: [Int]

    init(_ dimensions: [Int]) {
        self.dimensions = dimensions
    }

    /// - Parameter index: counted over all dimensions, row by row.
    func text(of index: Int) -> String {
        var rest = index
        var parts: [String] = []
        for length in dimensions.reversed() where length > 0 {
            parts.append("[\(rest % length)]")
            rest /= length
        }
        return parts.reversed().joined()
    }
}

extension VariantArray {
    /// Every dimension costs work; a peer could name a million of length 1.
    static let dimensionsMax = 16

    /// The lengths of the dimensions; a peer's count only when they describe the elements that came.
    var shape: [Int] { Self.shape(of: elements.count, dimensions) }

    static func shape(of count: Int, _ dimensions: [Int32]) -> [Int] {
        guard (2...dimensionsMax).contains(dimensions.count) else { return [count] }
        var product = 1
        for length in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: Int(length))
            guard length > 0, !overflow else { return [count] }
            product = next
        }
        return product == count ? dimensions.map(Int.init) : [count]
    }
}

extension VariantArray.Elements {
    var count: Int {
        switch self {
        case .boolean(let values): values.count
        case .sByte(let values): values.count
        case .byte(let values): values.count
        case .int16(let values): values.count
        case .uint16(let values): values.count
        case .int32(let values): values.count
        case .uint32(let values): values.count
        case .int64(let values): values.count
        case .uint64(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .string(let values): values.count
        case .dateTime(let values): values.count
        case .guid(let values): values.count
        case .byteString(let values): values.count
        case .xmlElement(let values): values.count
        case .nodeId(let values): values.count
        case .expandedNodeId(let values): values.count
        case .statusCode(let values): values.count
        case .qualifiedName(let values): values.count
        case .localizedText(let values): values.count
        case .extensionObject(let values): values.count
        case .dataValue(let values): values.count
        case .variant(let values): values.count
        case .diagnosticInfo(let values): values.count
        }
    }

    /// One element as a value of its own.
    /// - Parameter index: below `count`.
    subscript(index: Int) -> Variant {
        switch self {
        case .boolean(let values): .boolean(values[index])
        case .sByte(let values): .sByte(values[index])
        case .byte(let values): .byte(values[index])
        case .int16(let values): .int16(values[index])
        case .uint16(let values): .uint16(values[index])
        case .int32(let values): .int32(values[index])
        case .uint32(let values): .uint32(values[index])
        case .int64(let values): .int64(values[index])
        case .uint64(let values): .uint64(values[index])
        case .float(let values): .float(values[index])
        case .double(let values): .double(values[index])
        case .string(let values): .string(values[index])
        case .dateTime(let values): .dateTime(values[index])
        case .guid(let values): .guid(values[index])
        case .byteString(let values): .byteString(values[index])
        case .xmlElement(let values): .xmlElement(values[index])
        case .nodeId(let values): .nodeId(values[index])
        case .expandedNodeId(let values): .expandedNodeId(values[index])
        case .statusCode(let values): .statusCode(values[index])
        case .qualifiedName(let values): .qualifiedName(values[index])
        case .localizedText(let values): .localizedText(values[index])
        case .extensionObject(let values): .extensionObject(values[index])
        case .dataValue(let values): .dataValue(values[index])
        case .variant(let values): values[index]
        case .diagnosticInfo(let values): .diagnosticInfo(values[index])
        }
    }
}
