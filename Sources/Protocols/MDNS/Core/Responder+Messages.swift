extension Responder {
    /// A message came in. `now` and `random` as everywhere.
    public mutating func messageReceived(
        _ message: DNSMessage, from sender: Sender, now: Int64, random: Random
    ) -> [Action] {
        guard message.isOrdinary else { return [] }
        if message.isResponse {
            // Only who is on port 5353 speaks for the link (RFC 6762, 6).
            return sender.isMulticaster ? responseReceived(message, now: now, random: random) : []
        }
        return queryReceived(message, from: sender, now: now, random: random)
    }

    // MARK: Conflicts

    /// What others say may contradict what we say (RFC 6762, 9).
    private mutating func responseReceived(_ message: DNSMessage, now: Int64, random: Random) -> [Action] {
        var actions: [Action] = []
        let others = message.answers + message.additionals
        if others.contains(where: { contradicts(host, $0) }) {
            let before = host.label
            Self.settle(&host, now: now, random: random)
            if host.label != before {
                actions.append(.hostRenamed(host.label.text))
                announceAgain(now: now)
            }
        }
        for index in services.indices {
            var claim = services[index].claim
            guard others.contains(where: { contradicts(claim, $0) }) else { continue }
            let before = claim.label
            if let name = claim.name { pending.forget(name) }
            Self.settle(&claim, now: now, random: random)
            services[index].claim = claim
            if claim.label != before {
                actions.append(.renamed(id: services[index].id, instance: claim.label.text))
            }
        }
        return actions
    }

    private func contradicts(_ claim: Claim, _ record: DNSRecord) -> Bool {
        guard record.recordClass == DNSRecord.internet, record.secondsToLive > 0, record.name == claim.name,
            record.type != .nsec
        else { return false }
        if case .address(let address) = record.data, claim.service == nil, ownAddresses.contains(address) {
            return false
        }
        let ours = claim.records(addresses: addresses, host: hostName).filter { $0.type == record.type }
        // Before the name is ours, any record under it is in the way (8.1).
        return ours.isEmpty ? !claim.isOwned : !ours.contains { $0.saysTheSame(as: record) }
    }

    /// A name that was ours is asked for again; one that never was is given up for the next.
    private static func settle(_ claim: inout Claim, now: Int64, random: Random) {
        if claim.isOwned {
            claim.phase = .probing(sent: 0, next: now)
        } else {
            claim.conflict(now: now, wait: random(0...Claim.probePause))
        }
    }

    /// Two would have the same name at the same time: whose records come last in order wins (RFC 6762, 8.2).
    private func afterTie(_ claim: Claim, with probe: DNSMessage, now: Int64) -> Claim {
        guard case .probing(let count, _) = claim.phase, count > 0, let name = claim.name else { return claim }
        let theirs = probe.authorities.filter { $0.name == name }
        guard !theirs.isEmpty else { return claim }
        let ours = claim.records(addresses: addresses, host: hostName)
        // Another of our own links may be the same network.
        if claim.service == nil, theirs.allSatisfy({ isOwnAddress($0) }) { return claim }
        guard Self.order(ours).lexicographicallyPrecedes(Self.order(theirs), by: { $0.lexicographicallyPrecedes($1) })
        else { return claim }
        var claim = claim
        claim.phase = .probing(sent: 0, next: now + Claim.tiePause)
        return claim
    }

    private func isOwnAddress(_ record: DNSRecord) -> Bool {
        if case .address(let address) = record.data { ownAddresses.contains(address) } else { false }
    }

    /// Class, type and data without compression of each record, in ascending order.
    private static func order(_ records: [DNSRecord]) -> [[UInt8]] {
        records.map { record in
            [record.recordClass, record.type.rawValue].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
                + record.data.plainBytes(name: record.name)
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    // MARK: Questions

    private mutating func queryReceived(
        _ message: DNSMessage, from sender: Sender, now: Int64, random: Random
    ) -> [Action] {
        if !message.authorities.isEmpty {
            host = afterTie(host, with: message, now: now)
            for index in services.indices {
                services[index].claim = afterTie(services[index].claim, with: message, now: now)
            }
        }
        pending.leaveOut(known: message.answers, of: sender.name)
        var answer = Answer(isForProbe: !message.authorities.isEmpty)
        for question in message.questions { self.answer(question, into: &answer) }
        answer.leaveOut(known: message.answers)
        guard !answer.isEmpty else { return [] }
        answer.tidy()
        if !sender.isMulticaster { return [.unicast(Self.plain(answer, to: message))] }

        if !answer.isForProbe, !sender.isNeighbour, !message.questions.contains(where: { !$0.wantsUnicast }),
            answer.records.allSatisfy({ isFresh($0, now) })
        {
            return [.unicast(DNSMessage(answers: answer.records, additionals: answer.additionals))]
        }
        var actions: [Action] = []
        if message.isTruncated {
            wait(answer, until: now + random(400...500), sender)
        } else if answer.records.contains(where: { !$0.isUnique }) {
            wait(answer, until: now + random(20...120), sender)
        } else {
            multicast(answer, now: now, into: &actions)
        }
        return actions
    }

    private mutating func wait(_ answer: Answer, until due: Int64, _ sender: Sender) {
        _ = pending.add(answer, due: due, sender: sender.name)
    }

    /// Whether everybody has heard the record lately, so that one asker can be told alone (RFC 6762, 5.4).
    private func isFresh(_ record: DNSRecord, _ now: Int64) -> Bool {
        sent[record].map { now - $0 < Int64(record.secondsToLive) * 1_000 / 4 } ?? false
    }

    /// For those who know plain DNS only: the question again, short lives, nothing to flush (RFC 6762, 6.7).
    private static func plain(_ answer: Answer, to query: DNSMessage) -> DNSMessage {
        func plain(_ record: DNSRecord) -> DNSRecord {
            var record = record
            record.secondsToLive = min(record.secondsToLive, 10)
            record.isUnique = false
            return record
        }
        return DNSMessage(
            answers: answer.records.map(plain), additionals: answer.additionals.map(plain), id: query.id,
            questions: query.questions.map { DNSQuestion($0.name, $0.type, recordClass: $0.recordClass) })
    }

    /// Sends to everybody what they were not told within the last second (RFC 6762, 6).
    mutating func multicast(_ answer: Answer, now: Int64, into actions: inout [Action]) {
        let pause: Int64 = answer.isForProbe ? 250 : 1_000
        var answer = answer
        answer.records.removeAll { record in sent[record].map { now - $0 < pause } ?? false }
        guard !answer.isEmpty else { return }
        for record in answer.records { sent[record] = now }
        actions.append(.multicast(DNSMessage(answers: answer.records, additionals: answer.additionals)))
    }

    private func answer(_ question: DNSQuestion, into answer: inout Answer) {
        if question.name == hostName {
            if host.isOwned { self.answer(question, host, into: &answer) }
            return
        }
        for (_, claim) in services where claim.isOwned {
            if let pointer = claim.pointer, question.asks(for: .ptr) {
                if question.name == Service.allTypes {
                    answer.add(
                        DNSRecord(
                            Service.allTypes, .pointer(pointer.name), secondsToLive: Claim.otherSeconds,
                            isUnique: false))
                } else if question.name == pointer.name {
                    answer.add(pointer)
                    answer.additionals += claim.records(addresses: addresses, host: hostName)
                    answer.additionals += hostRecords
                }
            }
            if question.name == claim.name { self.answer(question, claim, into: &answer) }
        }
    }

    /// Answers for a unique name; where it has no such record, with the types that it has (RFC 6762, 6.1).
    private func answer(_ question: DNSQuestion, _ claim: Claim, into answer: inout Answer) {
        let records = claim.records(addresses: addresses, host: hostName)
        let wanted = records.filter { question.asks(for: $0.type) }
        for record in wanted { answer.add(record) }
        if wanted.isEmpty, question.isOfInternet, let name = claim.name {
            let types = Set(records.map(\.type)).sorted()
            answer.add(DNSRecord(name, .types(types), secondsToLive: Claim.hostSeconds, isUnique: true))
        }
        // Who asks where a service is will ask next for the host's addresses, who asks for one for the other.
        let isAboutAddresses = wanted.contains { $0.type == .srv || $0.type == .a || $0.type == .aaaa }
        if isAboutAddresses { answer.additionals += hostRecords }
    }
}
