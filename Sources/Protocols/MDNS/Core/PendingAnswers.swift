/// An answer on its way: what is asked for, and what the asker will want to know then.
struct Answer: Hashable, Sendable {
    var records: [DNSRecord] = []
    var additionals: [DNSRecord] = []
    /// Whether it answers a probe, which is more urgent than sparing the network.
    var isForProbe = false

    var isEmpty: Bool { records.isEmpty }

    /// Adds a record to what is asked for, once.
    mutating func add(_ record: DNSRecord) {
        if !records.contains(record) { records.append(record) }
    }

    /// Leaves out what the asker knows already, unless it will have forgotten half of it soon (RFC 6762, 7.1).
    mutating func leaveOut(known: [DNSRecord]) {
        records.removeAll { record in
            known.contains { $0.saysTheSame(as: record) && $0.secondsToLive >= record.secondsToLive / 2 }
        }
    }

    /// Drops additional records that are answers anyway, or there twice.
    mutating func tidy() {
        var seen = Set(records)
        additionals = additionals.filter { seen.insert($0).inserted }
    }
}

/// Answers that wait, so that askers can say what they know and answers of several responders do not meet (RFC 6762, 6).
struct PendingAnswers: Sendable {
    private struct Item {
        var due: Int64
        var answer: Answer
        let sender: String
    }

    /// Most answers that wait; more questions are not answered, and are asked again.
    static let countMax = 64

    private var items: [Item] = []

    var due: Int64? { items.map(\.due).min() }

    /// False when too many wait already.
    mutating func add(_ answer: Answer, due: Int64, sender: String) -> Bool {
        guard items.count < Self.countMax else { return false }
        items.append(Item(due: due, answer: answer, sender: sender))
        return true
    }

    /// A sender goes on with what it knows (RFC 6762, 7.2).
    mutating func leaveOut(known: [DNSRecord], of sender: String) {
        for index in items.indices where items[index].sender == sender { items[index].answer.leaveOut(known: known) }
        items.removeAll { $0.answer.isEmpty }
    }

    /// Nothing is said of a name any more.
    mutating func forget(_ name: DNSName) {
        func isAbout(_ record: DNSRecord) -> Bool {
            record.name == name || record.data == .pointer(name)
        }
        for index in items.indices {
            items[index].answer.records.removeAll(where: isAbout)
            items[index].answer.additionals.removeAll(where: isAbout)
        }
        items.removeAll { $0.answer.isEmpty }
    }

    /// The answers whose time has come.
    mutating func takeDue(now: Int64) -> [Answer] {
        let due = items.filter { $0.due <= now }.map(\.answer)
        items.removeAll { $0.due <= now }
        return due
    }
}
