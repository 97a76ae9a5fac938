import OPCUATypes

/// An event filter that was found right (Part 4, 7.22.3): which events, and which of their fields.
struct EventSelection: Sendable {
    private let clauses: [SimpleAttributeOperand]
    private let condition: EventCondition

    static let maxSelectClauses = 256
    static let maxWhereElements = 64

    /// - Parameter space: knows the event types and their fields.
    /// - Returns: the selection, if any, and what is to be said of each clause.
    static func make(
        _ filter: EventFilter, in space: AddressSpace
    ) -> (selection: EventSelection?, result: EventFilterResult, status: StatusCode) {
        guard !filter.selectClauses.isEmpty, filter.selectClauses.count <= maxSelectClauses,
            filter.whereClause.elements.count <= maxWhereElements
        else { return (nil, EventFilterResult(), .badEventFilterInvalid) }
        let results = filter.selectClauses.map { space.check($0) }
        let (condition, elements) = EventCondition.make(filter.whereClause, in: space)
        // What is all right needs no results (Part 4, 7.22.3).
        let result = EventFilterResult(
            selectClauseResults: results.allSatisfy(\.isGood) ? [] : results,
            whereClauseResult: ContentFilterResult(
                elementResults: elements.allSatisfy(\.statusCode.isGood) ? [] : elements))
        guard let condition else { return (nil, result, .badEventFilterInvalid) }
        return (EventSelection(clauses: filter.selectClauses, condition: condition), result, .good)
    }

    /// The fields of an event that passes; nil for one that does not.
    func fields(of event: ServerEvent, id: ByteString, at time: DateTime, in space: AddressSpace) -> [Variant]? {
        condition.passes(event, id: id, at: time, in: space) ? select(event, id: id, at: time) : nil
    }

    /// The fields of an event, whether it passes or not.
    func select(_ event: ServerEvent, id: ByteString, at time: DateTime) -> [Variant] {
        clauses.map { $0.value(of: event, id: id, at: time) }
    }
}

extension SimpleAttributeOperand {
    func value(of event: ServerEvent, id: ByteString, at time: DateTime) -> Variant {
        guard attributeId == AttributeId.value else { return .null }
        let value = event.field(browsePath, id: id, received: time)
        guard let indexRange, !indexRange.isEmpty else { return value }
        return NumericRange(indexRange)?.part(of: value) ?? .null
    }
}

extension AddressSpace {
    /// Whether a field exists in the event type that is named with it, or one of its supertypes.
    func check(_ clause: SimpleAttributeOperand) -> StatusCode {
        if let range = clause.indexRange, !range.isEmpty, NumericRange(range) == nil { return .badIndexRangeInvalid }
        // The NodeId of the event itself: there is none for events that are no conditions.
        guard !clause.browsePath.isEmpty else {
            return clause.attributeId == AttributeId.nodeId ? .good : .badAttributeIdInvalid
        }
        let named = clause.typeDefinitionId.isNull ? NodeId(Standard.baseEventType) : clause.typeDefinitionId
        guard var type = index(of: named) else { return .badTypeDefinitionInvalid }
        guard clause.browsePath.count == 1, clause.attributeId == AttributeId.value else { return .badNodeIdUnknown }
        for _ in 0..<32 {
            let references = self[type].references
            let hasField = references.contains {
                $0.isForward && isReference($0.type, kindOf: Standard.aggregates)
                    && self[$0.target].browseName == clause.browsePath[0]
            }
            if hasField { return .good }
            guard let supertype = references.first(where: { $0.type == Standard.hasSubtype && !$0.isForward }) else {
                break
            }
            type = supertype.target
        }
        return .badNodeIdUnknown
    }

    /// Whether a type is another or a subtype of it.
    func isType(_ type: NodeId, kindOf other: NodeId) -> Bool {
        var current = type
        for _ in 0..<32 {
            if current == other { return true }
            guard let index = index(of: current),
                let supertype = self[index].references.first(where: {
                    $0.type == Standard.hasSubtype && !$0.isForward
                })
            else { return false }
            current = self[supertype.target].id
        }
        return false
    }
}
