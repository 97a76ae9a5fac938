import OPCUACore
import OPCUATypes

extension ServerCore {
    /// Writes the value of a variable, or a part of it (Part 4, 5.11.4), if the application admits it.
    func write(_ item: WriteValue) -> StatusCode {
        guard let index = space.index(of: item.nodeId) else { return .badNodeIdUnknown }
        let node = space[index]
        guard item.attributeId == AttributeId.value else {
            return node.attribute(item.attributeId) == nil ? .badAttributeIdInvalid : .badNotWritable
        }
        guard case .variable(let variable) = node.kind else { return .badAttributeIdInvalid }
        guard variable.isWritable, variable.slot >= 0, let handler = configuration.writeHandler else {
            return .badNotWritable
        }
        var value = item.value
        if let text = item.indexRange, !text.isEmpty {
            guard let range = NumericRange(text) else { return .badIndexRangeInvalid }
            let position = space.position(variable)
            let whole = store.withValues { $0.values[position].value }
            guard let replaced = range.replacing(in: whole, with: value.value) else { return .badIndexRangeNoData }
            value.value = replaced
        }
        guard accepts(value.value, variable.dataType, valueRank: variable.valueRank) else { return .badTypeMismatch }
        return handler(VariableHandle(index: variable.slot), value)
    }

    /// Whether a value is of a data type and a shape (Part 3, 8.6). No value at all is for the application to judge.
    func accepts(_ value: Variant, _ dataType: NodeId, valueRank: Int32) -> Bool {
        guard let type = value.type else { return true }
        guard space.isType(type, dataType: dataType) else { return false }
        guard case .array(let array) = value else { return (-3 ... -1).contains(valueRank) }
        switch valueRank {
        case -2, 0: return true
        case -3, 1: return array.dimensions.count <= 1
        default: return valueRank > 1 && array.dimensions.count == Int(valueRank)
        }
    }
}
