import OPCUACore
import OPCUATypes

/// References of a node that did not fit an answer.
struct BrowseRest {
    var references: ArraySlice<ReferenceDescription>
    var limit: Int
}

extension ServiceTable {
    /// Browse, BrowseNext, TranslateBrowsePathsToNodeIds, RegisterNodes (Part 4, 5.9).
    mutating func addView() {
        add(BrowseRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.nodesToBrowse.count)
            guard request.view.viewId.isNull else { throw ServiceError(.badViewIdUnknown) }
            let most = core.configuration.limits.maxReferencesPerNode
            let asked = Int(request.requestedMaxReferencesPerNode)
            let limit = asked == 0 ? most : min(asked, most)
            return BrowseResponse(
                results: request.nodesToBrowse.map { core.browse($0, limit: limit, session) })
        }
        add(BrowseNextRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.continuationPoints.count)
            return BrowseNextResponse(
                results: request.continuationPoints.map { point in
                    guard let point, let rest = session.continuationPoints.removeValue(forKey: point) else {
                        return BrowseResult(statusCode: .badContinuationPointInvalid)
                    }
                    guard !request.releaseContinuationPoints else { return BrowseResult() }
                    return core.page(rest, session)
                })
        }
        add(TranslateBrowsePathsToNodeIdsRequest.self) { core, _, request throws(ServiceError) in
            try core.check(operations: request.browsePaths.count)
            return TranslateBrowsePathsToNodeIdsResponse(results: request.browsePaths.map { core.translate($0) })
        }
        add(RegisterNodesRequest.self) { core, _, request throws(ServiceError) in
            try core.check(operations: request.nodesToRegister.count)
            return RegisterNodesResponse(registeredNodeIds: request.nodesToRegister)
        }
        add(UnregisterNodesRequest.self) { core, _, request throws(ServiceError) in
            try core.check(operations: request.nodesToUnregister.count)
            return UnregisterNodesResponse()
        }
    }
}

/// Bits of BrowseDescription.resultMask (Part 4, 5.9.2.2).
private enum ResultMask {
    static let referenceType: UInt32 = 1
    static let isForward: UInt32 = 2
    static let nodeClass: UInt32 = 4
    static let browseName: UInt32 = 8
    static let displayName: UInt32 = 16
    static let typeDefinition: UInt32 = 32
}

extension ServerCore {
    func browse(_ description: BrowseDescription, limit: Int, _ session: SessionState) -> BrowseResult {
        guard let index = space.index(of: description.nodeId) else {
            return BrowseResult(statusCode: .badNodeIdUnknown)
        }
        let direction = description.browseDirection
        guard [.forward, .inverse, .both].contains(direction) else {
            return BrowseResult(statusCode: .badBrowseDirectionInvalid)
        }
        var type: UInt32?
        if !description.referenceTypeId.isNull {
            guard let known = space.index(of: description.referenceTypeId),
                space[known].nodeClass == .referenceType, let number = description.referenceTypeId.standard
            else { return BrowseResult(statusCode: .badReferenceTypeIdInvalid) }
            type = number
        }
        let mask = description.nodeClassMask
        let references = space[index].references.lazy
            .filter { direction == .both || $0.isForward == (direction == .forward) }
            .filter { reference in
                guard let type else { return true }
                return reference.type == type
                    || (description.includeSubtypes && self.space.isReference(reference.type, kindOf: type))
            }
            .filter { mask == 0 || mask & UInt32(bitPattern: self.space[$0.target].nodeClass.rawValue) != 0 }
            .map { self.describe($0, mask: description.resultMask) }
        return page(BrowseRest(references: Array(references)[...], limit: limit), session)
    }

    /// The next references of a browse, with a continuation point when more follow.
    func page(_ rest: BrowseRest, _ session: SessionState) -> BrowseResult {
        guard rest.references.count > rest.limit else { return BrowseResult(references: Array(rest.references)) }
        guard session.continuationPoints.count < configuration.limits.maxBrowseContinuationPoints else {
            return BrowseResult(statusCode: .badNoContinuationPoints)
        }
        let point = Self.nonce()
        session.continuationPoints[point] = BrowseRest(
            references: rest.references.dropFirst(rest.limit), limit: rest.limit)
        return BrowseResult(continuationPoint: point, references: Array(rest.references.prefix(rest.limit)))
    }

    private func describe(_ reference: Reference, mask: UInt32) -> ReferenceDescription {
        let target = space[reference.target]
        var result = ReferenceDescription(nodeId: ExpandedNodeId(target.id))
        if mask & ResultMask.referenceType != 0 { result.referenceTypeId = NodeId(reference.type) }
        if mask & ResultMask.isForward != 0 { result.isForward = reference.isForward }
        if mask & ResultMask.nodeClass != 0 { result.nodeClass = target.nodeClass }
        if mask & ResultMask.browseName != 0 { result.browseName = target.browseName }
        if mask & ResultMask.displayName != 0 { result.displayName = target.displayName }
        if mask & ResultMask.typeDefinition != 0, target.nodeClass == .object || target.nodeClass == .variable,
            let type = target.references.first(where: { $0.type == Standard.hasTypeDefinition && $0.isForward })
        {
            result.typeDefinition = ExpandedNodeId(space[type.target].id)
        }
        return result
    }

    func translate(_ path: BrowsePath) -> BrowsePathResult {
        guard let start = space.index(of: path.startingNode) else {
            return BrowsePathResult(statusCode: .badNodeIdUnknown)
        }
        guard !path.relativePath.elements.isEmpty else { return BrowsePathResult(statusCode: .badNothingToDo) }
        var current: Set<Int32> = [start]
        for element in path.relativePath.elements {
            guard element.targetName.name?.isEmpty == false else {
                return BrowsePathResult(statusCode: .badBrowseNameInvalid)
            }
            var next: Set<Int32> = []
            for reference in current.flatMap({ space[$0].references })
            where reference.isForward != element.isInverse
                && space[reference.target].browseName == element.targetName && follows(reference, element)
            {
                next.insert(reference.target)
            }
            current = next
        }
        guard !current.isEmpty else { return BrowsePathResult(statusCode: .badNoMatch) }
        return BrowsePathResult(
            targets: current.sorted().map {
                BrowsePathTarget(targetId: ExpandedNodeId(space[$0].id), remainingPathIndex: .max)
            })
    }

    private func follows(_ reference: Reference, _ element: RelativePathElement) -> Bool {
        guard !element.referenceTypeId.isNull else { return true }
        guard let type = element.referenceTypeId.standard else { return false }
        return reference.type == type || (element.includeSubtypes && space.isReference(reference.type, kindOf: type))
    }
}
