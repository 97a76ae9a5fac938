/// Announces services on one link and answers for them (RFC 6762, 6763): the whole of a responder but for its socket and clock.
///
/// Times are in milliseconds of a clock that never goes back; `random` chooses a number from a range. After every event,
/// `deadline` says when `deadlineReached` is to be called.
public struct Responder: Sendable {
    /// What to do.
    public enum Action: Hashable, Sendable {
        /// Send to everybody on the link.
        case multicast(DNSMessage)
        /// Send to the one whose message has just been received.
        case unicast(DNSMessage)
        /// Somebody else has the name of a service; it is now called so, here.
        case renamed(id: Int, instance: String)
        /// The same of the host.
        case hostRenamed(String)
    }

    /// Who sent a message.
    public struct Sender: Hashable, Sendable {
        /// Which one, as the socket names it.
        public var name: String
        /// Whether it sent from port 5353, as all who are fully multicast (RFC 6762, 6.7).
        public var isMulticaster: Bool
        /// Whether it is on this machine. Several there may have port 5353, and which of them a message to one address would
        /// reach is not known (RFC 6762, 15.1).
        public var isNeighbour: Bool

        public init(name: String, isMulticaster: Bool, isNeighbour: Bool = false) {
            self.name = name
            self.isMulticaster = isMulticaster
            self.isNeighbour = isNeighbour
        }
    }

    public typealias Random = (ClosedRange<Int64>) -> Int64

    /// Most services of a responder.
    public static let servicesMax = 32
    /// Records, also of names given up, of which it is known when they were sent.
    static let sentMax = 1_024

    /// Of the host on this link.
    let addresses: [HostAddress]
    /// Of the host on all links: answers with them are no conflict, because links may be one network.
    let ownAddresses: Set<HostAddress>
    var host: Claim
    /// In the order in which they came.
    var services: [(id: Int, claim: Claim)] = []
    var pending = PendingAnswers()
    /// When a record was multicast last.
    var sent: [DNSRecord: Int64] = [:]

    /// A responder that begins to claim its host's name.
    ///
    /// - Parameters:
    ///   - host: the name's first label; hosts take letters, digits and hyphens.
    ///   - addresses: of this host on this link.
    ///   - ownAddresses: of this host on any link.
    public init(
        host: String, addresses: [HostAddress], ownAddresses: Set<HostAddress>, now: Int64, random: Random
    ) {
        self.addresses = addresses
        self.ownAddresses = ownAddresses.union(addresses)
        self.host = Claim(
            ClaimedLabel(host, isHost: true), service: nil, firstProbe: now + random(0...Claim.probePause))
    }

    /// The name of the host; `local` alone should its label be no name.
    var hostName: DNSName { host.name ?? DNSName.read(Service.domain) }

    /// What is told of the host beside its services.
    var hostRecords: [DNSRecord] { host.isOwned ? host.records(addresses: addresses, host: hostName) : [] }

    /// When something is to be done; nil when only a message can change anything.
    public var deadline: Int64? {
        (services.compactMap(\.claim.due) + [host.due, pending.due].compactMap { $0 }).min()
    }

    /// The name that a service has here at the moment; nil when there is no such service.
    public func instance(_ id: Int) -> String? {
        services.first { $0.id == id }?.claim.label.text
    }

    // MARK: Services come and go

    /// A service is to be announced; false when there are too many, the id is taken, or its type is no name.
    public mutating func add(_ service: Service, id: Int, now: Int64, random: Random) -> Bool {
        var claim = Claim(
            ClaimedLabel(service.instance, isHost: false), service: service,
            firstProbe: now + random(0...Claim.probePause))
        // Side by side with the host's first probes, not behind them.
        if case .probing(0, let next) = host.phase { claim.phase = .probing(sent: 0, next: max(now, next)) }
        guard services.count < Self.servicesMax, !services.contains(where: { $0.id == id }), claim.name != nil else {
            return false
        }
        services.append((id, claim))
        return true
    }

