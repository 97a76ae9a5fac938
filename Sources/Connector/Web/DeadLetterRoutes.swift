import ConnectorDeadLetters
import ConnectorJournal
import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import WebSupport

/// `/api/deadletters`: what was refused for good, to be read, tried once more and deleted.
struct DeadLetterRoutes: Sendable {
    let pipeline: Pipeline

    /// Letters of one answer, at most.
    static let limitMax = 1000

    func add(to routes: inout WebRoutes) {
        routes.get("/api/deadletters") { try await list($0) }
        routes.get("/api/deadletters/{id}") { try await read($0.parameter("id")) }
        routes.delete("/api/deadletters/{id}") { request in
            try await purge(DeadLetterChoice(ids: [request.parameter("id")]))
        }
        routes.post("/api/deadletters/retry") { try await retry(choice($0)) }
        routes.post("/api/deadletters/purge") { try await purge(choice($0)) }
    }

    /// Oldest first; `after` names the last letter of the page before.
    private func list(_ request: WebRequest) async throws -> WebResponse {
        var limit = 100
        if let text = request.queryValue("limit") {
            guard let number = Int(text), (1...Self.limitMax).contains(number) else {
                throw WebProblem.badRequest("limit is 1 to \(Self.limitMax)")
            }
            limit = number
        }
        let after = request.queryValue("after")
        // Counted before they are read, so that no letter is counted that a whole list lacks.
        let kept = pipeline.lanes.map { $0.lane.snapshot().letters }
        var isBehind = after == nil
        var found: [DeadLetterDocument] = []
        for lane in try lanes(request.queryValue("target")) where found.count < limit {
            let page = try await clearly { [isBehind, found] () async throws(JournalFailure) in
                try await lane.deadLetters(after: isBehind ? nil : after, limit: limit - found.count)
            }
            found += page.letters.map { DeadLetterDocument($0, of: lane.name) }
            isBehind = isBehind || page.isBehind
        }
        guard isBehind else { throw WebProblem.notFound("there is no dead letter \(after ?? "") to go on behind") }
        return .json(
            DeadLetterList(
                deadletters: found, count: kept.reduce(0) { $0 + $1.count }, bytes: kept.reduce(0) { $0 + $1.bytes },
                dropped: kept.reduce(0) { $0 + $1.dropped }))
    }

    private func read(_ id: String) async throws -> WebResponse {
        for lane in pipeline.lanes.map(\.lane) {
            let stored = try await clearly { () async throws(JournalFailure) in try await lane.deadLetter(id) }
            if let stored { return .json(DeadLetterDocument(stored, of: lane.name, withContent: true)) }
        }
        throw unknown(id)
    }

    private func retry(_ choice: DeadLetterChoice) async throws -> WebResponse {
        try await checkKnown(choice)
        var outcome = DeadLetterRetry()
        for lane in try lanes(choice.target) {
            let part = try await clearly { () async throws(JournalFailure) in
                try await lane.retryDeadLetters { choice.contains($0.id) }
            }
            outcome.retried += part.retried
            outcome.kept += part.kept
        }
        return .json(DeadLetterOutcome(retried: outcome.retried, kept: outcome.kept))
    }

    private func purge(_ choice: DeadLetterChoice) async throws -> WebResponse {
        try await checkKnown(choice)
        var purged = 0
        for lane in try lanes(choice.target) {
            purged += try await clearly { () async throws(JournalFailure) in
                try await lane.purgeDeadLetters { choice.contains($0.id) }
            }
        }
        return .json(DeadLetterOutcome(purged: purged))
    }

    // MARK: Help

    private func choice(_ request: WebRequest) throws -> DeadLetterChoice {
        let choice = try WebJSON.decode(DeadLetterChoice.self, from: request.bodyBytes)
        guard choice.ids.isEmpty == choice.isAll else {
            throw WebProblem.badRequest("name \"ids\", or say \"all\": true")
        }
        return choice
    }

    /// Nothing is done when one of the ids is none: somebody looks at an old list.
    private func checkKnown(_ choice: DeadLetterChoice) async throws {
        for id in choice.ids {
            var isKnown = false
            for lane in try lanes(choice.target) where !isKnown {
                let stored = try await clearly { () async throws(JournalFailure) in try await lane.deadLetter(id) }
                isKnown = stored != nil
            }
            guard isKnown else { throw unknown(id) }
        }
    }

    private func lanes(_ target: String?) throws -> [Lane] {
        let lanes = pipeline.lanes.map(\.lane).filter { target == nil || $0.name == target }
        guard !lanes.isEmpty else { throw WebProblem.notFound("there is no target \(target ?? "")") }
        return lanes
    }

    private func unknown(_ id: String) -> WebProblem { .notFound("there is no dead letter \(id)") }

    /// What the disk does not do is no mistake of the server's.
    private func clearly<Result>(
        _ body: () async throws(JournalFailure) -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch {
            throw WebProblem.unavailable(error.message)
        }
    }
}

/// Which letters a request is about.
private struct DeadLetterChoice: Decodable, Sendable {
    var ids: [String] = []
    var isAll = false
    var target: String?

    enum CodingKeys: String, CodingKey {
        case ids, target
        case isAll = "all"
    }

    init(ids: [String]) {
        self.ids = ids
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ids = try container.decodeIfPresent([String].self, forKey: .ids) ?? []
        isAll = try container.decodeIfPresent(Bool.self, forKey: .isAll) ?? false
        target = try container.decodeIfPresent(String.self, forKey: .target)
    }

    func contains(_ id: String) -> Bool { isAll || ids.contains(id) }
}

private struct DeadLetterList: Encodable, Sendable {
    var deadletters: [DeadLetterDocument]
    /// Of all targets, on all pages.
    var count: Int
    var bytes: Int
    /// Given up because there were too many.
    var dropped: Int
}

private struct DeadLetterOutcome: Encodable, Sendable {
    var status = "ok"
    var retried: Int?
    var kept: Int?
    var purged: Int?
}
