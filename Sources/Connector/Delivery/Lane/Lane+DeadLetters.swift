package import ConnectorDeadLetters
package import ConnectorJournal
import ConnectorModel

/// What became of dead letters that were tried once more.
package struct DeadLetterRetry: Hashable, Sendable {
    /// On their way once more.
    package var retried = 0
    /// Kept as they are: a corrupt frame, or a payload whose source does not take it just now.
    package var kept = 0

    package init(retried: Int = 0, kept: Int = 0) {
        self.retried = retried
        self.kept = kept
    }
}

/// Some dead letters of a lane, oldest first.
package struct DeadLetterPage: Sendable {
    package var letters: [StoredDeadLetter] = []
    /// Whether the letter that it should begin behind is one of this lane.
    package var isBehind = false
}

extension Lane {
    /// Dead letters from behind the one with the id `after` on.
    /// - Parameter limit: how many at most.
    @concurrent
    package func deadLetters(after: String? = nil, limit: Int) async throws(JournalFailure) -> DeadLetterPage {
        try await onThread { worker, _ throws(JournalFailure) in
            var page = DeadLetterPage(isBehind: after == nil)
            try worker.letters.forEach { stored in
                guard page.letters.count < limit else { return false }
                if page.isBehind { page.letters.append(stored) }
                page.isBehind = page.isBehind || stored.id == after
                return true
            }
            return page
        }
    }

    /// The letter with an id; nil when it is none of this lane.
    @concurrent
    package func deadLetter(_ id: String) async throws(JournalFailure) -> StoredDeadLetter? {
        try await onThread { worker, _ throws(JournalFailure) in
            var found: StoredDeadLetter?
            try worker.letters.forEach { stored in
                if stored.id == id { found = stored }
                return found == nil
            }
            return found
        }
    }

    /// Has letters tried once more: records are written to the journal anew, payloads are given to their source.
    @concurrent
    package func retryDeadLetters(
        _ choice: @escaping @Sendable (StoredDeadLetter) -> Bool
    ) async throws(JournalFailure) -> DeadLetterRetry {
        try await onThread { worker, now throws(JournalFailure) in try worker.retry(choice, now: now) }
    }

    /// Deletes letters for good.
    /// - Returns: how many.
    @concurrent
    package func purgeDeadLetters(
        _ choice: @escaping @Sendable (StoredDeadLetter) -> Bool
    ) async throws(JournalFailure) -> Int {
        try await onThread { worker, _ throws(JournalFailure) in
            defer { worker.tellLetters() }
            return try worker.letters.remove(choice)
        }
    }
}

extension LaneWorker {
    /// What is chosen goes back to where it was refused; only when it is safe there it is taken out.
    func retry(
        _ choice: (StoredDeadLetter) -> Bool, now: Duration
    ) throws(JournalFailure) -> DeadLetterRetry {
        var records: [StoredDeadLetter] = []
        var done: Set<String> = []
        var outcome = DeadLetterRetry()
        try letters.forEach { stored in
            guard choice(stored) else { return true }
            if let payload = stored.letter.payload {
                if shared.listener(of: stored.letter.source)?.retry(payload) == true {
                    done.insert(stored.id)
                } else {
                    outcome.kept += 1
                }
            } else if stored.letter.stage == .target {
                records.append(stored)
            } else {
                outcome.kept += 1
            }
            return true
        }
        let entries = journal.entries(of: records.map(\.letter))
        if let commit = try journal.commit(entries) {
            shared.resubmitted(entries, commit, journalBytes: journal.bytes, segments: journal.state.segments.count)
        }
        if !done.isEmpty { try commitPending(now: now) }
        done.formUnion(records.map(\.id))
        outcome.retried = try letters.remove { done.contains($0.id) }
        tellLetters()
        return outcome
    }

    /// Makes durable what sources have submitted.
    private func commitPending(now: Duration) throws(JournalFailure) {
        while !shared.read({ $0.pending.isEmpty }) {
            commit(now: now)
            if let failure = shared.read({ $0.storageFailure }) { throw failure }
        }
    }
}
