import NIOCore
import OPCUACore
import OPCUATypes

/// Where a browse goes on that did not fit an answer.
struct BrowseRest {
    var description: BrowseDescription
    /// Number of references of the node that have been looked at.
    var offset: Int
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
            let results = try core.browsing(request.nodesToBrowse.count, session) { room in
                request.nodesToBrowse.map { core.browse($0, limit: limit, &room, session) }
            }
            return BrowseResponse(results: results)
        }
        add(BrowseNextRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.continuationPoints.count)
            let results = try core.browsing(request.continuationPoints.count, session) { room in
                request.continuationPoints.map { point in
                    guard let point, let rest = session.continuationPoints.removeValue(forKey: point) else {
                        return BrowseResult(statusCode: .badContinuationPointInvalid)
                    }
                    guard !request.releaseContinuationPoints else { return BrowseResult() }
                    return core.browse(rest.description, from: rest.offset, limit: rest.limit, &room, session)
                }
            }
            return BrowseNextResponse(results: results)
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
    /// Browses with the room of one response. When it does not do, the continuation points are as they were before.
    fileprivate func browsing(
        _ operations: Int, _ session: SessionState, _ body: (inout SharedRoom) -> [BrowseResult]
    ) throws(ServiceError) -> [BrowseResult] {
        // 4 bytes of status, a continuation point of 4 + 32, and the length of the references.
        var room = SharedRoom(bytes: responseCapacity(of: session), operations: operations, overhead: 44)
        let points = session.continuationPoints
        let results = body(&room)
        guard !room.isExceeded else {
            session.continuationPoints = points
            throw ServiceError(.badResponseTooLarge)
        }
        return results
    }

    /// References of a node from one on, with a continuation point when more follow than fit.
    func browse(
        _ description: BrowseDescription, from offset: Int = 0, limit: Int, _ room: inout SharedRoom,
        _ session: SessionState
    ) -> BrowseResult {
        room.nextOperation()
        guard let index = space.index(of: description.nodeId) else {
            return BrowseResult(statusCode: .badNodeIdUnknown)
        }
        guard [.forward, .inverse, .both].contains(description.browseDirection) else {
            return BrowseResult(statusCode: .badBrowseDirectionInvalid)
        }
        var type: UInt32?
        if !description.referenceTypeId.isNull {
            guard let known = space.index(of: description.referenceTypeId),
                space[known].nodeClass == .referenceType, let number = description.referenceTypeId.standard
            else { return BrowseResult(statusCode: .badReferenceTypeIdInvalid) }
            type = number
        }
        let references = space[index].references
        var found: [ReferenceDescription] = []
        // Nodes may have come and gone since the last page.
        for place in min(offset, references.count)..<references.count
        where isWanted(references[place], description, type) {
            let next = describe(references[place], mask: description.resultMask)
            guard found.count < limit, room.take(next.encoded().readableBytes) else {
                return page(found, BrowseRest(description: description, offset: place, limit: limit), session)
            }
            found.append(next)
        }
        return BrowseResult(references: found)
    }

    private func isWanted(_ reference: Reference, _ description: BrowseDescription, _ type: UInt32?) -> Bool {
        let direction = description.browseDirection
        guard direction == .both || reference.isForward == (direction == .forward) else { return false }
        if let type, reference.type != type {
            guard description.includeSubtypes, space.isReference(reference.type, kindOf: type) else { return false }
        }
        let mask = description.nodeClassMask
        return mask == 0 || mask & UInt32(bitPattern: space[reference.target].nodeClass.rawValue) != 0
    }

    private func page(
        _ references: [ReferenceDescription], _ rest: BrowseRest, _ session: SessionState
    ) -> BrowseResult {
        guard session.continuationPoints.count < configuration.limits.maxBrowseContinuationPoints else {
            return BrowseResult(statusCode: .badNoContinuationPoints)
        }
        let point = Self.nonce()
        session.continuationPoints[point] = rest
        return BrowseResult(continuationPoint: point, references: references)
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
        for (place, element) in path.relativePath.elements.enumerated() {
            // Only the last may go without a name and mean all targets (Part 4, 7.31).
            let isAny = element.targetName.name?.isEmpty != false
            guard !isAny || place == path.relativePath.elements.count - 1 else {
                return BrowsePathResult(statusCode: .badBrowseNameInvalid)
            }
            var next: Set<Int32> = []
            for reference in current.flatMap({ space[$0].references })
            where reference.isForward != element.isInverse && follows(reference, element)
                && (isAny || space[reference.target].browseName == element.targetName)
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
