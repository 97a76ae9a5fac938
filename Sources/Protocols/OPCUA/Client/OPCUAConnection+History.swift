import OPCUACore
public import OPCUATypes

/// The history of variables (Part 4, 5.11.3; Part 11, 6.4.3).
extension OPCUAConnection {
    /// Reads the raw values of nodes between two times, page by page.
    ///
    /// - Parameters:
    ///   - from: the earliest source time; `to` the first that is no longer wanted.
    ///   - valuesPerPage: the most values of one node in one answer.
    ///   - take: gets an index into `nodes` and the next of its values, in order of time.
    /// - Returns: the outcome for each node; a server that keeps no history of one says so here.
    public func readHistory(
        _ nodes: [NodeId], from: DateTime, to: DateTime, valuesPerPage: UInt32 = 1000, limits: OperationLimits,
        take: (Int, [DataValue]) async throws -> Void
    ) async throws -> [StatusCode] {
        let size = min(limits.nodesPerHistoryRead, limits.historyContinuationPoints)
        let details = ExtensionObject(
            ReadRawModifiedDetails(
                isReadModified: false, startTime: from, endTime: to, numValuesPerNode: valuesPerPage,
                returnBounds: false))
        return try await inBatches(.historyRead, Array(nodes.indices), of: size) { batch in
            var statuses = batch.map { _ in StatusCode.good }
            var isTaken = false
            var asked = batch.indices.map { (place: $0, point: ByteString?.none) }
            do {
                while !asked.isEmpty {
                    let answers = try await self.call(
                        HistoryReadRequest(
                            historyReadDetails: details, timestampsToReturn: .source,
                            nodesToRead: asked.map {
                                HistoryReadValueId(nodeId: nodes[batch[$0.place]], continuationPoint: $0.point)
                            })
                    ).results
                    guard answers.count == asked.count else {
                        throw OPCUAClientError(.transient, "\(self.address): the server answered too few histories")
                    }
                    // What one message may take in memory is for all its histories together.
                    var decoding = self.configuration.decoding
                    decoding.maxMemoryBytes /= max(1, answers.count)
                    var pages: [(place: Int, values: [DataValue])] = []
                    var open: [(place: Int, point: ByteString?)] = []
                    for (question, answer) in zip(asked, answers) {
                        statuses[question.place] = answer.statusCode
                        guard !answer.statusCode.isBad else { continue }
                        let values = try self.values(of: answer, decoding)
                        if !values.isEmpty { pages.append((question.place, values)) }
                        guard let point = answer.continuationPoint, !point.bytes.isEmpty else { continue }
                        // A point that brings nothing and leads on would be followed for ever.
                        guard !values.isEmpty else {
                            throw OPCUAClientError(.transient, "\(self.address): a history that leads nowhere")
                        }
                        open.append((question.place, point))
                    }
                    asked = open
                    isTaken = isTaken || !pages.isEmpty
                    for page in pages { try await take(batch[page.place], page.values) }
                }
            } catch {
                // Halves would bring again what was taken already.
                if isTaken, let error = error as? OPCUAClientError, error.isTooLarge {
                    throw OPCUAClientError(.transient, error.message)
                }
                await self.release(
                    asked.compactMap { item in item.point.map { (nodes[batch[item.place]], $0) } }, details)
                throw error
            }
            return statuses
        }
    }

    private func values(
        of result: HistoryReadResult, _ decoding: DecodingLimits
    ) throws(OPCUAClientError) -> [DataValue] {
        do throws(BinaryDecodingError) {
            return try result.historyData.decode(as: HistoryData.self, limits: decoding)?.dataValues ?? []
        } catch {
            throw OPCUAClientError(OPCUAError(error, in: "a history"), at: address)
        }
    }

    /// Tells the server that nobody comes back for these.
    private func release(_ points: [(node: NodeId, point: ByteString)], _ details: ExtensionObject) async {
        guard !points.isEmpty else { return }
        // Whoever gives up has a better reason to report than a release that failed.
        _ = try? await call(
            HistoryReadRequest(
                historyReadDetails: details, releaseContinuationPoints: true,
                nodesToRead: points.map { HistoryReadValueId(nodeId: $0.node, continuationPoint: $0.point) }))
    }
}
