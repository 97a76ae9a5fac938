import OPCUATypes

/// A part of an array, a matrix or a text (Part 4, 7.27): `2`, `1:3`, or one such range per dimension with commas
/// between. Indexes count from 0, and a range holds both its ends.
struct NumericRange: Hashable, Sendable {
    /// One per dimension; never empty.
    let dimensions: [ClosedRange<Int>]

    /// More dimensions than any value has.
    static let maxDimensions = 16

    /// nil for text that is no range.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maxDimensions * 22 else { return nil }
        var dimensions: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false).map(Self.index)
            switch (ends.count, ends[0], ends[ends.count - 1]) {
            case (1, let only?, _): dimensions.append(only...only)
            case (2, let low?, let high?) where low < high: dimensions.append(low...high)
            default: return nil
            }
        }
        guard dimensions.count <= Self.maxDimensions else { return nil }
        self.dimensions = dimensions
    }

    private static func index(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(text).map(Int.init)
    }

    /// The part of a value; nil when there is nothing of it in the value. A range that reaches beyond the end is cut.
    func part(of value: Variant) -> Variant? {
        switch value {
        case .array(let array): return array.part(dimensions).map(Variant.array)
        case .string(let text?) where dimensions.count == 1:
            return Self.part(of: text, dimensions[0]).map { .string($0) }
        case .byteString(let bytes?) where dimensions.count == 1:
            return Self.indexes(dimensions[0], in: bytes.bytes.count).map {
                .byteString(ByteString(bytes.bytes[$0]))
            }
        default: return nil
        }
    }

    /// The part of a data value: without value and with a bad status when there is none.
    func part(of value: DataValue) -> DataValue {
        // What has no value has no part of it, and says why by its own status.
        guard !value.value.isNull else { return value }
        var result = value
        if let part = part(of: value.value) {
            result.value = part
        } else {
            result.value = .null
            result.status = .badIndexRangeNoData
        }
        return result
    }

    /// The value with this part of it replaced; nil when the part does not fit exactly (Part 4, 5.11.4.2).
    func replacing(in value: Variant, with part: Variant) -> Variant? {
        switch (value, part) {
        case (.array(let array), .array(let new)):
            guard let places = array.places(dimensions), new.elements.count == places.count,
                places.count == dimensions.reduce(1, { $0 &* $1.count })
            else { return nil }
            return array.elements.replacing(places, with: new.elements).map {
                .array(VariantArray($0, dimensions: array.dimensions))
            }
        case (.byteString(let bytes?), .byteString(let new?)) where dimensions.count == 1:
            guard dimensions[0].upperBound < bytes.bytes.count, new.bytes.count == dimensions[0].count else {
                return nil
            }
            var all = Array(bytes.bytes)
            all.replaceSubrange(dimensions[0], with: new.bytes)
            return .byteString(ByteString(all))
        default: return nil
        }
    }

    static func part(of text: String, _ range: ClosedRange<Int>) -> String? {
        let characters = Array(text)
        return indexes(range, in: characters.count).map { String(characters[$0]) }
    }

    /// The indexes of a range that a dimension has; nil when it has none of them.
    static func indexes(_ range: ClosedRange<Int>, in count: Int) -> ClosedRange<Int>? {
        range.lowerBound < count ? range.lowerBound...min(range.upperBound, count - 1) : nil
    }
}

extension VariantArray {
    /// Places in row order of the elements that a range names.
    fileprivate func places(_ ranges: [ClosedRange<Int>]) -> [Int]? { cut(ranges)?.places }

    fileprivate func part(_ ranges: [ClosedRange<Int>]) -> VariantArray? {
        let lengths = dimensions.isEmpty ? 1 : dimensions.count
        if ranges.count == lengths + 1 {
            // One dimension more than the array has goes into its texts.
            guard let outer = cut(Array(ranges.dropLast())) else { return nil }
            return elements.picking(outer.places).texts(ranges[lengths]).map {
                VariantArray($0, dimensions: outer.dimensions)
            }
        }
        guard let cut = cut(ranges) else { return nil }
        return VariantArray(elements.picking(cut.places), dimensions: cut.dimensions)
    }

    private func cut(_ ranges: [ClosedRange<Int>]) -> (places: [Int], dimensions: [Int32])? {
        let lengths = dimensions.isEmpty ? [elements.count] : dimensions.map { max(0, Int($0)) }
        guard ranges.count == lengths.count else { return nil }
        var places = [0]
        var kept: [Int32] = []
        for (range, length) in zip(ranges, lengths) {
            guard let indexes = NumericRange.indexes(range, in: length) else { return nil }
            places = places.flatMap { place in indexes.map { place * length + $0 } }
            kept.append(Int32(clamping: indexes.count))
        }
        guard places.allSatisfy({ $0 < elements.count }) else { return nil }
        return (places, dimensions.isEmpty ? [] : kept)
    }
}
