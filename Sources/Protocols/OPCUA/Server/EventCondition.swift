import OPCUATypes

/// The where clause of an event filter (Part 4, 7.7): its first element decides, and names others as operands.
struct EventCondition: Sendable {
    fileprivate enum Operand: Sendable {
        case element(Int)
        case literal(Variant)
        case field(SimpleAttributeOperand)
    }

    private struct Element: Sendable {
        var operation: FilterOperator
        var operands: [Operand]
    }

    private var elements: [Element] = []

    /// - Returns: nil when an element is wrong, and what is to be said of each.
    static func make(
        _ filter: ContentFilter, in space: AddressSpace
    ) -> (condition: EventCondition?, results: [ContentFilterElementResult]) {
        var condition = EventCondition()
        var results: [ContentFilterElementResult] = []
        for (index, element) in filter.elements.enumerated() {
            var statuses: [StatusCode] = []
            var operands: [Operand] = []
            for object in element.filterOperands {
                do throws(ServiceError) {
                    operands.append(try operand(object, after: index, of: filter.elements.count))
                    statuses.append(.good)
                } catch {
                    statuses.append(error.status)
                }
            }
            let status = check(element.filterOperator, element.filterOperands.count)
            let isGood = status.isGood && statuses.allSatisfy(\.isGood)
            results.append(
                ContentFilterElementResult(
                    statusCode: isGood || !status.isGood ? status : .badFilterOperandInvalid,
                    operandStatusCodes: isGood ? [] : statuses))
            condition.elements.append(Element(operation: element.filterOperator, operands: operands))
        }
        return (results.allSatisfy(\.statusCode.isGood) ? condition : nil, results)
    }

    private static func operand(
        _ object: ExtensionObject, after index: Int, of count: Int
    ) throws(ServiceError) -> Operand {
        do throws(BinaryDecodingError) {
            if let literal = try object.decode(as: LiteralOperand.self) { return .literal(literal.value) }
            if let field = try object.decode(as: SimpleAttributeOperand.self) { return .field(field) }
            if let element = try object.decode(as: ElementOperand.self) {
                // Only elements further on, so that there are no loops (Part 4, 7.7.4.2).
                guard Int(element.index) > index, Int(element.index) < count else { throw .invalid(.message) }
                return .element(Int(element.index))
            }
        } catch {
            throw ServiceError(.badFilterOperandInvalid)
        }
        throw ServiceError(.badFilterOperandInvalid)
    }

    /// Operators that are known, with the number of their operands.
    private static func check(_ operation: FilterOperator, _ operands: Int) -> StatusCode {
        let needed: ClosedRange<Int>? =
            switch operation {
            case .isNull, .not, .ofType: 1...1
            case .equals, .greaterThan, .lessThan, .greaterThanOrEqual, .lessThanOrEqual, .and, .or: 2...2
            case .between: 3...3
            case .inList: 2...EventSelection.maxSelectClauses
            default: nil
            }
        guard let needed else {
            return (0...17).contains(operation.rawValue) ? .badFilterOperatorUnsupported : .badFilterOperatorInvalid
        }
        return needed.contains(operands) ? .good : .badFilterOperandCountMismatch
    }

    /// Whether an event is wanted.
    func passes(_ event: ServerEvent, id: ByteString, at time: DateTime, in space: AddressSpace) -> Bool {
        guard !elements.isEmpty else { return true }
        // Elements name only later ones: from the last to the first each is worked out once.
        var evaluation = Evaluation(event: event, id: id, time: time, space: space)
        evaluation.truths = [Bool?](repeating: nil, count: elements.count)
        for index in elements.indices.reversed() { evaluation.truths[index] = evaluation.truth(of: elements[index]) }
        return evaluation.truths[0] == true
    }

    /// One event on its way through the elements. Truth has three values: nil is "cannot be said".
    private struct Evaluation {
        var event: ServerEvent
        var id: ByteString
        var time: DateTime
        var space: AddressSpace
        /// Of the elements that are worked out.
        var truths: [Bool?] = []

        func truth(of element: Element) -> Bool? {
            let operands = element.operands
            func truth(_ place: Int) -> Bool? {
                switch operands[place] {
                case .element(let other): truths[other]
                default: if case .boolean(let value) = value(place) { value } else { nil }
                }
            }
            func value(_ place: Int) -> Variant {
                switch operands[place] {
                case .element(let other): truths[other].map(Variant.boolean) ?? .null
                case .literal(let value): value
                case .field(let field): field.value(of: event, id: id, at: time)
                }
            }
            func compare(_ place: Int, _ other: Int, _ order: (Double, Double) -> Bool) -> Bool? {
                guard let left = value(place).comparable, let right = value(other).comparable else { return nil }
                return order(left, right)
            }
            switch element.operation {
            case .isNull: return value(0).isNull
            case .not: return truth(0).map { !$0 }
            case .ofType:
                guard case .nodeId(let type) = value(0) else { return nil }
                return space.isType(event.type, kindOf: type)
            case .and:
                let (left, right) = (truth(0), truth(1))
                return left == false || right == false ? false : left == nil || right == nil ? nil : true
            case .or:
                let (left, right) = (truth(0), truth(1))
                return left == true || right == true ? true : left == nil || right == nil ? nil : false
            case .greaterThan: return compare(0, 1, >)
            case .lessThan: return compare(0, 1, <)
            case .greaterThanOrEqual: return compare(0, 1, >=)
            case .lessThanOrEqual: return compare(0, 1, <=)
            case .between:
                guard let low = compare(0, 1, >=), let high = compare(0, 2, <=) else { return nil }
                return low && high
            case .equals: return value(0).equals(value(1))
            case .inList: return (1..<operands.count).contains { value(0).equals(value($0)) == true }
            default: return nil
            }
        }
    }
}

extension Variant {
    /// A place on a line, for what has one: numbers and times.
    fileprivate var comparable: Double? {
        if case .dateTime(let time) = self { return Double(time.ticks) }
        return number
    }

    /// Equal as numbers of whatever type, or the same value; nil when one is missing.
    fileprivate func equals(_ other: Variant) -> Bool? {
        if isNull || other.isNull { return nil }
        if let left = number, let right = other.number { return left == right }
        return self == other
    }
}
