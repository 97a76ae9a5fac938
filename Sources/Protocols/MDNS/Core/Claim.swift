/// A unique name that a responder has or would have: its host's, or that of an instance of a service. Times are in milliseconds
/// of a clock that never goes back.
struct Claim: Sendable {
    enum Phase: Hashable, Sendable {
        /// Asking whether anybody has the name (RFC 6762, 8.1): so many probes are out.
        case probing(sent: Int, next: Int64)
        /// It is ours, and told unasked (8.3): so many times already.
        case announcing(sent: Int, next: Int64)
        case established
    }

    /// Probes before a name is taken, and the time from one to the next.
    static let probes = 3
    static let probePause: Int64 = 250
    /// Announcements, and the time from one to the next.
    static let announcements = 2
    static let announcementPause: Int64 = 1_000
    /// After so many conflicts within so long a time, each further name waits for `conflictPause` (8.1).
    static let conflictsMax = 15
    static let conflictTime: Int64 = 10_000
    static let conflictPause: Int64 = 5_000
    /// How long to hold back after a lost tie (8.2).
    static let tiePause: Int64 = 1_000
    /// Of records about a host, and of all others (10), in seconds.
    static let hostSeconds: UInt32 = 120
    static let otherSeconds: UInt32 = 4_500

    var label: ClaimedLabel
    /// nil for the host.
    let service: Service?
    var phase: Phase
    /// When the last conflicts were, no older than `conflictTime`.
    private var conflicts: [Int64] = []
    /// Whether there have been so many of them that names are tried slowly from then on.
    private var isSlow = false

    init(_ label: ClaimedLabel, service: Service?, firstProbe: Int64) {
        self.label = label
        self.service = service
        phase = .probing(sent: 0, next: firstProbe)
    }

    /// Whether questions for the name are answered.
    var isOwned: Bool {
        if case .probing = phase { false } else { true }
    }

    /// When something is to be done.
    var due: Int64? {
        switch phase {
        case .probing(_, let next), .announcing(_, let next): next
        case .established: nil
        }
    }

    /// The full name; nil when the type of the service is no name.
    var name: DNSName? {
        let first = [Array(label.text.utf8)]
        guard let service else { return DNSName(first + Service.domain) }
        return service.typeName.flatMap { DNSName(first)?.below($0) }
    }

    /// Somebody else has the name: the next one is tried.
    mutating func conflict(now: Int64, wait: Int64) {
        conflicts = conflicts.filter { now - $0 < Self.conflictTime } + [now]
        if conflicts.count >= Self.conflictsMax {
            isSlow = true
            conflicts = []
        }
        label.tryNext()
        phase = .probing(sent: 0, next: now + (isSlow ? Self.conflictPause : wait))
    }

    /// The records under the name.
    func records(addresses: [HostAddress], host: DNSName) -> [DNSRecord] {
        guard let name else { return [] }
        guard let service else {
            return addresses.map {
                DNSRecord(name, .address($0), secondsToLive: Self.hostSeconds, isUnique: true)
            }
        }
        let text = service.text.map { Array($0.utf8.prefix(255)) }
        return [
            DNSRecord(
                name, .service(priority: 0, weight: 0, port: service.port, target: host),
                secondsToLive: Self.hostSeconds, isUnique: true),
            DNSRecord(name, .text(text.isEmpty ? [[]] : text), secondsToLive: Self.otherSeconds, isUnique: true),
        ]
    }

    /// The pointer from the type of the service to its instance.
    var pointer: DNSRecord? {
        guard let type = service?.typeName, let name else { return nil }
        return DNSRecord(type, .pointer(name), secondsToLive: Self.otherSeconds, isUnique: false)
    }
}