    /// A service has ended: what was said of it is taken back (RFC 6762, 10.1).
    public mutating func remove(id: Int) -> [Action] {
        guard let place = services.firstIndex(where: { $0.id == id }) else { return [] }
        let claim = services.remove(at: place).claim
        return goodbye(claim).map { [.multicast($0)] } ?? []
    }

    /// All services have ended. The host's addresses are left to expire, since others may speak of the same host.
    public mutating func stop() -> [Action] {
        let claims = services.map(\.claim)
        services = []
        return claims.compactMap { goodbye($0).map { .multicast($0) } }
    }

    private mutating func goodbye(_ claim: Claim) -> DNSMessage? {
        guard claim.isOwned, let name = claim.name else { return nil }
        pending.forget(name)
        var records = claim.records(addresses: addresses, host: hostName) + [claim.pointer].compactMap { $0 }
        for index in records.indices {
            sent[records[index]] = nil
            records[index].secondsToLive = 0
        }
        return DNSMessage(answers: records)
    }

    // MARK: Time

    /// The deadline has come: probes, announcements and answers that were waiting.
    public mutating func deadlineReached(now: Int64, random: Random) -> [Action] {
        var actions: [Action] = []
        host = advanced(host, now: now, into: &actions)
        for index in services.indices {
            services[index].claim = advanced(services[index].claim, now: now, into: &actions)
        }
        for answer in pending.takeDue(now: now) { multicast(answer, now: now, into: &actions) }
        return actions
    }

    private mutating func advanced(_ claim: Claim, now: Int64, into actions: inout [Action]) -> Claim {
        guard let due = claim.due, due <= now else { return claim }
        var claim = claim
        switch claim.phase {
        case .probing(Claim.probes, _):
            // An instance points to its host, which must be there first.
            guard claim.service == nil || host.isOwned else {
                claim.phase = .probing(sent: Claim.probes, next: max(now + 1, host.due ?? now))
                return claim
            }
            claim.phase = .announcing(sent: 1, next: now + Claim.announcementPause)
            actions.append(.multicast(announcement(claim, now: now)))
        case .probing(let count, _):
            claim.phase = .probing(sent: count + 1, next: now + Claim.probePause)
            if let probe = probe(claim) { actions.append(.multicast(probe)) }
        case .announcing(let count, _):
            claim.phase =
                count + 1 >= Claim.announcements
                ? .established : .announcing(sent: count + 1, next: now + Claim.announcementPause)
            actions.append(.multicast(announcement(claim, now: now)))
        case .established: break
        }
        return claim
    }

    private func probe(_ claim: Claim) -> DNSMessage? {
        guard let name = claim.name else { return nil }
        var records = claim.records(addresses: addresses, host: hostName)
        // What is not ours yet is not to be remembered by anybody.
        for index in records.indices { records[index].isUnique = false }
        // An answer to one address might reach somebody else on this machine (15.1), so none is asked for.
        return DNSMessage(questions: [DNSQuestion(name, .any)], authorities: records)
    }

    private mutating func announcement(_ claim: Claim, now: Int64) -> DNSMessage {
        var answers = claim.records(addresses: addresses, host: hostName)
        var additionals: [DNSRecord] = []
        if let pointer = claim.pointer {
            let type = DNSRecord(
                Service.allTypes, .pointer(pointer.name), secondsToLive: Claim.otherSeconds, isUnique: false)
            answers = [pointer] + answers + [type]
            additionals = hostRecords
        }
        if sent.count > Self.sentMax { sent = [:] }
        for record in answers { sent[record] = now }
        return DNSMessage(answers: answers, additionals: additionals)
    }

    /// The host has another name: all instances tell where they are now.
    mutating func announceAgain(now: Int64) {
        for index in services.indices where services[index].claim.isOwned {
            services[index].claim.phase = .announcing(sent: 0, next: now)
        }
    }
}
