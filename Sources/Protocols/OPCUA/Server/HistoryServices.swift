import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// HistoryRead of raw values (Part 4, 5.11.3; Part 11, 6.5.3).
    mutating func addHistory() {
        add(HistoryReadRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.nodesToRead.count)
            guard !request.releaseContinuationPoints else {
                return HistoryReadResponse(results: request.nodesToRead.map { core.release($0, session) })
            }
            guard (0...2).contains(request.timestampsToReturn.rawValue) else {
                throw ServiceError(.badTimestampsToReturnInvalid)
            }
            let details: ReadRawModifiedDetails?
            do throws(BinaryDecodingError) {
                details = try request.historyReadDetails.decode(as: ReadRawModifiedDetails.self)
            } catch {
                throw ServiceError(.badHistoryOperationInvalid)
            }
            guard let details else { throw ServiceError(.badHistoryOperationUnsupported) }
            let query = try HistoryQuery(details)
            // 4 bytes of status, a continuation point of 4 + 32, 9 of the object around the values, and their length.
            var room = SharedRoom(
                bytes: core.responseCapacity(of: session), operations: request.nodesToRead.count, overhead: 53)
            let points = session.historyPoints
            let results = request.nodesToRead.map { item in
                do throws(ServiceError) {
                    return try core.history(item, query, request.timestampsToReturn, &room, session)
                } catch {
                    return HistoryReadResult(statusCode: error.status)
                }
            }
            guard !room.isExceeded else {
                session.historyPoints = points
                throw ServiceError(.badResponseTooLarge)
            }
            return HistoryReadResponse(results: results)
        }
    }
}

/// The rest of a history, for the variable that it is of.
struct HistoryRest {
    var node: NodeId
    var query: HistoryQuery
}

extension ServerCore {
    /// Gives a continuation point up.
    fileprivate func release(_ item: HistoryReadValueId, _ session: SessionState) -> HistoryReadResult {
        guard let point = item.continuationPoint, session.historyPoints.removeValue(forKey: point) != nil else {
            return HistoryReadResult(statusCode: .badContinuationPointInvalid)
        }
        return HistoryReadResult()
    }

    fileprivate func history(
        _ item: HistoryReadValueId, _ asked: HistoryQuery, _ times: TimestampsToReturn, _ room: inout SharedRoom,
        _ session: SessionState
    ) throws(ServiceError) -> HistoryReadResult {
        room.nextOperation()
        guard let index = space.index(of: item.nodeId) else { throw ServiceError(.badNodeIdUnknown) }
        guard case .variable(let variable) = space[index].kind, space.historyLength(of: variable) > 0 else {
            throw ServiceError(.badHistoryOperationUnsupported)
        }
        var range: NumericRange?
        if let text = item.indexRange, !text.isEmpty {
            range = NumericRange(text)
            guard range != nil else { throw ServiceError(.badIndexRangeInvalid) }
        }
        if let encoding = item.dataEncoding.name, !encoding.isEmpty, encoding != "Default Binary" {
            throw ServiceError(.badDataEncodingUnsupported)
        }
        var query = asked
        if let point = item.continuationPoint, !point.bytes.isEmpty {
            guard let rest = session.historyPoints.removeValue(forKey: point), rest.node == item.nodeId else {
                throw ServiceError(.badContinuationPointInvalid)
            }
            query = rest.query
        }
        let limit = configuration.limits.maxHistoryValuesPerRead
        let position = space.position(variable)
        var page =
            store.withValues { $0.history(position).map { query.read($0, limit: limit, &room) } }
            ?? HistoryQuery.Page(values: [])
        var point: ByteString?
        if let next = page.next {
            guard session.historyPoints.count < configuration.limits.maxHistoryContinuationPoints else {
                throw ServiceError(.badNoContinuationPoints)
            }
            let new = Self.nonce()
            session.historyPoints[new] = HistoryRest(node: item.nodeId, query: next)
            point = new
        }
        for index in page.values.indices {
            if let range { page.values[index] = range.part(of: page.values[index]) }
            if times == .server { page.values[index].sourceTimestamp = nil }
            if times == .source { page.values[index].serverTimestamp = nil }
        }
        return HistoryReadResult(
            statusCode: page.values.isEmpty ? .goodNoData : .good, continuationPoint: point,
            historyData: ExtensionObject(HistoryData(dataValues: page.values)))
    }
}
